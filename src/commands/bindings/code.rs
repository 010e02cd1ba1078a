//! `--code`: what a service subscribes to, out of its code.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::commands::duration;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::schema::failure_hint;
use crate::event::service_matcher::ServiceLibrary;
use crate::extract::{
    self, ExtractError, Extraction, Failure, FailureKind, PythonOptions, Source, SourceError,
    Subscription,
};
use crate::topology::audit::CodeService;

const SALT: &str = "celery-salt";

/// Where code is, and how it is imported.
#[derive(Debug, Clone, Args)]
pub struct CodeArgs {
    /// Read what a service subscribes to out of its code as well: the module of its Celery app, or
    /// the modules of its handlers and the queue they are for
    #[arg(long, value_name = "[QUEUE=]python:MODULE[,MODULE…]")]
    code: Vec<ServiceCode>,
    /// The service's interpreter or virtual environment [default: the active one, .venv, python3]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, requires = "code")]
    python: Option<PathBuf>,
    /// Set up Django with this settings module first
    #[arg(long, value_name = "MODULE", requires = "code")]
    django_settings: Option<String>,
    /// How long importing may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    import_timeout: Duration,
}

/// `[QUEUE=]python:MODULE[,MODULE…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ServiceCode {
    queue: Option<String>,
    modules: Vec<String>,
}

impl FromStr for ServiceCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (queue, source) = match text.split_once("=python:") {
            Some((queue, _)) => (Some(queue.to_owned()), &text[queue.len() + 1..]),
            None => (None, text),
        };
        match source.parse().map_err(|error: SourceError| error.to_string())? {
            Source::Python(modules) => Ok(Self { queue, modules }),
            Source::Path(_) => Err("handlers are read from python:MODULE".to_owned()),
        }
    }
}

impl CodeArgs {
    /// # Errors
    /// Code that cannot be imported as a whole: with half of the handlers, every other binding would
    /// look stale.
    pub async fn read(&self) -> Result<Vec<CodeService>, CommandError> {
        let options = PythonOptions {
            interpreter: self.python.clone(),
            django_settings: self.django_settings.clone(),
            timeout: self.import_timeout,
        };
        let mut services = Vec::new();
        for code in &self.code {
            let extraction = extract::extract_services(&code.modules, &options).await;
            services.extend(code.services(&extraction.map_err(of_extract)?)?);
        }
        Ok(services)
    }
}

fn of_extract(error: ExtractError) -> CommandError {
    let is_timeout = matches!(error, ExtractError::Timeout { .. });
    let mut told = CommandError::from(error);
    if is_timeout {
        told.hints = vec![
            "see what the modules wait for while they are imported, or give them more time with \
             --import-timeout"
                .to_owned(),
        ];
    }
    told
}

impl ServiceCode {
    fn services(&self, extraction: &Extraction) -> Result<Vec<CodeService>, CommandError> {
        let source = Source::Python(self.modules.clone());
        if let Some(failure) = extraction.failures.iter().find(|failure| hides_handlers(failure)) {
            let message = format!("not everything in {source} could be read");
            let mut error = CommandError::new(ExitKind::Config, message);
            error.causes.push(failure.message.clone());
            return Err(error.hint(failure_hint(failure.kind)));
        }
        let found = &extraction.subscriptions;
        if let Some(queue) = &self.queue {
            return Ok(vec![service(queue, found.iter())]);
        }
        let names: BTreeSet<(&str, &str)> = extraction
            .queues
            .iter()
            .map(|queue| (queue.name.as_str(), queue.library.as_str()))
            .collect();
        if names.is_empty() {
            let message = format!("{source} does not say which queue its handlers are for");
            return Err(CommandError::new(ExitKind::Usage, message).hint(format!(
                "name the module with the Celery app, which calls setup_salt_queue or \
                 setup_celery_queue, or the queue: --code QUEUE={source}"
            )));
        }
        let of_library = |library: &str| {
            let library = library.to_owned();
            found.iter().filter(move |one| one.library == library)
        };
        Ok(names.into_iter().map(|(name, library)| service(name, of_library(library))).collect())
    }
}

/// A class without a JSON Schema, say, has its handlers nevertheless.
fn hides_handlers(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::ModuleNotFound
        | FailureKind::Import
        | FailureKind::Django
        | FailureKind::Library => true,
        FailureKind::Schema
        | FailureKind::Conflict
        | FailureKind::Document
        | FailureKind::Topic => false,
    }
}

fn service<'a>(queue: &str, handlers: impl Iterator<Item = &'a Subscription>) -> CodeService {
    let handlers: Vec<&Subscription> = handlers.collect();
    let topics: BTreeSet<String> = handlers.iter().map(|one| one.topic.clone()).collect();
    let libraries: BTreeSet<&str> = handlers.iter().map(|one| one.library.as_str()).collect();
    let library = match Vec::from_iter(libraries).as_slice() {
        [SALT] => Some(ServiceLibrary::CelerySalt),
        [_] => Some(ServiceLibrary::TchuTchu),
        _ => None,
    };
    CodeService { queue: queue.to_owned(), topics: topics.into_iter().collect(), library }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ServiceQueue;

    fn handler(topic: &str, library: &str) -> Subscription {
        Subscription {
            topic: topic.into(),
            version: None,
            handler: "m.f".into(),
            event_class: None,
            library: library.into(),
        }
    }

    fn queue(name: &str, library: &str) -> ServiceQueue {
        let exchange = "tchu_events".into();
        ServiceQueue { name: name.into(), exchange, library: library.into() }
    }

    #[test]
    fn handlers_belong_to_the_queue_that_is_named_or_set_up() {
        let table = [
            ("q=python:a,b.c", Ok((Some("q"), "a b.c"))),
            ("python:a", Ok((None, "a"))),
            ("q=a", Err("handlers are read from python:MODULE")),
            ("python:a-b", Err("\"a-b\" is not the name of a Python module")),
        ];
        for (text, expected) in table {
            let read = text.parse::<ServiceCode>();
            let shown = read.map(|code| (code.queue, code.modules.join(" ")));
            let expected = expected.map(|(q, m)| (q.map(str::to_owned), m.to_owned()));
            assert_eq!(shown, expected.map_err(str::to_owned), "{text}");
        }
        let extraction = |queues: Vec<ServiceQueue>| Extraction {
            queues,
            subscriptions: vec![
                handler("b", SALT),
                handler("a", SALT),
                handler("a", SALT),
                handler("t", "tchu-tchu"),
            ],
            ..Extraction::default()
        };
        let shown = |code: &str, queues| {
            let services = code.parse::<ServiceCode>().unwrap().services(&extraction(queues));
            let show =
                |one: &CodeService| format!("{} {:?} {:?}", one.queue, one.topics, one.library);
            services.map(|all| all.iter().map(show).collect::<Vec<_>>().join("; "))
        };
        assert_eq!(shown("q=python:m", vec![]).unwrap(), r#"q ["a", "b", "t"] None"#);
        let both = vec![queue("s", SALT), queue("t", "tchu-tchu"), queue("s", SALT)];
        assert_eq!(
            shown("python:m", both).unwrap(),
            r#"s ["a", "b"] Some(CelerySalt); t ["t"] Some(TchuTchu)"#
        );
        let error = shown("python:m", vec![]).unwrap_err();
        assert_eq!(error.message, "python:m does not say which queue its handlers are for");
    }
}
