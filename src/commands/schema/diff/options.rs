//! How changes are judged: the options that `schema diff` and `schema register` share.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::super::compat::WriterArg;
use crate::extract::Subscription;
use crate::schema::judge::{CompatMode, Subscriber, SubscriberVersion, Subscribers};

#[derive(Debug, Clone, Args)]
pub struct JudgeArgs {
    /// Who must read whose events: `forward` is old handlers and new events, `backward` new
    /// handlers and old events; `auto` follows from the known handlers
    #[arg(long, value_name = "MODE", default_value = "auto", value_parser = mode_parser())]
    pub mode: CompatMode,
    /// What publishers are known to send
    #[arg(long, value_name = "WRITER", default_value = "closed")]
    pub writer: WriterArg,
}

fn mode_parser() -> impl TypedValueParser<Value = CompatMode> {
    PossibleValuesParser::new(CompatMode::ALL.map(CompatMode::as_str))
        .try_map(|text| text.parse::<CompatMode>())
}

/// The least level that ends with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Proved breaks only
    Breaking,
    /// Also what could not be decided
    Undecided,
    /// Also warnings
    Warning,
}

/// The handlers that modules register.
pub fn subscribers<'a>(found: impl Iterator<Item = &'a Subscription>) -> Subscribers {
    let mut all: Vec<Subscriber> = Vec::new();
    for subscription in found {
        let version = match subscription.version.as_deref() {
            Some("latest") => SubscriberVersion::Latest,
            Some(text) => text.parse().map_or(SubscriberVersion::Unknown, SubscriberVersion::Exact),
            None => SubscriberVersion::Unknown,
        };
        let subscriber = Subscriber {
            pattern: subscription.topic.clone(),
            version,
            name: subscription.handler.clone(),
        };
        if !all.contains(&subscriber) {
            all.push(subscriber);
        }
    }
    Subscribers::new(all)
}
