//! `config`: what the settings are, where they come from, and which profile is in use.

mod check;
mod profiles;
mod show;

use clap::{Args, Subcommand};

use super::context::Session;
use super::error::{CommandError, ExitKind};
use crate::config::Selection;

pub use check::ConfigCheck;
pub use profiles::{ConfigList, ConfigUse};
pub use show::ConfigShow;

const EXAMPLES: &str = "\
Files:
  celerysalt.toml in the working directory or above it, for a project:
      exchange = \"tchu_events\"
      registry = \"file:schemas\"
      profile = \"dev\"
      [[waivers]]                      # a finding of `schema diff` that you accept
      rule = \"CS001\"                   # or fingerprint = \"…\" alone
      topic = \"order.placed\"
      path = \"items[].qty\"
      reason = \"every handler is on v2\"
      expires = 2027-01-31             # if you like
  ~/.config/celerysalt/config.toml, for you ($XDG_CONFIG_HOME is honoured):
      [profiles.dev]
      broker = \"amqp://guest:guest@localhost:5672//\"
      [profiles.staging]
      broker = { command = [\"pass\", \"show\", \"staging/rabbitmq\"] }
      backend = { env = \"STAGING_REDIS\" }
      tls.ca_file = \"staging-ca.pem\"
  Each value is taken from the first that gives it: flag, environment, celerysalt.toml, profile.

Examples:
  celerysalt config show --origin      every value and where it comes from
  celerysalt config use staging        use a profile from now on
  celerysalt config use -              back to the one before";

/// Show, check and choose settings
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting, secrets masked
    #[command(after_help = "Examples:\n  celerysalt config show --origin\n  \
        celerysalt config show -o json | jq -r .exchange.value")]
    Show {
        /// Say where each value comes from (JSON always does)
        #[arg(long)]
        origin: bool,
    },
    /// List the profiles, the one in use marked with a star
    #[command(after_help = "Examples:\n  celerysalt config list")]
    List,
    /// Use a profile from now on
    #[command(after_help = "Examples:\n  celerysalt config use staging\n  \
        celerysalt config use -\n  celerysalt config use --none")]
    Use {
        /// A profile's name, or - for the one before
        #[arg(value_name = "P", required_unless_present = "none")]
        name: Option<String>,
        /// Use no profile
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Read every file and follow every reference that is in use
    #[command(after_help = "Examples:\n  celerysalt config check\n  \
        celerysalt --profile staging config check")]
    Check,
}

pub fn run(args: ConfigArgs, session: &Session) -> Result<ExitKind, CommandError> {
    match args.command {
        ConfigCommand::Show { origin } => {
            let origins = if origin { show::Origins::Shown } else { show::Origins::Hidden };
            show::run(session, origins)
        }
        ConfigCommand::List => profiles::list(session),
        ConfigCommand::Use { name, none: _ } => profiles::select(
            session,
            match name {
                Some(name) if name == "-" => Selection::Previous,
                Some(name) => Selection::Profile(name),
                None => Selection::None,
            },
        ),
        ConfigCommand::Check => check::run(session),
    }
}
