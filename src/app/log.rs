//! Logs of ourselves and of the libraries below, on stderr, when asked for.

use std::io::{self, Write};

use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

use crate::commands::error::{CommandError, ExitKind};
use crate::config::Environment;
use crate::secret::mask_urls_in;
use crate::ui::Ui;

const VARIABLE: &str = "CELERYSALT_LOG";
const VERBOSE: &str = "warn,celerysalt=debug,lapin=info";

/// Starts logging when `CELERYSALT_LOG` or `-v` asks for it; otherwise costs nothing.
///
/// Never more than debug: the AMQP library's traces hold whole frames, and so the password.
pub fn start(environment: &Environment, ui: &Ui) -> Result<(), CommandError> {
    let directives = match environment.text(VARIABLE)? {
        Some(directives) => directives,
        None if ui.is_verbose() => VERBOSE,
        None => return Ok(()),
    };
    let filter = EnvFilter::try_new(directives).map_err(|error| {
        CommandError::from_error(ExitKind::Config, &error)
            .hint(format!("set {VARIABLE} to a level or to pairs, for example lapin=debug"))
    })?;
    let layer = fmt::layer().with_ansi(false).without_time().with_writer(|| Masked);
    let subscriber =
        tracing_subscriber::registry().with(filter).with(LevelFilter::DEBUG).with(layer);
    // A second start in one process would be in a test only, where the first one may stay.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Stderr without the passwords of URLs. The layer writes one event at a time.
struct Masked;

impl Write for Masked {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = mask_urls_in(&String::from_utf8_lossy(event));
        io::stderr().lock().write_all(text.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}
