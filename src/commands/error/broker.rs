use super::{CommandError, ExitKind};
use crate::broker::BrokerError;
use crate::shell::quoted;
use crate::topology::{OWN_PREFIX, exactly};

const RULES: &str = "quote a % in the shell, and in names and passwords write / as %2F, @ as %40";
const NO_EXCHANGE: &str = "nothing has declared it on this virtual host yet: start a service that \
    subscribes, or name another with --exchange (rabbitmqctl list_exchanges)";
const NO_QUEUE: &str = "see what there is on this virtual host: rabbitmqctl list_queues -p VHOST, or \
    `celerysalt dlq list` for those with dead letters";
const EXCLUSIVE: &str = "it goes with the program that declared it: a worker's mailbox, a caller's reply \
    queue, a `celerysalt tail`";
const STREAM: &str = "a stream keeps what was read and lets go by age and size (x-max-age, \
    x-max-length-bytes); read it with a stream client";

impl From<&BrokerError> for CommandError {
    fn from(error: &BrokerError) -> Self {
        let told = Self::from_error(kind(error), error);
        hints(error).into_iter().fold(told, Self::hint)
    }
}

impl From<BrokerError> for CommandError {
    fn from(error: BrokerError) -> Self {
        Self::from(&error)
    }
}

fn kind(error: &BrokerError) -> ExitKind {
    match error {
        BrokerError::BadUrl { .. } | BrokerError::TlsFile { .. } => ExitKind::Config,
        BrokerError::BadMessage { .. } => ExitKind::Usage,
        BrokerError::UnknownHost { .. }
        | BrokerError::Unreachable { .. }
        | BrokerError::ConnectTimeout { .. }
        | BrokerError::NotAmqp { .. }
        | BrokerError::BadCredentials { .. }
        | BrokerError::VhostRefused { .. }
        | BrokerError::Tls { .. }
        | BrokerError::NoExchange { .. }
        | BrokerError::NoQueue { .. }
        | BrokerError::Exclusive { .. }
        | BrokerError::Unsupported { .. }
        | BrokerError::Forbidden { .. }
        | BrokerError::Lost { .. }
        | BrokerError::AnswerTimeout { .. }
        | BrokerError::Refused { .. } => ExitKind::Unreachable,
    }
}

fn hints(error: &BrokerError) -> Vec<String> {
    let origin = "`celerysalt config show --origin` says where this address comes from";
    match error {
        BrokerError::BadUrl { .. } => {
            let shape = "write amqp://USER:PASSWORD@HOST:5672/VHOST, or amqps:// for TLS";
            vec![format!("{shape}; {RULES}"), origin.to_owned()]
        }
        BrokerError::TlsFile { .. } => {
            vec!["name PEM files with --tls-ca, --tls-cert and --tls-key".to_owned()]
        }
        BrokerError::UnknownHost { host, .. } => {
            vec![format!("check the spelling of {host:?}, and the network or VPN it needs"), origin.into()]
        }
        BrokerError::Unreachable { .. } => vec![
            "start the broker, or a throw-away one with `celerysalt sandbox`".to_owned(),
            origin.to_owned(),
        ],
        BrokerError::ConnectTimeout { .. } => {
            vec!["a firewall may drop the packets, or the port belongs to something else".to_owned(), origin.into()]
        }
        BrokerError::NotAmqp { .. } => vec![
            "AMQP is usually on port 5672, with TLS on port 5671 (amqps://); 15672 is the management API".to_owned(),
            origin.to_owned(),
        ],
        BrokerError::BadCredentials { user, .. } => bad_credentials(user),
        BrokerError::VhostRefused { vhost, user, .. } => vec![
            "see what there is: rabbitmqctl list_vhosts (the virtual host / is written amqp://HOST:5672//)".to_owned(),
            format!("or let the user in: {}", set_permissions(vhost, user, (".*", ".*", ".*"))),
        ],
        BrokerError::Tls { .. } => vec![
            "name the broker's own authority with --tls-ca; where it asks for a client certificate, \
             add --tls-cert and --tls-key"
                .to_owned(),
            "an expired certificate has to be renewed on the server; a corrupt message means a port \
             without TLS: amqps:// is on 5671, amqp:// on 5672"
                .to_owned(),
        ],
        BrokerError::NoExchange { .. } => vec![NO_EXCHANGE.to_owned()],
        BrokerError::NoQueue { .. } => vec![NO_QUEUE.to_owned()],
        BrokerError::Exclusive { .. } => vec![EXCLUSIVE.to_owned()],
        BrokerError::Unsupported { .. } => vec![STREAM.to_owned()],
        BrokerError::Forbidden { vhost, user, action, .. } => forbidden(vhost, user, action),
        BrokerError::Lost { .. } | BrokerError::AnswerTimeout { .. } => {
            vec!["see the broker's own log for why, then try again".to_owned()]
        }
        BrokerError::Refused { .. } => {
            vec!["see the broker's own log (rabbitmq-diagnostics log_tail)".to_owned()]
        }
        BrokerError::BadMessage { .. } => {
            vec!["shorten it; `celerysalt publish --dry-run` shows the message".to_owned()]
        }
    }
}

fn bad_credentials(user: &str) -> Vec<String> {
    let mut hints = vec![format!(
        "test them: rabbitmqctl authenticate_user {} PASSWORD; {RULES}",
        quoted(user)
    )];
    if user == "guest" {
        hints.push(
            "RabbitMQ lets `guest` in from the same machine only, unless configured".to_owned(),
        );
    }
    hints
}

/// The least rights with which the action works.
fn forbidden(vhost: &str, user: &str, action: &str) -> Vec<String> {
    let own = r"^celerysalt\.tail\.";
    if action.contains("management API") {
        return vec![format!(
            "give the user the tag: rabbitmqctl set_user_tags {} management",
            quoted(user)
        )];
    }
    let rights = match quoted_name(action) {
        Some(exchange) if action.starts_with("publish") => {
            // The nameless exchange has a name where permissions are checked.
            let exchange = if exchange.is_empty() { "amq.default" } else { exchange };
            (String::new(), exactly(exchange), String::new())
        }
        Some(queue) if action.starts_with("read the queue") => {
            (String::new(), String::new(), exactly(queue))
        }
        Some(exchange) if action.contains("exchange") => {
            (own.to_owned(), own.to_owned(), format!("{own}|{}", exactly(exchange)))
        }
        // Workers are asked through the exchange of their mailboxes.
        Some(queue) if queue.starts_with(OWN_PREFIX) && action.contains("reply queue") => {
            (own.to_owned(), format!(r"{own}|\.pidbox$"), own.to_owned())
        }
        Some(_) if action.contains("reply queue") => {
            (".*".to_owned(), ".*".to_owned(), ".*".to_owned())
        }
        _ => (own.to_owned(), own.to_owned(), ".*".to_owned()),
    };
    let (configure, write, read) = (&rights.0, &rights.1, &rights.2);
    vec![
        format!("see what the user may do: rabbitmqctl list_permissions -p {}", quoted(vhost)),
        format!(
            "this is enough, but replaces what was granted before: {}",
            set_permissions(vhost, user, (configure, write, read))
        ),
    ]
}

fn set_permissions(vhost: &str, user: &str, rights: (&str, &str, &str)) -> String {
    let (configure, write, read) = rights;
    format!(
        "rabbitmqctl set_permissions -p {} {} '{configure}' '{write}' '{read}'",
        quoted(vhost),
        quoted(user)
    )
}

/// The name that an action puts in double quotes.
fn quoted_name(action: &str) -> Option<&str> {
    action.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn shown(error: BrokerError) -> String {
        let error = CommandError::from(error);
        let mut text = format!("{} {}\n", error.kind.code(), error.message);
        for cause in &error.causes {
            text.push_str(&format!("  caused by: {cause}\n"));
        }
        for hint in &error.hints {
            text.push_str(&format!("  hint: {hint}\n"));
        }
        text
    }

    fn forbidden_to(action: &str) -> BrokerError {
        BrokerError::Forbidden {
            endpoint: "amqp://svc@h:5672/v".into(),
            vhost: "v".into(),
            user: "svc".into(),
            action: action.into(),
            reason: "ACCESS_REFUSED".into(),
        }
    }

    #[test]
    fn every_failure_says_what_to_do_next() {
        let endpoint = || "amqp://svc@h:5672/v".to_owned();
        let user = || "svc".to_owned();
        let all = [
            BrokerError::BadUrl { url: "redis:/h".into(), reason: "no scheme".into() },
            BrokerError::TlsFile { path: "ca.pem".into(), source: "no such file".into() },
            BrokerError::UnknownHost {
                endpoint: endpoint(),
                host: "h".into(),
                source: "no".into(),
            },
            BrokerError::Unreachable { endpoint: endpoint(), source: "connection refused".into() },
            BrokerError::ConnectTimeout { endpoint: endpoint(), deadline: Duration::from_secs(10) },
            BrokerError::NotAmqp { endpoint: endpoint(), source: "closed".into() },
            BrokerError::BadCredentials { endpoint: endpoint(), user: user() },
            BrokerError::BadCredentials { endpoint: endpoint(), user: "guest".into() },
            BrokerError::VhostRefused { endpoint: endpoint(), vhost: "a b".into(), user: user() },
            BrokerError::Tls { endpoint: endpoint(), source: "UnknownIssuer".into() },
            BrokerError::NoExchange { exchange: "tchu_events".into(), endpoint: endpoint() },
            BrokerError::NoQueue { queue: "orders".into(), endpoint: endpoint() },
            BrokerError::Exclusive { queue: "reply".into(), endpoint: endpoint() },
            BrokerError::Unsupported {
                queue: "log".into(),
                endpoint: endpoint(),
                reason: "NOT_IMPLEMENTED - queue.purge not supported by stream queues".into(),
            },
            forbidden_to("publish to the exchange \"tchu_events\""),
            forbidden_to("read from the exchange \"my.events\""),
            forbidden_to("declare the queue \"celerysalt.tail.1\""),
            forbidden_to("declare the reply queue \"6834878d\""),
            forbidden_to("declare the reply queue \"celerysalt.tail.inspect-1\""),
            forbidden_to("use the management API"),
            forbidden_to("publish to the exchange \"\""),
            forbidden_to("read the queue \"orders.dead\""),
            BrokerError::Lost { endpoint: endpoint(), source: "reset".into() },
            BrokerError::AnswerTimeout {
                endpoint: endpoint(),
                action: "close".into(),
                deadline: Duration::from_secs(2),
            },
            BrokerError::Refused { endpoint: endpoint(), reason: "INTERNAL_ERROR".into() },
            BrokerError::BadMessage { reason: "the routing key is too long".into() },
        ];
        insta::assert_snapshot!(all.map(shown).join("\n"));
    }
}
