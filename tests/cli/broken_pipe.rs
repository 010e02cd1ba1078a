//! A reader that goes away, as in `celerysalt … | head -1`, ends us silently and well.

use std::fs::OpenOptions;
use std::io::{Read, pipe};

use super::sealed::Sealed;

#[test]
fn a_reader_that_went_away_is_no_error() {
    let world = Sealed::new();
    for line in ["--help", "config show", "config show -o json", "man", "completions bash"] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let (mut errors, error_writer) = pipe().unwrap();
        let arguments: Vec<&str> = line.split_whitespace().collect();
        // The command goes at the end of the statement, and with it our ends of the pipes.
        let status = world
            .command(&arguments)
            .stdout(writer)
            .stderr(error_writer)
            .spawn()
            .unwrap()
            .wait()
            .unwrap();
        let mut said = String::new();
        errors.read_to_string(&mut said).unwrap();
        assert_eq!((status.code(), said.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Sealed::new().command(&["config", "show"]).stdout(full).output().unwrap();
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
}
