//! The command line: global arguments and the list of commands.

mod early;
mod values;

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueHint};

use crate::commands::error::ExitKind;
use crate::commands::{
    bindings, call, completions, config, dlq, doctor, follow, man, publish, queue, replay, sandbox,
    schema, schema_of, tail, top, workers,
};
use crate::config::{Flags, Key};
use crate::sandbox::REAPER_COMMAND;
use crate::secret::Secret;
use crate::ui::{ColorChoice, OutputFormat, UiOptions, Verbosity};

pub use early::Early;

const EXAMPLES: &str = "\
Examples:
  celerysalt config show --origin          every setting and where it comes from
  celerysalt --profile staging config check";

/// Watch, publish and call the events of Celery services
#[derive(Debug, Parser)]
#[command(name = "celerysalt", version, propagate_version = true, max_term_width = 100)]
#[command(disable_help_subcommand = true, subcommand_required = true)]
#[command(arg_required_else_help = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit_status()))]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Every command, in the order of the help page.
#[derive(Debug, Subcommand)]
pub enum Command {
    Tail(Box<tail::TailArgs>),
    Publish(Box<publish::PublishArgs>),
    Call(Box<call::CallArgs>),
    Replay(Box<replay::ReplayArgs>),
    Follow(follow::FollowArgs),
    Top(top::TopArgs),
    Dlq(dlq::DlqArgs),
    Queue(queue::QueueArgs),
    Schema(schema::SchemaArgs),
    Bindings(bindings::BindingsArgs),
    Workers(workers::WorkersArgs),
    Doctor(doctor::DoctorArgs),
    Sandbox(sandbox::SandboxArgs),
    #[command(name = REAPER_COMMAND, hide = true)]
    SandboxReaper(sandbox::ReaperArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    SchemaOf(schema_of::SchemaOfArgs),
}

// Environment variables are named in the help texts by hand: the parser must neither read them,
// which would lose the origin of a value, nor print what they hold.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Use the settings of this profile [env: CELERYSALT_PROFILE]
    #[arg(long, global = true, value_name = "P", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,
    /// The message broker, for example amqp://user:pass@host:5672// [env: CELERYSALT_BROKER_URL]
    #[arg(long, global = true, value_name = "URL", value_parser = secret)]
    pub broker: Option<Secret>,
    /// The RabbitMQ management API, guessed from the broker when absent
    /// [env: CELERYSALT_MANAGEMENT_URL]
    #[arg(long, global = true, value_name = "URL", value_parser = secret)]
    pub management: Option<Secret>,
    /// The Celery result backend, for example redis://host:6379/0 or rpc://
    /// [env: CELERYSALT_BACKEND_URL]
    #[arg(long, global = true, value_name = "URL", value_parser = secret)]
    pub backend: Option<Secret>,
    /// The schema registry, for example file:schemas [env: CELERYSALT_REGISTRY_URL]
    #[arg(long, global = true, value_name = "URL", value_parser = secret)]
    pub registry: Option<Secret>,
    /// The topic exchange that events are published to [env: CELERYSALT_EXCHANGE]
    #[arg(long, global = true, value_name = "NAME", value_parser = secret)]
    pub exchange: Option<Secret>,
    /// Trust the certificate authorities in this PEM file [env: CELERYSALT_TLS_CA]
    #[arg(long, global = true, value_name = "FILE", value_parser = secret)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub tls_ca: Option<Secret>,
    /// Our client certificate, a PEM file [env: CELERYSALT_TLS_CERT]
    #[arg(long, global = true, value_name = "FILE", value_parser = secret)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub tls_cert: Option<Secret>,
    /// The key of our client certificate, a PEM file [env: CELERYSALT_TLS_KEY]
    #[arg(long, global = true, value_name = "FILE", value_parser = secret)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub tls_key: Option<Secret>,
    /// Read this file instead of searching for celerysalt.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// How to print the answer
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "human")]
    pub output: OutputFormat,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Print the answer and problems, nothing else
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what happens, on stderr [env: CELERYSALT_LOG, for example lapin=debug]
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl GlobalArgs {
    /// What was typed, for [`crate::config::resolve`].
    pub fn flags(&self) -> Flags {
        let typed = |key| match key {
            Key::Broker => self.broker.clone(),
            Key::Management => self.management.clone(),
            Key::Backend => self.backend.clone(),
            Key::Registry => self.registry.clone(),
            Key::ApiKey | Key::Source => None,
            Key::Exchange => self.exchange.clone(),
            Key::TlsCa => self.tls_ca.clone(),
            Key::TlsCert => self.tls_cert.clone(),
            Key::TlsKey => self.tls_key.clone(),
        };
        let values = Key::ALL.into_iter().filter_map(|key| Some((key, typed(key)?))).collect();
        Flags { profile: self.profile.clone(), config: self.config.clone(), values }
    }

    pub fn ui_options(&self) -> UiOptions {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        UiOptions { output: self.output, color: self.color, verbosity }
    }
}

fn secret(text: &str) -> Result<Secret, &'static str> {
    if text.is_empty() { Err("it is empty") } else { Ok(Secret::new(text)) }
}

/// The whole command tree, for the parser and the generators of completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

fn exit_status() -> String {
    let row = |kind: ExitKind| format!("  {:>3}  {}", kind.code(), kind.meaning());
    let rows: Vec<String> = ExitKind::ALL.into_iter().map(row).collect();
    format!("Exit status:\n{}", rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        command().debug_assert();
    }

    /// An argument of a command that shares a global one's id would silently set that as well.
    #[test]
    fn no_command_reuses_the_name_of_a_global_argument() {
        fn walk(parent: &clap::Command, global: &[String]) {
            for child in parent.get_subcommands() {
                for arg in child.get_arguments() {
                    let id = arg.get_id().as_str();
                    assert!(!global.iter().any(|name| name == id), "{}: {id}", child.get_name());
                }
                walk(child, global);
            }
        }
        let tree = command();
        let global = tree.get_arguments().filter(|arg| arg.is_global_set());
        walk(&tree, &global.map(|arg| arg.get_id().to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn no_help_page_shows_what_a_variable_holds() {
        fn walk(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
                assert!(arg.is_hide_env_values_set(), "{}: {}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&command());
    }

    #[test]
    fn every_setting_has_its_flag_and_the_help_names_its_variable() {
        let tree = command();
        for key in Key::ALL {
            let Some(flag) = key.flag() else { continue };
            let name = flag.trim_start_matches("--");
            let arg = tree.get_arguments().find(|arg| arg.get_long() == Some(name)).expect(flag);
            let help = arg.get_help().expect(flag).to_string();
            assert!(help.contains(&format!("[env: {}]", key.environment()[0])), "{flag}: {help}");

            let cli = Cli::parse_from(["celerysalt", flag, "typed", "schema-of"]);
            assert_eq!(cli.global.flags().values.get(&key), Some(&Secret::new("typed")));
        }
    }

    #[test]
    fn what_was_typed_is_not_in_debug_output() {
        let cli = Cli::parse_from(["celerysalt", "--broker", "amqp://u:hunter2@h", "schema-of"]);
        assert!(!format!("{cli:?}").contains("hunter2"));
    }
}
