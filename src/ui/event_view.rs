//! The human view of a stream: an aligned line for each event, its payload beside or below it.
//!
//! Times are UTC, as in the records, so that a line on the screen is found again in a recording.

use console::{Style as Ansi, measure_text_width};

use super::event_notes::notes;
use super::json_view::{Shown, one_line, push_pretty};
use super::report::Style;
use super::sanitize::sanitize;
use crate::wire::record::{SchemaOutcome, SchemaStatus};
use crate::wire::{Decoded, Kind};

/// A message and what its delivery said.
#[derive(Debug, Clone, Copy)]
pub struct EventView<'a> {
    pub decoded: &'a Decoded<'a>,
    pub redelivered: bool,
    /// RFC 3339, UTC, with milliseconds.
    pub received_at: &'a str,
    pub schema: &'a SchemaStatus,
    /// The body as it was received.
    pub body: &'a [u8],
}

/// Spaces before everything below an event's first line.
const INDENT: usize = 4;

/// Misfits shown of one event.
const MAX_MISFITS: usize = 3;

/// `HH:MM:SS.mmm kind  `
const BEFORE_TOPIC: usize = 19;

/// Appends the lines of one event.
pub fn push_event(out: &mut String, event: &EventView<'_>, style: &Style) {
    let columns = style.layout.columns;
    let start = out.len();
    push_head(out, event, style);
    let free = columns.saturating_sub(measure_text_width(&out[start..]) + 1);
    let beside = event.decoded.payload.as_deref().and_then(|json| one_line(json, free, style));
    if let Some(text) = &beside {
        out.push(' ');
        out.push_str(text);
    }
    out.push('\n');
    push_notes(out, &notes(event), style);
    match event.decoded.payload.as_deref() {
        Some(json) if beside.is_none() => push_payload(out, json, style),
        Some(_) => {}
        None => push_undecodable(out, event, style),
    }
    push_misfits(out, event.schema, style);
}

/// Appends the line that stands where events may be missing. Times as in [`EventView`].
pub fn push_gap(out: &mut String, (since, until): (&str, &str), style: &Style) {
    let (from, to) = match since.get(..10) == until.get(..10) {
        true => (time_of_day(since), time_of_day(until)),
        false => (since, until),
    };
    let text = format!("reconnected: events between {from} and {to} may be missing");
    push_incident(out, ("gap", until), &text, style);
}

/// Appends the line that stands where events were dropped because we read too slowly. `how_many` is
/// `12` or `at least 12`.
pub fn push_dropped(out: &mut String, (how_many, at): (&str, &str), style: &Style) {
    let text = format!("events dropped here: {how_many}; they came faster than they were read");
    push_incident(out, ("lost", at), &text, style);
}

fn push_incident(out: &mut String, (marker, at): (&str, &str), text: &str, style: &Style) {
    let warning = &style.warning;
    let line =
        format!("{} {} {}\n", time_of_day(at), warning.apply_to(format!("{marker:5}")), text);
    out.push_str(&line);
}

fn push_head(out: &mut String, event: &EventView<'_>, style: &Style) {
    let decoded = event.decoded;
    let (marker, ansi) = marker(decoded.kind, style);
    let topic = sanitize(&decoded.topic);
    let version = decoded.meta.version.as_deref().unwrap_or("-");
    let id: String = decoded.id.as_deref().unwrap_or("-").chars().take(8).collect();
    let pad = topic_columns(style).saturating_sub(measure_text_width(&topic));
    out.push_str(&format!(
        "{} {} {}{:pad$} {:<3} {} {}",
        style.dim.apply_to(time_of_day(event.received_at)),
        ansi.apply_to(format!("{marker:5}")),
        style.heading.apply_to(&topic),
        "",
        sanitize(version),
        style.dim.apply_to(format!("{:<8}", sanitize(&id))),
        style.dim.apply_to(format!("{:>7}", size(event.body.len()))),
    ));
}

fn marker(kind: Kind, style: &Style) -> (&'static str, &Ansi) {
    match kind {
        Kind::Event => ("event", &style.good),
        Kind::RpcRequest => ("rpc", &style.key),
        Kind::Task => ("task", &style.warning),
        Kind::Raw => ("raw", &style.number),
        Kind::Undecodable => ("bad", &style.bad),
    }
}

/// The topic's column: most topics fit, and a longer one moves only its own line.
fn topic_columns(style: &Style) -> usize {
    (style.layout.columns * 3 / 8).saturating_sub(2).clamp(BEFORE_TOPIC, 48)
}

fn push_notes(out: &mut String, notes: &[String], style: &Style) {
    let columns = style.layout.columns.saturating_sub(INDENT);
    let mut line = String::new();
    let flush = |line: &mut String, out: &mut String| {
        if !line.is_empty() {
            out.push_str(&format!("{:INDENT$}{}\n", "", style.dim.apply_to(&*line)));
            line.clear();
        }
    };
    for note in notes {
        let joined = measure_text_width(&line) + 3 + measure_text_width(note);
        if !line.is_empty() && joined > columns {
            flush(&mut line, out);
        }
        if !line.is_empty() {
            line.push_str(" · ");
        }
        line.push_str(note);
    }
    flush(&mut line, out);
}

fn push_payload(out: &mut String, json: &str, style: &Style) {
    let columns = style.layout.columns.saturating_sub(INDENT);
    if let Some(text) = one_line(json, columns, style) {
        out.push_str(&format!("{:INDENT$}{text}\n", ""));
        return;
    }
    match push_pretty(out, json, INDENT, style) {
        Shown::Everything => {}
        Shown::Shortened => {
            let remark = style.dim.apply_to("(shortened; `-o jsonl` shows everything)");
            out.push_str(&format!("{:INDENT$}{remark}\n", ""));
        }
    }
}

fn push_undecodable(out: &mut String, event: &EventView<'_>, style: &Style) {
    if let Some(error) = &event.decoded.error {
        let why = style.bad.apply_to("cannot read it:");
        out.push_str(&format!("{:INDENT$}{why} {}\n", "", sanitize(&error.to_string())));
    }
    let label = style.dim.apply_to("body:");
    let room = style.layout.columns.saturating_sub(INDENT + "body: …".chars().count());
    let mut text: String = event.body.escape_ascii().take(room + 1).map(char::from).collect();
    if text.len() > room {
        text.truncate(room);
        text.push('…');
    }
    out.push_str(&format!("{:INDENT$}{label} {text}\n", ""));
}

/// What does not fit the schema, a line each for the first few.
fn push_misfits(out: &mut String, schema: &SchemaStatus, style: &Style) {
    if schema.status != SchemaOutcome::Invalid {
        return;
    }
    let version = schema.version.as_deref().unwrap_or("its schema");
    let label = style.bad.apply_to(format!("does not fit {}:", sanitize(version)));
    for violation in schema.errors.iter().take(MAX_MISFITS) {
        let place = if violation.path.is_empty() { "the payload" } else { &violation.path };
        let (place, message) = (sanitize(place), sanitize(&violation.message));
        out.push_str(&format!("{:INDENT$}{label} {place}: {message}\n", ""));
    }
    let more = schema.errors.len().saturating_sub(MAX_MISFITS);
    if more > 0 {
        let remark = style.dim.apply_to(format!("(and {more} more; `-o jsonl` shows all)"));
        out.push_str(&format!("{:INDENT$}{remark}\n", ""));
    }
}

/// `03:04:05.678` of an RFC 3339 time.
fn time_of_day(time: &str) -> &str {
    time.get(11..23).unwrap_or(time)
}

/// A number of bytes, in at most 7 columns.
pub fn size(bytes: usize) -> String {
    const UNITS: [&str; 3] = ["kB", "MB", "GB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1000.0;
    let mut unit = 0;
    while amount >= 999.95 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(amount < 99.95);
    format!("{amount:.decimals$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::layout::{Layout, Target};
    use super::*;
    use crate::wire::{DecodeError, Envelope, Meta, Protocol};

    fn event<'a>(topic: &'a str, payload: &'a str) -> Decoded<'a> {
        Decoded {
            kind: Kind::Event,
            topic: Cow::Borrowed(topic),
            id: Some(Cow::Borrowed("6834878d-5679-4bc1-8e3d-a467b83fcbcb")),
            payload: Some(Cow::Borrowed(payload)),
            meta: Meta { version: Some(Cow::Borrowed("v1")), ..Meta::default() },
            envelope: Envelope {
                protocol: Protocol::Two,
                task: Some(Cow::Borrowed("celery_salt.dispatch_event")),
                content_type: Some(Cow::Borrowed("application/json")),
                priority: Some(0),
                retries: Some(0),
                ..Envelope::default()
            },
            error: None,
        }
    }

    fn shown(decoded: &Decoded<'_>, body: &[u8], style: &Style) -> String {
        let mut out = String::new();
        let received_at = "2026-01-02T03:04:05.678Z";
        let schema = &SchemaStatus::default();
        let view = EventView { decoded, redelivered: false, received_at, schema, body };
        push_event(&mut out, &view, style);
        out
    }

    fn plain(columns: usize) -> Style {
        Style::new(false).with_layout(Layout { target: Target::Terminal, columns })
    }

    const LONG: &str = r#"{"user_id":1,"email":"zoë@example.com","company_id":7,"signup_source":"web","tags":["a","b"]}"#;

    #[test]
    fn a_payload_stands_beside_its_event_below_it_or_spread_out() {
        let mut all = String::new();
        for columns in [60, 80, 120, 200] {
            all += &format!("{:-<columns$}\n", "");
            for (topic, payload) in [
                ("user.created", r#"{"id":1}"#),
                ("user.signup.completed", r#"{"user_id":1,"email":"zoë@example.com"}"#),
                ("a.topic.with.many.words.that.takes.more.than.its.column", "[]"),
                ("user.signup.completed", LONG),
            ] {
                all += &shown(&event(topic, payload), &[b'x'; 276], &plain(columns));
            }
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn unusual_things_are_noted_below() {
        let mut decoded = event("rpc.calculator.add", r#"{"a":1.0,"b":2.0}"#);
        decoded.kind = Kind::RpcRequest;
        decoded.meta.correlation_id = Some("order-77".into());
        decoded.meta.trace = Some(
            r#"{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}"#.into(),
        );
        decoded.envelope = Envelope {
            protocol: Protocol::One,
            task: Some("billing.tasks.charge".into()),
            parent_id: Some("18793687-21e0-4718-8d9f-1e4a444d6a01".into()),
            retries: Some(3),
            eta: Some("2026-01-02T03:05:00+00:00".into()),
            expires: Some("2026-01-02T03:04:35.000000+00:00".into()),
            priority: Some(9),
            content_type: Some("application/x-python-serialize".into()),
            compression: Some("application/x-gzip".into()),
            headers: Some(r#"{"tenant":"acme"}"#.into()),
            ..Envelope::default()
        };
        let received_at = "2026-01-02T03:04:05.678Z";
        let schema = &SchemaStatus::default();
        let (decoded, body) = (&decoded, b"12345");
        let view = EventView { decoded, redelivered: true, received_at, schema, body };
        let mut out = String::new();
        push_event(&mut out, &view, &plain(80));
        push_gap(&mut out, ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:09.000Z"), &plain(80));
        push_gap(&mut out, ("2026-01-01T23:59:59.999Z", "2026-01-02T00:00:01.000Z"), &plain(80));
        push_dropped(&mut out, ("1200", "2026-01-02T03:04:09.000Z"), &plain(80));
        assert!(out.lines().skip(1).take(5).all(|line| measure_text_width(line) <= 80), "{out}");
        insta::assert_snapshot!(out);
    }

    #[test]
    fn what_cannot_be_read_says_why_and_shows_where_it_begins() {
        let mut decoded = event("user.created", "");
        decoded.kind = Kind::Undecodable;
        decoded.payload = None;
        decoded.meta.version = None;
        decoded.id = None;
        decoded.error = Some(DecodeError { message: "pickle opcode GLOBAL \u{1b}[31m".into() });
        let body = [b"\x80\x04cos\nsystem\n\x1b[2J\"".as_slice(), &[0xff; 300]].concat();
        insta::assert_snapshot!(shown(&decoded, &body, &plain(80)));
    }

    #[test]
    fn hostile_text_cannot_steer_the_terminal() {
        let hostile = "\u{1b}[2J\u{9b}31m\u{202e}\n";
        let payload = "{\"\u{1b}]0;x\u{7}\":\"\u{9b}31m\u{202e}\"}";
        let mut decoded = event(hostile, payload);
        decoded.id = Some(hostile.into());
        decoded.meta.version = Some(hostile.into());
        decoded.meta.correlation_id = Some(hostile.into());
        decoded.meta.trace = Some("{\"\u{9b}\":1}".into());
        decoded.envelope.task = Some(hostile.into());
        decoded.envelope.eta = Some(hostile.into());
        decoded.envelope.content_type = Some(hostile.into());
        decoded.envelope.compression = Some(hostile.into());
        decoded.envelope.headers = Some("{\"\u{202e}\":1}".into());
        let out = shown(&decoded, hostile.as_bytes(), &plain(80));
        assert!(!out.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{out:?}");
        insta::assert_snapshot!(out);
    }

    #[test]
    fn colours_follow_the_kind() {
        let colored =
            Style::new(true).with_layout(Layout { target: Target::Terminal, columns: 80 });
        let mut all = String::new();
        for kind in [Kind::Event, Kind::RpcRequest, Kind::Task, Kind::Raw] {
            let mut decoded = event("user.created", r#"{"id":1}"#);
            decoded.kind = kind;
            all += &shown(&decoded, b"12345", &colored);
        }
        insta::assert_snapshot!(all.replace('\u{1b}', "ESC"));
    }

    #[test]
    fn sizes_take_at_most_seven_columns() {
        let table = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (999_949, "1000 kB"),
            (999_950, "1.0 MB"),
            (20_000_000, "20.0 MB"),
            (5_000_000_000, "5.0 GB"),
        ];
        for (bytes, text) in table {
            assert_eq!(size(bytes), text);
        }
    }
}
