//! Whether a Python service would find a handler for a topic: the second hop after the broker.
//!
//! The libraries turn a subscription pattern into a regular expression by replacing text, without
//! escaping anything else, so their answer differs from the broker's for some patterns. This is a
//! faithful copy of that behaviour, faults included, and not a better matcher.
//! Source: `celery_salt/integrations/registry.py` 1.6.0, `tchu_tchu/registry.py` 2.4.0.

use regex_lite::Regex;

/// The library whose handler registry is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceLibrary {
    /// `*` is any run of characters without a dot, `#` any run of characters.
    CelerySalt,
    /// `*` is any run of characters, `?` any one character; `#` is not a wildcard at all.
    TchuTchu,
}

/// Whether the registry of `library` finds a handler subscribed with `pattern` for `topic`.
///
/// Python's `re` and ours agree on every construct that a topic-like pattern can contain; where a
/// pattern is not a valid expression the libraries fall back to equality, and so do we.
pub fn finds_handler(library: ServiceLibrary, pattern: &str, topic: &str) -> bool {
    if !is_wildcard(library, pattern) {
        return pattern == topic;
    }
    match Regex::new(&expression(library, pattern)) {
        Ok(regex) => regex.is_match(without_final_newline(topic)),
        Err(_) => pattern == topic,
    }
}

fn is_wildcard(library: ServiceLibrary, pattern: &str) -> bool {
    let marks: [char; 2] = match library {
        ServiceLibrary::CelerySalt => ['*', '#'],
        ServiceLibrary::TchuTchu => ['*', '?'],
    };
    pattern.contains(marks)
}

fn expression(library: ServiceLibrary, pattern: &str) -> String {
    let escaped = pattern.replace('.', r"\.");
    let body = match library {
        ServiceLibrary::CelerySalt => escaped.replace('*', "[^.]*").replace('#', ".*"),
        ServiceLibrary::TchuTchu => escaped.replace('*', ".*").replace('?', "."),
    };
    format!("^{body}$")
}

/// Python's `$` also matches before one final newline.
fn without_final_newline(topic: &str) -> &str {
    topic.strip_suffix('\n').unwrap_or(topic)
}

#[cfg(test)]
mod tests {
    use super::ServiceLibrary::{CelerySalt, TchuTchu};
    use super::*;
    use crate::event::RoutingPattern;

    #[test]
    fn the_services_answer_differs_from_the_brokers_where_the_libraries_do() {
        let table = [
            // pattern, topic, broker, celery-salt, tchu-tchu
            ("user.created", "user.created", true, true, true),
            ("user.*", "user.created", true, true, true),
            ("user.*", "user.a.b", false, false, true),
            ("user.#", "user", true, false, false),
            ("user.#", "user.a.b", true, true, false),
            ("#.created", "created", true, false, false),
            ("a.#.b", "a.b", true, false, false),
            ("user#", "user.created", false, true, false),
            ("us*r", "user", false, true, true),
            ("user.?", "user.a", false, false, true),
            ("a+.*", "aa.x", false, true, true),
            ("a(.*", "a(.b", true, false, false),
            ("#", "", true, true, false),
        ];
        for (pattern, topic, broker, salt, tchu) in table {
            let context = format!("{pattern:?} with {topic:?}");
            let routed = pattern.parse::<RoutingPattern>().unwrap().matches(topic);
            assert_eq!(routed, broker, "broker: {context}");
            assert_eq!(finds_handler(CelerySalt, pattern, topic), salt, "celery-salt: {context}");
            assert_eq!(finds_handler(TchuTchu, pattern, topic), tchu, "tchu-tchu: {context}");
        }
    }
}
