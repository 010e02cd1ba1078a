//! Broker URLs, spelled the way kombu reads them.

use std::time::Duration;

use url::form_urlencoded;

use super::super::error::BrokerError;
use super::super::tls::TlsFiles;
use crate::secret::{Secret, mask_url};

const PLAIN_PORT: u16 = 5672;
const TLS_PORT: u16 = 5671;
const GUEST: &str = "guest";
/// The longest virtual host name a connection can ask for (an AMQP short string).
const MAX_VHOST_BYTES: usize = 255;

/// Where to connect and as whom: one broker, or several to try in turn (kombu's `a;b`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmqpTarget {
    first: AmqpEndpoint,
    alternates: Vec<AmqpEndpoint>,
}

/// One broker address with its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmqpEndpoint {
    pub transport: Transport,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Secret,
    pub vhost: String,
    pub login: Login,
    pub options: UrlOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Plain,
    Tls,
}

/// The SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// User name and password.
    Plain,
    /// The client certificate says who we are.
    External,
}

/// What the query part of a URL asks for. Server certificates are verified whatever it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UrlOptions {
    pub heartbeat: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub tls: TlsFiles,
}

impl AmqpTarget {
    /// Reads one URL, or several separated by `;`. A later part without a scheme is another host
    /// for the first URL, as in kombu.
    ///
    /// Source: `kombu/utils/url.py` and `kombu/connection.py` 5.7, RabbitMQ's URI query parameters.
    pub fn parse(text: &str) -> Result<Self, BrokerError> {
        let mut parts = text.trim().split(';').map(str::trim).filter(|part| !part.is_empty());
        let first = AmqpEndpoint::parse(parts.next().unwrap_or_default())?;
        let alternates = parts
            .map(|part| match part.contains("://") {
                true => AmqpEndpoint::parse(part),
                false => first.with_host(part),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { first, alternates })
    }

    /// The broker that is tried first.
    pub fn first(&self) -> &AmqpEndpoint {
        &self.first
    }

    /// All brokers in the order they are tried.
    pub fn endpoints(&self) -> impl Iterator<Item = &AmqpEndpoint> {
        std::iter::once(&self.first).chain(&self.alternates)
    }

    /// The first broker as text for people, without the password.
    pub fn endpoint(&self) -> String {
        self.first.to_string()
    }
}

impl AmqpEndpoint {
    fn parse(url: &str) -> Result<Self, BrokerError> {
        let bad =
            |reason: &str| BrokerError::BadUrl { url: mask_url(url), reason: reason.to_owned() };
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(bad("it does not start with amqp:// or amqps://"));
        };
        let scheme_transport = transport_of(scheme).ok_or_else(|| {
            bad(&format!("{scheme:?} is not an AMQP scheme; use amqp:// or amqps://"))
        })?;
        if rest.contains('#') {
            return Err(bad("it contains a #; inside a name or password write %23"));
        }
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = before_query.split_once('/').unwrap_or((before_query, ""));
        let (credentials, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let asked = Query::parse(query).map_err(|reason| bad(&reason))?;
        let transport = asked.transport.unwrap_or(scheme_transport);
        let (host, port) = split_address(address).map_err(|reason| bad(&reason))?;
        let decode = |text: &str, default: &str| match percent_decode(text) {
            Some(decoded) if decoded.is_empty() => Ok(default.to_owned()),
            Some(decoded) => Ok(decoded),
            None => Err(bad("a percent-encoded part is not UTF-8")),
        };
        let vhost = decode(path, "/")?;
        if vhost.len() > MAX_VHOST_BYTES {
            return Err(bad("the virtual host is longer than 255 bytes"));
        }
        Ok(Self {
            transport,
            host: decode(host, "localhost")?,
            port: port.unwrap_or(default_port(transport)),
            user: decode(user, GUEST)?,
            password: Secret::new(decode(password, GUEST)?),
            vhost,
            login: asked.login,
            options: asked.options,
        })
    }

    fn with_host(&self, address: &str) -> Result<Self, BrokerError> {
        let bad = |reason: String| BrokerError::BadUrl { url: address.to_owned(), reason };
        let (host, port) = split_address(address).map_err(bad)?;
        let port = port.unwrap_or(self.port);
        Ok(Self { host: host.to_owned(), port, ..self.clone() })
    }

    /// `scheme://host:port` with IPv6 brackets.
    pub(in crate::broker) fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl std::fmt::Display for AmqpEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = match self.transport {
            Transport::Plain => "amqp",
            Transport::Tls => "amqps",
        };
        write!(f, "{scheme}://{}@{}/", self.user, self.authority())?;
        // kombu's own spelling of the virtual host "/" is a second slash.
        f.write_str(&self.vhost)
    }
}

fn transport_of(scheme: &str) -> Option<Transport> {
    match scheme.to_ascii_lowercase().as_str() {
        "amqp" | "pyamqp" | "librabbitmq" => Some(Transport::Plain),
        "amqps" | "pyamqps" => Some(Transport::Tls),
        _ => None,
    }
}

fn default_port(transport: Transport) -> u16 {
    match transport {
        Transport::Plain => PLAIN_PORT,
        Transport::Tls => TLS_PORT,
    }
}

fn split_address(address: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, tail) = rest.split_once(']').ok_or("the [ of the host has no ]")?;
            match tail.strip_prefix(':') {
                Some(port) => (host, port),
                None if tail.is_empty() => (host, ""),
                None => return Err("something other than a port follows the ]".to_owned()),
            }
        }
        None => address.split_once(':').unwrap_or((address, "")),
    };
    if port.contains(':') {
        return Err("an IPv6 address needs brackets: [::1]".to_owned());
    }
    let number = match port {
        "" => None,
        digits => match digits.parse::<u16>() {
            Ok(number) if number > 0 => Some(number),
            _ => return Err(format!("{digits:?} is not a port number")),
        },
    };
    Ok((host, number))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, ..] if byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &tail[2..];
            }
            // Python's unquote leaves a lone % alone.
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

struct Query {
    transport: Option<Transport>,
    login: Login,
    options: UrlOptions,
}

impl Query {
    /// Names that mean nothing to us belong to another program and are left alone.
    fn parse(text: &str) -> Result<Self, String> {
        let mut query =
            Self { transport: None, login: Login::Plain, options: UrlOptions::default() };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let options = &mut query.options;
            let file = || Some(value.as_ref().into());
            match name.as_ref() {
                "heartbeat" => options.heartbeat = Some(seconds(&name, &value)?),
                "connect_timeout" => options.connect_timeout = Some(seconds(&name, &value)?),
                // RabbitMQ's own URI specification counts this one in milliseconds.
                "connection_timeout" => {
                    let time = seconds(&name, &value)?;
                    options.connect_timeout = Some(time / 1000);
                }
                "ssl" => query.transport = Some(ssl_transport(&value)),
                "cacertfile" | "ssl_ca_certs" => options.tls.ca_file = file(),
                "certfile" | "ssl_certfile" => options.tls.cert_file = file(),
                "keyfile" | "ssl_keyfile" => options.tls.key_file = file(),
                "login_method" | "auth_mechanism" if value.eq_ignore_ascii_case("external") => {
                    query.login = Login::External;
                }
                _ => {}
            }
            if name.starts_with("ssl_") {
                query.transport = Some(Transport::Tls);
            }
        }
        Ok(query)
    }
}

fn ssl_transport(value: &str) -> Transport {
    match value.to_ascii_lowercase().as_str() {
        "" | "0" | "false" | "no" | "off" | "none" => Transport::Plain,
        _ => Transport::Tls,
    }
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    value
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{name}={value} is not a number of seconds"))
}
