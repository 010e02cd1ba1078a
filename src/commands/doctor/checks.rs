//! Each check of the list, in the order in which one needs the other.

use jiff::{SignedDuration, Timestamp};

use super::report::{Check, DoctorReport, Status};
use crate::broker::amqp::{AmqpEndpoint, Connector, Tail, TailOptions, Transport};
use crate::broker::backend::ResultBackend;
use crate::broker::{BrokerError, Management, Messages, certificate_expiry};
use crate::commands::bindings::{BindingsCheck, Loaded, Scope, look, of_management};
use crate::commands::connect::{backend_options, backend_target, connector, management, tls_files};
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::config::Origin;
use crate::event::RoutingPattern;
use crate::quantity::counted;
use crate::registry::{self, Access};
use crate::topology::{ExchangeKind, Topology};

/// Half a second is normal between machines; ETA and expiry of tasks go wrong beyond this. The
/// server tells whole seconds only.
const MAX_SKEW: SignedDuration = SignedDuration::from_secs(5);
/// Certificates that end sooner than this are warned about.
const EXPIRY_NOTICE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The checks so far.
pub(super) struct Examination<'a> {
    context: &'a Context,
    checks: Vec<Check>,
}

impl<'a> Examination<'a> {
    /// Everything that can be looked at; what fails is part of the answer.
    pub(super) async fn run(scope: &Scope, context: &'a Context) -> DoctorReport {
        let mut this = Self { context, checks: Vec::new() };
        let connector = match connector(context, "doctor") {
            Ok(connector) => connector,
            Err(error) => {
                this.checks.push(Check::failed("broker", Status::Bad, error));
                this.backend(None).await;
                this.registry().await;
                return DoctorReport::new(this.checks, None);
            }
        };
        this.broker(&connector).await;
        let loaded = this.management(&connector).await;
        this.backend(Some(&connector)).await;
        this.registry().await;
        let is_reached =
            this.checks.iter().any(|check| check.name == "broker" && check.status == Status::Good);
        let scope = if is_reached { scope.clone() } else { scope.without_broker() };
        let audit = match &loaded {
            Some(loaded) => Some(this.audit(loaded, &scope).await),
            None => None,
        };
        DoctorReport::new(this.checks, audit)
    }

    fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    async fn broker(&mut self, connector: &Connector) {
        let connection = match connector.connect().await {
            Ok(connection) => connection,
            Err(error) => return self.add(Check::failed("broker", Status::Bad, error)),
        };
        let endpoint = connection.endpoint().clone();
        self.add(Check::new("broker", Status::Good, endpoint.to_string()));
        connection.close().await;
        self.certificate(&endpoint).await;
        self.permissions(connector).await;
    }

    async fn certificate(&mut self, endpoint: &AmqpEndpoint) {
        if endpoint.transport == Transport::Plain {
            return self.add(Check::new("tls", Status::Skipped, "the connection has no TLS"));
        }
        let check = match certificate_expiry(endpoint, &tls_files(self.context)).await {
            Err(error) => Check::failed("tls", Status::Bad, error),
            Ok(None) => Check::new("tls", Status::Warning, "the certificate's end cannot be read")
                .fix(
                    "look at it: openssl s_client -connect HOST:5671 | openssl x509 -noout -dates",
                ),
            Ok(Some(end)) => expiry(end, Timestamp::now()),
        };
        self.add(check);
    }

    /// What `tail` needs: to declare a queue of its own, to bind it and to read it.
    async fn permissions(&mut self, connector: &Connector) {
        let exchange = self.context.exchange().to_owned();
        let Ok(pattern) = "celerysalt.doctor.nothing".parse::<RoutingPattern>() else { return };
        let options = TailOptions::new(exchange.clone(), vec![pattern]);
        match Tail::open(connector.clone(), options).await {
            Ok(tail) => {
                let drops_are_counted = tail.drops_are_counted();
                tail.close().await;
                self.add(Check::new(
                    "exchange",
                    Status::Good,
                    format!("{exchange} exists; the management API tells its type"),
                ));
                let text = "may declare queues of its own and bind them to the exchange";
                let note = if drops_are_counted { "" } else { "; may not dead-letter" };
                self.add(Check::new("permissions", Status::Good, format!("{text}{note}")));
            }
            Err(error @ BrokerError::NoExchange { .. }) => {
                self.add(Check::failed("exchange", Status::Bad, error));
            }
            Err(error) => self.add(Check::failed("permissions", Status::Bad, error)),
        }
    }

    async fn management(&mut self, connector: &Connector) -> Option<Loaded> {
        let management = match management(self.context, &connector.target) {
            Ok(management) => management,
            Err(error) => {
                self.add(Check::failed("management", Status::Bad, error));
                return None;
            }
        };
        match management.overview().await {
            Ok(overview) => {
                self.add(Check::new("management", Status::Good, management.endpoint()));
                let unknown = || "?".to_owned();
                let version = overview.version.unwrap_or_else(unknown);
                let erlang = overview.erlang.unwrap_or_else(unknown);
                let ours = env!("CARGO_PKG_VERSION");
                let text = format!("RabbitMQ {version}, Erlang {erlang}, celerysalt {ours}");
                self.add(Check::new("versions", Status::Good, text));
                self.add(clock(overview.server_time, Timestamp::now()));
            }
            Err(error) => {
                self.add(Check::failed("management", Status::Bad, without_audit(error)));
                return None;
            }
        }
        let topology = self.topology(&management, &connector.target.first().vhost).await?;
        Some(Loaded { topology, management: Some(management) })
    }

    async fn topology(&mut self, management: &Management, vhost: &str) -> Option<Topology> {
        let topology = match management.topology(vhost, Messages::Counted).await {
            Ok(topology) => topology,
            Err(error) => {
                self.add(Check::failed("topology", Status::Bad, without_audit(error)));
                return None;
            }
        };
        let exchange = topology.exchange(self.context.exchange())?;
        let durability = if exchange.durable { "durable" } else { "not durable" };
        let text = format!("{} is a {durability} {} exchange", exchange.name, exchange.type_name);
        let is_as_declared = exchange.kind == ExchangeKind::Topic && exchange.durable;
        let known = self.checks.iter_mut().find(|check| check.name == "exchange");
        if let Some(check) = known {
            check.message = text;
            if !is_as_declared {
                check.status = Status::Bad;
                check.fixes = vec!["see CB015 and CB016 below".to_owned()];
            }
        }
        Some(topology)
    }

    async fn backend(&mut self, connector: Option<&Connector>) {
        let name = "backend";
        let target = match self.context.backend_url() {
            Ok(None) => {
                let text = "no result backend is configured";
                return self.add(Check::new(name, Status::Skipped, text));
            }
            Ok(Some(_)) => backend_target(self.context),
            Err(error) => Err(error),
        };
        let target = match target {
            Ok(target) => target,
            Err(error) => return self.add(Check::failed(name, Status::Bad, error)),
        };
        let Some(connector) = connector else { return };
        let options = backend_options(self.context);
        let check = match ResultBackend::open(&target, &options, connector).await {
            Ok(_) => Check::new(name, Status::Good, "connected"),
            Err(error) => Check::failed(name, Status::Bad, error),
        };
        self.add(check);
    }

    async fn registry(&mut self) {
        let check = match self.listed().await {
            Ok(check) => check,
            Err(error) if self.context.settings.registry.origin == Origin::Default => {
                Check::new("registry", Status::Skipped, error.message)
            }
            Err(error) => Check::failed("registry", Status::Bad, error),
        };
        self.add(check);
    }

    async fn listed(&self) -> Result<Check, CommandError> {
        let store = registry::open(&self.context.registry_url()?, Access::Read).await?;
        let Ok(everything) = "#".parse::<RoutingPattern>() else {
            return Ok(Check::new("registry", Status::Skipped, "no pattern"));
        };
        let listing = store.list(&everything).await;
        store.close().await;
        let listing = listing?;
        let text = format!("{}: {}", store.name(), counted(listing.documents.len(), "schema"));
        let Some(problem) = listing.problems.first() else {
            return Ok(Check::new("registry", Status::Good, text));
        };
        let text = format!("{text}, {} cannot be read: {problem}", listing.problems.len());
        Ok(Check::new("registry", Status::Bad, text)
            .fix("`celerysalt schema list` names each of them"))
    }

    async fn audit(&mut self, loaded: &Loaded, scope: &Scope) -> BindingsCheck {
        let code = match scope.code.read().await {
            Ok(code) => code,
            Err(error) => {
                self.add(Check::failed("code", Status::Bad, error));
                Vec::new()
            }
        };
        let audit = look(loaded, scope, &code, self.context).await;
        self.add(match audit.workers.nodes.as_slice() {
            [] => Check::new("workers", Status::Warning, "no worker is connected")
                .fix("start the services' workers: celery -A APP worker"),
            nodes => Check::new("workers", Status::Good, nodes.join(", ")),
        });
        audit
    }
}

/// The management API is missing, and with it the audit, which has no flag for a file here.
fn without_audit(error: BrokerError) -> CommandError {
    let mut told = of_management(error);
    for hint in told.hints.iter_mut().filter(|hint| hint.contains("--definitions")) {
        "or audit a file: `rabbitmqctl export_definitions definitions.json`, then `celerysalt \
         bindings check --definitions definitions.json`"
            .clone_into(hint);
    }
    told
}

fn clock(server: Option<Timestamp>, here: Timestamp) -> Check {
    let Some(server) = server else {
        return Check::new("clock", Status::Skipped, "the broker does not tell its time");
    };
    let skew = here.duration_since(server).abs();
    let seconds = skew.as_secs();
    match skew > MAX_SKEW {
        true => Check::new("clock", Status::Warning, format!("{seconds} s away from the broker's"))
            .fix("let both machines follow a time server (timedatectl set-ntp true): ETA, expiry and \
                  timeouts depend on it"),
        false => Check::new("clock", Status::Good, "the same as the broker's, within 5 s"),
    }
}

fn expiry(end: Timestamp, now: Timestamp) -> Check {
    let left = end.duration_since(now);
    let days = left.as_hours() / 24;
    let text = format!("the broker's certificate ends on {end:.0}, in {days} days");
    match left < EXPIRY_NOTICE {
        true => Check::new("tls", Status::Warning, text).fix(
            "renew it, and let the broker read it again: rabbitmqctl eval 'ssl:clear_pem_cache().'",
        ),
        false => Check::new("tls", Status::Good, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_compared_and_a_certificate_is_counted_down() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-01-02T03:04:05Z");
        let table = [
            (clock(None, now), Status::Skipped),
            (clock(Some(at("2026-01-02T03:04:01Z")), now), Status::Good),
            (clock(Some(at("2026-01-02T03:05:05Z")), now), Status::Warning),
            (expiry(at("2026-01-31T00:00:00Z"), now), Status::Warning),
            (expiry(at("2026-03-01T00:00:00Z"), now), Status::Good),
        ];
        for (check, expected) in table {
            assert_eq!(check.status, expected, "{}", check.message);
        }
    }
}
