//! `publish --interactive`: ask, show, ask again, send.

use super::Plan;
use super::build::EventTemplate;
use super::single;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::JsonObject;
use crate::commands::validation::{Checks, OnFailure, Validation};
use crate::event::Topic;
use crate::schema::form::{self, FieldQuestion, Need, Respondent};
use crate::schema::{SchemaDocument, SchemaReference, VersionSelector};
use crate::ui::{PromptError, Question, Ui, sanitize};

/// What does without questions.
const INSTEAD: &str = "`celerysalt publish TOPIC JSON`";

pub async fn run(
    mut template: EventTemplate,
    plan: Plan,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let ui = &context.ui;
    template.topic = Some(ask_topic(ui, template.topic.as_ref())?);
    let payload = match registered(&template, context).await? {
        Some(document) => ask_fields(document, &mut template, ui)?,
        None => ask_payload(ui)?,
    };
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
    let question = Question { text: &question, instead: INSTEAD };
    if !ui.confirm(question)? {
        ui.note("nothing was published");
        return Ok(ExitKind::No);
    }
    single::publish(message, plan, context).await
}

fn ask_topic(ui: &Ui, given: Option<&Topic>) -> Result<Topic, CommandError> {
    let question = Question { text: "Topic", instead: INSTEAD };
    let check = |text: &str| text.parse::<Topic>().map(drop).map_err(|error| error.to_string());
    let text = ui.ask(question, given.map_or("", Topic::as_str), check)?;
    text.parse::<Topic>().map_err(|error| CommandError::from_error(ExitKind::Usage, &error))
}

/// The schema to ask by: that of the version asked for, or the latest one.
async fn registered(
    template: &EventTemplate,
    context: &Context,
) -> Result<Option<SchemaDocument>, CommandError> {
    let (Some(topic), Checks::On) = (template.topic.clone(), template.event.checks()) else {
        return Ok(None);
    };
    let version = template.event.version.clone();
    let version = version.map_or(VersionSelector::Latest, VersionSelector::Exact);
    let registry = Validation::open(context, OnFailure::Fail).await?;
    match registry {
        Some(registry) => {
            let found = registry.document(&SchemaReference { topic, version }).await;
            registry.close().await;
            found
        }
        None => Ok(None),
    }
}

/// The payload, field by field. It is then of the version whose fields were asked for.
fn ask_fields(
    document: SchemaDocument,
    template: &mut EventTemplate,
    ui: &Ui,
) -> Result<JsonObject, CommandError> {
    let SchemaDocument { topic, version, .. } = &document;
    ui.note(&format!("asking for the fields of {topic}@{version}; Ctrl-C sends nothing"));
    let payload = form::fill(&document.schema.value(), &mut Person { ui })?;
    template.event.version = Some(document.version);
    Ok(JsonObject::parse(payload.to_string().as_bytes())?)
}

/// Somebody at a terminal.
struct Person<'u> {
    ui: &'u Ui,
}

impl Person<'_> {
    fn text_of(question: &FieldQuestion) -> String {
        let FieldQuestion { path, kind, description, need, .. } = question;
        let optional = match need {
            Need::Required => "",
            Need::Optional => ", optional",
        };
        let description = description.as_deref().map(|text| format!(": {text}"));
        let text = format!("{path} ({kind}{optional}){}", description.unwrap_or_default());
        sanitize(&text.replace(['\n', '\r'], " ")).into_owned()
    }
}

impl Respondent for Person<'_> {
    type Error = PromptError;

    fn line(
        &mut self,
        question: &FieldQuestion,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<String, PromptError> {
        let text = Self::text_of(question);
        // An empty answer means the default as well, where it cannot be shown as it is.
        let default = question.preset.as_deref().filter(|text| sanitize(text) == *text);
        let default = default.unwrap_or_default();
        self.ui.ask(Question { text: &text, instead: INSTEAD }, default, check)
    }

    fn choice(
        &mut self,
        question: &FieldQuestion,
        options: &[String],
        preset: usize,
    ) -> Result<usize, PromptError> {
        let text = Self::text_of(question);
        let options: Vec<String> =
            options.iter().map(|option| sanitize(option).into_owned()).collect();
        self.ui.choose(Question { text: &text, instead: INSTEAD }, &options, preset)
    }

    fn is_yes(&mut self, question: &FieldQuestion) -> Result<bool, PromptError> {
        let text = Self::text_of(question);
        self.ui.confirm(Question { text: &text, instead: INSTEAD })
    }
}

fn ask_payload(ui: &Ui) -> Result<JsonObject, CommandError> {
    let question = Question { text: "Payload (JSON)", instead: INSTEAD };
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
