//! The shape of the source tree: which room may name which room and which crate, what the pure
//! rooms stay away from, how long a file may be, and words that do not belong.
//!
//! Code is read as Rust tokens, so comments and strings cannot raise a false alarm. Everything
//! under `#[cfg(test)]`, in the same file or in one of its own, is held to the size and word rules
//! only.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Every room and the rooms it may name. A room that is missing here fails the test.
const ROOMS: &[(&str, &[&str])] = &[
    // Ring 0: pure.
    ("event", &[]),
    ("secret", &[]),
    ("shell", &[]),
    ("quantity", &[]),
    ("parallel", &[]),
    ("wire", &["event", "secret"]),
    ("schema", &["event", "secret"]),
    ("topology", &["event", "secret", "quantity"]),
    ("codegen", &["event", "secret", "shell", "quantity", "schema"]),
    // Ring 1: adapters, which do not know each other.
    ("broker", RING_0),
    ("registry", RING_0),
    ("config", RING_0),
    ("sandbox", RING_0),
    ("extract", RING_0),
    ("filter", RING_0),
    ("ui", RING_0),
    // Ring 2.
    ("server", &["event", "secret", "schema", "topology", "codegen", "registry"]),
    ("commands", BELOW_COMMANDS),
    ("cli", BELOW_CLI),
    ("app", BELOW_APP),
    ("lib", &["app"]),
    ("main", &[]),
];
const RING_0: &[&str] =
    &["event", "secret", "shell", "quantity", "parallel", "wire", "schema", "topology", "codegen"];
const BELOW_COMMANDS: &[&str] = &[
    "event", "secret", "shell", "quantity", "parallel", "wire", "schema", "topology", "codegen",
    "broker", "registry", "config", "sandbox", "extract", "filter", "ui", "server",
];
const BELOW_CLI: &[&str] = &[
    "event", "secret", "shell", "quantity", "parallel", "wire", "schema", "topology", "codegen",
    "broker", "registry", "config", "sandbox", "extract", "filter", "ui", "server", "commands",
];
const BELOW_APP: &[&str] = &["event", "secret", "config", "ui", "commands", "cli"];

/// Crates that are named in a few rooms only.
const DOORS: &[(&[&str], &[&str])] = &[
    (&["lapin", "redis", "reqwest", "rustls"], &["broker"]),
    (&["clap"], &["cli", "commands", "app"]),
    (&["clap_complete", "clap_mangen"], &["commands"]),
    (&["comfy_table", "indicatif", "dialoguer", "console", "similar"], &["ui"]),
    (&["jaq_core", "jaq_json", "jaq_std"], &["filter"]),
    (&["saphyr_parser", "flate2", "bzip2", "liblzma", "zstd", "brotli_decompressor"], &["wire"]),
    (&["nix"], &["sandbox", "extract", "commands"]),
    (&["sqlx"], &["registry"]),
    (&["sha2", "rand_pcg"], &["schema"]),
    (&["tempfile"], &["sandbox"]),
    (&["toml", "strsim"], &["config"]),
    (&["tracing_subscriber"], &["app"]),
];

const PURE: &[&str] =
    &["event", "secret", "shell", "quantity", "wire", "schema", "topology", "codegen"];
const NOT_PURE: &[&str] =
    &["async", "await", "tokio", "futures_util", "SystemTime", "Instant", "tracing"];
const NOT_PURE_STD: &[&str] = &["fs", "net", "process", "env", "thread", "os"];
const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];
const VAGUE: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];
const FORBIDDEN_WORDS: &[&str] = &["TODO", "FIXME", "XXX"];
const MAX_CODE_LINES: usize = 400;
const MAX_LINES: usize = 600;

#[test]
fn the_source_tree_keeps_its_shape() {
    let mut files = Vec::new();
    walk(Path::new("src"), &mut files);
    assert!(files.len() > 20, "the walk found only {} files", files.len());
    let sources: Vec<(String, String)> = files
        .iter()
        .map(|path| (path.to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    let findings = check_all(&sources);
    assert!(findings.is_empty(), "the source tree is untidy:\n{}\n", findings.join("\n"));
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// One line a finding, `src/room/file.rs:12: the rule that is broken`.
fn check_all(sources: &[(String, String)]) -> Vec<String> {
    let codes: Vec<(&str, &str, Result<Code, String>)> = sources
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str(), Code::read(text)))
        .collect();
    let test_files: Vec<String> = codes
        .iter()
        .flat_map(|(path, _, code)| code.iter().flat_map(|code| code.test_files(path)))
        .collect();
    codes
        .iter()
        .flat_map(|(path, text, code)| match code {
            Ok(_) if test_files.iter().any(|file| file == path) => {
                shown(path, check_text(path, text, text.lines().count()))
            }
            Ok(code) => shown(path, check(path, text, code)),
            Err(error) => shown(path, vec![(1, format!("does not parse: {error}"))]),
        })
        .collect()
}

fn shown(path: &str, findings: Vec<Finding>) -> Vec<String> {
    let mut lines: Vec<String> =
        findings.into_iter().map(|(line, rule)| format!("{path}:{line}: {rule}")).collect();
    lines.dedup();
    lines
}

fn check(path: &str, text: &str, code: &Code) -> Vec<Finding> {
    let mut findings = check_text(path, text, code.test_lines);
    findings.extend(check_room(path, &code.tokens));
    findings.extend(check_tokens(room_of(path), &code.tokens));
    findings
}

type Finding = (usize, String);

fn check_text(path: &str, text: &str, test_lines: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines - test_lines > MAX_CODE_LINES {
        let code = lines - test_lines;
        findings.push((1, format!("{code} lines without tests; {MAX_CODE_LINES} are allowed")));
    }
    if lines > MAX_LINES {
        findings.push((1, format!("{lines} lines; {MAX_LINES} are allowed")));
    }
    if let Some(name) = path.trim_end_matches(".rs").split('/').find(|part| VAGUE.contains(part)) {
        findings.push((1, format!("a module called `{name}` says nothing; name what it does")));
    }
    for (index, line) in text.lines().enumerate() {
        let words = line.split(|c: char| !c.is_alphanumeric());
        for word in words.filter(|word| FORBIDDEN_WORDS.contains(word)) {
            findings.push((index + 1, format!("`{word}` does not belong in the tree")));
        }
    }
    findings
}

/// Arrows: `crate::room`, `use crate::{room, …}` and as many `super` as lead to the crate's root.
fn check_room(path: &str, tokens: &[Token]) -> Vec<Finding> {
    let room = room_of(path);
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![(1, format!("the room `{room}` has no place in the rings"))];
    };
    let depth = path.trim_end_matches("/mod.rs").matches('/').count();
    let mut findings = Vec::new();
    for start in 0..tokens.len() {
        let preceded_by_path = start > 0 && tokens[start - 1].text == "::";
        let is_root = match tokens[start].text.as_str() {
            "crate" => true,
            "super" => !preceded_by_path && room != "lib",
            _ => false,
        };
        if !is_root {
            continue;
        }
        let supers = tokens[start..].chunks(2).take_while(|pair| pair[0].text == "super").count();
        if supers > 0 && supers < depth {
            continue;
        }
        let after = start + 2 * supers.max(1);
        for token in first_names(tokens.get(after - 1..).unwrap_or_default()) {
            let named = token.text.as_str();
            let is_room = ROOMS.iter().any(|(name, _)| *name == named);
            if is_room && named != room && !allowed.contains(&named) {
                findings.push((token.line, format!("`{room}` must not use `{named}`")));
            }
        }
    }
    findings
}

/// The names right after a `::`: one, or those of a `{a, b::c}` group.
fn first_names(tokens: &[Token]) -> Vec<&Token> {
    let mut names = Vec::new();
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0].text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        let opens = pair[0].text == "::" && depth == 0 || pair[0].text == "{" && depth == 1;
        if opens || (pair[0].text == "," && depth == 1) {
            names.push(&pair[1]);
        }
        if depth == 0 && pair[1].text != "{" {
            break;
        }
    }
    names
}

/// Crate doors, purity, print macros and `unwrap`.
fn check_tokens(room: &str, tokens: &[Token]) -> Vec<Finding> {
    let imported = imported(tokens);
    let mut findings = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        let before = |n: usize| index.checked_sub(n).map_or("", |at| tokens[at].text.as_str());
        let after = |n: usize| tokens.get(index + n).map_or("", |token| token.text.as_str());
        let mut find = |rule: String| findings.push((token.line, rule));

        let is_crate = ((after(1) == "::" && before(1) != "::") || before(1) == "use")
            && !imported.contains(&text);
        if let Some((_, rooms)) = DOORS.iter().find(|(crates, _)| crates.contains(&text))
            && is_crate
            && !rooms.contains(&room)
        {
            find(format!("the crate `{text}` is named in {} only", rooms.join(", ")));
        }
        if PURE.contains(&room) {
            let is_std = before(1) == "::" && before(2) == "std" && NOT_PURE_STD.contains(&text);
            if is_std || (NOT_PURE.contains(&text) && before(1) != ".") {
                find(format!("`{text}` in the pure room `{room}`: no I/O, no clock, no async"));
            }
        }
        if room != "ui" && after(1) == "!" && PRINTS.contains(&text) {
            find(format!("`{text}!` outside the room that prints"));
        }
        if text == "unwrap" && before(1) == "." && after(1) == "(" {
            find("`unwrap` outside tests".to_owned());
        }
    }
    findings
}

/// The names that `use` statements bring in from inside a path: after `use super::redis;` the
/// name `redis` is a module of ours.
fn imported(tokens: &[Token]) -> Vec<&str> {
    let statements = tokens.split(|token| token.text == ";");
    let imports = statements.filter_map(|statement| {
        let start = statement.iter().rposition(|token| token.text == "use")?;
        statement.get(start + 2..)
    });
    imports.flatten().map(|token| token.text.as_str()).collect()
}

/// `src/broker/amqp.rs` is in `broker`, `src/secret.rs` is `secret`.
fn room_of(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

struct Token {
    text: String,
    line: usize,
}

/// The tokens of a file that are not tests, how many lines the tests take, and the test modules
/// that have a file of their own.
#[derive(Default)]
struct Code {
    tokens: Vec<Token>,
    test_lines: usize,
    test_modules: Vec<String>,
}

impl Code {
    fn read(text: &str) -> Result<Self, String> {
        let mut code = Self::default();
        code.add(text.parse::<TokenStream>().map_err(|error| error.to_string())?);
        Ok(code)
    }

    /// Where the test modules of the file at `path` are.
    fn test_files(&self, path: &str) -> Vec<String> {
        let stem = path.trim_end_matches(".rs");
        let folder = match stem.rsplit_once('/') {
            Some((folder, "mod" | "lib" | "main")) => folder,
            _ => stem,
        };
        self.test_modules.iter().map(|name| format!("{folder}/{name}.rs")).collect()
    }

    fn add(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut next = 0;
        while let Some(tree) = trees.get(next) {
            if is_test_attribute(tree) {
                let item = &trees[next - 1..];
                let length = item.iter().position(ends_item).map_or(item.len(), |at| at + 1);
                self.tokens.pop();
                self.skip(&item[..length]);
                next += length - 1;
                continue;
            }
            let line = tree.span().start().line;
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    self.push(open, line);
                    self.add(group.stream());
                    self.push(close, group.span_close().start().line);
                }
                // Two colons in a row are one path separator.
                TokenTree::Punct(punct) if punct.as_char() == ':' => match self.tokens.last_mut() {
                    Some(last) if last.text == ":" => last.text.push(':'),
                    _ => self.push(":", line),
                },
                TokenTree::Punct(_) | TokenTree::Ident(_) => self.push(&tree.to_string(), line),
                TokenTree::Literal(_) => self.push("literal", line),
            }
            next += 1;
        }
    }

    fn push(&mut self, text: &str, line: usize) {
        self.tokens.push(Token { text: text.to_owned(), line });
    }

    fn skip(&mut self, item: &[TokenTree]) {
        if let [.., TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Punct(_)] = item
            && *keyword == "mod"
        {
            self.test_modules.push(name.to_string());
        }
        if let (Some(first), Some(last)) = (item.first(), item.last()) {
            self.test_lines += last.span().end().line - first.span().start().line + 1;
        }
    }
}

/// The `[cfg(test)]` of an attribute.
fn is_test_attribute(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group)
        if group.delimiter() == Delimiter::Bracket && group.stream().to_string() == "cfg (test)")
}

fn ends_item(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

fn check_one(path: &str, text: &str) -> Vec<String> {
    check_all(&[(path.to_owned(), text.to_owned())])
}

#[test]
fn every_rule_finds_its_violation() {
    let long = "fn f() {}\n".repeat(401);
    let table = [
        ("src/ui/a.rs", "use crate::broker::Amqp;", "1: `ui` must not use `broker`"),
        ("src/ui/a.rs", "fn f() {\n crate::config::x() }", "2: `ui` must not use `config`"),
        ("src/wire/a.rs", "use crate::{event::Topic, ui::{self}};", "1: `wire` must not use `ui`"),
        ("src/wire/a.rs", "use super::super::ui;", "1: `wire` must not use `ui`"),
        ("src/wire/mod.rs", "use super::ui::Ui;", "1: `wire` must not use `ui`"),
        ("src/commands/a.rs", "use crate::cli::Cli;", "1: `commands` must not use `cli`"),
        ("src/odd/a.rs", "", "1: the room `odd` has no place in the rings"),
        ("src/ui/a.rs", "use lapin::Channel;", "1: the crate `lapin` is named in broker only"),
        ("src/ui/a.rs", "fn f() { redis::x() }", "1: the crate `redis` is named in broker only"),
        (
            "src/ui/a.rs",
            "#[derive(clap::Args)] struct A;",
            "1: the crate `clap` is named in cli, commands, app only",
        ),
        (
            "src/event/a.rs",
            "async fn f() {}",
            "1: `async` in the pure room `event`: no I/O, no clock, no async",
        ),
        (
            "src/event/a.rs",
            "use std::fs::File;",
            "1: `fs` in the pure room `event`: no I/O, no clock, no async",
        ),
        ("src/broker/a.rs", "fn f() { println!(); }", "1: `println!` outside the room that prints"),
        ("src/broker/a.rs", "fn f() {\n\n x.unwrap() }", "3: `unwrap` outside tests"),
        ("src/ui/helpers.rs", "", "1: a module called `helpers` says nothing; name what it does"),
        ("src/ui/a.rs", "\n// TODO: later", "2: `TODO` does not belong in the tree"),
        ("src/ui/a.rs", &long, "1: 401 lines without tests; 400 are allowed"),
        ("src/ui/a.rs", "fn f( {", "1: does not parse: cannot parse string into token stream"),
    ];
    for (path, text, expected) in table {
        let shown = text.get(..80).unwrap_or(text);
        assert_eq!(check_one(path, text), [format!("{path}:{expected}")], "{path}: {shown}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let many_tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(590));
    let table = [
        ("src/ui/a.rs", "//! See `crate::broker`.\nuse console::Style; use crate::event::Topic;"),
        ("src/ui/a.rs", "use super::screen::Ui; fn f() { println!(\"crate::broker::x\"); }"),
        ("src/broker/redis.rs", "mod console; use self::console::x; use redis::Client;"),
        ("src/broker/redis.rs", "use super::amqp::console::x;"),
        ("src/wire/a.rs", "#[cfg(test)]\nmod tests { use crate::ui::Ui; fn f() { x.unwrap() } }"),
        ("src/sandbox/a.rs", "use super::redis; fn f() { redis::start() }"),
        ("src/sandbox/a.rs", "use super::{x, redis}; fn f() { redis::start() }"),
        ("src/commands/a.rs", "use crate::{broker, config, ui}; use super::error::X;"),
        ("src/wire/a.rs", &many_tests),
    ];
    for (path, text) in table {
        assert_eq!(check_one(path, text), Vec::<String>::new(), "{path}");
    }
    let two_violations = "use crate::ui::Ui;\n#[cfg(test)]\nuse x;\nfn f() { x.unwrap() }";
    assert_eq!(check_one("src/wire/a.rs", two_violations).len(), 2);
}

#[test]
fn a_test_module_in_a_file_of_its_own_is_known_by_its_parent() {
    let text = "use crate::ui::Ui; fn f() { x.unwrap() }";
    for (parent, child) in
        [("src/wire/mod.rs", "src/wire/cases.rs"), ("src/wire/a.rs", "src/wire/a/cases.rs")]
    {
        let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let test = [source(parent, "#[cfg(test)]\nmod cases;"), source(child, text)];
        assert_eq!(check_all(&test), Vec::<String>::new(), "{child}");
        let code = [source(parent, "mod cases;"), source(child, text)];
        assert_eq!(check_all(&code).len(), 2, "{child}");
    }
}
