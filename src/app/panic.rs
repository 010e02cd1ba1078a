//! A panic is our bug: say so in one message and end with the code for it.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use crate::cli::Early;
use crate::commands::error::ExitKind;
use crate::ui::{Failure, Ui, UiOptions};

const REPORT: &str =
    "run it again with RUST_BACKTRACE=1 and report the output together with the command line";

/// Replaces the standard message. The panic's own text is left out: it may quote a value that
/// came from a message or a setting.
pub fn install(early: Early) {
    set_hook(Box::new(move |panic| {
        let options =
            UiOptions { output: early.output, color: early.color, ..UiOptions::default() };
        show(panic, &Ui::new(options));
    }));
}

/// Runs `body`; a panic in it ends the process as [`ExitKind::Internal`].
pub fn guard(body: impl FnOnce() -> ExitKind) -> ExitKind {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(ExitKind::Internal)
}

fn show(panic: &PanicHookInfo<'_>, ui: &Ui) {
    let version = env!("CARGO_PKG_VERSION");
    let message = match panic.location() {
        Some(place) => format!(
            "celerysalt {version} has a bug: it panicked at {}:{}",
            place.file(),
            place.line()
        ),
        None => format!("celerysalt {version} has a bug: it panicked"),
    };
    let backtrace = Backtrace::capture();
    let frames = match backtrace.status() {
        BacktraceStatus::Captured => backtrace.to_string().lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    ui.failure(&Failure {
        kind: ExitKind::Internal.name(),
        message: &message,
        causes: &frames,
        hints: &[REPORT.to_owned()],
        exit_code: ExitKind::Internal.code(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_the_code_for_our_bugs() {
        assert_eq!(guard(|| panic!("at the disco")), ExitKind::Internal);
        assert_eq!(guard(|| ExitKind::No), ExitKind::No);
    }
}
