//! Logs of ourselves and of the libraries below, on stderr, when asked for.

use std::io::{self, Write};

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::{self, MakeWriter};
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
    let filter = EnvFilter::try_new(directives).map_err(|error| CommandError {
        causes: vec![error.to_string()],
        ..CommandError::new(ExitKind::Config, format!("{VARIABLE} does not hold a log filter"))
            .hint("use a level, or pairs of a library and a level: lapin=debug,celerysalt=info")
    })?;
    // A second start in one process would be in a test only, where the first one may stay.
    let _ = tracing::subscriber::set_global_default(subscriber(filter, || Masked(io::stderr())));
    Ok(())
}

fn subscriber<W>(filter: EnvFilter, writer: W) -> impl Subscriber
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_ansi(false).without_time().with_writer(writer);
    tracing_subscriber::registry().with(filter).with(LevelFilter::DEBUG).with(layer)
}

/// A writer without the passwords of URLs. The layer writes one event at a time.
struct Masked<W>(W);

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = mask_urls_in(&String::from_utf8_lossy(event));
        self.0.write_all(text.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn logs_hold_no_password_and_no_traces() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let everything = EnvFilter::try_new("trace").unwrap();
        let subscriber = subscriber(everything, move || Masked(writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::debug!(url = "amqp://u:hunter2@h//", "connecting");
            tracing::trace!("a frame with hunter2");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "DEBUG celerysalt::app::log::tests: connecting url=\"amqp://u:***@h//\"\n"
        );
    }
}
