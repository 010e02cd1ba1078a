//! A short look at what passes through the event exchange.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::source::Loaded;
use crate::broker::BrokerError;
use crate::broker::amqp::{Connector, Tail, TailEvent, TailOptions};
use crate::commands::connect::connector;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::event::RoutingPattern;
use crate::topology::audit::Traffic;
use crate::wire::Decoder;

/// More kinds of events than this say nothing more.
const MAX_KINDS: usize = 10_000;

/// What came while `period` passed; `None` for a file, and where it was not possible.
pub async fn listen(loaded: &Loaded, period: Duration, context: &Context) -> Option<Traffic> {
    let management = loaded.management.as_ref().filter(|_| !period.is_zero())?;
    let seen = async {
        let connector = connector(context, "check")?;
        Ok::<Traffic, CommandError>(watch(connector, context.exchange(), period).await?)
    };
    match seen.await {
        Ok(mut traffic) => {
            // Without the numbers, nobody says that a queue grows.
            let waiting = management.waiting(&loaded.topology.vhost).await;
            traffic.ready = waiting.unwrap_or_default();
            Some(traffic)
        }
        Err(error) => {
            context.ui.warn(&format!("the exchange was not listened to: {}", error.message));
            None
        }
    }
}

async fn watch(
    connector: Connector,
    exchange: &str,
    period: Duration,
) -> Result<Traffic, BrokerError> {
    let options = TailOptions::new(exchange, vec![RoutingPattern::everything()]);
    let mut tail = Tail::open(connector, options).await?;
    let mut traffic = Traffic { period, ..Traffic::default() };
    let mut decoder = Decoder::default();
    let deadline = Instant::now() + period;
    while let Ok(Some(event)) = timeout_at(deadline, tail.next()).await {
        match event {
            TailEvent::Message(message) => {
                let incoming = message.incoming();
                let decoded = decoder.decode(&incoming);
                let Some(task) = decoded.envelope.task else { continue };
                let kind = (incoming.routing_key.to_owned(), task.into_owned());
                if traffic.events.len() < MAX_KINDS || traffic.events.contains_key(&kind) {
                    *traffic.events.entry(kind).or_default() += 1;
                }
            }
            TailEvent::Fatal(error) => return Err(error),
            TailEvent::Dropped(_)
            | TailEvent::Lost { .. }
            | TailEvent::Retrying { .. }
            | TailEvent::Gap { .. } => {}
        }
    }
    tail.close().await;
    Ok(traffic)
}
