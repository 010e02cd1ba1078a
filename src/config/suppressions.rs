//! `[[suppressions]]` of a project's file: findings of `bindings check` that somebody accepts.

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::reader::{Reader, in_order};
use super::suggest::closest;
use crate::topology::audit::{Suppression, rules};

const KEYS: [&str; 3] = ["rule", "subject", "reason"];

/// What is wrong with one suppression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SuppressionProblem {
    #[error("has no `{0}`")]
    Missing(&'static str),
    #[error("names a `rule` that `bindings check` does not have")]
    UnknownRule { suggestion: Option<String> },
}

impl Reader<'_> {
    /// # Errors
    /// When a suppression names no rule, or does not say why.
    pub fn suppressions(
        &self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<Suppression>, ConfigError> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong_type("suppressions", value, "a list of tables"));
        };
        let read = |item: &Spanned<DeValue<'_>>| {
            self.suppression(self.table("suppressions", item)?, self.line(&item.span()))
        };
        items.iter().map(read).collect()
    }

    fn suppression(&self, table: &DeTable<'_>, line: usize) -> Result<Suppression, ConfigError> {
        let problem =
            |line, problem| ConfigError::Suppression { path: self.path.to_owned(), line, problem };
        let (mut rule, mut subject, mut reason) = (None, None, None);
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "rule" => {
                    let name = self.string("rule", value)?;
                    let unknown = || SuppressionProblem::UnknownRule {
                        suggestion: closest(&name, rules::all().map(|rule| rule.name)),
                    };
                    let line = self.line(&value.span());
                    rule = Some(rules::find(&name).ok_or_else(|| problem(line, unknown()))?);
                }
                "subject" => subject = Some(self.string("subject", value)?),
                "reason" => reason = Some(self.string("reason", value)?.trim().to_owned()),
                _ => return Err(self.unknown(key, KEYS)),
            }
        }
        let missing = |name| problem(line, SuppressionProblem::Missing(name));
        let reason = reason.filter(|reason| !reason.is_empty()).ok_or_else(|| missing("reason"))?;
        Ok(Suppression { rule: rule.ok_or_else(|| missing("rule"))?, subject, reason })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::{ProjectFile, Trust};

    fn read(text: &str) -> String {
        let text = format!("[[suppressions]]\n{text}");
        match ProjectFile::parse(Path::new("/p/celerysalt.toml"), &text, Trust::Found) {
            Err(error) => error.to_string(),
            Ok(file) => {
                let shown = file.suppressions.iter();
                let shown =
                    shown.map(|one| format!("{} {:?} {}", one.rule.code, one.subject, one.reason));
                shown.collect::<Vec<_>>().join("\n")
            }
        }
    }

    #[test]
    fn a_suppression_names_a_rule_and_says_why() {
        let table = [
            ("rule = 'cb012'\nreason = ' agreed '", "CB012 None agreed"),
            (
                "rule = 'backlog'\nsubject = 'q'\nreason = 'night job'",
                "CB013 Some(\"q\") night job",
            ),
            ("reason = 'x'", "/p/celerysalt.toml:1: this suppression has no `rule`"),
            (
                "rule = 'CB012'\nreason = ' '",
                "/p/celerysalt.toml:1: this suppression has no `reason`",
            ),
            (
                "rule = 'CB999'\nreason = 'x'",
                "/p/celerysalt.toml:2: this suppression names a `rule` that `bindings check` does \
                 not have",
            ),
            ("queue = 'q'", "/p/celerysalt.toml:2: unknown key `queue`"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
