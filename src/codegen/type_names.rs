//! Names of types: from the publisher's class, the schema's definitions, then the topic.

use std::collections::HashMap;

use unicode_ident::{is_xid_continue, is_xid_start};

use super::keys::short_hash;
use crate::event::SchemaVersion;
use crate::schema::SchemaDocument;

/// `order.created` as `OrderCreated`; what cannot start a name gets `Type` in front.
pub(super) fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c == '_' || !is_xid_continue(c)) {
        let mut chars = word.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.extend(chars);
    }
    if out.chars().next().is_some_and(is_xid_start) { out } else { format!("Type{out}") }
}

/// Whether a name may stand without quotes. Words with a meaning may, as a member's name.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let is_start = |c: char| c == '_' || c == '$' || is_xid_start(c);
    let is_rest = |c: char| c == '$' || is_xid_continue(c);
    chars.next().is_some_and(is_start) && chars.all(is_rest)
}

/// `v1.2.0` as `V1_2_0`.
fn version_suffix(version: &SchemaVersion) -> String {
    let digits = version.as_str().trim_start_matches(['v', 'V']);
    format!("V{}", digits.replace('.', "_"))
}

/// Names for a document's types, the best first; no other topic has the last.
pub(super) fn of_document(document: &SchemaDocument) -> Vec<String> {
    let suffix = version_suffix(&document.version);
    let from_topic = pascal(document.topic.as_str());
    let segments: Vec<String> = document.topic.as_str().split('.').map(pascal).collect();
    let by_segment = segments.join("_");
    let identity = format!("{} {}", document.topic, document.version);
    let class = document.publisher.as_ref().and_then(|publisher| publisher.class.as_deref());
    // A class inside another is `Outer.Inner`.
    let class = class.and_then(|class| class.rsplit('.').next()).unwrap_or_default();
    let from_class = if class.is_empty() { from_topic.clone() } else { pascal(class) };
    let with_suffix = |name: &str| {
        if name.ends_with(&suffix) { name.to_owned() } else { format!("{name}{suffix}") }
    };
    vec![
        with_suffix(&from_class),
        format!("{from_topic}{suffix}"),
        format!("{by_segment}{suffix}"),
        format!("{from_topic}_{}{suffix}", short_hash(&identity)),
    ]
}

/// Names for a definition, the best first; no other definition of the module has the last.
/// Pydantic writes `pkg__mod__Address` for one of two models called `Address`.
pub(super) fn of_definition(key: &str, role: &str, identity: &str) -> Vec<String> {
    let path: Vec<&str> = key.split("__").filter(|part| !part.is_empty()).collect();
    let (class, modules) = match path.split_last() {
        Some((class, modules)) if !modules.iter().any(|part| part.contains(char::is_uppercase)) => {
            (pascal(class), modules)
        }
        Some(_) | None => (pascal(key), &[][..]),
    };
    let mut names = vec![class];
    for module in modules.iter().rev() {
        let longer = format!("{}{}", pascal(module), names[names.len() - 1]);
        names.push(longer);
    }
    let longest = names[names.len() - 1].clone();
    names.push(format!("{role}{longest}"));
    names.push(format!("{role}{longest}_{}", short_hash(identity)));
    names
}

/// Gives each thing the first of its names that nothing else wants. Things that want the same name
/// all move on to their next, so that the outcome does not depend on their order.
pub(super) fn distinct(candidates: &[Vec<String>], taken: &[String]) -> Vec<String> {
    let mut level = vec![0; candidates.len()];
    loop {
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        for name in taken {
            *wanted.entry(name).or_default() += 1;
        }
        for (names, level) in candidates.iter().zip(&level) {
            *wanted.entry(&names[*level]).or_default() += 1;
        }
        let mut has_moved = false;
        for (names, level) in candidates.iter().zip(&mut level) {
            if wanted[names[*level].as_str()] > 1 && *level + 1 < names.len() {
                *level += 1;
                has_moved = true;
            }
        }
        if !has_moved {
            break;
        }
    }
    candidates.iter().zip(level).map(|(names, level)| names[level].clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_made_of_words() {
        for (text, name) in [
            ("order.created", "OrderCreated"),
            ("user-session_started", "UserSessionStarted"),
            ("2fa.enabled", "Type2faEnabled"),
            ("größe.über", "GrößeÜber"),
            ("Page_Line_", "PageLine"),
            ("", "Type"),
            ("{}", "Type"),
            ("HTTPError", "HTTPError"),
        ] {
            assert_eq!(pascal(text), name);
        }
    }

    #[test]
    fn definitions_keep_as_little_of_their_module_as_they_need() {
        let names = |key| of_definition(key, "Response", "x").join(" ");
        assert_eq!(
            names("shop__billing__Address"),
            "Address BillingAddress ShopBillingAddress ResponseShopBillingAddress \
             ResponseShopBillingAddress_2d711642"
        );
        assert_eq!(names("Pair_Page_int__str_").split(' ').next(), Some("PairPageIntStr"));
    }

    #[test]
    fn those_who_want_the_same_name_all_move_on() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let candidates = [names(&["A", "BA"]), names(&["A", "CA"]), names(&["BA", "DA"])];
        assert_eq!(distinct(&candidates, &[]), ["BA", "CA", "DA"]);
        assert_eq!(distinct(&candidates[..1], &names(&["A"])), ["BA"]);
    }

    proptest! {
        #[test]
        fn every_text_becomes_a_name(text in any::<String>()) {
            prop_assert!(is_identifier(&pascal(&text)), "{}", pascal(&text));
        }
    }
}
