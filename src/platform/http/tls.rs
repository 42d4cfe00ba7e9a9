//! The server's own certificate.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use poem::listener::{RustlsCertificate, RustlsConfig};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Files of the server's own certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    /// PEM chain.
    pub cert_file: PathBuf,
    /// PEM key.
    pub key_file: PathBuf,
}

impl Tls {
    /// Reads the files and checks that they fit together: the listener itself would only log that they do not, and
    /// then refuse every connection.
    ///
    /// Errors: a file cannot be read, is not what it should be, or the key is another certificate's.
    pub(super) fn listener_config(&self) -> io::Result<RustlsConfig> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| about(path, error));
        let (certificate, key) = (read(&self.cert_file)?, read(&self.key_file)?);
        let chain = CertificateDer::pem_slice_iter(&certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| about(&self.cert_file, error))?;
        let private_key =
            PrivateKeyDer::from_pem_slice(&key).map_err(|error| about(&self.key_file, error))?;
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, private_key)
            .map_err(|error| about(&self.cert_file, error))?;
        let certificate = RustlsCertificate::new().cert(certificate).key(key);
        Ok(RustlsConfig::new().fallback(certificate))
    }
}

fn about(path: &Path, error: impl Display) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}
