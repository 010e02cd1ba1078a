//! Events made up from a schema: realistic, valid, and the same for the same seed on every machine.
//!
//! Nothing is given out that the validator has not accepted. Dates count from a fixed day; there is
//! no clock here.

mod array;
mod calendar;
mod dice;
mod height;
mod maker;
mod number;
mod object;
mod pattern;
mod text;
mod wishes;
mod words;

use serde_json::Value;
use thiserror::Error;

use self::dice::Dice;
use self::height::Heights;
use self::maker::{Maker, Manner};
use super::validate::{EventValidator, UnusableSchema};

/// Tries per sample with everything in it, and then with as little as the schema allows.
const RICH_TRIES: u32 = 24;
const PLAIN_TRIES: u32 = 8;

/// Makes samples of one schema.
#[derive(Debug)]
pub struct Sampler {
    root: Value,
    heights: Heights,
    validator: EventValidator,
}

/// Why there is no sample.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SampleError {
    #[error(transparent)]
    Unusable(#[from] UnusableSchema),
    /// `place` is where in the event, as `items[0].qty`.
    #[error("no sample meets {keyword:?} of {place}: {reason}")]
    Unmet { keyword: String, place: String, reason: String },
}

/// A keyword that a sample could not be made to meet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Obstacle {
    keyword: &'static str,
    place: String,
    reason: &'static str,
}

impl Sampler {
    /// # Errors
    /// A schema that JSON Schema does not allow.
    pub fn new(schema: &Value) -> Result<Self, SampleError> {
        let validator = EventValidator::compile(schema)?;
        Ok(Self { root: schema.clone(), heights: Heights::of(schema), validator })
    }

    /// The sample with this number, counted from 0. Which one that is depends on the seed only.
    ///
    /// # Errors
    /// Where nothing that fits was found, which need not mean that nothing fits.
    pub fn sample(&self, seed: u64, number: u64) -> Result<Value, SampleError> {
        let mut reason = None;
        for attempt in 0..RICH_TRIES + PLAIN_TRIES {
            let manner = if attempt < RICH_TRIES { Manner::Rich } else { Manner::Plain };
            let dice = Dice::new(seed, number, attempt);
            let mut maker = Maker::new((&self.root, &self.heights), manner, dice);
            match maker.event() {
                Ok(event) => match self.validator.misfits(&event).into_iter().next() {
                    None => return Ok(event),
                    Some(misfit) => {
                        reason = Some(SampleError::Unmet {
                            keyword: misfit.keyword,
                            place: named(misfit.path),
                            reason: misfit.message,
                        });
                    }
                },
                Err(obstacle) => {
                    reason = Some(SampleError::Unmet {
                        keyword: obstacle.keyword.to_owned(),
                        place: named(obstacle.place),
                        reason: obstacle.reason.to_owned(),
                    });
                }
            }
        }
        Err(reason.unwrap_or_else(|| SampleError::Unmet {
            keyword: String::new(),
            place: named(String::new()),
            reason: "nothing was tried".to_owned(),
        }))
    }
}

fn named(place: String) -> String {
    if place.is_empty() { "the event itself".to_owned() } else { place }
}

#[cfg(test)]
mod tests;
