//! What the configuration means to the parts it is for.

use std::path::Path;
use std::time::Duration;

use super::AppError;
use crate::backup::OffsiteParts;
use crate::config::{Config, Origins};
use crate::knowledge::Company;
use crate::llm::{Endpoint, Limits};
use crate::monday::Account;
use crate::notify::mail::{Mailer, SmtpSettings};
use crate::notify::sms::{SmsApi, SmsProvider, Twilio, TwilioSender};
use crate::platform::http::{RateQuotas, ServeOptions, Tls};
use crate::platform::secrets::Secrets;
use crate::rodo::tombstones::TOMBSTONES_FILE;
use crate::settings::{Configured, Notifications};
use crate::uploads::{Quotas, Scanner};

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

/// Gemini's interface of this protocol, and the name under which it offers its current small model.
const GEMINI_URL: &str = "https://generativelanguage.googleapis.com/v1beta/openai";
const GEMINI_MODEL: &str = "gemini-flash-latest";

/// Where the language model is, when one is configured. A key is sent only to whom it belongs.
pub(super) fn language_model(config: &Config) -> Option<Endpoint> {
    let timeout = Duration::from_secs(config.llm_timeout_s);
    let model = config.llm_model.clone();
    if let Some(base_url) = config.llm_base_url.clone() {
        return Some(Endpoint {
            base_url,
            key: config.llm_api_key.clone(),
            model: model?,
            timeout,
        });
    }
    config.gemini_api_key.clone().map(|key| Endpoint {
        base_url: GEMINI_URL.to_owned(),
        key: Some(key),
        model: model.unwrap_or_else(|| GEMINI_MODEL.to_owned()),
        timeout,
    })
}

pub(super) fn language_model_limits(config: &Config) -> Limits {
    Limits {
        visitor_questions: config.llm_visitor_limit_per_day,
        questions: config.llm_limit_per_day,
        tokens: config.llm_token_limit_per_day.into(),
    }
}

/// The malware scanner, when one is configured.
pub(super) fn scanner(config: &Config) -> Option<Scanner> {
    let address = config.clamd_address.clone()?;
    Some(Scanner::new(address, config.clamd_down))
}

/// The mail server, when one is set. Letters come from `from_email`, else from the company's own address.
///
/// Errors: the settings cannot be used, or TLS cannot be set up.
pub(super) fn mailer(config: &Config, company: &Company) -> Result<Option<Mailer>, AppError> {
    let Some(host) = &config.smtp_server else {
        return Ok(None);
    };
    let address = config.from_email.as_ref().unwrap_or(&company.email);
    let name = company.name.replace(['<', '>', '"'], " ");
    let settings = SmtpSettings::new(
        host,
        config.smtp_port,
        config.smtp_tls,
        config.smtp_user.as_deref(),
        config.smtp_password.clone(),
        &format!("{name} <{address}>"),
    )?;
    Ok(Some(Mailer::new(settings)?))
}

/// The provider of text messages, when one is set: SMSAPI, else Twilio.
///
/// Errors: the account's name is none.
pub(super) fn sms(config: &Config) -> Result<Option<SmsProvider>, AppError> {
    let own_url = config.sms_base_url.as_deref();
    if let Some(token) = config.smsapi_token.clone() {
        let sender = config.smsapi_sender.clone();
        let base_url = own_url.unwrap_or(SmsApi::BASE_URL);
        let smsapi = SmsApi::new(base_url, token, sender, None)?;
        return Ok(Some(SmsProvider::SmsApi(smsapi)));
    }
    let parts = (
        config.twilio_account_sid.as_deref(),
        config.twilio_auth_token.clone(),
        config.twilio_phone_number.clone(),
    );
    let (Some(account), Some(token), Some(from)) = parts else {
        return Ok(None);
    };
    let sender = TwilioSender::From(from);
    let base_url = own_url.unwrap_or(Twilio::BASE_URL);
    let twilio = Twilio::new(base_url, account, token, sender, None)?;
    Ok(Some(SmsProvider::Twilio(twilio)))
}

/// The account with monday.com, when a key and a board are set.
pub(super) fn monday(config: &Config) -> Option<Account> {
    Some(Account {
        key: config.monday_api_key.clone()?,
        board_id: config.monday_board_id.clone()?,
        base_url: config.monday_base_url.clone(),
    })
}

/// How much of uploads is taken.
pub(super) fn upload_quotas(config: &Config) -> Quotas {
    Quotas {
        file_bytes: config.upload_file_mb << 20,
        session_files: config.upload_session_files.into(),
        session_bytes: config.upload_session_mb << 20,
        total_bytes: config.upload_total_mb << 20,
    }
}

/// Where backups are copied, if anywhere, with the list of erased persons in the data folder.
pub(super) fn offsite(config: &Config, data: &Path, secrets: &Secrets) -> Option<OffsiteParts> {
    let address = config.backup_offsite.clone()?;
    Some(OffsiteParts {
        address,
        recipients: config.backup_recipients.clone(),
        list: data.join(TOMBSTONES_FILE),
        key: secrets.tombstone_key().clone(),
    })
}
