//! Text that must never be printed.

use std::fmt;

use zeroize::Zeroizing;

/// A password, a key, or a URL that may hold one. `Debug` and `Display` show `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that hands it to a server.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// `url` with the password replaced by `***`, for messages and `config show`.
///
/// Works on text, so that a URL that does not parse is masked too. A password may hold any
/// character by mistake, so everything up to the last `@` counts as credentials: rather too much
/// is masked than too little. Passwords in the query (`?password=…`) are masked as well.
pub fn mask_url(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(start);
    let (credentials, host) = rest.rfind('@').map_or(("", rest), |at| rest.split_at(at));
    let credentials = match credentials.split_once(':') {
        Some((user, _)) => format!("{user}:***"),
        None => credentials.to_owned(),
    };
    let host = match host.split_once('?') {
        Some((host, query)) => format!("{host}?{}", mask_query(query)),
        None => host.to_owned(),
    };
    format!("{scheme}{credentials}{host}")
}

fn mask_query(query: &str) -> String {
    const SECRET_NAMES: [&str; 5] = ["pass", "secret", "token", "key", "credential"];
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if SECRET_NAMES.iter().any(|n| name.to_lowercase().contains(n)) => {
            format!("{name}=***")
        }
        Some(_) | None => pair.to_owned(),
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}

/// `text` with the passwords of all URLs in it masked, for text that others wrote.
pub fn mask_urls_in(text: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || "'\"`<>()".contains(c);
    text.split_inclusive(is_edge)
        .map(|word| {
            let (url, edge) = word.char_indices().next_back().map_or((word, ""), |(at, last)| {
                if is_edge(last) { word.split_at(at) } else { (word, "") }
            });
            if url.contains("://") { mask_url(url) + edge } else { word.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn the_password_of_a_url_is_masked() {
        let table = [
            ("amqp://u:p@h:5672//", "amqp://u:***@h:5672//"),
            ("amqp://u:p@s/s@h/v", "amqp://u:***@h/v"),
            ("amqp://u:p/w@h/v", "amqp://u:***@h/v"),
            ("redis://:pw@h/0", "redis://:***@h/0"),
            ("redis://h/0", "redis://h/0"),
            ("amqp://u@h", "amqp://u@h"),
            ("not a url", "not a url"),
            ("u:p@h:5672", "u:***@h:5672"),
            ("redis://h/0?password=p&db=1", "redis://h/0?password=***&db=1"),
            ("amqp://u:p?w@h/v", "amqp://u:***@h/v"),
            ("amqp://u:p@h/v?mail=a@b", "amqp://u:***@b"),
            ("amqp://h/v", "amqp://h/v"),
        ];
        for (url, masked) in table {
            assert_eq!(mask_url(url), masked);
        }
    }

    #[test]
    fn urls_inside_a_sentence_are_masked() {
        assert_eq!(
            mask_urls_in("cannot use 'amqp://u:p@h//' or\n  redis://:p@h, sorry: a@b"),
            "cannot use 'amqp://u:***@h//' or\n  redis://:***@h, sorry: a@b"
        );
        assert_eq!(mask_urls_in("größe ü"), "größe ü");
    }

    proptest! {
        #[test]
        fn a_password_never_survives(
            user in "[a-z]{0,4}", before in "[a-z:/@?#&=%]{0,4}", after in "[a-z:/@#?%]{0,4}",
            host in "[a-z]{1,5}(:[0-9]{1,4})?(/[a-z]{0,3})?",
        ) {
            let url = format!("amqp://{user}:{before}HUNTER2{after}@{host}");
            prop_assert!(!mask_url(&url).contains("HUNTER2"), "{}", mask_url(&url));
        }
    }
}
