//! Whether a server answers its own protocol. An open port alone says nothing: the system accepts
//! connections before the server can use them.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::secret::Secret;

const PATIENCE: Duration = Duration::from_secs(2);

/// AMQP 0-9-1: the server answers the protocol header with a method frame, `connection.start`.
pub fn answers_amqp(port: u16) -> bool {
    exchange(port, b"AMQP\x00\x00\x09\x01", 1).is_ok_and(|reply| reply == [1])
}

/// The management API asks who we are.
pub fn answers_management(port: u16) -> bool {
    let request = b"GET /api/overview HTTP/1.0\r\nHost: localhost\r\n\r\n";
    exchange(port, request, 12).is_ok_and(|reply| reply.ends_with(b" 401"))
}

/// Redis takes the password and pings back.
pub fn answers_redis(port: u16, password: &Secret) -> bool {
    let request = format!("AUTH {}\r\nPING\r\n", password.expose());
    exchange(port, request.as_bytes(), 12).is_ok_and(|reply| reply == b"+OK\r\n+PONG\r\n")
}

/// Erlang's port mapper lets us in; it has no greeting.
pub fn listens(port: u16) -> bool {
    connect(port).is_ok()
}

fn exchange(port: u16, request: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut reply = vec![0; length];
    stream.read_exact(&mut reply)?;
    Ok(reply)
}

fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Serves one connection: reads something, sends `reply`, hangs up.
    fn server(reply: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 512]);
            stream.write_all(reply).unwrap();
        });
        port
    }

    #[test]
    fn a_server_is_ready_only_when_it_speaks_its_protocol() {
        let password = Secret::new("pw");
        assert!(answers_amqp(server(b"\x01\x00\x00\x00\x00")));
        assert!(!answers_amqp(server(b"AMQP\x00\x00\x09\x01")));
        assert!(!answers_amqp(server(b"")));
        assert!(answers_management(server(b"HTTP/1.1 401 Unauthorized\r\n\r\n")));
        assert!(!answers_management(server(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")));
        assert!(answers_redis(server(b"+OK\r\n+PONG\r\n"), &password));
        assert!(!answers_redis(server(b"+OK\r\n-LOADING Redis\r\n"), &password));
    }
}
