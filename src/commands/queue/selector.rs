//! `--filter` over the messages of a queue.

use jiff::Timestamp;

use super::shown::ShownMessage;
use crate::commands::error::CommandError;
use crate::filter::{Filter, FilterError};
use crate::quantity::counted;
use crate::ui::Ui;

/// Chooses messages by their records, and counts those it leaves out.
#[derive(Debug, Default)]
pub struct Selector {
    filter: Option<Filter>,
    record: Vec<u8>,
    /// Messages the filter did not choose.
    pub filtered: u64,
    /// Messages the filter failed on, which are not chosen either.
    pub filter_failed: u64,
    first_error: Option<FilterError>,
}

impl Selector {
    /// # Errors
    /// An expression that is wrong.
    pub fn new(expression: Option<&str>) -> Result<Self, CommandError> {
        let filter = expression.map(Filter::compile).transpose()?;
        Ok(Self { filter, ..Self::default() })
    }

    /// Whether there is a filter, so that all that a record can hold is worth finding out.
    pub fn is_choosy(&self) -> bool {
        self.filter.is_some()
    }

    /// # Errors
    /// Only where the filter is of no more use.
    pub fn chooses(&mut self, message: &ShownMessage<'_>) -> Result<bool, CommandError> {
        let Some(filter) = &mut self.filter else { return Ok(true) };
        self.record.clear();
        message.write_record(&mut self.record, Timestamp::now());
        match filter.matches(&self.record) {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.filtered += 1;
                Ok(false)
            }
            Err(error) if error.is_final() => Err(error.into()),
            Err(error) => {
                self.filter_failed += 1;
                self.first_error.get_or_insert(error);
                Ok(false)
            }
        }
    }

    pub fn say_what_failed(&self, ui: &Ui) {
        if let Some(error) = &self.first_error {
            let messages = counted(self.filter_failed, "message");
            ui.warn(&format!("the filter failed on {messages}; the first time: {error}"));
        }
    }
}
