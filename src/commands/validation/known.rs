use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::remarks::Remarks;
use super::wording::{name_of, with_causes};
use crate::event::{SchemaVersion, Topic};
use crate::registry::{RegistryError, RegistryStore};
use crate::schema::{EventValidator, JsonText, SchemaDocument, SchemaPart, VersionSelector};

/// Topics and versions remembered. Topics are other people's, so that there may be any number.
const MAX_KNOWN: usize = 1_024;

/// How long the registry is not asked again, so that what is registered while a tail runs is seen.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// What a registry said, compiled, by topic and by the version that was asked for.
#[derive(Debug)]
pub(super) struct KnownSchemas {
    topics: HashMap<String, Vec<Slot>>,
    slots: usize,
    fresh_for: Duration,
}

#[derive(Debug)]
struct Slot {
    selector: VersionSelector,
    answer: Answer,
    asked_at: Instant,
}

#[derive(Debug)]
enum Answer {
    Schema(Box<Compiled>),
    Nothing,
    Unusable,
}

/// The answer to a question about a topic and a version.
#[derive(Debug)]
pub(super) enum Found<'k> {
    Schema(&'k Compiled),
    /// The topic or the version is not registered.
    Nothing,
    /// There is a document, but nobody can use it.
    Unusable,
}

/// A document with its schemas ready for use.
#[derive(Debug)]
pub(super) struct Compiled {
    document: SchemaDocument,
    request: Usable,
    response: Option<Usable>,
    error: Option<Usable>,
}

type Usable = Result<EventValidator, Unusable>;

/// The schema is none; that has been said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unusable;

impl Default for KnownSchemas {
    fn default() -> Self {
        Self { topics: HashMap::new(), slots: 0, fresh_for: FRESH_FOR }
    }
}

impl KnownSchemas {
    /// What is registered; asks the registry where that is not known or not fresh. Remarks about
    /// documents that cannot be used are added to `remarks`.
    pub async fn find(
        &mut self,
        store: &dyn RegistryStore,
        (topic, selector): (&str, &VersionSelector),
        remarks: &mut Remarks,
    ) -> Result<Found<'_>, RegistryError> {
        let known = self
            .topics
            .get(topic)
            .and_then(|slots| slots.iter().position(|slot| slot.selector == *selector));
        let is_fresh = known
            .is_some_and(|index| self.topics[topic][index].asked_at.elapsed() < self.fresh_for);
        if !is_fresh {
            let old = known.map(|index| self.take(topic, index));
            let answer = ask(store, (topic, selector), (old, remarks)).await?;
            self.put(topic, Slot { selector: selector.clone(), answer, asked_at: Instant::now() });
        }
        let slots = self.topics.get(topic).into_iter().flatten();
        let answer = slots.into_iter().find(|slot| slot.selector == *selector);
        Ok(match answer.map(|slot| &slot.answer) {
            Some(Answer::Schema(schema)) => Found::Schema(schema),
            Some(Answer::Unusable) => Found::Unusable,
            Some(Answer::Nothing) | None => Found::Nothing,
        })
    }

    #[cfg(test)]
    pub fn expire_at_once(&mut self) {
        self.fresh_for = Duration::ZERO;
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.topics.values().map(Vec::len).sum()
    }

    fn take(&mut self, topic: &str, index: usize) -> Answer {
        self.slots -= 1;
        match self.topics.get_mut(topic) {
            Some(slots) => slots.swap_remove(index).answer,
            None => Answer::Nothing,
        }
    }

    fn put(&mut self, topic: &str, slot: Slot) {
        if self.slots >= MAX_KNOWN {
            // Rare enough that asking for everything again is cheaper than keeping books.
            self.topics.clear();
            self.slots = 0;
        }
        self.slots += 1;
        self.topics.entry(topic.to_owned()).or_default().push(slot);
    }
}

/// Asks the registry. A document that has not changed keeps what was compiled from it.
async fn ask(
    store: &dyn RegistryStore,
    (topic, selector): (&str, &VersionSelector),
    (old, remarks): (Option<Answer>, &mut Remarks),
) -> Result<Answer, RegistryError> {
    let Ok(topic) = topic.parse::<Topic>() else { return Ok(Answer::Nothing) };
    match store.get(&topic, selector).await {
        Ok(None) | Err(RegistryError::BadTopic { .. }) => Ok(Answer::Nothing),
        Ok(Some(document)) => Ok(match old {
            Some(Answer::Schema(known)) if known.document == document => Answer::Schema(known),
            Some(Answer::Schema(_) | Answer::Nothing | Answer::Unusable) | None => {
                Answer::Schema(Box::new(Compiled::of(document, remarks)))
            }
        }),
        Err(error @ (RegistryError::Broken { .. } | RegistryError::Misplaced { .. })) => {
            remarks.push(format!("{}; its events are not checked", with_causes(&error)));
            Ok(Answer::Unusable)
        }
        Err(error) => Err(error),
    }
}

impl Compiled {
    fn of(document: SchemaDocument, remarks: &mut Remarks) -> Self {
        let name = name_of(document.topic.as_str(), Some(document.version.as_str()));
        let mut compile = |part: &str, schema: &JsonText| {
            EventValidator::compile(&schema.value()).map_err(|error| {
                remarks.push(format!("the {part} schema of {name} is {error}: not checked"));
                Unusable
            })
        };
        Self {
            request: compile("event", &document.schema),
            response: document.response_schema.as_ref().map(|text| compile("response", text)),
            error: document.error_schema.as_ref().map(|text| compile("error", text)),
            document,
        }
    }

    pub fn version(&self) -> &SchemaVersion {
        &self.document.version
    }

    /// `None` where the document has no schema for that part.
    pub fn validator(&self, part: SchemaPart) -> Option<&Usable> {
        match part {
            SchemaPart::Request => Some(&self.request),
            SchemaPart::Response => self.response.as_ref(),
            SchemaPart::Error => self.error.as_ref(),
        }
    }
}
