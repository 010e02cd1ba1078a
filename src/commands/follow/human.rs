//! The story for people: a line for each step, its time beside it.

use std::io::{self, Write};

use serde_json::value::RawValue;

use super::report::{Exchange, FollowOutcome, FollowReport, QueueReached, TimelineStep};
use crate::ui::{Report, Style, sanitize};

/// Characters of a result or an exception on its line.
const DETAIL_COLUMNS: usize = 160;

impl Report for FollowReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let topic = self.topic.as_deref().unwrap_or("-");
        write!(out, "{} {}", style.heading.apply_to(sanitize(topic)), sanitize(&self.id))?;
        for (label, value) in
            [("", self.version.as_deref()), ("correlation ", self.correlation_id.as_deref())]
        {
            if let Some(value) = value {
                write!(out, " {label}{}", sanitize(value))?;
            }
        }
        writeln!(out)?;
        for step in &self.steps {
            write_step(out, step, style)?;
        }
        for exchange in &self.exchanges {
            write_exchange(out, exchange, style)?;
        }
        let elapsed = self.elapsed_ms.map(|ms| format!(" after {ms} ms")).unwrap_or_default();
        let (word, ansi) = match self.outcome {
            FollowOutcome::Succeeded => ("succeeded", &style.good),
            FollowOutcome::Failed => ("failed", &style.bad),
            FollowOutcome::NoHandlers => ("no handler matches", &style.bad),
            FollowOutcome::Unroutable => ("no queue is bound to the topic", &style.bad),
            FollowOutcome::Unfinished => ("not finished", &style.warning),
            FollowOutcome::Unknown => ("nothing is known about it", &style.warning),
        };
        writeln!(out, "{}{elapsed}", ansi.apply_to(word))?;
        for remark in &self.remarks {
            writeln!(out, "{} {}", style.dim.apply_to("note:"), sanitize(remark))?;
        }
        Ok(())
    }
}

fn write_step(out: &mut dyn Write, step: &TimelineStep, style: &Style) -> io::Result<()> {
    let offset = step.offset_ms.map_or_else(|| "?".to_owned(), |ms| format!("+{ms}"));
    let ansi = match step.step {
        "succeeded" => &style.good,
        "failed" | "rejected" | "revoked" => &style.bad,
        "retrying" => &style.warning,
        _ => &style.dim,
    };
    let name = sanitize(step.name.as_deref().unwrap_or(&step.id));
    let label = ansi.apply_to(format!("{:<9}", step.step));
    write!(out, "{offset:>10} ms  {label} {:<10} {name}", step.role)?;
    match (step.step, &step.queues, &step.worker) {
        ("published", Some(queues), _) => write!(out, " -> {}", queue_list(queues))?,
        ("received" | "started", _, Some(worker)) => write!(out, " on {}", sanitize(worker))?,
        _ => {}
    }
    if let Some(detail) = step.detail.as_deref().filter(|_| step.role != "dispatcher") {
        write!(out, ": {}", cut(detail))?;
    }
    writeln!(out)
}

fn queue_list(queues: &[QueueReached]) -> String {
    if queues.is_empty() {
        return "no queue".to_owned();
    }
    let shown = queues.iter().map(|queue| match queue.consumers {
        Some(0) => format!("{} (no consumer)", sanitize(&queue.queue)),
        Some(_) | None => sanitize(&queue.queue).into_owned(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn write_exchange(out: &mut dyn Write, pair: &Exchange, style: &Style) -> io::Result<()> {
    let json = |raw: &Option<Box<RawValue>>| {
        raw.as_deref().map_or_else(|| "-".to_owned(), |raw| cut(raw.get()))
    };
    writeln!(out, "{} {}", style.key.apply_to("request"), json(&pair.request))?;
    let handler = pair.handler.as_deref().map(|name| format!(" by {}", sanitize(name)));
    let handler = handler.unwrap_or_default();
    let after = pair.elapsed_ms.map(|ms| format!(" after {ms} ms")).unwrap_or_default();
    match (&pair.error, &pair.reply) {
        (Some(error), _) => {
            writeln!(out, "{}   {}{handler}{after}", style.bad.apply_to("error"), cut(error))
        }
        (None, Some(_)) => {
            let reply = json(&pair.reply);
            writeln!(out, "{}   {reply}{handler}{after}", style.good.apply_to("reply"))
        }
        (None, None) => writeln!(out, "{}", style.warning.apply_to("no reply")),
    }
}

/// The first line of a text, cut and sanitised.
fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let kept: String = line.chars().take(DETAIL_COLUMNS).collect();
    let more = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{more}", sanitize(&kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_nothing_steers_the_terminal() {
        assert_eq!(cut("boom"), "boom");
        assert_eq!(cut("boom\nat line 5"), "boom…");
        assert_eq!(cut("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(cut(&"é".repeat(500)).chars().count(), DETAIL_COLUMNS + 1);
    }
}
