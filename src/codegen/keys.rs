//! Keys and file names: made of characters that are safe everywhere, and the same for the same
//! thing whatever else is generated beside it.

use std::collections::HashMap;

use crate::schema::sha256_hex;

/// Hands out one key per identity.
#[derive(Debug, Default)]
pub(super) struct Keys {
    identity_of: HashMap<String, String>,
}

impl Keys {
    /// `wanted`, made safe, where that is still free; else with a part of the identity's hash.
    pub(super) fn key(&mut self, wanted: &str, identity: &str) -> String {
        let safe = safe_key(wanted);
        let owner = self.identity_of.entry(safe.clone()).or_insert_with(|| identity.to_owned());
        if owner == identity {
            return safe;
        }
        let longer = format!("{safe}-{}", short_hash(identity));
        self.identity_of.insert(longer.clone(), identity.to_owned());
        longer
    }
}

/// `text` as the stem of a file's name, also where `A` and `a` are the same file.
pub(super) fn file_stem(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if lower == text {
        return safe_key(text);
    }
    format!("{}-{}", safe_key(&lower), short_hash(text))
}

/// `text` as a key. Text that has to be changed gets a part of its hash, so that two
/// texts never share a key by accident.
pub(super) fn safe_key(text: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !text.is_empty() && text.chars().all(is_allowed) {
        return text.to_owned();
    }
    let kept: String = text.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
    format!("{kept}-{}", short_hash(text))
}

/// Enough of a hash to tell a few thousand texts apart.
pub(super) fn short_hash(text: &str) -> String {
    sha256_hex(text)[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_the_name_itself_where_that_is_possible() {
        let mut keys = Keys::default();
        assert_eq!(keys.key("order.created", "a"), "order.created");
        assert_eq!(keys.key("order.created", "a"), "order.created");
        assert_eq!(keys.key("order.created", "b"), "order.created-3e23e816");
        assert_eq!(safe_key("größe"), "gr__e-d353a267");
        assert_eq!(safe_key(""), "-e3b0c442");
        assert_eq!(file_stem("order.created"), "order.created");
        assert_eq!(file_stem("Order"), "order-6be09082");
        assert_eq!(file_stem("../a"), ".._a-61b4c98b");
    }

    proptest! {
        #[test]
        fn every_text_becomes_an_allowed_key(text in ".*") {
            let key = safe_key(&text);
            prop_assert!(!key.is_empty());
            prop_assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)));
        }
    }
}
