//! What goes wrong with single lines and with the connection, said past the progress bar as it
//! happens.

use crate::broker::amqp::Notice;
use crate::commands::duration;
use crate::ui::{Progress, Ui, Work};

/// Problems with lines that are shown; the rest is only counted.
const SHOWN: u64 = 20;

/// Speaks to the person who waits for a batch.
pub struct Problems<'u> {
    ui: &'u Ui,
    pub progress: Progress,
    seen: u64,
}

impl<'u> Problems<'u> {
    pub fn new(ui: &'u Ui, work: Work) -> Self {
        Self { ui, progress: ui.progress(work), seen: 0 }
    }

    /// A problem with one line. The first few are shown, the others counted.
    pub fn show(&mut self, text: &str) {
        self.seen += 1;
        if self.seen <= SHOWN {
            self.speak(|ui| ui.warn(text));
        }
    }

    /// Says something else, whatever it is.
    pub fn speak(&self, speak: impl FnOnce(&Ui)) {
        self.progress.suspend(|| speak(self.ui));
    }

    /// What happened to the connection.
    pub fn show_notice(&self, notice: &Notice) {
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
        self.speak(|ui| ui.note(&text));
    }

    /// Ends the progress bar and says how many problems were not shown.
    pub fn finish(&self) {
        self.progress.finish();
        let unseen = self.seen.saturating_sub(SHOWN);
        if unseen > 0 {
            self.ui.warn(&format!("{unseen} more lines with problems are only counted"));
        }
    }
}
