//! What the registry knows about topics, where there is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::context::Context;
use crate::config::Origin;
use crate::event::{RoutingPattern, Topic};
use crate::registry::{self, Access, RegistryError};
use crate::schema::{Mode, SchemaDocument};
use crate::topology::audit::TopicMode;

/// How the topics of RPC requests begin by custom.
const RPC_PREFIX: &str = "rpc.";

/// The topics that have a schema.
#[derive(Debug, Clone, Default)]
pub struct RegisteredTopics {
    /// `None` where there is no registry to ask.
    topics: Option<BTreeMap<String, TopicMode>>,
    /// Those of which every version is deprecated.
    deprecated: BTreeSet<String>,
}

impl RegisteredTopics {
    /// A registry that was configured and cannot be read is warned about; that the default one does
    /// not exist is nothing to talk about.
    pub async fn read(context: &Context) -> Self {
        match listed(context).await {
            Ok(documents) => Self::of(&documents),
            Err(error) => {
                let is_default = context.settings.registry.origin == Origin::Default;
                if !is_default {
                    context.ui.warn(&format!("registered topics are not known: {error}"));
                }
                Self::default()
            }
        }
    }

    fn of(documents: &[SchemaDocument]) -> Self {
        let mode = |mode| match mode {
            Mode::Broadcast => TopicMode::Broadcast,
            Mode::Rpc => TopicMode::Request,
        };
        let topic = |document: &SchemaDocument| document.topic.to_string();
        let topics = documents.iter().map(|document| (topic(document), mode(document.mode)));
        let mut deprecated: BTreeSet<String> = documents.iter().map(topic).collect();
        for document in documents.iter().filter(|document| document.deprecated.is_none()) {
            deprecated.remove(document.topic.as_str());
        }
        Self { topics: Some(topics.collect()), deprecated }
    }

    pub fn deprecated(&self) -> &BTreeSet<String> {
        &self.deprecated
    }

    pub fn modes(&self) -> Option<&BTreeMap<String, TopicMode>> {
        self.topics.as_ref()
    }

    pub fn names(&self) -> Vec<String> {
        self.topics.iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Whether a topic is a request; without a schema its name must tell.
    pub fn is_rpc(&self, topic: &Topic) -> bool {
        let mode = self.topics.as_ref().and_then(|topics| topics.get(topic.as_str()));
        mode.map_or_else(
            || topic.as_str().starts_with(RPC_PREFIX),
            |mode| *mode == TopicMode::Request,
        )
    }
}

async fn listed(context: &Context) -> Result<Vec<SchemaDocument>, String> {
    let url = context.registry_url().map_err(|error| error.message)?;
    let told = |error: RegistryError| error.to_string();
    let store = registry::open(&url, Access::Read).await.map_err(told)?;
    let listing = store.list(&RoutingPattern::everything()).await;
    store.close().await;
    Ok(listing.map_err(told)?.documents)
}
