//! Where the bindings are read from: the live broker or a file.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::broker::amqp::AmqpTarget;
use crate::broker::{BrokerError, Management, Messages};
use crate::commands::connect::{management, without_management};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::topology::{Definitions, Topology};

/// The flags that all of `bindings` share.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// Read this file instead of a broker: what `rabbitmqctl export_definitions` wrote
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    definitions: Option<PathBuf>,
    /// The virtual host; that of the broker's URL, or the only one in the file that has the
    /// exchange
    #[arg(long, value_name = "NAME")]
    vhost: Option<String>,
}

/// A topology that is known to have the event exchange.
#[derive(Debug)]
pub struct Loaded {
    pub topology: Topology,
    /// The base of the management API; `None` for a file.
    pub management: Option<Management>,
}

impl SourceArgs {
    /// # Errors
    /// What the management API reports; a file that cannot be read; a missing exchange.
    pub async fn load(
        &self,
        context: &Context,
        messages: Messages,
    ) -> Result<Loaded, CommandError> {
        match &self.definitions {
            Some(path) => self.read(path, context),
            None => self.fetch(context, messages).await,
        }
    }

    async fn fetch(&self, context: &Context, messages: Messages) -> Result<Loaded, CommandError> {
        let target = AmqpTarget::parse(context.broker_url()?.expose())?;
        let management = management(context, &target)?;
        let vhost = self.vhost.as_ref().unwrap_or(&target.first().vhost);
        let topology = management.topology(vhost, messages).await.map_err(of_management)?;
        if topology.exchange(context.exchange()).is_none() {
            return Err(BrokerError::NoExchange {
                exchange: context.exchange().to_owned(),
                endpoint: format!("{} (virtual host {vhost})", management.endpoint()),
            }
            .into());
        }
        Ok(Loaded { topology, management: Some(management) })
    }

    fn read(&self, path: &Path, context: &Context) -> Result<Loaded, CommandError> {
        let unusable = |error: &dyn Error| {
            let message = format!("cannot use the definitions file {}", path.display());
            let cause = CommandError::from_error(ExitKind::Config, error);
            let mut told = CommandError::new(ExitKind::Config, message)
                .hint("write it with: rabbitmqctl export_definitions definitions.json");
            told.causes = [vec![cause.message], cause.causes].concat();
            told
        };
        let text = std::fs::read(path).map_err(|error| unusable(&error))?;
        let definitions = Definitions::parse(&text).map_err(|error| unusable(&error))?;
        let vhost = self.vhost_of(&definitions, context, path)?;
        let topology = definitions.topology(&vhost);
        if topology.exchange(context.exchange()).is_none() {
            let exchange = context.exchange();
            let message = format!(
                "the exchange {exchange:?} is not in the virtual host {vhost:?} of {}",
                path.display()
            );
            let names = topology.exchanges.iter().map(|exchange| exchange.name.as_str());
            let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            return Err(CommandError::new(ExitKind::Config, message)
                .hint(format!("name one that is with --exchange: {}", names.join(", "))));
        }
        Ok(Loaded { topology, management: None })
    }

    fn vhost_of(
        &self,
        definitions: &Definitions,
        context: &Context,
        path: &Path,
    ) -> Result<String, CommandError> {
        let all = definitions.vhosts();
        if let Some(vhost) = &self.vhost {
            if all.is_empty() || all.contains(vhost) {
                return Ok(vhost.clone());
            }
            let message = format!("there is no virtual host {vhost:?} in {}", path.display());
            return Err(CommandError::new(ExitKind::Config, message)
                .hint(format!("there are: {}", all.join(", "))));
        }
        match (definitions.vhosts_with(context.exchange()).as_slice(), all.as_slice()) {
            ([only], _) | ([], [only]) => Ok(only.clone()),
            ([], []) => Ok("/".to_owned()),
            (several, _) => {
                let target = AmqpTarget::parse(context.broker_url()?.expose())?;
                let vhost = &target.first().vhost;
                if several.contains(vhost) || (several.is_empty() && all.contains(vhost)) {
                    return Ok(vhost.clone());
                }
                let message = format!("{} holds several virtual hosts", path.display());
                Err(CommandError::new(ExitKind::Usage, message)
                    .hint(format!("choose one with --vhost: {}", all.join(", "))))
            }
        }
    }
}

/// The broker may be fine while its management API is not; a file will do then.
pub fn of_management(error: BrokerError) -> CommandError {
    let is_absent = error.is_no_server();
    let told = without_management(error, "bindings are read from");
    match is_absent {
        true => told.hint(
            "or read a file: `rabbitmqctl export_definitions definitions.json`, then --definitions \
             definitions.json",
        ),
        false => told,
    }
}
