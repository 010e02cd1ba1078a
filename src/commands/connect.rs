//! From settings to servers: who to connect to, with which files and deadlines.

use std::time::Duration;

use super::context::Context;
use super::error::{CommandError, ExitKind};
use crate::broker::amqp::{AmqpTarget, ConnectOptions, Connector};
use crate::broker::backend::{BackendOptions, BackendTarget};
use crate::broker::{BrokerError, Management, TlsFiles};

/// For each attempt to reach a result backend and for each of its answers.
const BACKEND_DEADLINE: Duration = Duration::from_secs(5);

/// How to reach the message broker. `purpose` names the command in the broker's list of
/// connections.
pub fn connector(context: &Context, purpose: &str) -> Result<Connector, CommandError> {
    let target = AmqpTarget::parse(context.broker_url()?.expose())?;
    let options = ConnectOptions {
        tls: tls_files(context),
        connection_name: format!("celerysalt {purpose}"),
        ..ConnectOptions::default()
    };
    Ok(Connector::new(target, options))
}

/// The management API of the broker at `target`, at its usual place where no setting names another.
pub fn management(context: &Context, target: &AmqpTarget) -> Result<Management, CommandError> {
    let url = context.management_url()?.unwrap_or_else(|| Management::guess_from(target));
    Ok(Management::new(&url, &tls_files(context))?)
}

/// The broker may be fine while its management API is not. `purpose` reads on with "the management
/// API".
pub fn without_management(error: BrokerError, purpose: &str) -> CommandError {
    let is_absent = error.is_no_server();
    let told = CommandError::from(error);
    if !is_absent {
        return told;
    }
    let hint = format!(
        "{purpose} the management API, which has a port of its own: give it with --management \
         http://USER:PASSWORD@HOST:15672 (or https://, usually on port 15671), and enable it on the \
         broker with `rabbitmq-plugins enable rabbitmq_management`"
    );
    CommandError { hints: vec![hint], ..told }
}

/// The result backend. There is no default: a worker answers only where it is configured to, and a
/// wrong guess would look like a service that never answers.
pub fn backend_target(context: &Context) -> Result<BackendTarget, CommandError> {
    let Some(url) = context.backend_url()? else {
        return Err(CommandError::new(ExitKind::Config, "no result backend is configured").hint(
            "answers come through the result backend that the workers use: give it with --backend \
             redis://host:6379/0 or --backend rpc://, or set CELERY_RESULT_BACKEND",
        ));
    };
    Ok(BackendTarget::parse(url.expose())?)
}

pub fn backend_options(context: &Context) -> BackendOptions {
    BackendOptions { tls: tls_files(context), deadline: BACKEND_DEADLINE }
}

pub fn tls_files(context: &Context) -> TlsFiles {
    let tls = &context.settings.tls;
    TlsFiles {
        ca_file: tls.ca_file.as_ref().map(|setting| setting.value.clone()),
        cert_file: tls.cert_file.as_ref().map(|setting| setting.value.clone()),
        key_file: tls.key_file.as_ref().map(|setting| setting.value.clone()),
    }
}
