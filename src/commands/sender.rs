//! What changes from one sent message to the next: who sends it, its id, and instants.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// The sender as a Celery client names itself: `gen<process id>@<host name>`.
pub fn origin() -> String {
    let host = gethostname::gethostname();
    format!("gen{}@{}", std::process::id(), host.to_string_lossy())
}

/// A task id.
pub fn new_id() -> String {
    Uuid::new_v4().to_string()
}

/// The instant `from_now` after `now`, as Python's `isoformat` writes it in UTC.
pub fn instant(now: Timestamp, from_now: Duration) -> String {
    // Beyond what a time stamp can hold, the largest one is as good.
    let time = now.checked_add(from_now).unwrap_or(Timestamp::MAX);
    let microseconds = time.subsec_nanosecond() / 1000;
    let text = time.strftime("%Y-%m-%dT%H:%M:%S");
    match microseconds {
        0 => format!("{text}+00:00"),
        fraction => format!("{text}.{fraction:06}+00:00"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_python_writes_them() {
        let now: Timestamp = "2026-01-02T03:04:05.000678Z".parse().unwrap();
        let table = [
            (Duration::ZERO, "2026-01-02T03:04:05.000678+00:00"),
            (Duration::from_secs(30), "2026-01-02T03:04:35.000678+00:00"),
            (Duration::from_micros(999_322), "2026-01-02T03:04:06+00:00"),
            (Duration::MAX, "9999-12-30T22:00:00.999999+00:00"),
        ];
        for (from_now, expected) in table {
            assert_eq!(instant(now, from_now), expected);
        }
    }

    #[test]
    fn the_origin_names_the_process() {
        assert!(origin().starts_with(&format!("gen{}@", std::process::id())));
    }
}
