use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::asked::WorkersAsked;
use super::code::CodeArgs;
use super::listen::listen;
use super::repair::{LOGIN_VARIABLE, Shell};
use super::source::{Loaded, SourceArgs};
use super::topics::RegisteredTopics;
use crate::broker::{Management, Messages};
use crate::commands::context::Context;
use crate::commands::duration;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::workers;
use crate::quantity::counted;
use crate::topology::audit::rules::{self, Rule};
use crate::topology::audit::{
    AuditInput, CodeService, Finding, Level, Suppression, WorkerFacts, audit,
};
use crate::topology::connected_workers;
use crate::ui::{Report, Style, sanitize};

const EXAMPLES: &str = "\
Examples:
  celerysalt bindings check
  celerysalt bindings check --level warning -o json
  celerysalt bindings check --explain CB001
  celerysalt bindings check --code python:shop.app
  celerysalt bindings check --definitions definitions.json";

/// Look for bindings, queues and workers that do not fit together
///
/// Live workers are asked what they subscribe to and which tasks they know, and the exchange is
/// listened to for a moment. Each finding says how to mend it; the exit status is 1 where there is
/// an error or a warning. A finding that is accepted is left out by the project's
/// celerysalt.toml: [[suppressions]] with rule, reason and perhaps subject (the queue, topic,
/// exchange or worker).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Explain a rule, by its code or its name, or list all rules with `all`; checks nothing
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    source: SourceArgs,
}

/// What is looked for, and what is shown.
#[derive(Debug, Clone, Args)]
pub struct Scope {
    /// Look only at findings of this level and worse
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    level: LevelArg,
    /// More waiting messages than this are a backlog
    #[arg(long, value_name = "N", default_value = "1000")]
    backlog: u64,
    /// How long to wait for the answers of workers; 0 does not ask them
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    worker_timeout: Duration,
    /// How long to listen for events that come with a task nobody knows, and for busy topics and
    /// growing queues; 0 does not listen
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    listen: Duration,
    #[command(flatten)]
    pub code: CodeArgs,
}

impl Scope {
    /// Asks only the management API: the broker itself is known to be out of reach.
    pub fn without_broker(&self) -> Self {
        Self { worker_timeout: Duration::ZERO, listen: Duration::ZERO, ..self.clone() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelArg {
    /// Events are lost, or a service cannot start
    Error,
    /// Something is likely to be wrong
    Warning,
    /// Worth knowing
    Info,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BindingsCheck {
    /// Whether there is neither an error nor a warning.
    pub ok: bool,
    pub summary: Summary,
    pub findings: Vec<FindingReport>,
    /// What `[[suppressions]]` of the project's file accept; not counted above.
    pub suppressed: Vec<SuppressedReport>,
    /// The `[[suppressions]]` that nothing was found for.
    pub unused_suppressions: Vec<UnusedSuppression>,
    pub workers: WorkersAsked,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    pub error: usize,
    pub warning: usize,
    pub info: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingReport {
    /// The code, `CB001`.
    pub rule: &'static str,
    pub name: &'static str,
    pub level: LevelArg,
    /// The queue, exchange, topic or worker that it is about.
    pub subject: String,
    /// The binding's key, where it is about one.
    routing_key: Option<String>,
    pub message: String,
    /// What to do, in words.
    fix: String,
    /// What to do, for a shell; null where the broker alone cannot mend it.
    command: Option<String>,
}

/// A finding that somebody accepts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SuppressedReport {
    rule: &'static str,
    subject: String,
    message: String,
    reason: String,
}

/// A suppression that can go.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnusedSuppression {
    rule: &'static str,
    /// Null where it is meant for all.
    subject: Option<String>,
    reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
struct Rules(Vec<RuleReport>);

#[derive(Debug, Serialize, JsonSchema)]
struct RuleReport {
    code: &'static str,
    name: &'static str,
    summary: &'static str,
    explanation: &'static str,
    advice: &'static str,
}

pub(super) async fn run(args: &CheckArgs, context: &Context) -> Result<ExitKind, CommandError> {
    if let Some(asked) = &args.explain {
        return explain(asked, context);
    }
    let code = args.scope.code.read().await?;
    let loaded = args.source.load(context, Messages::Counted).await?;
    let report = look(&loaded, &args.scope, &code, context).await;
    context.ui.report(&report)?;
    Ok(if report.ok { ExitKind::Done } else { ExitKind::No })
}

/// The audit of what was loaded.
pub async fn look(
    loaded: &Loaded,
    scope: &Scope,
    code: &[CodeService],
    context: &Context,
) -> BindingsCheck {
    let topology = &loaded.topology;
    let registered = RegisteredTopics::read(context).await;
    let (facts, traffic) =
        tokio::join!(ask(loaded, scope, context), listen(loaded, scope.listen, context));
    let input = AuditInput {
        topology,
        exchange: context.exchange(),
        registered: registered.modes(),
        deprecated: registered.deprecated(),
        workers: &facts,
        code,
        traffic: traffic.as_ref(),
        backlog: scope.backlog,
    };
    let base = loaded.management.as_ref().map(Management::endpoint);
    let suppressions = &context.settings.suppressions;
    let findings = audit(&input);
    let unused_suppressions = unused(&findings, suppressions);
    let (findings, suppressed) = suppress(findings, suppressions);
    let report = BindingsCheck::new(&findings, &Shell::new(topology, base), scope.level);
    let workers = WorkersAsked::new(&connected_workers(topology), &facts);
    BindingsCheck { suppressed, unused_suppressions, workers, ..report }
}

fn unused(findings: &[Finding], suppressions: &[Suppression]) -> Vec<UnusedSuppression> {
    let is_unused = |one: &&Suppression| !findings.iter().any(|finding| one.applies_to(finding));
    let report = |one: &Suppression| UnusedSuppression {
        rule: one.rule.code,
        subject: one.subject.clone(),
        reason: one.reason.clone(),
    };
    suppressions.iter().filter(is_unused).map(report).collect()
}

/// The findings that count, and those that a suppression accepts.
fn suppress(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
) -> (Vec<Finding>, Vec<SuppressedReport>) {
    let (mut counted, mut suppressed) = (Vec::new(), Vec::new());
    for finding in findings {
        match suppressions.iter().find(|suppression| suppression.applies_to(&finding)) {
            None => counted.push(finding),
            Some(suppression) => suppressed.push(SuppressedReport {
                rule: finding.rule.code,
                subject: finding.subject,
                message: finding.message,
                reason: suppression.reason.clone(),
            }),
        }
    }
    (counted, suppressed)
}

/// Without the workers' answers the rules about their tasks stay silent.
async fn ask(loaded: &Loaded, scope: &Scope, context: &Context) -> BTreeMap<String, WorkerFacts> {
    if loaded.management.is_none() || scope.worker_timeout.is_zero() {
        return BTreeMap::new();
    }
    match workers::ask(context, Some(&loaded.topology), scope.worker_timeout).await {
        Ok(found) => found.facts(),
        Err(error) => {
            context.ui.warn(&format!("the workers were not asked: {}", error.message));
            BTreeMap::new()
        }
    }
}

fn explain(asked: &str, context: &Context) -> Result<ExitKind, CommandError> {
    let found: Vec<RuleReport> = match asked {
        "all" => rules::all().map(RuleReport::new).collect(),
        one => rules::find(one).map(RuleReport::new).into_iter().collect(),
    };
    if found.is_empty() {
        return Err(CommandError::new(ExitKind::Usage, format!("there is no rule {asked:?}"))
            .hint("`celerysalt bindings check --explain all` lists the rules"));
    }
    context.ui.report(&Rules(found))?;
    Ok(ExitKind::Done)
}

impl BindingsCheck {
    fn new(findings: &[Finding], shell: &Shell<'_>, level: LevelArg) -> Self {
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        let summary = Summary {
            error: count(Level::Error),
            warning: count(Level::Warning),
            info: count(Level::Info),
        };
        let shown: Vec<&Finding> =
            findings.iter().filter(|finding| finding.level <= level.level()).collect();
        Self {
            ok: !shown.iter().any(|finding| finding.level <= Level::Warning),
            summary,
            findings: shown.into_iter().map(|finding| FindingReport::new(finding, shell)).collect(),
            suppressed: Vec::new(),
            unused_suppressions: Vec::new(),
            workers: WorkersAsked::default(),
        }
    }
}

impl FindingReport {
    fn new(finding: &Finding, shell: &Shell<'_>) -> Self {
        Self {
            rule: finding.rule.code,
            name: finding.rule.name,
            level: LevelArg::of(finding.level),
            subject: finding.subject.clone(),
            routing_key: finding.routing_key.clone(),
            message: finding.message.clone(),
            fix: finding.fix.clone(),
            command: finding.repair.as_ref().map(|repair| shell.command(repair)),
        }
    }
}

impl LevelArg {
    fn of(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Info => Self::Info,
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Info => Level::Info,
        }
    }
}

impl RuleReport {
    fn new(rule: &'static Rule) -> Self {
        let Rule { code, name, summary, explanation, advice } = *rule;
        Self { code, name, summary, explanation, advice }
    }
}

impl Report for BindingsCheck {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut told = "";
        for finding in &self.findings {
            let level = match finding.level {
                LevelArg::Error => style.bad.apply_to("error  "),
                LevelArg::Warning => style.warning.apply_to("warning"),
                LevelArg::Info => style.dim.apply_to("info   "),
            };
            writeln!(out, "{level} {} {}", finding.rule, sanitize(&finding.message))?;
            // Many queues have the same small fault; what to do is said once.
            if told != finding.fix {
                writeln!(
                    out,
                    "        {} {}",
                    style.good.apply_to("fix:"),
                    sanitize(&finding.fix)
                )?;
                told = &finding.fix;
            }
            if let Some(command) = &finding.command {
                writeln!(out, "        {}", sanitize(command))?;
            }
        }
        if self.findings.iter().any(|finding| finding.command.is_some()) {
            writeln!(out, "\n{LOGIN_VARIABLE} in these commands is USER:PASSWORD of the broker.")?;
        }
        for UnusedSuppression { rule, subject, reason } in &self.unused_suppressions {
            let about = subject.as_ref().map(|subject| format!(" of {subject}"));
            let line = format!(
                "nothing is found any more for the suppression of {rule}{}: {reason}",
                about.unwrap_or_default()
            );
            writeln!(out, "{}", sanitize(&line))?;
        }
        self.workers.write(out)?;
        let Summary { error, warning, info } = self.summary;
        let suppressed = match self.suppressed.len() {
            0 => String::new(),
            count => format!(", {count} suppressed"),
        };
        let (errors, warnings) = (counted(error, "error"), counted(warning, "warning"));
        writeln!(out, "{errors}, {warnings}, {}{suppressed}", counted(info, "remark"))
    }
}

impl Report for Rules {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if let [rule] = self.0.as_slice() {
            let title = format!("{} {}", rule.code, rule.name);
            writeln!(out, "{}\n{}.\n", style.heading.apply_to(title), rule.summary)?;
            writeln!(out, "{}\n", rule.explanation)?;
            return writeln!(out, "{} {}", style.good.apply_to("fix:"), rule.advice);
        }
        for rule in &self.0 {
            writeln!(out, "{} {}: {}", rule.code, style.heading.apply_to(rule.name), rule.summary)?;
        }
        Ok(())
    }
}
