//! One rustls configuration for every connection of this room.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::error::{BrokerError, Cause};

/// PEM files that a TLS connection uses besides what the system trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Trusted authorities; replaces the system's list where given.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, followed by its intermediates.
    pub cert_file: Option<PathBuf>,
    /// The key of `cert_file`; the same file may hold both.
    pub key_file: Option<PathBuf>,
}

impl TlsFiles {
    /// The files of `self`, and those of `other` where `self` names none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            ca_file: self.ca_file.or(other.ca_file),
            cert_file: self.cert_file.or(other.cert_file),
            key_file: self.key_file.or(other.key_file),
        }
    }

    /// A client configuration that always verifies the server.
    pub fn client_config(&self) -> Result<ClientConfig, BrokerError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| file_error(Path::new("(built in)"), error))?
            .with_root_certificates(self.roots()?);
        let Some(cert_file) = &self.cert_file else { return Ok(builder.with_no_client_auth()) };
        let key_file = self.key_file.as_ref().unwrap_or(cert_file);
        let key = PrivateKeyDer::from_pem_file(key_file).map_err(|e| file_error(key_file, e))?;
        builder
            .with_client_auth_cert(certificates(cert_file)?, key)
            .map_err(|error| file_error(cert_file, error))
    }

    fn roots(&self) -> Result<RootCertStore, BrokerError> {
        let mut roots = RootCertStore::empty();
        match &self.ca_file {
            Some(path) => {
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|error| file_error(path, error))?;
                }
            }
            None => {
                // Systems carry a few certificates that rustls cannot read; the rest must do.
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        Ok(roots)
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, BrokerError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| file_error(path, error))?;
    if found.is_empty() {
        return Err(file_error(path, "the file holds no certificate"));
    }
    Ok(found)
}

fn file_error(path: &Path, source: impl Into<Cause>) -> BrokerError {
    BrokerError::TlsFile { path: path.to_owned(), source: source.into() }
}
