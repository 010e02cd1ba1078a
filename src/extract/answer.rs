use serde::Deserialize;
use serde_json::value::RawValue;

use super::extraction::{
    Extracted, Extraction, Failure, Lint, Location, PythonFacts, ServiceQueue, Subscription,
};
use crate::schema::SchemaDocument;

/// What the script sends back.
#[derive(Debug, Deserialize)]
struct Answer {
    documents: Vec<Found>,
    subscriptions: Vec<Subscription>,
    queues: Vec<ServiceQueue>,
    lints: Vec<Lint>,
    failures: Vec<Failure>,
    python: PythonFacts,
}

#[derive(Debug, Deserialize)]
struct Found {
    document: Box<RawValue>,
    location: Option<Location>,
}

/// Reads the script's answer. A class whose topic or version nobody could use is a failure of its
/// own and does not spoil the others.
pub(super) fn read(bytes: &[u8]) -> Result<Extraction, serde_json::Error> {
    let answer: Answer = serde_json::from_slice(bytes)?;
    let mut extraction = Extraction {
        documents: Vec::with_capacity(answer.documents.len()),
        subscriptions: answer.subscriptions,
        queues: answer.queues,
        lints: answer.lints,
        failures: answer.failures,
        python: Some(answer.python),
    };
    for found in answer.documents {
        match SchemaDocument::parse(found.document.get()) {
            Ok(mut document) => {
                if let (Some(publisher), Some(python)) =
                    (&mut document.publisher, &extraction.python)
                {
                    publisher.python = Some(python.version.clone());
                    publisher.pydantic = python.libraries.get("pydantic").cloned();
                }
                extraction.documents.push(Extracted { document, location: found.location });
            }
            Err(error) => {
                let place = found.location.unwrap_or(Location { file: String::new(), line: 0 });
                let failure = Failure::document(&place.file, place.line, &error.reason);
                extraction.failures.push(failure);
            }
        }
    }
    extraction.sort();
    Ok(extraction)
}
