use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::error::{CommandError, ExitKind};
use crate::config::closest;
use crate::schema::rules::{self, Rule};
use crate::ui::{Report, Style, Table, Ui};

/// List the rules of schema diff, lint and extract, or explain one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema rules\n  \
    celerysalt schema rules CS001\n  \
    celerysalt schema rules -o json | jq -r '.[].code'")]
pub struct RulesArgs {
    /// A rule's code or name
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// All rules, or the one that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SchemaRules {
    All(Vec<RuleText>),
    One(RuleText),
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct RuleText {
    /// `CS001`; never used for anything else.
    code: &'static str,
    /// A few words with dashes.
    name: &'static str,
    summary: &'static str,
    explanation: &'static str,
    example: &'static str,
    /// What to do instead.
    advice: &'static str,
}

pub(super) fn run(args: &RulesArgs, ui: &Ui) -> Result<ExitKind, CommandError> {
    let report = match &args.code {
        None => SchemaRules::All(rules::all().map(RuleText::from).collect()),
        Some(code) => match rules::find(code) {
            Some(rule) => SchemaRules::One(rule.into()),
            None => return Err(unknown(code)),
        },
    };
    ui.report(&report)?;
    Ok(ExitKind::Done)
}

fn unknown(code: &str) -> CommandError {
    let codes = rules::all().map(|rule| rule.code);
    let names = rules::all().map(|rule| rule.name);
    let meant = padded(code)
        .or_else(|| closest(&code.to_uppercase(), codes))
        .or_else(|| closest(&code.to_lowercase(), names))
        .map(|name| format!("did you mean {name}? "))
        .unwrap_or_default();
    CommandError::new(ExitKind::Usage, format!("there is no rule {code:?}"))
        .hint(format!("{meant}`celerysalt schema rules` lists all rules"))
}

/// The rule that is meant by a number without its zeros, or with other letters around it.
fn padded(code: &str) -> Option<String> {
    let digits = code.trim_start_matches(|c: char| !c.is_ascii_digit());
    let letters = code[..code.len() - digits.len()].to_uppercase();
    let number: u16 = digits.parse().ok()?;
    rules::find(&format!("{letters}{number:03}")).map(|rule| rule.code.to_owned())
}

impl From<&'static Rule> for RuleText {
    fn from(rule: &'static Rule) -> Self {
        let Rule { code, name, summary, explanation, example, advice } = rule;
        Self { code, name, summary, explanation, example, advice }
    }
}

impl Report for SchemaRules {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        match self {
            Self::All(rules) => {
                let mut table = Table::new(["rule", "name", "summary"]);
                for rule in rules {
                    table.row([rule.code, rule.name, rule.summary]);
                }
                table.write(out, style)
            }
            Self::One(rule) => rule.write(out, style),
        }
    }
}

impl RuleText {
    fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let title = format!("{} {}", self.code, self.name);
        writeln!(out, "{}: {}", style.heading.apply_to(title), self.summary)?;
        writeln!(out, "\n{}", self.explanation)?;
        for (name, text) in [("example", self.example), ("what to do", self.advice)] {
            writeln!(out, "\n{} {text}", style.dim.apply_to(format!("{name}:")))?;
        }
        Ok(())
    }
}
