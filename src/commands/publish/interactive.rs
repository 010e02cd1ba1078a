//! `publish --interactive`: ask, show, ask again, send.

use super::Plan;
use super::build::EventTemplate;
use super::single;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::JsonObject;
use crate::event::Topic;
use crate::ui::{Question, Ui};

pub async fn run(
    mut template: EventTemplate,
    plan: Plan,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let ui = &context.ui;
    template.topic = Some(ask_topic(ui, template.topic.as_ref())?);
    let payload = ask_payload(ui)?;
    let message = template
        .event(payload.as_str())
        .map_err(|error| CommandError::new(ExitKind::Usage, error.to_string()))?;
    super::check(&message, template.event.checks(), context).await?;
    ui.preview(payload.as_str());
    let question = format!(
        "Publish this as {:?} to the exchange {:?}?",
        message.topic(),
        context.settings.exchange.value
    );
    let question = Question { text: &question, instead: "`celerysalt publish TOPIC JSON`" };
    if !ui.confirm(question)? {
        ui.note("nothing was published");
        return Ok(ExitKind::No);
    }
    single::publish(message, plan, context).await
}

fn ask_topic(ui: &Ui, given: Option<&Topic>) -> Result<Topic, CommandError> {
    let question = Question { text: "Topic", instead: "`celerysalt publish TOPIC JSON`" };
    let check = |text: &str| text.parse::<Topic>().map(drop).map_err(|error| error.to_string());
    let text = ui.ask(question, given.map_or("", Topic::as_str), check)?;
    text.parse::<Topic>().map_err(|error| CommandError::from_error(ExitKind::Usage, &error))
}

fn ask_payload(ui: &Ui) -> Result<JsonObject, CommandError> {
    let question = Question { text: "Payload (JSON)", instead: "`celerysalt publish TOPIC JSON`" };
    let check = |text: &str| match JsonObject::parse(text.as_bytes()) {
        Ok(_) => Ok(()),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Err(format!("{error}{}", cause.unwrap_or_default()))
        }
    };
    let text = ui.ask(question, "{}", check)?;
    Ok(JsonObject::parse(text.as_bytes())?)
}
