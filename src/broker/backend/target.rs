//! Result backend URLs, spelled the way Celery reads them.

use redis::{ConnectionInfo, IntoConnectionInfo};
use url::Url;

use super::super::tls::TlsFiles;
use super::error::BackendError;
use crate::secret::mask_url;

/// Where results are kept.
#[derive(Debug, Clone)]
pub enum BackendTarget {
    Redis(RedisTarget),
    /// `rpc://`: a reply queue on the broker.
    Rpc,
}

/// A Redis server that holds results.
#[derive(Debug, Clone)]
pub struct RedisTarget {
    pub(super) info: ConnectionInfo,
    /// The URL for people, without user and password.
    pub(super) endpoint: String,
    /// Celery's `global_keyprefix`, with its separator; usually empty.
    pub(super) key_prefix: String,
    pub(super) tls: TlsFiles,
}

impl BackendTarget {
    /// Reads a Celery `result_backend` setting.
    ///
    /// Source: `celery/backends/redis.py` (`_params_from_url`) and `celery/app/backends.py` 5.7.
    pub fn parse(text: &str) -> Result<Self, BackendError> {
        let text = text.trim();
        let scheme = text.split_once(':').map_or(text, |(scheme, _)| scheme);
        match scheme.to_ascii_lowercase().as_str() {
            "rpc" => Ok(Self::Rpc),
            "redis" | "rediss" => RedisTarget::parse(text).map(Self::Redis),
            "socket" | "redis+socket" => RedisTarget::parse_socket(text).map(Self::Redis),
            _ if text.contains("://") => {
                Err(BackendError::Unsupported { scheme: scheme.to_owned() })
            }
            _ => Err(bad(text, "it does not start with redis://, rediss:// or rpc://")),
        }
    }

    /// For people, without a password.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::Redis(target) => &target.endpoint,
            Self::Rpc => "rpc://",
        }
    }
}

impl RedisTarget {
    fn parse(text: &str) -> Result<Self, BackendError> {
        if text.contains('#') {
            return Err(bad(text, "it contains a #; inside a password write %23"));
        }
        // Celery reads an empty host as this machine.
        let text = match text.split_once("://") {
            Some((scheme, rest)) if rest.is_empty() || rest.starts_with(['/', '?']) => {
                format!("{scheme}://localhost{rest}")
            }
            Some(_) | None => text.replacen("@/", "@localhost/", 1),
        };
        let mut url = Url::parse(&text).map_err(|error| bad(&text, &error.to_string()))?;
        let asked = Asked::read(&url);
        url.set_query(None);
        let mut endpoint = url.clone();
        // A URL without a host cannot have a user; this one has a host.
        let _ = endpoint.set_username("");
        let _ = endpoint.set_password(None);
        let info = info(url, &text)?;
        Ok(asked.into_target(info, endpoint.to_string()))
    }

    /// `redis+socket:///path/to.sock?virtual_host=1&password=…`
    fn parse_socket(text: &str) -> Result<Self, BackendError> {
        let url = Url::parse(text).map_err(|error| bad(text, &error.to_string()))?;
        let asked = Asked::read(&url);
        let mut socket = Url::parse("unix:///").map_err(|error| bad(text, &error.to_string()))?;
        socket.set_path(url.path());
        for (name, value) in url.query_pairs() {
            let name = match name.as_ref() {
                "virtual_host" | "db" => "db",
                "username" => "user",
                "password" => "pass",
                _ => continue,
            };
            socket.query_pairs_mut().append_pair(name, value.trim_matches('/'));
        }
        let endpoint = format!("redis+socket://{}", url.path());
        Ok(asked.into_target(info(socket, text)?, endpoint))
    }
}

fn info(url: Url, shown: &str) -> Result<ConnectionInfo, BackendError> {
    url.into_connection_info().map_err(|error| {
        let text = error.to_string();
        let reason = text.split_once(" - ").map_or(text.as_str(), |(reason, _kind)| reason);
        bad(shown, &reason.to_lowercase())
    })
}

fn bad(url: &str, reason: &str) -> BackendError {
    BackendError::BadUrl { url: mask_url(url), reason: reason.to_owned() }
}

/// What the query part of a URL asks for. Server certificates are verified whatever it says.
#[derive(Default)]
struct Asked {
    key_prefix: String,
    tls: TlsFiles,
}

impl Asked {
    fn read(url: &Url) -> Self {
        let mut asked = Self::default();
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "global_keyprefix" => asked.key_prefix = with_separator(value.into_owned()),
                "ssl_ca_certs" => asked.tls.ca_file = Some(value.as_ref().into()),
                "ssl_certfile" => asked.tls.cert_file = Some(value.as_ref().into()),
                "ssl_keyfile" => asked.tls.key_file = Some(value.as_ref().into()),
                _ => {}
            }
        }
        asked
    }

    fn into_target(self, info: ConnectionInfo, endpoint: String) -> RedisTarget {
        RedisTarget { info, endpoint, key_prefix: self.key_prefix, tls: self.tls }
    }
}

/// Celery puts an underscore behind a prefix that does not end in a separator.
fn with_separator(prefix: String) -> String {
    match prefix.chars().last() {
        None | Some(':' | '_' | '-' | '.') => prefix,
        Some(_) => prefix + "_",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(url: &str) -> String {
        match BackendTarget::parse(url) {
            Ok(BackendTarget::Rpc) => "rpc".to_owned(),
            Ok(BackendTarget::Redis(target)) => {
                let redis = target.info.redis_settings();
                format!(
                    "{} | {} | user {:?} password {:?} db {} prefix {:?} ca {:?}",
                    target.endpoint,
                    target.info.addr(),
                    redis.username(),
                    redis.password(),
                    redis.db(),
                    target.key_prefix,
                    target.tls.ca_file
                )
            }
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn backend_urls_are_read_as_celery_reads_them() {
        let urls = [
            "redis://",
            "redis://h",
            "redis://:pw@h:6380/1",
            "redis://:pw@/2",
            "redis://user:p%40ss@h/0/",
            "redis://u:p@ss@h/0",
            "redis:///3",
            "redis://[::1]:6379/4",
            "rediss://h/0?ssl_cert_reqs=CERT_NONE&ssl_ca_certs=%2Fetc%2Fca.pem",
            "redis://h/0?global_keyprefix=shop&socket_timeout=3",
            "redis://h/0?global_keyprefix=shop:",
            "redis+socket:///run/redis.sock?virtual_host=/5&password=pw",
            "rpc://",
            "rpc",
        ];
        let table: Vec<_> = urls.iter().map(|url| format!("{url} -> {}", shown(url))).collect();
        insta::assert_snapshot!(table.join("\n"), @r#"
        redis:// -> redis://localhost | localhost:6379 | user None password None db 0 prefix "" ca None
        redis://h -> redis://h | h:6379 | user None password None db 0 prefix "" ca None
        redis://:pw@h:6380/1 -> redis://h:6380/1 | h:6380 | user None password Some("pw") db 1 prefix "" ca None
        redis://:pw@/2 -> redis://localhost/2 | localhost:6379 | user None password Some("pw") db 2 prefix "" ca None
        redis://user:p%40ss@h/0/ -> redis://h/0/ | h:6379 | user Some("user") password Some("p@ss") db 0 prefix "" ca None
        redis://u:p@ss@h/0 -> redis://h/0 | h:6379 | user Some("u") password Some("p@ss") db 0 prefix "" ca None
        redis:///3 -> redis://localhost/3 | localhost:6379 | user None password None db 3 prefix "" ca None
        redis://[::1]:6379/4 -> redis://[::1]:6379/4 | ::1:6379 | user None password None db 4 prefix "" ca None
        rediss://h/0?ssl_cert_reqs=CERT_NONE&ssl_ca_certs=%2Fetc%2Fca.pem -> rediss://h/0 | h:6379 | user None password None db 0 prefix "" ca Some("/etc/ca.pem")
        redis://h/0?global_keyprefix=shop&socket_timeout=3 -> redis://h/0 | h:6379 | user None password None db 0 prefix "shop_" ca None
        redis://h/0?global_keyprefix=shop: -> redis://h/0 | h:6379 | user None password None db 0 prefix "shop:" ca None
        redis+socket:///run/redis.sock?virtual_host=/5&password=pw -> redis+socket:///run/redis.sock | /run/redis.sock | user None password Some("pw") db 5 prefix "" ca None
        rpc:// -> rpc
        rpc -> rpc
        "#);
    }

    #[test]
    fn what_is_no_backend_is_refused_without_showing_the_password() {
        let urls = [
            "",
            "localhost:6379",
            "redis://:secret@h/one",
            "redis://:secret@h:port/0",
            "redis://:secret#x@h/0",
            "db+postgresql://u:secret@h/db",
            "db+sqlite:///results.db",
            "amqp://u:secret@h//",
        ];
        let table: Vec<_> = urls.iter().map(|url| shown(url)).collect();
        insta::assert_snapshot!(table.join("\n"), @r#"
        error: "" is not a result backend URL: it does not start with redis://, rediss:// or rpc://
        error: "localhost:6379" is not a result backend URL: it does not start with redis://, rediss:// or rpc://
        error: "redis://:***@h/one" is not a result backend URL: invalid database number
        error: "redis://:***@h:port/0" is not a result backend URL: invalid port number
        error: "redis://:***@h/0" is not a result backend URL: it contains a #; inside a password write %23
        error: results in a "db+postgresql" backend cannot be read yet
        error: results in a "db+sqlite" backend cannot be read yet
        error: results in a "amqp" backend cannot be read yet
        "#);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(redis|rediss|redis\\+socket|rpc)?(://)?\\PC*") {
            let _ = BackendTarget::parse(&text);
        }
    }
}
