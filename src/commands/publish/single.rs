//! One event.

use super::Plan;
use super::build::{NewMessage, Reach};
use super::report::PublishedReport;
use crate::broker::amqp::{Publisher, Settled};
use crate::commands::batch::Unroutable;
use crate::commands::connect::connector;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::interrupt::Interrupt;
use crate::commands::unroutable::{unroutable, with_nearest};
use crate::ui::OutputFormat;

pub async fn publish(
    new: NewMessage,
    plan: Plan,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let (id, topic) = (new.id.clone(), new.topic().to_owned());
    let reach = new.reach;
    let settled = tokio::select! {
        settled = send(new, context) => settled?,
        kind = interrupt.received() => {
            return Err(CommandError::new(kind, "interrupted before the broker confirmed the event")
                .hint("it may or may not be published"));
        }
    };
    let (confirmed, routed) = match settled {
        Settled::Confirmed => (true, true),
        Settled::Unroutable { .. } => (true, false),
        Settled::Nacked | Settled::InDoubt => (false, false),
    };
    let report = PublishedReport { id, topic, confirmed, routed };
    context.ui.report(&report)?;
    let Some(error) = failure(&settled, &report, plan, context) else {
        if reach == Reach::OnlyLatest && routed {
            context.ui.note(
                "it has no version, so only handlers that subscribe to `latest` take it; \
                 see --version",
            );
        }
        return Ok(ExitKind::Done);
    };
    match context.ui.output() {
        OutputFormat::Human if error.kind == ExitKind::Unroutable => {
            Err(with_nearest(error, &report.topic, context).await)
        }
        OutputFormat::Human => Err(error),
        // The report on stdout says it all.
        OutputFormat::Json | OutputFormat::Jsonl => Ok(error.kind),
    }
}

async fn send(new: NewMessage, context: &Context) -> Result<Settled, CommandError> {
    let connector = connector(context, "publish")?;
    let exchange = &context.settings.exchange.value;
    let mut publisher = Publisher::open(connector, exchange, 1).await?;
    let settled = publisher.publish(new.message).await?;
    publisher.close().await;
    Ok(settled)
}

fn failure(
    settled: &Settled,
    report: &PublishedReport,
    plan: Plan,
    context: &Context,
) -> Option<CommandError> {
    match settled {
        Settled::Confirmed => None,
        Settled::Unroutable { .. } if plan.unroutable == Unroutable::IsFine => {
            context.ui.note(&format!(
                "published, but no queue is bound to {:?}: nobody received it",
                report.topic
            ));
            None
        }
        Settled::Unroutable { .. } => {
            let to_do = "a service binds its queue when its worker starts; --allow-unroutable if \
                         nobody has to listen";
            Some(unroutable(&report.topic, context.exchange(), to_do))
        }
        Settled::Nacked => Some(
            CommandError::new(ExitKind::Unreachable, "the broker could not keep the event")
                .hint("a full queue or a full disk does that; nothing was published"),
        ),
        Settled::InDoubt => Some(
            CommandError::new(
                ExitKind::Unreachable,
                "the connection was lost before the broker confirmed the event",
            )
            .hint("it may or may not be published: look for its id with `celerysalt tail`"),
        ),
    }
}
