//! What goes wrong with single lines and with the connection, said as it happens.

use crate::broker::amqp::Notice;
use crate::commands::duration;
use crate::ui::{Progress, Ui};

/// Problems with lines that are shown; the rest is only counted.
const SHOWN: u64 = 20;

/// Speaks to the person who waits for a batch, past its progress bar.
pub struct Problems<'u> {
    ui: &'u Ui,
    seen: u64,
}

impl<'u> Problems<'u> {
    pub fn new(ui: &'u Ui) -> Self {
        Self { ui, seen: 0 }
    }

    /// A problem with one line.
    pub fn show(&mut self, progress: &Progress, text: &str) {
        self.seen += 1;
        if self.seen <= SHOWN {
            progress.suspend(|| self.ui.warn(text));
        }
    }

    /// What happened to the connection.
    pub fn show_notice(&self, notice: &Notice, progress: &Progress) {
        let text = match notice {
            Notice::Blocked { reason } => {
                format!("the broker takes no more messages for now: {reason}")
            }
            Notice::Unblocked => "the broker takes messages again".to_owned(),
            Notice::Lost { cause } => cause.clone(),
            Notice::Retrying { attempt, wait } => {
                format!("connecting again in {} (attempt {attempt})", duration::show(*wait))
            }
            Notice::Reconnected => "connected to the broker again".to_owned(),
        };
        progress.suspend(|| self.ui.note(&text));
    }

    /// Says how many problems were not shown.
    pub fn summarise(&self) {
        let unseen = self.seen.saturating_sub(SHOWN);
        if unseen > 0 {
            self.ui.warn(&format!("{unseen} more lines with problems are only counted"));
        }
    }
}
