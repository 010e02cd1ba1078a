//! `[[waivers]]` of a project's file.

use jiff::civil::Date;
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::reader::{Reader, in_order};
use super::suggest::closest;
use crate::schema::rules::{self, Rule};
use crate::schema::{Waiver, WaiverTarget};

/// Rules that compare schemas; the others have nothing to waive.
const WAIVABLE: &str = "CS";
const FINGERPRINT_DIGITS: usize = 12;
const KEYS: [&str; 6] = ["fingerprint", "rule", "topic", "path", "reason", "expires"];

/// What is wrong with one waiver.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaiverProblem {
    #[error("has no `{0}`")]
    Missing(&'static str),
    #[error("has a `fingerprint` and a `{0}`")]
    TwoTargets(&'static str),
    #[error("names a `rule` that `schema diff` does not have")]
    UnknownRule { suggestion: Option<String> },
    #[error("has a `topic` that is not a pattern")]
    BadTopic,
    #[error("has a `fingerprint` that is not twelve hexadecimal digits")]
    BadFingerprint,
}

/// The members of a waiver with the lines where they are.
#[derive(Default)]
struct Members {
    fingerprint: Option<(String, usize)>,
    rule: Option<(&'static Rule, usize)>,
    topic: Option<(String, usize)>,
    path: Option<(String, usize)>,
    reason: Option<String>,
    expires: Option<Date>,
}

impl Reader<'_> {
    /// # Errors
    /// When a waiver does not say exactly what it accepts, or not why.
    pub fn waivers(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Waiver>, ConfigError> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong_type("waivers", value, "a list of tables"));
        };
        items
            .iter()
            .map(|item| {
                let line = self.line(&item.span());
                self.waiver(self.table("waivers", item)?, line)
            })
            .collect()
    }

    fn waiver(&self, table: &DeTable<'_>, line: usize) -> Result<Waiver, ConfigError> {
        let mut members = Members::default();
        for (key, value) in in_order(table) {
            let line = self.line(&value.span());
            match key.get_ref().as_ref() {
                "fingerprint" => {
                    members.fingerprint = Some((self.string("fingerprint", value)?, line));
                }
                "rule" => {
                    let name = self.string("rule", value)?;
                    let rule = waivable(&name).map_err(|problem| self.wrong(line, problem))?;
                    members.rule = Some((rule, line));
                }
                "topic" => members.topic = Some((self.string("topic", value)?, line)),
                "path" => match value.get_ref() {
                    // The empty path is the event itself.
                    DeValue::String(path) => members.path = Some((path.to_string(), line)),
                    _ => return Err(self.wrong_type("path", value, "a string")),
                },
                "reason" => members.reason = Some(self.reason(value, line)?),
                "expires" => members.expires = Some(self.date(value)?),
                _ => return Err(self.unknown(key, KEYS)),
            }
        }
        self.complete(members, line)
    }

    fn complete(&self, members: Members, line: usize) -> Result<Waiver, ConfigError> {
        let missing = |name| self.wrong(line, WaiverProblem::Missing(name));
        let target = match (members.fingerprint, members.rule, members.topic, members.path) {
            (Some((text, line)), None, None, None) => {
                if text.len() != FINGERPRINT_DIGITS
                    || !text.bytes().all(|digit| digit.is_ascii_hexdigit())
                {
                    return Err(self.wrong(line, WaiverProblem::BadFingerprint));
                }
                WaiverTarget::Fingerprint(text.to_ascii_lowercase())
            }
            (Some(_), rule, topic, path) => {
                let others = [
                    rule.map(|(_, line)| ("rule", line)),
                    topic.map(|(_, line)| ("topic", line)),
                    path.map(|(_, line)| ("path", line)),
                ];
                let (name, line) = others.into_iter().flatten().next().unwrap_or(("rule", line));
                return Err(self.wrong(line, WaiverProblem::TwoTargets(name)));
            }
            (None, Some((rule, _)), Some((topic, line)), Some((path, _))) => {
                let topic = topic.parse().map_err(|_| self.wrong(line, WaiverProblem::BadTopic))?;
                WaiverTarget::Place { rule, topic, path }
            }
            (None, None, None, None) => return Err(missing("fingerprint")),
            (None, None, _, _) => return Err(missing("rule")),
            (None, Some(_), None, _) => return Err(missing("topic")),
            (None, Some(_), Some(_), None) => return Err(missing("path")),
        };
        let reason = members.reason.ok_or_else(|| missing("reason"))?;
        Ok(Waiver { target, reason, expires: members.expires })
    }

    fn reason(&self, value: &Spanned<DeValue<'_>>, line: usize) -> Result<String, ConfigError> {
        let reason = self.string("reason", value)?;
        match reason.trim() {
            "" => Err(self.wrong(line, WaiverProblem::Missing("reason"))),
            reason => Ok(reason.to_owned()),
        }
    }

    fn date(&self, value: &Spanned<DeValue<'_>>) -> Result<Date, ConfigError> {
        let wrong = || self.wrong_type("expires", value, "a date such as 2027-01-31");
        let DeValue::Datetime(given) = value.get_ref() else { return Err(wrong()) };
        let (Some(date), None, None) = (given.date, given.time, given.offset) else {
            return Err(wrong());
        };
        let small = |number: u8| i8::try_from(number).ok();
        let year = i16::try_from(date.year).ok();
        let (Some(year), Some(month), Some(day)) = (year, small(date.month), small(date.day))
        else {
            return Err(wrong());
        };
        Date::new(year, month, day).map_err(|_| wrong())
    }

    fn wrong(&self, line: usize, problem: WaiverProblem) -> ConfigError {
        ConfigError::Waiver { path: self.path.to_owned(), line, problem }
    }
}

fn waivable(name: &str) -> Result<&'static Rule, WaiverProblem> {
    let is_waivable = |rule: &&'static Rule| rule.code.starts_with(WAIVABLE);
    rules::find(name).filter(is_waivable).ok_or_else(|| {
        let codes = rules::all().filter(is_waivable).flat_map(|rule| [rule.code, rule.name]);
        WaiverProblem::UnknownRule { suggestion: closest(name, codes) }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::{ProjectFile, Trust};

    fn parse(text: &str) -> Result<Vec<String>, String> {
        let path = Path::new("/p/celerysalt.toml");
        let file = ProjectFile::parse(path, text, Trust::Found).map_err(|e| e.to_string())?;
        Ok(file.waivers.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_waiver_names_a_fingerprint_or_a_place() {
        let text = r#"
            exchange = "x"
            [[waivers]]
            fingerprint = "0123456789AB"
            reason = "agreed with billing"
            expires = 2027-01-31
            [[waivers]]
            rule = "cs001"
            topic = "order.#"
            path = "items[].qty"
            reason = "nobody sends it"
            [[waivers]]
            rule = "required-field"
            topic = "a.b"
            path = ""
            reason = "x"
        "#;
        let expected = [
            "0123456789ab until 2027-01-31 (agreed with billing)",
            "CS001 order.# items[].qty (nobody sends it)",
            "CS001 a.b (x)",
        ];
        assert_eq!(parse(text), Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_is_wrong_with_a_waiver_is_named_with_its_line() {
        let place = "rule = 'CS001'\ntopic = 'a'\npath = 'b'\n";
        let table = [
            (place.to_owned(), "1: this waiver has no `reason`"),
            (format!("{place}reason = ' '"), "5: this waiver has no `reason`"),
            (format!("{place}reason = ''"), "5: `reason` must be a string, not an empty string"),
            ("reason = 'x'".to_owned(), "1: this waiver has no `fingerprint`"),
            ("topic = 'a'\nreason = 'x'".to_owned(), "1: this waiver has no `rule`"),
            ("rule = 'CS001'\nreason = 'x'".to_owned(), "1: this waiver has no `topic`"),
            (
                "rule = 'CS001'\ntopic = 'a'\nreason = 'x'".to_owned(),
                "1: this waiver has no `path`",
            ),
            (
                format!("{place}fingerprint = '0123456789ab'\nreason = 'x'"),
                "2: this waiver has a `fingerprint` and a `rule`",
            ),
            (
                "fingerprint = '0123'\nreason = 'x'".to_owned(),
                "2: this waiver has a `fingerprint` that is not twelve hexadecimal digits",
            ),
            (
                "rule = 'CS01'".to_owned(),
                "2: this waiver names a `rule` that `schema diff` does not have",
            ),
            (
                "rule = 'CL001'".to_owned(),
                "2: this waiver names a `rule` that `schema diff` does not have",
            ),
            (
                "rule = 'CS001'\ntopic = 'a b'\npath = ''\nreason = 'x'".to_owned(),
                "3: this waiver has a `topic` that is not a pattern",
            ),
            ("reasn = 'x'".to_owned(), "2: unknown key `reasn`"),
            (
                "expires = '2027-01-31'".to_owned(),
                "2: `expires` must be a date such as 2027-01-31, not string",
            ),
            (
                "expires = 2027-01-31T00:00:00Z".to_owned(),
                "2: `expires` must be a date such as 2027-01-31, not datetime",
            ),
        ];
        for (text, message) in table {
            let expected = format!("/p/celerysalt.toml:{message}");
            assert_eq!(parse(&format!("[[waivers]]\n{text}")), Err(expected), "{text}");
        }
        let expected = "/p/celerysalt.toml:1: `waivers` must be a list of tables, not string";
        assert_eq!(parse("waivers = 'x'"), Err(expected.to_owned()));
        let expected = "/p/celerysalt.toml:1: `waivers` must be a table, not integer";
        assert_eq!(parse("waivers = [1]"), Err(expected.to_owned()));
    }
}
