//! The one table of every setting. A row gives the field of [`Config`], its kind, its default, what it is
//! called elsewhere and, as its documentation, the sentence that `novahouse config` prints.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use super::kinds::{
    ADDRESS, BYTES, CLAMD, CLAMD_DOWN, CONNECTIONS, EMAIL, FILE, FILES, FOLDER, INTERFACE,
    LOG_FORMAT, LOG_LEVEL, MEGABYTES, NETWORKS, OFFSITE, ORIGIN, ORIGINS, PER_DAY, PORT, POSTGRES,
    RATE, RECIPIENTS, REDIS, SECONDS, SECRET, SMTP_TLS, SWITCH, TEXT, THREADS, UPLOAD_MB,
};
use super::kinds::{ClamdAddress, ClamdDown, LogFormat, LogLevel, Origins, Secret, SmtpTls};
use super::offsite::OffsiteAddress;
use super::resolve::Chosen;
use super::{ConfigError, Fallback};

/// A row of the table, without its type.
pub(super) struct Setting {
    /// Key in novahouse.toml and field of [`Config`].
    pub(super) name: &'static str,
    /// The environment name of v2.3, or a short one, beside `NOVAHOUSE_<NAME>`.
    pub(super) alias: Option<&'static str>,
    /// The flag of `serve`, for the few that have one.
    pub(super) flag: Option<&'static str>,
    pub(super) default: Preset,
    pub(super) secret: bool,
    pub(super) list: bool,
    /// Completes "must be …".
    pub(super) expected: &'static str,
    /// Empty where the value has none.
    pub(super) unit: &'static str,
    /// One sentence.
    pub(super) meaning: &'static str,
}

impl Setting {
    /// `NOVAHOUSE_<NAME>`.
    pub(super) fn variable(&self) -> String {
        format!("NOVAHOUSE_{}", self.name.to_ascii_uppercase())
    }
}

/// What holds when nothing else is said.
#[derive(Clone, Copy)]
pub(super) enum Preset {
    /// Nothing: the setting is optional.
    Unset,
    /// This text.
    Text(&'static str),
    /// The number of cores the process may use.
    Cores,
    /// A folder of this name in the data folder.
    InData(&'static str),
}

use Preset::{Cores, InData, Text, Unset};

macro_rules! settings {
    ($(
        #[doc = $meaning:literal]
        $name:ident: $type:ty = $kind:ident, $default:expr
        $(, env $alias:literal)? $(, flag $flag:literal)? $(, unit $unit:literal)?;
    )*) => {
        /// The configuration the process runs with; [`Config::load`] makes it. Its `Debug` hides secrets.
        #[derive(Clone, Debug)]
        pub struct Config {
            $(#[doc = $meaning] pub $name: $type,)*
            /// What the operator should know, one sentence each; whoever loads the configuration prints them.
            pub warnings: Vec<String>,
            /// What was asked for but this build cannot do, and what it does instead.
            pub fallbacks: Vec<Fallback>,
        }

        /// Every setting, in the order in which they are shown.
        pub(super) static SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            alias: optional!($($alias)?),
            flag: optional!($($flag)?),
            default: $default,
            secret: $kind.secret,
            list: $kind.list,
            expected: $kind.expected,
            unit: concat!("", $($unit)?),
            meaning: $meaning,
        },)*];

        impl Config {
            /// Reads every chosen text into its field; the first that does not parse is refused.
            pub(super) fn build(chosen: &Chosen) -> Result<Self, ConfigError> {
                Ok(Self {
                    $($name: chosen.read(stringify!($name), &$kind)?,)*
                    warnings: Vec::new(),
                    fallbacks: Vec::new(),
                })
            }
        }
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

settings! {
    /// Address and port to listen on; PORT in the environment changes the port alone.
    listen: SocketAddr = ADDRESS, Text("0.0.0.0:8080"), env "PORT", flag "--listen";
    /// Folder that holds the database, uploads, backups and novahouse.toml.
    data_dir: PathBuf = FOLDER, Text("./novahouse-data"), env "NOVAHOUSE_DATA", flag "--data";
    /// Where visitors reach this server, for links in e-mails and for checking that a request is our own.
    public_url: Option<String> = ORIGIN, Unset;
    /// Certificate chain in PEM; together with `tls_key_file` the server speaks HTTPS.
    tls_cert_file: Option<PathBuf> = FILE, Unset;
    /// Private key of the certificate, in PEM.
    tls_key_file: Option<PathBuf> = FILE, Unset;
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
    trusted_proxies: Vec<IpNet> = NETWORKS, Unset;
    /// Origins whose pages may call the public endpoints: * or a list.
    cors_origins: Origins = ORIGINS, Text("*");

    /// Whether rate limits and the connection limit per client hold; off is for load tests.
    rate_limits: bool = SWITCH, Text("on"), env "RATE_LIMITS";
    /// Chat messages a client may send.
    rate_chat_per_min: u32 = RATE, Text("30"), unit "requests per minute";
    /// Leads, bookings and the like that a client may create.
    rate_create_per_min: u32 = RATE, Text("10"), unit "requests per minute";
    /// Uploads a client may make.
    rate_upload_per_min: u32 = RATE, Text("10"), unit "requests per minute";
    /// Reads of knowledge and searches a client may make.
    rate_read_per_min: u32 = RATE, Text("100"), unit "requests per minute";
    /// Attempts to log in that a client has.
    rate_login_per_min: u32 = RATE, Text("5"), unit "requests per minute";
    /// Requests for export or deletion of personal data that a client may make.
    rate_rodo_per_min: u32 = RATE, Text("3"), unit "requests per minute";
    /// Requests a signed-in agent may make.
    rate_agent_per_min: u32 = RATE, Text("600"), unit "requests per minute";

    /// Connections open at the same time.
    max_connections: usize = CONNECTIONS, Text("10000"), unit "connections";
    /// Connections open at the same time from one client.
    max_connections_per_client: usize = CONNECTIONS, Text("100"), unit "connections";
    /// Time a client has to send the headers of a request; a connection without a request ends after it too.
    header_timeout_s: u64 = SECONDS, Text("15"), unit "seconds";
    /// Time the body of a request may take to arrive.
    body_timeout_s: u64 = SECONDS, Text("30"), unit "seconds";
    /// Largest JSON body that is read.
    json_body_limit_bytes: usize = BYTES, Text("262144"), unit "bytes";
    /// Threads that serve connections.
    worker_threads: usize = THREADS, Cores, unit "threads";
    /// Read-only connections to the database; reads never wait for writes.
    db_readers: usize = THREADS, Text("2"), unit "connections";

    /// How log lines are written: text or json.
    log_format: LogFormat = LOG_FORMAT, Text("text");
    /// Least important level that is logged: error, warn, info, debug or trace.
    log_level: LogLevel = LOG_LEVEL, Text("info");
    /// Token that lets a monitoring system read /metrics.
    metrics_token: Option<Secret> = SECRET, Unset;
    /// API key with the rights of the owner.
    admin_api_key: Option<Secret> = SECRET, Unset, env "ADMIN_API_KEY";
    /// API key with the rights of an agent.
    api_key: Option<Secret> = SECRET, Unset, env "API_KEY";
    /// For development: file to which every distinct SQL statement is appended once.
    sql_log_file: Option<PathBuf> = FILE, Unset;

    /// Folder of uploaded files.
    upload_folder: PathBuf = FOLDER, InData("uploads"), env "UPLOAD_FOLDER";
    /// Largest file that is taken; a megabyte has 1048576 bytes.
    upload_file_mb: u64 = UPLOAD_MB, Text("10"), unit "megabytes";
    /// Files a visitor's conversation may keep.
    upload_session_files: u32 = FILES, Text("20"), unit "files";
    /// Room the files of a visitor's conversation may take.
    upload_session_mb: u64 = MEGABYTES, Text("50"), unit "megabytes";
    /// Room all uploaded files may take.
    upload_total_mb: u64 = MEGABYTES, Text("10240"), unit "megabytes";
    /// Whether a WebP is made beside each picture, for browsers that take it.
    upload_webp: bool = SWITCH, Text("off");
    /// Malware scanner (clamd) that every upload is shown to first.
    clamd_address: Option<ClamdAddress> = CLAMD, Unset, env "CLAMD_ADDRESS";
    /// What happens to an upload while `clamd_address` cannot be asked: refuse or accept.
    clamd_down: ClamdDown = CLAMD_DOWN, Text("refuse"), env "CLAMD_DOWN";
    /// Whether uploads go to Google Cloud Storage instead of `upload_folder`.
    use_cloud_storage: bool = SWITCH, Text("off"), env "USE_CLOUD_STORAGE";
    /// Bucket for uploads in Google Cloud Storage.
    gcs_bucket_name: Option<String> = TEXT, Unset, env "GCS_BUCKET_NAME";
    /// Redis shared by several servers for rate limits, cache and live updates.
    redis_url: Option<Secret> = REDIS, Unset, env "REDIS_URL";
    /// PostgreSQL database to use instead of the one in the data folder.
    database_url: Option<Secret> = POSTGRES, Unset, env "DATABASE_URL";

    /// Folder of backups.
    backup_folder: PathBuf = FOLDER, InData("backups"), env "BACKUP_FOLDER";
    /// Public keys that every backup is encrypted to; whoever has the secret one can read it, this server cannot.
    backup_recipients: Vec<String> = RECIPIENTS, Unset, env "BACKUP_RECIPIENTS";
    /// Where every proved backup is copied: a folder on another disk, or a bucket of S3 or Google Cloud Storage.
    backup_offsite: Option<OffsiteAddress> = OFFSITE, Unset, env "BACKUP_OFFSITE";

    /// Host that takes outgoing e-mail.
    smtp_server: Option<String> = TEXT, Unset, env "SMTP_SERVER";
    /// How the connection to it is protected: starttls, tls (usually port 465), or none for a relay nearby.
    smtp_tls: SmtpTls = SMTP_TLS, Text("starttls"), env "SMTP_TLS";
    /// Port of the outgoing e-mail server.
    smtp_port: u16 = PORT, Text("587"), env "SMTP_PORT";
    /// User name at the outgoing e-mail server.
    smtp_user: Option<String> = TEXT, Unset, env "SMTP_USER";
    /// Password at the outgoing e-mail server.
    smtp_password: Option<Secret> = SECRET, Unset, env "SMTP_PASSWORD";
    /// Sender of outgoing e-mail; without it, the company's address.
    from_email: Option<String> = EMAIL, Unset, env "FROM_EMAIL";
    /// Where news of leads, bookings and faults go.
    admin_email: Option<String> = EMAIL, Unset, env "ADMIN_EMAIL";
    /// Twilio account that sends SMS.
    twilio_account_sid: Option<String> = TEXT, Unset, env "TWILIO_ACCOUNT_SID";
    /// Token of the Twilio account.
    twilio_auth_token: Option<Secret> = SECRET, Unset, env "TWILIO_AUTH_TOKEN";
    /// Number that SMS come from.
    twilio_phone_number: Option<String> = TEXT, Unset, env "TWILIO_PHONE_NUMBER";
    /// Token of the SMSAPI account that sends SMS, where it is not Twilio's.
    smsapi_token: Option<Secret> = SECRET, Unset, env "SMSAPI_TOKEN";
    /// Name that SMS come from, as registered with SMSAPI.
    smsapi_sender: Option<String> = TEXT, Unset, env "SMSAPI_SENDER";
    /// Where the provider of SMS is reached, if not at api.twilio.com or api.smsapi.pl.
    sms_base_url: Option<String> = INTERFACE, Unset;
    /// Whether webhooks may reach private addresses, and by http.
    webhook_allow_private: bool = SWITCH, Text("off");
    /// Where a language model is asked what the assistant does not understand: any interface with /chat/completions.
    llm_base_url: Option<String> = INTERFACE, Unset, env "LLM_BASE_URL";
    /// Key that is sent to `llm_base_url`.
    llm_api_key: Option<Secret> = SECRET, Unset, env "LLM_API_KEY";
    /// Name of the language model.
    llm_model: Option<String> = TEXT, Unset, env "LLM_MODEL";
    /// Key of the Gemini API; alone it makes Gemini the language model.
    gemini_api_key: Option<Secret> = SECRET, Unset, env "GEMINI_API_KEY";
    /// Time a language model has for a whole answer; then the visitor gets the built-in one.
    llm_timeout_s: u64 = SECONDS, Text("15"), unit "seconds";
    /// Questions a day that one visitor's address may put to the language model.
    llm_visitor_limit_per_day: u32 = PER_DAY, Text("30"), unit "questions per day";
    /// Questions a day that are put to the language model in all.
    llm_limit_per_day: u32 = PER_DAY, Text("1000"), unit "questions per day";
    /// Tokens a day that the language model may cost, as estimated from the length of what is sent and received.
    llm_token_limit_per_day: u32 = PER_DAY, Text("2000000"), unit "tokens per day";
    /// Key of the monday.com API.
    monday_api_key: Option<Secret> = SECRET, Unset, env "MONDAY_API_KEY";
    /// Board on monday.com that leads are copied to.
    monday_board_id: Option<String> = TEXT, Unset, env "MONDAY_BOARD_ID";
    /// Where monday.com is reached, if not at api.monday.com/v2.
    monday_base_url: Option<String> = INTERFACE, Unset;
}
