use crate::broker::backend::BackendError;

use super::{CommandError, ExitKind};

impl From<BackendError> for CommandError {
    fn from(error: BackendError) -> Self {
        let config = |error, hint| Self::from_error(ExitKind::Config, error).hint(hint);
        let unreachable = |error, hint| Self::from_error(ExitKind::Unreachable, error).hint(hint);
        match &error {
            BackendError::BadUrl { .. } => config(
                &error,
                "write redis://:password@host:6379/0, rediss://… or rpc://; `celerysalt config \
                 show --origin` says where this one comes from",
            ),
            BackendError::Unsupported { .. } => config(
                &error,
                "call reads results from redis://, rediss:// and rpc://; `celerysalt publish` \
                 needs no result backend",
            ),
            BackendError::TlsFile { .. } => {
                config(&error, "check the PEM files: `celerysalt config show --origin`")
            }
            BackendError::Unreachable { endpoint, .. }
            | BackendError::ConnectTimeout { endpoint, .. } => {
                let told = unreachable(
                    &error,
                    "is the server running, and is it the backend that the workers use? \
                     `celerysalt config show --origin`",
                );
                match endpoint.starts_with("rediss:") {
                    true => told.hint("a port without TLS does not answer rediss://: try redis://"),
                    false => told,
                }
            }
            BackendError::BadCredentials { .. } => unreachable(
                &error,
                "the URL is redis://:password@host:6379/0, with the password percent-encoded; a \
                 server without a password wants none",
            ),
            BackendError::NotRedis { .. } => unreachable(
                &error,
                "check host and port, and use rediss:// where the server wants TLS",
            ),
            BackendError::Refused { .. } => unreachable(
                &error,
                "check the database number and the rights of the user: `redis-cli -u URL ping`",
            ),
            BackendError::Lost { .. } => unreachable(
                &error,
                "the request may still be handled; its result stays in the backend for a day",
            ),
            BackendError::Broker(inner) => Self::from(inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::backend::BackendTarget;

    fn shown(url: &str) -> String {
        let error = CommandError::from(BackendTarget::parse(url).unwrap_err());
        format!("{:?}: {error} | {}", error.kind, error.hints.join(" | "))
    }

    #[test]
    fn a_backend_that_call_cannot_read_is_a_matter_of_configuration() {
        insta::assert_snapshot!(shown("db+sqlite:///results.db"), @r#"Config: results in a "db+sqlite" backend cannot be read yet | call reads results from redis://, rediss:// and rpc://; `celerysalt publish` needs no result backend"#);
        insta::assert_snapshot!(shown("redis://h/zero"), @r#"Config: "redis://h/zero" is not a result backend URL: invalid database number | write redis://:password@host:6379/0, rediss://… or rpc://; `celerysalt config show --origin` says where this one comes from"#);
    }
}
