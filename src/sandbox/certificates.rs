//! An authority of the sandbox's own, and the certificates it gives to the broker and a client.

use std::fs;
use std::io;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};

/// Writes `ca.pem`, `server.pem`, `server.key`, `client.pem` and `client.key`. The server's
/// certificate is good for `localhost` and 127.0.0.1.
pub fn write(directory: &Path) -> io::Result<()> {
    let mut authority = named("celerysalt sandbox authority", &[])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = generate_key()?;
    let certificate = authority.self_signed(&key).map_err(io::Error::other)?;
    fs::create_dir(directory)?;
    fs::write(directory.join("ca.pem"), certificate.pem())?;
    let issuer = Issuer::new(authority, key);

    let mut server = named("celerysalt sandbox", &["localhost", "127.0.0.1"])?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut client = named("celerysalt sandbox client", &[])?;
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    for (name, params) in [("server", server), ("client", client)] {
        let key = generate_key()?;
        let certificate = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        fs::write(directory.join(name).with_extension("pem"), certificate.pem())?;
        fs::write(directory.join(name).with_extension("key"), key.serialize_pem())?;
    }
    Ok(())
}

fn named(name: &str, hosts: &[&str]) -> io::Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn generate_key() -> io::Result<KeyPair> {
    KeyPair::generate().map_err(io::Error::other)
}
