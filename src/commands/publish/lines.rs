//! Standard input or a file as JSON Lines, read ahead on a thread of its own in bounded memory.
//!
//! Whole lines travel in chunks as soon as they are there, so that a slow producer's events are
//! published one by one and a fast one's in bulk. An input that is a single JSON text over several
//! lines is one event.

use std::io::{self, Read};
use std::thread;

use tokio::sync::mpsc;

use crate::commands::payload::MAX_PAYLOAD_BYTES;
use crate::wire::json::{self, JsonErrorKind};

const READ_BYTES: usize = 64 * 1024;
const CHUNKS_AHEAD: usize = 4;

/// A piece of the input.
#[derive(Debug)]
pub enum Piece {
    Lines(Lines),
    /// The whole input is one JSON text over several lines.
    Document(Vec<u8>),
    /// A line longer than a message can be; it was skipped.
    TooLong {
        line: u64,
    },
    Unreadable(io::Error),
}

/// Whole lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Lines {
    /// Counted from 1.
    first: u64,
    bytes: Vec<u8>,
}

impl Lines {
    /// The lines with their numbers, without white space around them and without blank ones.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let ended = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        (self.first..)
            .zip(ended.split(|byte| *byte == b'\n'))
            .map(|(number, line)| (number, line.trim_ascii()))
            .filter(|(_, line)| !line.is_empty())
    }
}

/// Starts to read. The thread ends with the input or when the receiver is dropped; one that waits
/// for a terminal or a pipe cannot be woken, and ends with the process.
pub fn read_ahead(source: impl Read + Send + 'static) -> mpsc::Receiver<Piece> {
    let (pieces, receiver) = mpsc::channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let mut reader = Reader { source, held: Vec::new(), searched: 0, line: 1 };
        while let Some(piece) = reader.next() {
            let is_last = matches!(piece, Piece::Unreadable(_) | Piece::Document(_));
            if pieces.blocking_send(piece).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

struct Reader<R> {
    source: R,
    /// Read but not handed over.
    held: Vec<u8>,
    /// How much of `held` is known to be without a line break.
    searched: usize,
    /// The number of the line that `held` starts with.
    line: u64,
}

/// Whether more input came.
enum Filled {
    More,
    End,
}

impl<R: Read> Reader<R> {
    fn next(&mut self) -> Option<Piece> {
        self.next_or_fail(MAX_PAYLOAD_BYTES).unwrap_or_else(|error| Some(Piece::Unreadable(error)))
    }

    fn next_or_fail(&mut self, limit: usize) -> io::Result<Option<Piece>> {
        if self.line == 1 && self.held.is_empty() && self.may_be_one_document(limit)? {
            let whole = json::compact(&self.held, json::DEFAULT_MAX_DEPTH).is_ok();
            if whole {
                return Ok(Some(Piece::Document(std::mem::take(&mut self.held))));
            }
        }
        loop {
            if self.has_line() {
                let end = self.held.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
                let rest = self.held.split_off(end + 1);
                return Ok(Some(self.hand_over(rest)));
            }
            if self.held.len() > limit {
                return self.skip_line().map(Some);
            }
            if let Filled::End = self.fill()? {
                let is_empty = self.held.is_empty();
                return Ok((!is_empty).then(|| self.hand_over(Vec::new())));
            }
        }
    }

    /// Reads on while the input looks like one JSON text over several lines: its first line is only
    /// the start of one, and its second is no event by itself. True at the end of such an input.
    fn may_be_one_document(&mut self, limit: usize) -> io::Result<bool> {
        let mut kind = FirstLines::Unknown;
        while self.held.len() <= limit {
            if kind == FirstLines::Unknown && self.has_line() {
                kind = first_lines(&self.held);
            }
            if kind == FirstLines::AreEvents {
                return Ok(false);
            }
            if let Filled::End = self.fill()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_line(&mut self) -> bool {
        let found = self.held[self.searched..].contains(&b'\n');
        if !found {
            self.searched = self.held.len();
        }
        found
    }

    fn hand_over(&mut self, rest: Vec<u8>) -> Piece {
        let bytes = std::mem::replace(&mut self.held, rest);
        self.searched = 0;
        let first = self.line;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        Piece::Lines(Lines { first, bytes })
    }

    fn skip_line(&mut self) -> io::Result<Piece> {
        let line = self.line;
        loop {
            self.held.clear();
            self.searched = 0;
            if let Filled::End = self.fill()? {
                break;
            }
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                self.held.drain(..=end);
                break;
            }
        }
        self.line += 1;
        Ok(Piece::TooLong { line })
    }

    fn fill(&mut self) -> io::Result<Filled> {
        let before = self.held.len();
        self.held.resize(before + READ_BYTES, 0);
        let read = loop {
            match self.source.read(&mut self.held[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        self.held.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(if read? == 0 { Filled::End } else { Filled::More })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstLines {
    AreEvents,
    StartOneText,
    /// There are too few whole lines to tell.
    Unknown,
}

fn first_lines(text: &[u8]) -> FirstLines {
    let is_json = |line| json::compact(line, json::DEFAULT_MAX_DEPTH);
    let mut lines = text
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n") && !line.trim_ascii().is_empty());
    let Some(first) = lines.next() else { return FirstLines::Unknown };
    let is_unfinished =
        is_json(first).is_err_and(|error| matches!(error.kind, JsonErrorKind::Ended(_)));
    if !is_unfinished {
        return FirstLines::AreEvents;
    }
    match lines.next() {
        None => FirstLines::Unknown,
        Some(second) if is_json(second).is_ok_and(|json| json.starts_with('{')) => {
            FirstLines::AreEvents
        }
        Some(_) => FirstLines::StartOneText,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    /// Gives its parts one read at a time.
    struct Parts(VecDeque<Vec<u8>>);

    impl Read for Parts {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(mut part) = self.0.pop_front() else { return Ok(0) };
            let length = part.len().min(buffer.len());
            buffer[..length].copy_from_slice(&part[..length]);
            if length < part.len() {
                self.0.push_front(part.split_off(length));
            }
            Ok(length)
        }
    }

    fn read(parts: &[&[u8]], limit: usize) -> Vec<String> {
        let source = Parts(parts.iter().map(|part| part.to_vec()).collect());
        let mut reader = Reader { source, held: Vec::new(), searched: 0, line: 1 };
        let mut found = Vec::new();
        while let Some(piece) = reader.next_or_fail(limit).unwrap() {
            match piece {
                Piece::Lines(lines) => found.extend(
                    lines.iter().map(|(n, line)| format!("{n} {}", String::from_utf8_lossy(line))),
                ),
                Piece::Document(text) => {
                    found.push(format!("document {}", String::from_utf8_lossy(&text)));
                    break;
                }
                Piece::TooLong { line } => found.push(format!("{line} too long")),
                Piece::Unreadable(error) => panic!("{error}"),
            }
        }
        found
    }

    #[test]
    fn lines_are_counted_through_blank_ones_and_across_reads() {
        let found = read(&[b"{\"a\":1}\n{\"b\"", b":2}\r\n\n  \n{\"c\":3}"], 1000);
        assert_eq!(found, ["1 {\"a\":1}", "2 {\"b\":2}", "5 {\"c\":3}"]);
        assert!(read(&[b"\n\n"], 1000).is_empty());
        assert!(read(&[], 1000).is_empty());
    }

    #[test]
    fn lines_are_handed_over_before_the_input_ends() {
        let source = Parts(VecDeque::from([b"{\"a\":1}\n{\"b\"".to_vec()]));
        let mut reader = Reader { source, held: Vec::new(), searched: 0, line: 1 };
        let first = reader.next_or_fail(1000).unwrap();
        assert!(matches!(first, Some(Piece::Lines(lines)) if lines.bytes == b"{\"a\":1}\n"));
    }

    #[test]
    fn one_json_text_over_several_lines_is_one_document() {
        let pretty = "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n";
        assert_eq!(read(&[pretty.as_bytes()], 1000), [format!("document {pretty}")]);
        assert_eq!(read(&[b"[\n{\"a\": 1},\n{\"a\": 2}\n]"], 1000).len(), 1);
    }

    #[test]
    fn a_broken_first_line_does_not_hide_the_events_below() {
        let found = read(&[b"{\"a\":\n{\"b\":2}\n{\"c\":3}\n"], 1000);
        assert_eq!(found, ["1 {\"a\":", "2 {\"b\":2}", "3 {\"c\":3}"]);
        let found = read(&[b"{\"a\":\nnothing\n"], 1000);
        assert_eq!(found, ["1 {\"a\":", "2 nothing"]);
        let found = read(&[b"oops\n{\"b\":2}\n"], 1000);
        assert_eq!(found, ["1 oops", "2 {\"b\":2}"]);
    }

    #[test]
    fn a_line_that_no_message_can_hold_is_skipped_and_named() {
        let long = vec![b'x'; 200_000];
        let found = read(&[b"{\"a\":1}\n", &long, b"tail\n{\"c\":3}\n"], 100_000);
        assert_eq!(found, ["1 {\"a\":1}", "2 too long", "3 {\"c\":3}"]);
        assert_eq!(read(&[&long], 100_000), ["1 too long"]);
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_lines_are_the_same(
            lines in prop::collection::vec("[ a-z{}]{0,9}", 0..20),
            cuts in prop::collection::vec(1_usize..20, 0..20),
        ) {
            let text = lines.join("\n");
            let mut rest = text.as_bytes();
            let mut parts = Vec::new();
            for cut in cuts {
                let (part, after) = rest.split_at(cut.min(rest.len()));
                parts.push(part);
                rest = after;
            }
            parts.push(rest);
            parts.retain(|part| !part.is_empty());
            let expected: Vec<String> = lines.iter().enumerate()
                .map(|(index, line)| (index + 1, line.trim()))
                .filter(|(_, line)| !line.is_empty())
                .map(|(number, line)| format!("{number} {line}"))
                .collect();
            let found = read(&parts, 1000);
            if found.first().is_none_or(|first| !first.starts_with("document")) {
                prop_assert_eq!(found, expected);
            }
        }
    }
}
