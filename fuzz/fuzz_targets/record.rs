//! Any line is a record or an error, and what is read can be sent: `cargo fuzz run record`.

#![no_main]

use celerysalt::wire::encode::Resend;
use celerysalt::wire::json;
use celerysalt::wire::record::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    if let Ok(compact) = json::compact(line.as_bytes(), json::DEFAULT_MAX_DEPTH) {
        let again = json::compact(compact.as_bytes(), json::DEFAULT_MAX_DEPTH);
        assert_eq!(again.as_deref(), Ok(compact.as_str()));
    }
    if let Ok(record) = Record::parse(line) {
        // A record that was changed by hand may be refused, but not with a panic.
        let _ = Resend::new(&record, "id").encode();
    }
});
