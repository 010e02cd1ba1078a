//! `publish --example`: an event made up from its schema.

use super::build::EventTemplate;
use super::source::Source;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::schema;
use crate::schema::{Sampler, SchemaReference, VersionSelector};

/// The event, of the version asked for or the latest one, which it then claims to be.
pub async fn made_up(
    template: &mut EventTemplate,
    seed: u64,
    context: &Context,
) -> Result<Source, CommandError> {
    let Some(topic) = template.topic.clone() else {
        return Err(CommandError::new(ExitKind::Usage, "an example needs a topic")
            .hint("name it: `celerysalt publish TOPIC --example`"));
    };
    let version = template.event.version.clone();
    let version = version.map_or(VersionSelector::Latest, VersionSelector::Exact);
    let document = schema::document(&SchemaReference { topic, version }, context).await?;
    let payload = Sampler::new(&document.schema.value())?.sample(seed, 0)?;
    template.event.version = Some(document.version);
    let message = template
        .event(&payload.to_string())
        .map_err(|error| CommandError::new(ExitKind::No, error.to_string()))?;
    Ok(Source::single(message))
}
