//! Opening and closing connections: name lookup, TCP, TLS and the AMQP handshake, each with its own
//! kind of failure and all under one deadline.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_compat::Compat;
use async_rs::Runtime;
use futures_util::Stream;
use lapin::tcp::RustlsConnector;
use lapin::uri::{
    AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo, SASLMechanism,
};
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};
use tokio::net::TcpStream;

use super::super::error::{BrokerError, Cause};
use super::super::tls::TlsFiles;
use super::failure::{Doing, handshake_failed};
use super::tap::{Guard, Intake, Kit, Listener, Socket, TapStream, runtime};
use super::url::{AmqpEndpoint, AmqpTarget, Login, Transport};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);
const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(30);
/// How long a polite goodbye may take before the socket is simply shut.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// How to connect; what is `None` is taken from the URL, then from the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    pub tls: TlsFiles,
    /// For each broker tried: lookup, TCP, TLS and handshake together. Default 10 s.
    pub deadline: Option<Duration>,
    /// Default 30 s; whole seconds, zero turns heartbeats off.
    pub heartbeat: Option<Duration>,
    /// How `rabbitmqctl list_connections client_properties` shows us; the process id is added.
    pub connection_name: String,
}

/// Opens connections to a target, as often as needed.
#[derive(Debug, Clone)]
pub struct Connector {
    pub target: AmqpTarget,
    pub options: ConnectOptions,
}

/// An open connection. Dropping it shuts the socket; [`AmqpConnection::close`] says goodbye first.
pub struct AmqpConnection {
    inner: Connection,
    endpoint: AmqpEndpoint,
    socket: SocketHandle,
}

impl Connector {
    pub fn new(target: AmqpTarget, options: ConnectOptions) -> Self {
        Self { target, options }
    }

    /// Connects to the first broker of the target that lets us in.
    ///
    /// A broker that refuses the user name, the password or the virtual host ends the search: asking
    /// the others would repeat the same refusal.
    pub async fn connect(&self) -> Result<AmqpConnection, BrokerError> {
        self.connect_with(Listener::Nobody).await
    }

    /// [`Connector::connect`] with the deliveries on one channel going to `intake`.
    pub(super) async fn connect_tapped(
        &self,
        intake: Arc<Intake>,
    ) -> Result<AmqpConnection, BrokerError> {
        self.connect_with(Listener::Intake(intake)).await
    }

    /// [`Connector::connect`] with the messages of one channel looked at by `guard`.
    pub(super) async fn connect_guarded(
        &self,
        guard: Arc<Guard>,
    ) -> Result<AmqpConnection, BrokerError> {
        self.connect_with(Listener::Guard(guard)).await
    }

    async fn connect_with(&self, listener: Listener) -> Result<AmqpConnection, BrokerError> {
        let mut failure = None;
        for endpoint in self.target.endpoints() {
            match self.connect_to(endpoint, listener.clone()).await {
                Ok(connection) => return Ok(connection),
                Err(error) if error.is_transient() => {
                    tracing::debug!(%endpoint, %error, "broker not usable");
                    failure.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or_else(|| BrokerError::BadUrl {
            url: self.target.endpoint(),
            reason: "it names no broker".to_owned(),
        }))
    }

    async fn connect_to(
        &self,
        endpoint: &AmqpEndpoint,
        listener: Listener,
    ) -> Result<AmqpConnection, BrokerError> {
        let deadline = self.deadline(endpoint);
        let attempt = Attempt::new(endpoint, &self.options)?;
        let socket = attempt.socket.clone();
        let timeout = || BrokerError::ConnectTimeout { endpoint: endpoint.to_string(), deadline };
        // The socket is shut with `socket` when this future is dropped half way, or lapin's thread
        // would wait for the silent server for ever.
        let guard = ShutOnDrop(Some(socket));
        let inner = tokio::time::timeout(deadline, attempt.run(listener))
            .await
            .map_err(|_elapsed| timeout())??;
        Ok(AmqpConnection { inner, endpoint: endpoint.clone(), socket: guard.keep() })
    }

    fn deadline(&self, endpoint: &AmqpEndpoint) -> Duration {
        self.options.deadline.or(endpoint.options.connect_timeout).unwrap_or(DEFAULT_DEADLINE)
    }

    /// `work` on a fresh connection under the same deadline as connecting. A broker that is starting
    /// or stopping may let us in and then not answer.
    pub(super) async fn in_time<T>(
        &self,
        connection: &AmqpConnection,
        work: impl Future<Output = Result<T, BrokerError>>,
    ) -> Result<T, BrokerError> {
        let endpoint = connection.endpoint();
        let deadline = self.deadline(endpoint);
        tokio::time::timeout(deadline, work).await.unwrap_or_else(|_elapsed| {
            Err(BrokerError::AnswerTimeout {
                endpoint: endpoint.to_string(),
                action: "our first requests".to_owned(),
                deadline,
            })
        })
    }

    fn properties(options: &ConnectOptions) -> ConnectionProperties {
        let name = format!("{} (pid {})", options.connection_name, std::process::id());
        ConnectionProperties::default()
            .with_connection_name(name.into())
            .with_client_property("product".into(), env!("CARGO_PKG_NAME").into())
            .with_client_property("version".into(), env!("CARGO_PKG_VERSION").into())
    }
}

/// One try at one broker.
struct Attempt<'a> {
    endpoint: &'a AmqpEndpoint,
    uri: AMQPUri,
    properties: ConnectionProperties,
    tls: Option<RustlsConnector>,
    socket: SocketHandle,
}

impl<'a> Attempt<'a> {
    fn new(endpoint: &'a AmqpEndpoint, options: &ConnectOptions) -> Result<Self, BrokerError> {
        let tls = match endpoint.transport {
            Transport::Plain => None,
            Transport::Tls => {
                let files = options.tls.clone().or(endpoint.options.tls.clone());
                Some(RustlsConnector::from(files.client_config()?))
            }
        };
        Ok(Self {
            endpoint,
            uri: uri(endpoint, options),
            properties: Connector::properties(options),
            tls,
            socket: SocketHandle::default(),
        })
    }

    async fn run(self, listener: Listener) -> Result<Connection, BrokerError> {
        let endpoint = self.endpoint;
        let stream = TapStream::new(self.open_stream().await?, listener);
        let stream = Mutex::new(Some(AsyncTcpStream::Plain(stream)));
        // lapin asks for a stream once: its own reconnecting is off.
        let hand_over = async move |_: AMQPUri, _: Runtime<Kit>| {
            let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
            stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected).into())
        };
        Connection::connector(self.uri, runtime(), hand_over, self.properties)
            .await
            .map_err(|error| handshake_failed(endpoint, &error))
    }

    async fn open_stream(&self) -> Result<Socket, BrokerError> {
        let endpoint = self.endpoint;
        let addresses = resolve(endpoint).await?;
        let open = async {
            let tcp = TcpStream::connect(addresses.as_slice()).await?;
            tcp.set_nodelay(true)?;
            self.socket.hold(&tcp)?;
            Ok(AsyncTcpStream::Plain(Compat::new(tcp)))
        };
        let stream = open.await.map_err(|error: io::Error| BrokerError::Unreachable {
            endpoint: endpoint.to_string(),
            source: error.into(),
        })?;
        let Some(tls) = &self.tls else { return Ok(stream) };
        stream.into_rustls(tls, &endpoint.host).await.map_err(|error| BrokerError::Tls {
            endpoint: endpoint.to_string(),
            source: error.into(),
        })
    }
}

async fn resolve(endpoint: &AmqpEndpoint) -> Result<Vec<SocketAddr>, BrokerError> {
    let unknown = |source: Cause| BrokerError::UnknownHost {
        endpoint: endpoint.to_string(),
        host: endpoint.host.clone(),
        source,
    };
    let found: Vec<SocketAddr> = tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port))
        .await
        .map_err(|error| unknown(error.into()))?
        .collect();
    if found.is_empty() {
        return Err(unknown("the name has no address".into()));
    }
    Ok(found)
}

fn uri(endpoint: &AmqpEndpoint, options: &ConnectOptions) -> AMQPUri {
    let heartbeat =
        options.heartbeat.or(endpoint.options.heartbeat).unwrap_or(DEFAULT_HEARTBEAT).as_secs();
    AMQPUri {
        scheme: match endpoint.transport {
            Transport::Plain => AMQPScheme::AMQP,
            Transport::Tls => AMQPScheme::AMQPS,
        },
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: endpoint.user.clone(),
                password: endpoint.password.expose().to_owned(),
            },
            host: endpoint.host.clone(),
            port: endpoint.port,
        },
        vhost: endpoint.vhost.clone(),
        query: AMQPQueryString {
            heartbeat: Some(u16::try_from(heartbeat).unwrap_or(u16::MAX)),
            auth_mechanism: Some(match endpoint.login {
                Login::Plain => SASLMechanism::Plain,
                Login::External => SASLMechanism::External,
            }),
            ..AMQPQueryString::default()
        },
    }
}

impl AmqpConnection {
    /// The broker we ended up on.
    pub fn endpoint(&self) -> &AmqpEndpoint {
        &self.endpoint
    }

    /// Whether the broker has stopped reading what we publish (a memory or disk alarm).
    pub fn is_blocked(&self) -> bool {
        self.inner.status().blocked()
    }

    pub(in crate::broker) async fn open_channel(&self) -> Result<lapin::Channel, BrokerError> {
        let doing = Doing { endpoint: &self.endpoint, action: "open a channel", exchange: None };
        self.open_raw_channel().await.map_err(|error| doing.failed(&error))
    }

    pub(super) async fn open_raw_channel(&self) -> lapin::Result<lapin::Channel> {
        self.inner.create_channel().await
    }

    pub(super) fn events(&self) -> impl Stream<Item = lapin::Event> + Send + 'static {
        self.inner.events_listener()
    }

    /// Says goodbye; after two seconds without an answer the socket is shut.
    pub async fn close(&self) {
        let goodbye = self.inner.close(200, "done".into());
        if tokio::time::timeout(CLOSE_DEADLINE, goodbye).await.is_err() {
            tracing::debug!(endpoint = %self.endpoint, "no answer to the goodbye");
        }
        self.socket.shut();
    }
}

impl Drop for AmqpConnection {
    fn drop(&mut self) {
        self.socket.shut();
    }
}

impl std::fmt::Debug for AmqpConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AmqpConnection").field("endpoint", &self.endpoint.to_string()).finish()
    }
}

/// A second handle on the TCP socket: the only way to end lapin's thread while it waits for a
/// server that does not answer.
#[derive(Debug, Clone, Default)]
struct SocketHandle(Arc<Mutex<Option<std::net::TcpStream>>>);

impl SocketHandle {
    fn hold(&self, stream: &TcpStream) -> io::Result<()> {
        let duplicate = stream.as_fd().try_clone_to_owned()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(duplicate.into());
        Ok(())
    }

    fn shut(&self) {
        if let Some(socket) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Fails only where the connection is gone already, which is what we want.
            let _already_closed = socket.shutdown(Shutdown::Both);
        }
    }
}

struct ShutOnDrop(Option<SocketHandle>);

impl ShutOnDrop {
    fn keep(mut self) -> SocketHandle {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for ShutOnDrop {
    fn drop(&mut self) {
        if let Some(socket) = &self.0 {
            socket.shut();
        }
    }
}
