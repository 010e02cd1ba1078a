//! When a server's TLS certificate expires.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use super::amqp::AmqpEndpoint;
use super::error::{BrokerError, Cause};
use super::tls::TlsFiles;

/// For each of connecting, reading and writing.
const DEADLINE: Duration = Duration::from_secs(5);

/// DER tags. Source: X.690 and RFC 5280, section 4.1.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Does a TLS handshake with the broker and looks at the first certificate it shows.
///
/// # Errors
/// What keeps the handshake from being completed: an expired certificate as well.
pub async fn certificate_expiry(
    endpoint: &AmqpEndpoint,
    tls: &TlsFiles,
) -> Result<Option<Timestamp>, BrokerError> {
    let (endpoint, tls) = (endpoint.clone(), tls.clone().or(endpoint.options.tls.clone()));
    let name = endpoint.to_string();
    let failed = |source: Cause| BrokerError::Tls { endpoint: name.clone(), source };
    let config = Arc::new(tls.client_config()?);
    let shaken = tokio::task::spawn_blocking(move || handshake(&endpoint, config)).await;
    let certificate =
        shaken.map_err(|error| failed(error.into()))?.map_err(|error| failed(error.into()))?;
    Ok(certificate.and_then(|der| not_after(&der)))
}

fn handshake(
    endpoint: &AmqpEndpoint,
    config: Arc<rustls::ClientConfig>,
) -> io::Result<Option<Vec<u8>>> {
    let address = (endpoint.host.as_str(), endpoint.port).to_socket_addrs()?.next();
    let address = address.ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(config, name).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    let certificates = connection.peer_certificates();
    Ok(certificates.and_then(|all| all.first()).map(|certificate| certificate.to_vec()))
}

/// The end of a certificate's validity: the second time of the fifth field.
fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(der)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // The serial number, the algorithm and the issuer.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (tag, validity, _) = element(fields)?;
    let (_, _, second) = element(validity)?;
    let (kind, text, _) = element(second)?;
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let text = match (tag, kind) {
        // RFC 5280: two digits from 50 mean the last century.
        (SEQUENCE, UTC_TIME) if text.get(..2)? >= "50" => format!("19{text}"),
        (SEQUENCE, UTC_TIME) => format!("20{text}"),
        (SEQUENCE, GENERALIZED_TIME) => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let (date, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    format!("{date}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

/// The first element's tag and content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        short @ 0..0x80 => (usize::from(*short), rest),
        long => {
            let count = usize::from(long - 0x80);
            if !(1..=4).contains(&count) || rest.len() < count {
                return None;
            }
            let (digits, rest) = rest.split_at(count);
            (digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
        }
    };
    (length <= rest.len()).then(|| {
        let (content, rest) = rest.split_at(length);
        (*tag, content, rest)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (year, expected) in [(2031, "2031-02-03T00:00:00Z"), (2051, "2051-02-03T00:00:00Z")] {
            let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
            parameters.not_after = date_time_ymd(year, 2, 3);
            let key = KeyPair::generate().unwrap();
            let certificate = parameters.self_signed(&key).unwrap();
            assert_eq!(not_after(certificate.der()), Some(expected.parse().unwrap()));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(der in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = not_after(&der);
        }
    }
}
