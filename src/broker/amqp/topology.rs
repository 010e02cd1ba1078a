//! Looking at exchanges without ever making one.

use lapin::ExchangeKind;
use lapin::options::ExchangeDeclareOptions;
use lapin::types::FieldTable;

use super::super::error::BrokerError;
use super::connect::AmqpConnection;
use super::encode::short;
use super::failure::Doing;

/// Makes sure that `exchange` exists. The default exchange (the empty name) always does.
///
/// Uses a channel of its own: the broker closes it when the exchange is missing.
pub(super) async fn require_exchange(
    connection: &AmqpConnection,
    exchange: &str,
) -> Result<(), BrokerError> {
    if exchange.is_empty() {
        return Ok(());
    }
    let name = short("exchange name", exchange)?;
    let channel = connection.open_channel().await?;
    let doing = Doing {
        endpoint: connection.endpoint(),
        action: &format!("look at the exchange {exchange:?}"),
        exchange: Some(exchange),
    };
    let options = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
    // A passive declaration ignores the kind.
    let looked =
        channel.exchange_declare(name, ExchangeKind::Topic, options, FieldTable::default());
    looked.await.map_err(|error| doing.failed(&error))?;
    channel.close(200, "done".into()).await.map_err(|error| doing.failed(&error))
}
