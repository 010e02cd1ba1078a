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
/// Works on text, so that a URL that does not parse is masked too.
pub fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..authority_end].rfind('@').or_else(|| rest.rfind('@')) else {
        return url.to_owned();
    };
    let (credentials, host) = rest.split_at(at);
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
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
            ("amqp://u:p@ss@h/v", "amqp://u:***@h/v"),
            ("amqp://u:p/w@h/v", "amqp://u:***@h/v"),
            ("redis://:pw@h/0", "redis://:***@h/0"),
            ("redis://h/0", "redis://h/0"),
            ("amqp://u@h", "amqp://u@h"),
            ("not a url", "not a url"),
        ];
        for (url, masked) in table {
            assert_eq!(mask_url(url), masked);
        }
    }
}
