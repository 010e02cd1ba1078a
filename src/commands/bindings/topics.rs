//! What the registry knows about topics, where there is one.

use std::collections::BTreeMap;

use crate::commands::context::Context;
use crate::config::Origin;
use crate::event::{RoutingPattern, Topic};
use crate::registry::{self, Access, RegistryError};
use crate::schema::Mode;
use crate::topology::audit::TopicMode;

/// How the topics of RPC requests begin by custom.
const RPC_PREFIX: &str = "rpc.";

/// The topics that have a schema.
#[derive(Debug, Clone, Default)]
pub struct RegisteredTopics {
    /// `None` where there is no registry to ask.
    topics: Option<BTreeMap<String, TopicMode>>,
}

impl RegisteredTopics {
    /// A registry that was configured and cannot be read is warned about; that the default one does
    /// not exist is nothing to talk about.
    pub async fn read(context: &Context) -> Self {
        match listed(context).await {
            Ok(topics) => Self { topics: Some(topics) },
            Err(error) => {
                let is_default = context.settings.registry.origin == Origin::Default;
                if !is_default {
                    context.ui.warn(&format!("registered topics are not known: {error}"));
                }
                Self::default()
            }
        }
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

async fn listed(context: &Context) -> Result<BTreeMap<String, TopicMode>, String> {
    let url = context.registry_url().map_err(|error| error.message)?;
    let told = |error: RegistryError| error.to_string();
    let store = registry::open(&url, Access::Read).await.map_err(told)?;
    let everything: RoutingPattern = "#".parse().map_err(|_| "no pattern".to_owned())?;
    let listing = store.list(&everything).await;
    store.close().await;
    let documents = listing.map_err(told)?.documents;
    let mode = |mode| match mode {
        Mode::Broadcast => TopicMode::Broadcast,
        Mode::Rpc => TopicMode::Request,
    };
    let topics = documents.iter().map(|document| (document.topic.to_string(), mode(document.mode)));
    Ok(topics.collect())
}
