/// Every setting that files, the environment and flags can give.
///
/// One table: the name in files, the flag, the environment variables in order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Broker,
    Management,
    Backend,
    Registry,
    Source,
    ApiKey,
    Exchange,
    TlsCa,
    TlsCert,
    TlsKey,
}

impl Key {
    pub const ALL: [Self; 10] = [
        Self::Broker,
        Self::Management,
        Self::Backend,
        Self::Registry,
        Self::Source,
        Self::ApiKey,
        Self::Exchange,
        Self::TlsCa,
        Self::TlsCert,
        Self::TlsKey,
    ];

    /// The name in a config file; `tls.ca_file` is `ca_file` in the table `[tls]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Management => "management",
            Self::Backend => "backend",
            Self::Registry => "registry",
            Self::Source => "source",
            Self::ApiKey => "api_key",
            Self::Exchange => "exchange",
            Self::TlsCa => "tls.ca_file",
            Self::TlsCert => "tls.cert_file",
            Self::TlsKey => "tls.key_file",
        }
    }

    /// The flag with its dashes. An API key has none: command lines are seen by other users; a
    /// source is named by the argument of a command.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Self::Broker => Some("--broker"),
            Self::Management => Some("--management"),
            Self::Backend => Some("--backend"),
            Self::Registry => Some("--registry"),
            Self::ApiKey | Self::Source => None,
            Self::Exchange => Some("--exchange"),
            Self::TlsCa => Some("--tls-ca"),
            Self::TlsCert => Some("--tls-cert"),
            Self::TlsKey => Some("--tls-key"),
        }
    }

    /// Environment variables, the preferred one first. Those without our prefix are what
    /// celery-salt, tchu-tchu and Celery itself read.
    pub fn environment(self) -> &'static [&'static str] {
        match self {
            Self::Broker => &[
                "CELERYSALT_BROKER_URL",
                "CELERYSALT_RABBITMQ_URL",
                "CELERY_SALT_BROKER_URL",
                "CELERY_BROKER_URL",
                "BROKER_URL",
                "RABBITMQ_URL",
            ],
            Self::Management => &["CELERYSALT_MANAGEMENT_URL"],
            Self::Backend => {
                &["CELERYSALT_BACKEND_URL", "CELERYSALT_REDIS_URL", "CELERY_RESULT_BACKEND"]
            }
            Self::Registry => &["CELERYSALT_REGISTRY_URL"],
            Self::Source => &["CELERYSALT_SOURCE"],
            Self::ApiKey => &["CELERYSALT_API_KEY"],
            Self::Exchange => &["CELERYSALT_EXCHANGE"],
            Self::TlsCa => &["CELERYSALT_TLS_CA"],
            Self::TlsCert => &["CELERYSALT_TLS_CERT"],
            Self::TlsKey => &["CELERYSALT_TLS_KEY"],
        }
    }

    /// Whether the value may hold a password, and so may be given by reference in a file.
    pub fn is_secret(self) -> bool {
        match self {
            Self::Broker | Self::Management | Self::Backend | Self::Registry | Self::ApiKey => true,
            Self::Source | Self::Exchange | Self::TlsCa | Self::TlsCert | Self::TlsKey => false,
        }
    }
}
