use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use jaq_core::{Ctx, Vars, data};
use jaq_json::{Val, read, write};

use super::compile::{Program, compile};
use super::error::FilterError;

/// How long an expression may take on one record.
const DEADLINE: Duration = Duration::from_secs(2);

/// The deepest record a filter looks into. The reader and the values are recursive.
const MAX_DEPTH: usize = 2_000;

/// Room for the recursion of the reader, of values and of expressions that call themselves. Only
/// what is used is ever taken from the machine.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// A compiled jq expression. Dropping it ends its thread, unless an endless expression holds it.
#[derive(Debug)]
pub struct Filter {
    requests: SyncSender<Request>,
    answers: Receiver<Answer>,
    /// The request's buffer, which travels to the thread and back.
    buffer: Vec<u8>,
    failed: Option<FilterError>,
    deadline: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Question {
    IsTruthy,
    Output,
}

#[derive(Debug)]
struct Request {
    question: Question,
    record: Vec<u8>,
}

#[derive(Debug)]
struct Answer {
    record: Vec<u8>,
    outcome: Result<Outcome, FilterError>,
}

#[derive(Debug)]
enum Outcome {
    Ready,
    Truthy(bool),
    Output(String),
}

impl Filter {
    /// Checks and compiles `expression`; nothing runs yet.
    pub fn compile(expression: &str) -> Result<Self, FilterError> {
        let (requests, incoming) = sync_channel(1);
        let (outgoing, answers) = sync_channel(1);
        let expression = expression.to_owned();
        thread::Builder::new()
            .name("jq".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || serve(&expression, &incoming, &outgoing))
            .map_err(|_| FilterError::Crashed)?;
        let mut filter =
            Self { requests, answers, buffer: Vec::new(), failed: None, deadline: DEADLINE };
        filter.answer()?;
        Ok(filter)
    }

    /// Whether the expression's first output for `record` is neither `null` nor `false`; an
    /// expression without output does not match.
    pub fn matches(&mut self, record: &[u8]) -> Result<bool, FilterError> {
        match self.ask(Question::IsTruthy, record)? {
            Outcome::Truthy(truthy) => Ok(truthy),
            Outcome::Ready | Outcome::Output(_) => Err(FilterError::Crashed),
        }
    }

    /// The expression's first output for `record`, as compact JSON text.
    pub fn transform(&mut self, record: &[u8]) -> Result<String, FilterError> {
        match self.ask(Question::Output, record)? {
            Outcome::Output(json) => Ok(json),
            Outcome::Ready | Outcome::Truthy(_) => Err(FilterError::Crashed),
        }
    }

    fn ask(&mut self, question: Question, record: &[u8]) -> Result<Outcome, FilterError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend_from_slice(record);
        if self.requests.send(Request { question, record: buffer }).is_err() {
            return Err(self.fail(FilterError::Crashed));
        }
        self.answer()
    }

    fn answer(&mut self) -> Result<Outcome, FilterError> {
        match self.answers.recv_timeout(self.deadline) {
            Ok(Answer { record, outcome }) => {
                self.buffer = record;
                outcome
            }
            Err(RecvTimeoutError::Timeout) => Err(self.fail(FilterError::TooSlow(self.deadline))),
            Err(RecvTimeoutError::Disconnected) => Err(self.fail(FilterError::Crashed)),
        }
    }

    fn fail(&mut self, error: FilterError) -> FilterError {
        self.failed = Some(error.clone());
        error
    }
}

/// The thread: compiles, then answers until nobody asks any more.
fn serve(expression: &str, requests: &Receiver<Request>, answers: &SyncSender<Answer>) {
    let (program, ready) = match compile(expression) {
        Ok(program) => (Some(program), Ok(Outcome::Ready)),
        Err(error) => (None, Err(error)),
    };
    if answers.send(Answer { record: Vec::new(), outcome: ready }).is_err() {
        return;
    }
    let Some(program) = program else { return };
    while let Ok(Request { question, record }) = requests.recv() {
        let outcome = answer(&program, question, &record);
        if answers.send(Answer { record, outcome }).is_err() {
            return;
        }
    }
}

fn answer(program: &Program, question: Question, record: &[u8]) -> Result<Outcome, FilterError> {
    let output = first_output(program, record)?;
    match question {
        Question::IsTruthy => Ok(Outcome::Truthy(
            output.is_some_and(|value| !matches!(value, Val::Null | Val::Bool(false))),
        )),
        Question::Output => {
            let value = output.ok_or(FilterError::NoJson("nothing"))?;
            json_text(&value).map(Outcome::Output)
        }
    }
}

fn first_output(program: &Program, record: &[u8]) -> Result<Option<Val>, FilterError> {
    if depth(record) > MAX_DEPTH {
        let problem = format!("it is nested more than {MAX_DEPTH} levels deep");
        return Err(FilterError::BadRecord(problem));
    }
    let input =
        read::parse_single(record).map_err(|error| FilterError::BadRecord(error.to_string()))?;
    let context = Ctx::<data::JustLut<Val>>::new(&program.lut, Vars::new([]));
    let first = program.id.run((context, input)).next();
    first.transpose().map_err(|exception| match exception.get_err() {
        Ok(error) => FilterError::Runtime(error.to_string()),
        // `halt` would end the process; here it only fails the record.
        Err(_) => FilterError::Runtime("it called halt".to_owned()),
    })
}

/// jaq can also write what JSON has no words for (NaN, byte strings, keys that are no strings).
fn json_text(value: &Val) -> Result<String, FilterError> {
    const REASON: &str = "a value that JSON cannot hold";
    let mut bytes = Vec::new();
    write::write(&mut bytes, &write::Pp::default(), 0, value)
        .map_err(|_| FilterError::NoJson(REASON))?;
    let text = String::from_utf8(bytes).map_err(|_| FilterError::NoJson(REASON))?;
    match serde_json::from_str::<&serde_json::value::RawValue>(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(FilterError::NoJson(REASON)),
    }
}

/// How deeply the arrays and objects of a JSON text are nested.
fn depth(json: &[u8]) -> usize {
    let (mut deepest, mut current) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'[' | b'{') => {
                current += 1;
                deepest = deepest.max(current);
            }
            (false, b']' | b'}') => current = current.saturating_sub(1),
            (false, _) => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RECORD: &str = r#"{"kind":"event","topic":"user.created","payload":{"id":12345678901234567890,"ratio":1.10,"name":"zoë","tags":["a","b"]}}"#;

    fn matches(expression: &str) -> Result<bool, FilterError> {
        Filter::compile(expression)?.matches(RECORD.as_bytes())
    }

    fn transform(expression: &str) -> Result<String, FilterError> {
        Filter::compile(expression)?.transform(RECORD.as_bytes())
    }

    #[test]
    fn a_record_is_kept_when_the_first_output_is_truthy() {
        let table = [
            (r#".topic == "user.created""#, true),
            (".payload.id == 12345678901234567890", true),
            (".payload.id == 12345678901234567891", false),
            (".payload.missing", false),
            (".payload.name", true),
            ("0", true),
            ("null", false),
            ("empty", false),
            ("false, true", false),
            (r#".payload.tags | index("b")"#, true),
            (r#".topic | test("^user\\.")"#, true),
            ("repeat(1)", true),
            ("range(1e18)", true),
            ("[limit(3; repeat(1))] | length == 3", true),
        ];
        for (expression, expected) in table {
            assert_eq!(matches(expression), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn a_transformation_keeps_digits_and_key_order() {
        let table = [
            (".payload.id", "12345678901234567890"),
            (".payload.ratio", "1.10"),
            ("{z: .payload.name, a: [.payload.ratio]}", r#"{"z":"zoë","a":[1.10]}"#),
            (r#""a\u001b\u0007""#, r#""a\u001b\u0007""#),
            ("1, 2", "1"),
            ("null", "null"),
        ];
        for (expression, expected) in table {
            assert_eq!(transform(expression).as_deref(), Ok(expected), "{expression}");
        }
        assert_eq!(transform("empty"), Err(FilterError::NoJson("nothing")));
        assert_eq!(transform("nan"), Err(FilterError::NoJson("a value that JSON cannot hold")));
        assert_eq!(transform("{(1|tostring): infinite}").map_err(|e| e.is_final()), Err(false));
    }

    #[test]
    fn a_wrong_expression_says_where_and_why() {
        let messages: Vec<_> = [
            "",
            ".payload.id ==",
            "select(.topic",
            ".topic = = 3",
            "nonsense(.a)",
            ".a | $x",
            r#""unfinished"#,
            ".é | €",
            "include \"x\"; .",
            "if . then 1",
        ]
        .iter()
        .map(|expression| Filter::compile(expression).unwrap_err().to_string())
        .collect();
        insta::assert_snapshot!(messages.join("\n"), @r#"
        the jq expression "" is wrong at its end: term expected
        the jq expression ".payload.id ==" is wrong at its end: term expected
        the jq expression "select(.topic" is wrong at its end: closing parenthesis expected
        the jq expression ".topic = = 3" is wrong at character 10 ("="): term expected
        the jq expression "nonsense(.a)" is wrong at character 1 ("nonsense"): there is no function nonsense/1
        the jq expression ".a | $x" is wrong at character 6 ("$x"): there is no such variable
        the jq expression "\"unfinished" is wrong at its end: closing quote expected
        the jq expression ".é | €" is wrong at character 2 ("é | €"): token expected
        the jq expression "include \"x\"; ." is wrong at character 10 ("x"): module loading not supported
        the jq expression "if . then 1" is wrong at its end: else or end expected
        "#);
    }

    #[test]
    fn a_failure_on_one_record_leaves_the_filter_usable() {
        let mut filter = Filter::compile(".payload | .a + 1 > 3").unwrap();
        assert_eq!(filter.matches(br#"{"payload":{"a":3}}"#), Ok(true));
        assert_eq!(
            filter.matches(br#"{"payload":{"a":"x"}}"#),
            Err(FilterError::Runtime(r#"cannot calculate "x" + 1"#.into()))
        );
        assert!(matches!(filter.matches(b"{junk"), Err(FilterError::BadRecord(_))));
        assert_eq!(filter.matches(br#"{"payload":{"a":1}}"#), Ok(false));
        assert_eq!(
            Filter::compile("halt").unwrap().matches(b"{}"),
            Err(FilterError::Runtime("it called halt".into()))
        );
    }

    #[test]
    fn an_expression_that_goes_on_and_on_ends_at_the_deadline() {
        let deadline = Duration::from_millis(10);
        let mut filter = Filter::compile("reduce range(5e6) as $i (0; . + 1)").unwrap();
        filter.deadline = deadline;
        assert_eq!(filter.matches(b"{}"), Err(FilterError::TooSlow(deadline)));
        assert_eq!(filter.matches(b"{}"), Err(FilterError::TooSlow(deadline)));
    }

    #[test]
    fn a_deeply_nested_record_is_refused_not_fatal() {
        let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
        let mut filter = Filter::compile("[..] | length > 0").unwrap();
        assert_eq!(filter.matches(nested(MAX_DEPTH).as_bytes()), Ok(true));
        assert_eq!(
            filter.matches(nested(100_000).as_bytes()).unwrap_err().to_string(),
            "the record cannot be read: it is nested more than 2000 levels deep"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn compiling_never_panics(expression in r#"[a-z.|()\[\]{}"\\ $@#:;,0-9\PC]{0,30}"#) {
            if let Err(error) = Filter::compile(&expression) {
                prop_assert!(!matches!(error, FilterError::Crashed), "{}", expression);
            }
        }
    }
}
