//! Rules that one document breaks by itself. What the version before broke already is not news.

use serde_json::Value;

use super::super::document::{Mode, SchemaDocument};
use super::super::finding::{Finding, FindingLevel, SchemaPart};
use super::super::formats::STANDARD_FORMATS;
use super::super::rules::{self, Rule};
use super::draft::{Draft, read_value, sent_value};
use super::fields::{Fields, Located, Presence, fields};
use super::mode::parts;

/// What the library adds to every message and takes out again.
const RESERVED: &str = "_tchu_meta";
/// What makes an answer an error.
const ERROR_KEYS: [&str; 2] = ["error_code", "error_message"];
/// Formats beside those of JSON Schema that every validator knows.
const OTHER_KNOWN_FORMATS: [&str; 3] = ["decimal", "int32", "int64"];

pub(super) fn judge(
    document: &SchemaDocument,
    previous: Option<&SchemaDocument>,
    findings: &mut Vec<Finding>,
) {
    for &part in parts(document.mode, document.mode) {
        let Some(schema) = read_value(document, part) else { continue };
        let before = previous.and_then(|previous| read_value(previous, part));
        let known = before.as_ref().map(fields).unwrap_or_default();
        let fields = fields(&schema);
        let rules = PartRules { draft: Draft::of_document(document, part), fields, known };
        rules.hidden(document, previous, findings);
        match part {
            SchemaPart::Request => rules.reserved(findings),
            SchemaPart::Response if document.mode == Mode::Rpc => rules.error_keys(findings),
            SchemaPart::Response | SchemaPart::Error => {}
        }
        rules.deprecated(findings);
        rules.formats(findings);
    }
}

/// The names that readers look for and that never leave the sender: paths.
pub(super) fn hidden_names(read: &Value, sent: &Value) -> Vec<String> {
    let sent = fields(sent);
    fields(read)
        .into_iter()
        .filter(|(path, at)| {
            at.field.presence != Presence::Item
                && !sent.contains_key(path)
                && (at.parent.is_empty() || sent.contains_key(&at.parent))
        })
        .map(|(path, _)| path)
        .collect()
}

struct PartRules<'a> {
    draft: Draft,
    fields: Fields<'a>,
    /// Those of the version before.
    known: Fields<'a>,
}

impl PartRules<'_> {
    fn hidden(
        &self,
        document: &SchemaDocument,
        previous: Option<&SchemaDocument>,
        findings: &mut Vec<Finding>,
    ) {
        let part = self.draft.part;
        let hidden_in = |document: &SchemaDocument| {
            let both = (read_value(document, part), sent_value(document, part));
            let (Some(read), Some(sent)) = both else { return Vec::new() };
            hidden_names(&read, &sent)
        };
        let now = hidden_in(document);
        if now.is_empty() {
            return;
        }
        let then = previous.map(hidden_in).unwrap_or_default();
        let sent = sent_value(document, part);
        let sent = sent.as_ref().map(fields).unwrap_or_default();
        for path in now.iter().filter(|path| !then.contains(path)) {
            let Some(at) = self.fields.get(path) else { continue };
            let sent_as = sent.iter().find(|(path, candidate)| {
                candidate.parent == at.parent
                    && !self.fields.contains_key(*path)
                    && is_alike(&candidate.name, &at.name)
            });
            let sent_as = match sent_as {
                Some((path, _)) => format!("is sent as `{path}`"),
                None => "is never sent".to_owned(),
            };
            let (level, effect) = match at.field.presence {
                Presence::Required => (FindingLevel::Breaking, "readers reject the event"),
                Presence::Optional | Presence::Item => {
                    (FindingLevel::Warning, "readers do not see it")
                }
            };
            let message = format!("`{path}` {sent_as}, so {effect}");
            findings.push(at.new_place(self.draft.finding(&rules::ALIAS_TRAP, level, message)));
        }
    }

    fn reserved(&self, findings: &mut Vec<Finding>) {
        let Some(at) = self.news(RESERVED) else { return };
        let message = format!("`{RESERVED}` is the library's own and never reaches the reader");
        let level = match at.field.presence {
            Presence::Required => FindingLevel::Breaking,
            Presence::Optional | Presence::Item => FindingLevel::Warning,
        };
        let finding = self.draft.finding(&rules::RESERVED_FIELD, level, message);
        findings.push(at.new_place(finding));
    }

    fn error_keys(&self, findings: &mut Vec<Finding>) {
        for name in ERROR_KEYS {
            let Some(at) = self.news(name) else { continue };
            let message = format!("callers take a response with `{name}` for an error");
            findings.push(self.warning(at, &rules::RESPONSE_ERROR_KEY, message));
        }
    }

    fn deprecated(&self, findings: &mut Vec<Finding>) {
        let is_deprecated_and_required = |at: &Located<'_>| {
            at.field.presence == Presence::Required
                && at.field.keyword("deprecated") == Some(&Value::Bool(true))
        };
        for (path, at) in self.fields.iter().filter(|(_, at)| is_deprecated_and_required(at)) {
            if self.known.get(path).is_some_and(is_deprecated_and_required) {
                continue;
            }
            let message = format!("`{path}` is deprecated, and readers still require it");
            findings.push(self.warning(at, &rules::DEPRECATED_REQUIRED, message));
        }
    }

    fn formats(&self, findings: &mut Vec<Finding>) {
        fn format_of<'s>(at: &Located<'s>) -> Option<&'s str> {
            at.field.target.get("format")?.as_str()
        }
        for (path, at) in &self.fields {
            let Some(format) = format_of(at) else { continue };
            let is_news = self.known.get(path).and_then(format_of) != Some(format);
            if !is_news
                || STANDARD_FORMATS.contains(&format)
                || OTHER_KNOWN_FORMATS.contains(&format)
            {
                continue;
            }
            let message = format!("nothing checks the format `{format}` of `{path}`");
            let finding = self.draft.finding(&rules::UNKNOWN_FORMAT, FindingLevel::Info, message);
            findings.push(at.new_place(finding));
        }
    }

    /// A member of the event itself that the version before did not have.
    fn news(&self, name: &str) -> Option<&Located<'_>> {
        self.fields.get(name).filter(|_| !self.known.contains_key(name))
    }

    fn warning(&self, at: &Located<'_>, rule: &'static Rule, message: String) -> Finding {
        at.new_place(self.draft.finding(rule, FindingLevel::Warning, message))
    }
}

/// `userId` and `user_id`, `e-mail` and `email`, `order_id` and `id`.
pub(super) fn is_alike(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let (a, b) = (plain(a), plain(b));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a.contains(&b) || b.contains(&a) || shared_pairs(&a, &b) >= 0.5
}

/// The share of neighbouring letters that two words have in common, from 0 to 1 (Dice).
fn shared_pairs(a: &str, b: &str) -> f64 {
    let pairs =
        |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (a, mut b) = (pairs(a), pairs(b));
    let total = a.len() + b.len();
    if total == 0 {
        return 0.0;
    }
    let shared = a
        .iter()
        .filter(|pair| {
            let found = b.iter().position(|other| other == *pair);
            found.map(|at| b.swap_remove(at)).is_some()
        })
        .count();
    let count = |number: usize| u32::try_from(number).map_or(f64::MAX, f64::from);
    2.0 * count(shared) / count(total)
}
