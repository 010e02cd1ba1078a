//! What an extraction told beside the documents, for people.

use std::io::{self, Write};

use crate::extract::{Failure, FailureKind, Frame, Level, Lint};
use crate::ui::{Style, sanitize};

pub(super) fn write_failures(
    out: &mut dyn Write,
    style: &Style,
    failures: &[Failure],
) -> io::Result<()> {
    for failure in failures {
        let subject = subject(failure);
        let title = style.bad.apply_to("failed:");
        writeln!(out, "{title} {}{}", sanitize(&subject), sanitize(&failure.message))?;
        for frame in shown_frames(failure) {
            let function = frame.function.as_ref().map(|name| format!(" in {name}"));
            let place = format!("{}:{}{}", frame.file, frame.line, function.unwrap_or_default());
            writeln!(out, "    {}", style.dim.apply_to(sanitize(&place)))?;
            if !frame.text.is_empty() {
                writeln!(out, "        {}", sanitize(&frame.text))?;
            }
        }
    }
    Ok(())
}

/// Whose failure it is, with a colon, where the message does not say so itself.
fn subject(failure: &Failure) -> String {
    let topic = failure.topic.as_deref().unwrap_or_default();
    let version = failure.version.as_deref().unwrap_or_default();
    match failure.kind {
        FailureKind::ModuleNotFound | FailureKind::Import => {
            failure.module.as_ref().map(|name| format!("module {name}: ")).unwrap_or_default()
        }
        FailureKind::Schema | FailureKind::Conflict => format!("{topic}@{version}: "),
        FailureKind::Django => "django.setup(): ".to_owned(),
        FailureKind::Document => {
            failure.frames.first().map(|frame| format!("{}: ", frame.file)).unwrap_or_default()
        }
        FailureKind::Library | FailureKind::Topic => String::new(),
    }
}

/// The place of a document is its subject already.
fn shown_frames(failure: &Failure) -> &[Frame] {
    match failure.kind {
        FailureKind::Document => &[],
        FailureKind::ModuleNotFound
        | FailureKind::Import
        | FailureKind::Django
        | FailureKind::Schema
        | FailureKind::Conflict
        | FailureKind::Library
        | FailureKind::Topic => &failure.frames,
    }
}

pub(super) fn write_lints(out: &mut dyn Write, style: &Style, lints: &[Lint]) -> io::Result<()> {
    for lint in lints {
        let level = match lint.level {
            Level::Error => style.bad.apply_to("error"),
            Level::Warning => style.warning.apply_to("warning"),
        };
        let subject = match (&lint.topic, &lint.version) {
            (Some(topic), Some(version)) => format!("{topic}@{version}: "),
            (Some(topic), None) => format!("{topic}: "),
            (None, _) => String::new(),
        };
        let text = format!("{subject}{}", lint.message);
        writeln!(out, "{level} {} {}", lint.rule, sanitize(&text))?;
        if let Some(suggestion) = &lint.suggestion {
            writeln!(out, "    {} {}", style.dim.apply_to("try:"), sanitize(suggestion))?;
        }
    }
    Ok(())
}
