//! What the modules and the classes of a package are called.

use std::collections::{BTreeMap, BTreeSet};

use super::identifiers::{identifier, is_identifier};
use crate::codegen::names::{pascal_case, snake_case};
use crate::event::{SchemaVersion, Topic};
use crate::schema::{SchemaDocument, sha256_hex};

/// File systems end names at 255 bytes; a suffix and a few more have to fit behind.
const MAX_NAME_BYTES: usize = 180;

/// Names that every module has already.
pub const RESERVED: &[&str] = &[
    "_Quiet",
    "_Referring",
    "_SaltEvent",
    "SaltEvent",
    "_one_of",
    "_untagged",
    "_untitled",
    "_untitled_fields",
    "get_schema_registry",
    "register",
    "subscribe",
];

/// The names of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    pub module: String,
    /// The event class; its payload is `…Payload`, its answers are `…Response` and `…Error`.
    pub event: String,
}

/// How hard a name tries to be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// The publisher's class, words of the topic.
    Plain,
    /// Words of the topic only.
    Topic,
    /// With a mark where the dots of the topic are.
    Dots,
    /// With a hash of the topic.
    Hash,
}

impl Effort {
    fn more(self) -> Self {
        match self {
            Self::Plain => Self::Topic,
            Self::Topic => Self::Dots,
            Self::Dots | Self::Hash => Self::Hash,
        }
    }
}

/// Names for every document, different even where case does not count. Documents that want the
/// same name all get a longer one, so that their order does not matter.
pub fn names(documents: &[&SchemaDocument]) -> Vec<Names> {
    let mut versions: BTreeMap<&Topic, usize> = BTreeMap::new();
    for document in documents {
        *versions.entry(&document.topic).or_default() += 1;
    }
    let modules =
        distinct((documents.len(), &[]), |place, effort| module_name(documents[place], effort));
    let events = distinct((documents.len(), RESERVED), |place, effort| {
        let document = documents[place];
        let name = event_name(document, effort);
        if versions[&document.topic] > 1 {
            format!("{name}{}", version_suffix(&document.version).to_uppercase())
        } else {
            name
        }
    });
    modules.into_iter().zip(events).map(|(module, event)| Names { module, event }).collect()
}

/// As many names as `count` says, none of them reserved.
fn distinct(
    (count, reserved): (usize, &[&str]),
    name: impl Fn(usize, Effort) -> String,
) -> Vec<String> {
    let mut efforts = vec![Effort::Plain; count];
    loop {
        let names: Vec<String> =
            efforts.iter().enumerate().map(|(place, effort)| name(place, *effort)).collect();
        let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, name) in names.iter().enumerate() {
            for derived in ["", "payload", "response", "error"] {
                holders.entry(name.to_lowercase() + derived).or_default().push(place);
            }
        }
        let mut is_settled = true;
        let shared = holders.into_values().filter(|places| places.len() > 1).flatten();
        let is_reserved = |place: &usize| reserved.contains(&names[*place].as_str());
        let shared: BTreeSet<usize> = shared.chain((0..count).filter(is_reserved)).collect();
        for place in shared {
            is_settled &= efforts[place] == Effort::Hash;
            efforts[place] = efforts[place].more();
        }
        if is_settled {
            return names;
        }
    }
}

fn module_name(document: &SchemaDocument, effort: Effort) -> String {
    let topic = document.topic.as_str();
    let mut name = match effort {
        Effort::Plain | Effort::Topic => snake_case(topic),
        Effort::Dots | Effort::Hash => {
            topic.split('.').map(snake_case).collect::<Vec<_>>().join("__")
        }
    };
    let mut end = name.len().min(MAX_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    if effort == Effort::Hash || end < name.len() {
        name.truncate(end);
        name = format!("{name}_{}", &sha256_hex(topic)[..8]);
    }
    let name = format!("{name}_{}", version_suffix(&document.version));
    if is_identifier(&name) && !name.starts_with('_') { name } else { identifier(&name, "topic_") }
}

fn event_name(document: &SchemaDocument, effort: Effort) -> String {
    let topic = document.topic.as_str();
    let publisher = document.publisher.as_ref().and_then(|publisher| publisher.class.as_deref());
    let publisher = publisher.and_then(|class| class.rsplit('.').next());
    if let Some(class) = publisher
        && effort == Effort::Plain
        && is_identifier(class)
        && !class.starts_with('_')
    {
        return class.to_owned();
    }
    let name = match effort {
        Effort::Plain | Effort::Topic => pascal_case(topic),
        Effort::Dots => topic.split('.').map(pascal_case).collect::<Vec<_>>().join("_"),
        Effort::Hash => format!("{}_{}", pascal_case(topic), &sha256_hex(topic)[..8]),
    };
    if is_identifier(&name) { name } else { identifier(&name, "Topic") }
}

/// `v1_10` for `v1.10`.
fn version_suffix(version: &SchemaVersion) -> String {
    let numbers = version.as_str().trim_start_matches(['v', 'V']);
    format!("v{}", numbers.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::JsonText;

    fn named(documents: &[(&str, &str, Option<&str>)]) -> Vec<(String, String)> {
        let schema = JsonText::try_from(&serde_json::json!({})).unwrap();
        let documents: Vec<SchemaDocument> = documents
            .iter()
            .map(|(topic, version, class)| {
                let topic = topic.parse().unwrap();
                let version = version.parse().unwrap();
                let mut document = SchemaDocument::new(topic, version, schema.clone());
                document.publisher = class.map(|class| crate::schema::Publisher {
                    class: Some(class.to_owned()),
                    ..Default::default()
                });
                document
            })
            .collect();
        let documents: Vec<&SchemaDocument> = documents.iter().collect();
        names(&documents).into_iter().map(|names| (names.module, names.event)).collect()
    }

    #[test]
    fn the_publisher_s_class_names_the_event_and_versions_only_where_there_are_several() {
        let named = named(&[
            ("order.created", "v1", Some("shop.OrderCreated")),
            ("order.created", "v1.10", Some("OrderCreated")),
            ("2fa.enabled", "v1", None),
            ("user.größe", "2", Some("not a name")),
        ]);
        let named: Vec<String> =
            named.into_iter().map(|(module, event)| format!("{module} {event}")).collect();
        assert_eq!(
            named,
            [
                "order_created_v1 OrderCreatedV1",
                "order_created_v1_10 OrderCreatedV1_10",
                "topic_2fa_enabled_v1 Topic2faEnabled",
                "user_größe_v2 UserGröße",
            ]
        );
    }

    #[test]
    fn topics_that_are_too_long_for_a_file_still_have_names_of_their_own() {
        let long = |end: &str| format!("{}.{end}", "größe.".repeat(30).trim_end_matches('.'));
        let topics = [long("a"), long("b")];
        let named = named(&[(&topics[0], "v1", None), (&topics[1], "v1", None)]);
        assert_ne!(named[0].0.to_lowercase(), named[1].0.to_lowercase());
        for (module, _) in named {
            let file = format!("{module}.pyi");
            assert!(file.len() <= 255 && is_identifier(&module), "{file}");
        }
    }

    #[test]
    fn names_that_collide_all_become_longer() {
        let named = named(&[
            ("user.session_started", "v1", None),
            ("user_session.started", "v1", None),
            ("order.paid", "v1", Some("Paid")),
            ("invoice.paid", "v1", Some("Paid")),
            ("thing", "v1", None),
            ("thing.payload", "v1", None),
            ("SaltEvent", "v1", None),
            ("salt.registered", "v1", Some("register")),
            ("register", "v1", None),
        ]);
        let events: Vec<&str> = named.iter().map(|(_, event)| event.as_str()).collect();
        let modules: Vec<&str> = named.iter().map(|(module, _)| module.as_str()).collect();
        assert_eq!(
            events,
            [
                "User_SessionStarted",
                "UserSession_Started",
                "OrderPaid",
                "InvoicePaid",
                "Thing",
                "Thing_Payload",
                "SaltEvent_ce653342",
                "SaltRegistered",
                "Register",
            ]
        );
        assert_eq!(modules[..2], ["user__session_started_v1", "user_session__started_v1"]);
    }
}
