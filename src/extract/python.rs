use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::error::ExtractError;
use super::extraction::Extraction;
use super::{answer, interpreter};

/// The script, in the order its parts build on each other.
const SCRIPT: &str = concat!(
    include_str!("python/report.py"),
    include_str!("python/records.py"),
    include_str!("python/models.py"),
    include_str!("python/salt.py"),
    include_str!("python/drf.py"),
    include_str!("python/tchu.py"),
    include_str!("python/queues.py"),
    include_str!("python/main.py"),
);

/// No code base has more schemas than fit in this many bytes.
const MAX_ANSWER_BYTES: u64 = 256 * 1024 * 1024;

/// How much of what the modules print is kept, for when they crash.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;
const OUTPUT_LINES: usize = 10;
/// How long what was written before the end may take to arrive.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How to run the user's interpreter.
#[derive(Debug, Clone)]
pub struct PythonOptions {
    /// An interpreter, or the folder of a virtual environment; found when absent.
    pub interpreter: Option<PathBuf>,
    pub django_settings: Option<String>,
    /// Importing that takes longer is ended.
    pub timeout: Duration,
}

/// What is read beside the event classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What the modules themselves say.
    Events,
    /// The queues that they set up too, with the modules that a worker would import for them.
    Services,
}

pub(super) async fn extract(
    modules: &[String],
    wanted: Wanted,
    options: &PythonOptions,
) -> Result<Extraction, ExtractError> {
    let interpreter = interpreter::find(&interpreter::Clues {
        given: options.interpreter.clone(),
        working_directory: env::current_dir().unwrap_or_default(),
        virtual_env: env::var_os("VIRTUAL_ENV"),
        path: env::var_os("PATH"),
    })?;
    let wanted = serde_json::json!({
        "modules": modules,
        "django_settings": options.django_settings,
        "services": wanted == Wanted::Services,
    });
    let child = start(&interpreter, &wanted.to_string())?;
    let bytes = finish(child, &interpreter, options.timeout).await?;
    answer::read(&bytes).map_err(|source| ExtractError::BadAnswer { interpreter, source })
}

/// Starts the script as `python -c`, so that the working directory and `PYTHONPATH` count as they
/// do for the user, in a process group of its own, so that what modules start can be ended too.
fn start(interpreter: &Path, wanted: &str) -> Result<Child, ExtractError> {
    Command::new(interpreter)
        .arg("-c")
        .arg(SCRIPT)
        .arg(wanted)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // What a module printed last is there to be shown when it crashes.
        .env("PYTHONUNBUFFERED", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| ExtractError::CannotRun { interpreter: interpreter.to_owned(), source })
}

async fn finish(
    mut child: Child,
    interpreter: &Path,
    limit: Duration,
) -> Result<Vec<u8>, ExtractError> {
    let group = Group(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut answer = Vec::new();
    let mut output = Vec::new();
    let ended = {
        let talk = read_tail(stderr, &mut output);
        let said = async {
            if let Some(stdout) = stdout {
                let _ = stdout.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await;
            }
            child.wait().await
        };
        tokio::pin!(talk, said);
        let mut talking = true;
        let work = async {
            loop {
                tokio::select! {
                    () = &mut talk, if talking => talking = false,
                    status = &mut said => break status,
                }
            }
        };
        let ended = timeout(limit, work).await;
        drop(group);
        // Its last words may still be on their way. A process that it left behind outside of its
        // group may hold stderr open for as long as it likes.
        if talking {
            let _ = timeout(LAST_WORDS, talk).await;
        }
        ended
    };
    let interpreter = interpreter.to_owned();
    match ended {
        Err(_) => Err(ExtractError::Timeout {
            interpreter,
            timeout: limit,
            last_output: last_lines(&output),
        }),
        Ok(Err(source)) => Err(ExtractError::CannotRun { interpreter, source }),
        Ok(Ok(status)) if !status.success() || answer.is_empty() => Err(ExtractError::Crashed {
            interpreter,
            status: status.to_string(),
            last_output: last_lines(&output),
        }),
        Ok(Ok(_)) => Ok(answer),
    }
}

/// The child's process group, ended when this goes away: also when the user pressed Ctrl-C.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0.and_then(|id| i32::try_from(id).ok()) {
            // The group is usually gone already.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

/// Reads to the end and keeps the last part.
async fn read_tail(source: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut source) = source else { return };
    let mut buffer = vec![0; 8192];
    while let Ok(count @ 1..) = source.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        if kept.len() > 2 * MAX_OUTPUT_BYTES {
            kept.drain(..kept.len() - MAX_OUTPUT_BYTES);
        }
    }
}

fn last_lines(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(OUTPUT_LINES)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    async fn last_output(script: &str) -> Vec<String> {
        match finish(shell(script), Path::new("sh"), Duration::from_secs(60)).await {
            Err(ExtractError::Crashed { last_output, .. }) => last_output,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_last_words_of_a_process_that_dies_are_heard() {
        for _ in 0..100 {
            assert_eq!(last_output("echo the last words >&2; exit 9").await, ["the last words"]);
        }
        // What it left behind holds stderr open, inside of its group and outside.
        let left = "exec >&-; sleep 600 & setsid sleep 5 & echo the last words >&2; exit 9";
        assert_eq!(last_output(left).await, ["the last words"]);
    }
}
