//! The event exchange itself.

use super::super::model::ExchangeKind;
use super::rules::{EXCHANGE_DURABILITY, EXCHANGE_TYPE};
use super::{Audit, Finding, Level, Repair};

pub(super) fn check(audit: &Audit<'_>, found: &mut Vec<Finding>) {
    let Some(exchange) = audit.topology.exchange(audit.exchange) else { return };
    let name = &exchange.name;
    let mended = |finding: Finding| match name.starts_with("amq.") {
        true => finding.fix(
            "it is the broker's own and cannot be replaced: let the services use another one, and \
             name that with --exchange",
        ),
        false => finding.mended_by(Repair::DeleteExchange { exchange: name.clone() }),
    };
    if exchange.kind != ExchangeKind::Topic {
        let message = format!("the exchange {name} is of type {}", exchange.type_name);
        let finding = Finding::new(&EXCHANGE_TYPE, Level::Error, name, message);
        found.push(mended(finding));
    }
    let fault = match (exchange.durable, exchange.auto_delete) {
        (false, _) => "is not durable",
        (true, true) => "is deleted with its last binding",
        (true, false) => return,
    };
    let message = format!("the exchange {name} {fault}");
    let finding = Finding::new(&EXCHANGE_DURABILITY, Level::Error, name, message);
    found.push(mended(finding));
}
