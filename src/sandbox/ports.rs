//! Free ports on the loopback address.

use std::net::{Ipv4Addr, TcpListener};

use uuid::Uuid;

use super::SandboxError;

/// Below the ranges that Linux and macOS take outgoing ports from, so that no connection of another
/// process grabs a server's port while the server restarts.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;
const ATTEMPTS: usize = 200;

/// `N` different ports that nobody listened on a moment ago.
pub fn free_ports<const N: usize>() -> Result<[u16; N], SandboxError> {
    // Holding all listeners until the last one is found keeps the ports apart.
    let mut held: Vec<TcpListener> = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = (0..ATTEMPTS)
            .find_map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, random_port())).ok())
            .ok_or(SandboxError::NoPort { first: FIRST, last: LAST })?;
        *port = listener
            .local_addr()
            .map_err(|_| SandboxError::NoPort { first: FIRST, last: LAST })?
            .port();
        held.push(listener);
    }
    Ok(ports)
}

fn random_port() -> u16 {
    let [high, low, ..] = *Uuid::new_v4().as_bytes();
    FIRST + u16::from_be_bytes([high, low]) % (LAST - FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_and_lie_below_the_outgoing_range() {
        let mut ports = free_ports::<8>().unwrap();
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "{ports:?}");
        assert!(ports.iter().all(|port| (FIRST..LAST).contains(port)), "{ports:?}");
    }
}
