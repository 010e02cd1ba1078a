//! One message after the other: read, choose, show, count.

use std::io::Write;

use super::tally::Tally;
use super::view::{Outcome, Shown, Sink};
use crate::broker::amqp::Drops;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::validation::{Claim, Validation};
use crate::event::RoutingPattern;
use crate::filter::{Filter, FilterError};
use crate::schema::SchemaPart;
use crate::wire::record::{Observation, SchemaOutcome, SchemaStatus, write_message};
use crate::wire::{Decoded, Decoder, Incoming, Kind};

/// Which messages are shown.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub exclude: Vec<RoutingPattern>,
    pub filter: Option<Filter>,
    pub undecodable: Undecodable,
    pub fitting: Fitting,
}

/// What becomes of an event that is not known to misfit its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fitting {
    #[default]
    Show,
    /// `--validate only-invalid`.
    LeaveOut,
}

/// What a message that nobody can read means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Undecodable {
    #[default]
    Show,
    /// `--strict`: show it and end.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handled {
    Shown,
    LeftOut,
}

/// The state of one run between two messages.
pub(super) struct Watch<'s, W> {
    decoder: Decoder,
    choice: Choice,
    validation: Option<Validation>,
    sink: Sink<'s, W>,
    record: Vec<u8>,
    tally: Tally,
    first_filter_error: Option<FilterError>,
}

impl<'s, W: Write> Watch<'s, W> {
    /// Nothing is validated where there is no registry to validate against.
    pub fn new(choice: Choice, validation: Option<Validation>, sink: Sink<'s, W>) -> Self {
        Self {
            decoder: Decoder::default(),
            choice,
            validation,
            sink,
            record: Vec::new(),
            tally: Tally::default(),
            first_filter_error: None,
        }
    }

    pub fn sink(&mut self) -> &mut Sink<'s, W> {
        &mut self.sink
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Why the filter failed on the first of [`Tally::filter_failed`].
    pub fn first_filter_error(&self) -> Option<&FilterError> {
        self.first_filter_error.as_ref()
    }

    /// What is to be said about the registry since the last time.
    pub fn take_remarks(&mut self) -> Vec<String> {
        self.validation.as_mut().map(Validation::take_remarks).unwrap_or_default()
    }

    pub async fn close_registry(&self) {
        if let Some(validation) = &self.validation {
            validation.close().await;
        }
    }

    /// Handles one message. Waits only where the registry has to be asked. Fails on an undecodable
    /// one only where the choice says so, after showing it.
    pub async fn message(
        &mut self,
        incoming: &Incoming<'_>,
        received_at: &str,
    ) -> Result<Handled, CommandError> {
        self.tally.received += 1;
        if self.choice.exclude.iter().any(|pattern| pattern.matches(incoming.routing_key)) {
            self.tally.excluded += 1;
            return Ok(Handled::LeftOut);
        }
        let decoded = self.decoder.decode(incoming);
        let schema = judged(self.validation.as_mut(), &decoded).await?;
        let is_undecodable = decoded.kind == Kind::Undecodable;
        let ends = is_undecodable && self.choice.undecodable == Undecodable::End;
        if !ends && self.choice.is_left_out(schema.status) {
            self.tally.left_out_by_schema(decoded.kind);
            return Ok(Handled::LeftOut);
        }
        if self.choice.filter.is_some() || self.sink.needs_record() {
            self.record.clear();
            self.record.shrink_to(KEPT_BUFFER_BYTES);
            let observation = Observation { received_at, schema: &schema };
            write_message(&mut self.record, &decoded, incoming, &observation);
        }
        if !ends && let Some(filter) = &mut self.choice.filter {
            match filter.matches(&self.record) {
                Ok(true) => {}
                Ok(false) => {
                    self.tally.filtered += 1;
                    return Ok(Handled::LeftOut);
                }
                Err(error) if error.is_final() => return Err(error.into()),
                Err(error) => {
                    self.tally.filter_failed += 1;
                    self.first_filter_error.get_or_insert(error);
                    return Ok(Handled::LeftOut);
                }
            }
        }
        let (schema, record) = (&schema, &*self.record);
        let shown = Shown { decoded: &decoded, incoming, received_at, schema, record };
        let outcome = self.sink.event(shown)?;
        self.tally.written(outcome, (decoded.kind, schema.status));
        if ends {
            let reason = decoded.error.map(|error| error.message).unwrap_or_default();
            return Err(undecodable(incoming.routing_key, reason));
        }
        match outcome {
            Outcome::Written => Ok(Handled::Shown),
            Outcome::NothingToPrint => Ok(Handled::LeftOut),
        }
    }

    pub fn gap(&mut self, since: &str, until: &str) -> Result<(), CommandError> {
        self.tally.gaps += 1;
        self.sink.gap(since, until)
    }

    pub fn dropped(&mut self, drops: Drops, at: &str) -> Result<(), CommandError> {
        self.tally.add_dropped(drops);
        self.sink.dropped(drops, at)
    }
}

impl Choice {
    fn is_left_out(&self, status: SchemaOutcome) -> bool {
        self.fitting == Fitting::LeaveOut && status != SchemaOutcome::Invalid
    }
}

/// What the registry says about a message; nothing about those that carry no event.
async fn judged(
    validation: Option<&mut Validation>,
    decoded: &Decoded<'_>,
) -> Result<SchemaStatus, CommandError> {
    let is_event = match decoded.kind {
        Kind::Event | Kind::RpcRequest | Kind::Raw => true,
        Kind::Task | Kind::Undecodable => false,
    };
    match (validation, decoded.payload.as_deref()) {
        (Some(validation), Some(payload)) if is_event => {
            let version = decoded.meta.version.as_deref();
            let (topic, part) = (&*decoded.topic, SchemaPart::Request);
            validation.judge(Claim { topic, version, part, payload }).await
        }
        (Some(_) | None, _) => Ok(SchemaStatus::default()),
    }
}

/// A buffer that one large message blew up does not stay that large.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

fn undecodable(topic: &str, reason: String) -> CommandError {
    let message = format!("a message on {topic:?} cannot be read");
    CommandError { causes: vec![reason], ..CommandError::new(ExitKind::Undecodable, message) }
        .hint("leave out --strict to go on; `-o jsonl` keeps its body as body_base64")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::super::captures::{Capture, captures};
    use super::super::recording::{Existing, Recording};
    use super::super::view::View;
    use super::*;
    use crate::commands::validation::OnFailure;
    use crate::registry::{Access, FileStore};
    use crate::ui::{Layout, Style, Target};

    const TIME: &str = "2026-01-02T03:04:05.678Z";

    fn choice(exclude: &[&str], filter: Option<&str>, undecodable: Undecodable) -> Choice {
        Choice {
            exclude: exclude.iter().map(|pattern| pattern.parse().unwrap()).collect(),
            filter: filter.map(|expression| Filter::compile(expression).unwrap()),
            undecodable,
            fitting: Fitting::Show,
        }
    }

    /// Nothing here waits: the registry is a directory.
    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn terminal(colored: bool) -> Style {
        Style::new(colored).with_layout(Layout { target: Target::Terminal, columns: 80 })
    }

    /// What stdout gets, and the counts, until the first error.
    fn watched(
        messages: &[Capture],
        choice: Choice,
        (view, style): (View, &Style),
    ) -> (String, Tally, Result<(), CommandError>) {
        let mut out = Vec::new();
        let mut watch = Watch::new(choice, None, Sink::new(&mut out, view, style, None));
        let outcome = messages
            .iter()
            .try_for_each(|message| now(watch.message(&message.incoming(), TIME)).map(drop));
        let tally = *watch.tally();
        (String::from_utf8(out).unwrap(), tally, outcome)
    }

    fn hostile() -> Vec<Capture> {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let long = format!(r#"{{"text":"{}","list":[{}0]}}"#, "x".repeat(5_000), "0,".repeat(500));
        vec![
            Capture::raw("raw.text", "\u{1b}[2J\u{1b}]0;owned\u{7}"),
            Capture::raw("raw.json", r#"{"\u001b[31m":"\u009b2J","rtl":"\u202egpj.exe"}"#),
            Capture::raw("a\u{1b}[2J\u{202e}b", "{}"),
            Capture::raw("raw.deep", deep),
            Capture::raw("raw.long", long),
            Capture::raw("raw.bytes", [0xff, 0x00, 0x1b, b'[', b'2', b'J'].repeat(50)),
            Capture::raw("raw.empty", ""),
        ]
    }

    #[test]
    fn captured_messages_for_people_at_80_columns() {
        let (text, tally, outcome) =
            watched(&captures(), Choice::default(), (View::Human, &terminal(false)));
        assert_eq!((tally.received, tally.shown, outcome.is_ok()), (9, 9, true));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn captured_messages_for_people_in_colour() {
        let (text, _, _) = watched(&captures(), Choice::default(), (View::Human, &terminal(true)));
        insta::assert_snapshot!(text.replace('\u{1b}', "ESC"));
    }

    #[test]
    fn hostile_messages_for_people_at_80_columns() {
        let (text, _, _) = watched(&hostile(), Choice::default(), (View::Human, &terminal(false)));
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')));
        let lines: Vec<&str> = text.lines().collect();
        insta::assert_snapshot!(lines.iter().map(|line| abridged(line)).collect::<String>());
    }

    /// Long runs of the same thing say nothing more in a snapshot.
    fn abridged(line: &str) -> String {
        match line.char_indices().nth(100) {
            Some((at, _)) => format!("{} [{} bytes]\n", &line[..at], line.len()),
            None if line.trim() == "0," => String::new(),
            None => format!("{line}\n"),
        }
    }

    #[test]
    fn captured_messages_as_records_payloads_and_lines() {
        let style = Style::new(false);
        let (records, _, _) = watched(&captures(), Choice::default(), (View::Records, &style));
        assert!(records.lines().all(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            record["schema"]["status"] == "unchecked" && record["delivery"]["received_at"] == TIME
        }));
        assert_eq!(records.lines().count(), 9);
        let (payloads, _, _) = watched(&captures(), Choice::default(), (View::Payloads, &style));
        let template = "{received_at} {kind} {topic} {version} {payload.user_id}".parse().unwrap();
        let (lines, _, _) =
            watched(&captures(), Choice::default(), (View::Lines(template), &style));
        insta::assert_snapshot!(payloads + &lines);
    }

    #[test]
    fn exclude_and_filter_leave_out_and_count() {
        let records = (View::Records, &Style::new(false));
        let choice = choice(&["user.created"], Some(".payload.user_id > 1"), Undecodable::Show);
        let (text, tally, _) = watched(&captures(), choice, records);
        let expected =
            Tally { received: 9, shown: 2, excluded: 4, filtered: 3, ..Tally::default() };
        assert_eq!(tally, expected);
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn a_filter_that_fails_on_some_events_keeps_the_first_reason() {
        let style = Style::new(false);
        let choice = choice(&[], Some(".payload.email | test(\"zo\")"), Undecodable::Show);
        let mut out = Vec::new();
        let mut watch = Watch::new(choice, None, Sink::new(&mut out, View::Records, &style, None));
        for message in captures() {
            now(watch.message(&message.incoming(), TIME)).unwrap();
        }
        assert_eq!((watch.tally().filter_failed, watch.tally().shown), (6, 1));
        let reason = watch.first_filter_error().unwrap().to_string();
        assert_eq!(reason, "the jq expression failed on a record: cannot use null as string");
    }

    #[test]
    fn strict_ends_at_the_first_undecodable_message_after_showing_it() {
        let choice = choice(&[], Some("false"), Undecodable::End);
        let (text, tally, outcome) =
            watched(&hostile(), choice, (View::Records, &Style::new(false)));
        let error = outcome.unwrap_err();
        assert_eq!(error.kind, ExitKind::Undecodable);
        assert_eq!(error.message, "a message on \"raw.bytes\" cannot be read");
        assert_eq!((text.lines().count(), tally.undecodable), (1, 1));
    }

    #[test]
    fn only_what_does_not_fit_its_schema_is_shown_on_request() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("user.created")).unwrap();
        let schema = r#"{"topic": "user.created", "version": "v1", "schema":
            {"type": "object", "properties": {"user_id": {"type": "integer", "maximum": 3}}}}"#;
        std::fs::write(folder.path().join("user.created/v1.json"), schema).unwrap();
        let store = FileStore::open(folder.path(), Access::Read).unwrap();
        let validation = Validation::over(Box::new(store), OnFailure::Remark);
        let style = Style::new(false);
        let mut out = Vec::new();
        let choice = Choice { fitting: Fitting::LeaveOut, ..Choice::default() };
        let sink = Sink::new(&mut out, View::Human, &style, None);
        let mut watch = Watch::new(choice, Some(validation), sink);
        let messages = [
            Capture::raw("user.created", r#"{"user_id": 3}"#),
            Capture::raw("user.created", r#"{"user_id": 4}"#),
            Capture::raw("user.created", r#""text""#),
            Capture::raw("user.deleted", "{}"),
            Capture::raw("user.created", "\u{0}"),
        ];
        for message in &messages {
            now(watch.message(&message.incoming(), TIME)).unwrap();
        }
        let summary = watch.tally().to_string();
        drop(watch);
        insta::assert_snapshot!(String::from_utf8(out).unwrap() + &summary, @r#"
    03:04:05.678 raw   user.created                 -   -           14 B
        {"user_id": 4}
        does not fit v1: user_id: 4 is greater than the maximum of 3
    03:04:05.678 raw   user.created                 -   -            6 B "text"
        does not fit v1: the payload: "text" is not of type "object"
    03:04:05.678 raw   user.created                 -   -            1 B "\u0000"
        does not fit v1: the payload: "\u0000" is not of type "object"
    5 events received, 3 shown, 3 invalid, 2 left out as not invalid
    "#);
    }

    #[test]
    fn an_undecodable_message_has_no_payload_line() {
        let (text, tally, _) =
            watched(&hostile(), Choice::default(), (View::Payloads, &Style::new(false)));
        assert_eq!(text.lines().count() as u64, tally.shown);
        assert_eq!(tally.received, tally.shown + tally.undecodable);
    }

    #[test]
    fn a_recording_holds_the_records_of_what_was_shown_and_every_incident() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        let recording = Recording::open(&path, Existing::Refuse).unwrap();
        let style = Style::new(false);
        let mut out = Vec::new();
        let sink = Sink::new(&mut out, View::Payloads, &style, Some(recording));
        let mut watch = Watch::new(choice(&["user.#"], None, Undecodable::Show), None, sink);
        for message in captures() {
            now(watch.message(&message.incoming(), TIME)).unwrap();
        }
        watch.gap(TIME, "2026-01-02T03:04:09.000Z").unwrap();
        watch.dropped(Drops { count: 12, ..Drops::default() }, TIME).unwrap();
        watch.sink().flush().unwrap();
        let recorded = std::fs::read_to_string(&path).unwrap();
        let kinds: Vec<String> = recorded
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].to_string()
            })
            .collect();
        assert_eq!(kinds, ["\"event\"", "\"rpc_request\"", "\"gap\"", "\"dropped\""]);
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 2);
    }
}
