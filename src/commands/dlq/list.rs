//! `dlq list`: where dead letters are, and where they get lost.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::advice;
use super::discovery::{DeadLetterQueue, DeadLetters, LostLetters};
use crate::broker::{Management, Messages};
use crate::commands::connect::{connector, management, without_management};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::{Context, Interrupt};
use crate::ui::{Report, Style, Table};

/// What `dlq list` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DlqList {
    pub vhost: String,
    pub queues: Vec<DeadLetterQueue>,
    /// Queues whose dead letters reach no queue.
    pub lost: Vec<LostLetters>,
    /// What to set, line by line; empty where there are dead-letter queues.
    pub advice: Vec<String>,
}

pub async fn run(context: &Context) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let target = connector(context, "dlq list")?.target;
    let management = management(context, &target)?;
    let vhost = target.first().vhost.clone();
    let letters = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        letters = gather(&management, (&vhost, Messages::Counted)) => letters?,
    };
    let advice = match letters.queues.is_empty() {
        true => advice::no_dead_letter_queue(&vhost, letters.lost.len()),
        false => Vec::new(),
    };
    context.ui.report(&DlqList { vhost, queues: letters.queues, lost: letters.lost, advice })?;
    Ok(ExitKind::Done)
}

/// Where the dead letters of a virtual host go, as the broker stands now.
///
/// # Errors
/// What the management API reports, and what to do without it.
pub async fn gather(
    management: &Management,
    (vhost, messages): (&str, Messages),
) -> Result<DeadLetters, CommandError> {
    let topology = management.topology(vhost, messages).await;
    let found = "dead-letter queues are found through";
    Ok(DeadLetters::of(&topology.map_err(|error| without_management(error, found))?))
}

impl Report for DlqList {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if !self.queues.is_empty() {
            let header = ["dead-letter queue", "ready", "unacked", "consumers", "from", "set by"];
            let mut table = Table::new(header).numeric(1).numeric(2).numeric(3);
            for queue in &self.queues {
                for (position, source) in queue.sources.iter().enumerate() {
                    let first = |text: String| if position == 0 { text } else { String::new() };
                    table.row([
                        first(queue.queue.clone()),
                        first(count(queue.messages_ready)),
                        first(count(queue.messages_unacknowledged)),
                        first(count(queue.consumers)),
                        source.queue.clone(),
                        source.set_by.clone(),
                    ]);
                }
            }
            table.write(out, style)?;
        }
        for lost in &self.lost {
            let queue = crate::ui::sanitize(&lost.source.queue);
            let warning = style.warning.apply_to("lost:");
            writeln!(out, "{warning} the dead letters of {queue}: {}", lost.reason.sentence())?;
        }
        self.advice.iter().try_for_each(|line| writeln!(out, "{}", crate::ui::sanitize(line)))
    }
}

fn count(count: Option<u64>) -> String {
    count.map_or_else(|| "-".to_owned(), |count| count.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::discovery::{Loss, Source};
    use super::*;
    use crate::ui::{Layout, Target};

    fn written(report: &DlqList) -> String {
        let mut out = Vec::new();
        let layout = Layout { target: Target::Terminal, columns: 100 };
        report.write_human(&mut out, &Style::new(false).with_layout(layout)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn queues_with_dead_letters_and_queues_that_lose_them_are_listed() {
        let source = |queue: &str| Source {
            queue: queue.to_owned(),
            exchange: String::new(),
            routing_key: Some("orders.dead".to_owned()),
            set_by: "policy dlx".to_owned(),
        };
        let report = DlqList {
            vhost: "/".to_owned(),
            queues: vec![DeadLetterQueue {
                queue: "orders.dead".to_owned(),
                queue_type: "classic".to_owned(),
                messages_ready: Some(12),
                messages_unacknowledged: None,
                consumers: Some(0),
                sources: vec![source("orders"), source("orders.fast")],
            }],
            lost: vec![LostLetters { source: source("mail\u{1b}[31m"), reason: Loss::NoSuchQueue }],
            advice: Vec::new(),
        };
        insta::assert_snapshot!(written(&report));
    }

    #[test]
    fn nothing_at_all_says_what_to_set() {
        let advice = advice::no_dead_letter_queue("my vhost", 0);
        let report = DlqList { vhost: "my vhost".to_owned(), queues: vec![], lost: vec![], advice };
        insta::assert_snapshot!(written(&report));
    }
}
