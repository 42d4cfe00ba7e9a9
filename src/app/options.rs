//! What the configuration means to the parts it is for.

use std::time::Duration;

use crate::config::{Config, Origins};
use crate::platform::http::{RateQuotas, ServeOptions, Tls};
use crate::settings::{Configured, Notifications};

/// What holds where the owner sets nothing.
pub(super) fn configured(config: &Config) -> Configured {
    Configured {
        limits: quotas(config),
        notifications: Notifications {
            emails: config.admin_email.iter().cloned().collect(),
            phone: None,
        },
    }
}

pub(super) fn quotas(config: &Config) -> RateQuotas {
    RateQuotas {
        chat_per_min: config.rate_chat_per_min,
        create_per_min: config.rate_create_per_min,
        upload_per_min: config.rate_upload_per_min,
        read_per_min: config.rate_read_per_min,
        login_per_min: config.rate_login_per_min,
        rodo_per_min: config.rate_rodo_per_min,
        agent_per_min: config.rate_agent_per_min,
    }
}

/// Origins that may call from other sites; `None` is any.
pub(super) fn origins(config: &Config) -> Option<Vec<String>> {
    match &config.cors_origins {
        Origins::Any => None,
        Origins::List(origins) => Some(origins.clone()),
    }
}

pub(super) fn serve_options(config: &Config) -> ServeOptions {
    ServeOptions {
        listen: config.listen,
        tls: match (&config.tls_cert_file, &config.tls_key_file) {
            (Some(cert_file), Some(key_file)) => Some(Tls {
                cert_file: cert_file.clone(),
                key_file: key_file.clone(),
            }),
            _ => None,
        },
        cors_origins: origins(config),
        max_connections: config.max_connections,
        max_connections_per_client: config
            .rate_limits
            .then_some(config.max_connections_per_client),
        header_timeout: Duration::from_secs(config.header_timeout_s),
    }
}
