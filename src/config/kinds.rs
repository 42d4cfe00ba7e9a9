//! What a setting's value may look like: the types of [`Config`](super::Config)'s fields and how each is read
//! from text. Pure: nothing here opens a file or looks up a name.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;

use super::offsite::OffsiteAddress;

/// A password, key or token: its `Debug` hides it, so that it cannot reach a log by accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself; only for handing it to whom it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// The origins whose pages may call the public endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Every origin (`*`).
    Any,
    /// These alone, each as `scheme://host[:port]` in lower case.
    List(Vec<String>),
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The least important log level that is still written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// Failures and warnings.
    Warn,
    /// What an operator wants to see every day.
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level's name as filters of `tracing` write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Where a malware scanner (`clamd`) is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClamdAddress {
    /// A host's name or address, without the brackets of an IPv6 one, and its port.
    Tcp(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
}

/// What happens to an upload while the malware scanner cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClamdDown {
    /// It is refused.
    Refuse,
    /// It is taken without having been scanned.
    Accept,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS after `STARTTLS`; without it nothing is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, for a relay on the same machine or network.
    None,
}

/// The text is not what the kind expects; which setting it was and where it came from is the caller's to say.
pub(super) struct NotThat;

/// One kind of value: how it is read and what to tell somebody whose value was refused.
pub(super) struct Kind<T> {
    /// Completes "must be …".
    pub(super) expected: &'static str,
    /// Values are never shown.
    pub(super) secret: bool,
    /// novahouse.toml may give an array.
    pub(super) list: bool,
    /// Reads the text; the empty text stands for "not set" and only optional kinds and lists accept it.
    pub(super) parse: fn(&str) -> Result<T, NotThat>,
}

impl<T> Kind<T> {
    const fn plain(expected: &'static str, parse: fn(&str) -> Result<T, NotThat>) -> Self {
        Self {
            expected,
            secret: false,
            list: false,
            parse,
        }
    }

    const fn secret(expected: &'static str, parse: fn(&str) -> Result<T, NotThat>) -> Self {
        Self {
            expected,
            secret: true,
            list: false,
            parse,
        }
    }

    const fn list(expected: &'static str, parse: fn(&str) -> Result<T, NotThat>) -> Self {
        Self {
            expected,
            secret: false,
            list: true,
            parse,
        }
    }
}

/// Where to listen.
pub(super) const ADDRESS: Kind<SocketAddr> = Kind::plain(
    "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
    from_str,
);
/// A folder that always has a value.
pub(super) const FOLDER: Kind<PathBuf> = Kind::plain("a folder", |text| {
    if text.is_empty() {
        Err(NotThat)
    } else {
        Ok(PathBuf::from(text))
    }
});
/// A file, if any.
pub(super) const FILE: Kind<Option<PathBuf>> = Kind::plain("a file", |text| {
    optional(text, |text| Ok(PathBuf::from(text)))
});
/// One line of text, if any.
pub(super) const TEXT: Kind<Option<String>> =
    Kind::plain("one line of text", |text| optional(text, one_line));
/// A password, key or token, if any.
pub(super) const SECRET: Kind<Option<Secret>> = Kind::secret("one line of text", |text| {
    optional(text, |text| one_line(text).map(Secret))
});
/// The address of a Redis server, password included.
pub(super) const REDIS: Kind<Option<Secret>> =
    Kind::secret("a URL such as redis://host:6379/0", |text| {
        optional(text, |text| {
            with_scheme(text, &["redis", "rediss"]).map(Secret)
        })
    });
/// The address of a PostgreSQL database, password included.
pub(super) const POSTGRES: Kind<Option<Secret>> =
    Kind::secret("a URL such as postgres://user:password@host/name", |text| {
        optional(text, |text| {
            with_scheme(text, &["postgres", "postgresql"]).map(Secret)
        })
    });
/// An origin as a browser names it, if any.
pub(super) const ORIGIN: Kind<Option<String>> =
    Kind::plain("an origin such as https://chat.example.com", |text| {
        optional(text, origin)
    });
/// `*` or origins.
pub(super) const ORIGINS: Kind<Origins> = Kind::list(
    "* or a list of origins such as https://example.com",
    |text| {
        if text == "*" {
            return Ok(Origins::Any);
        }
        Ok(Origins::List(
            items(text).map(origin).collect::<Result<_, _>>()?,
        ))
    },
);
/// Address ranges.
pub(super) const NETWORKS: Kind<Vec<IpNet>> = Kind::list(
    "a list of addresses or ranges such as 10.0.0.0/8, fd00::/8",
    |text| items(text).map(network).collect(),
);
/// A mailbox, with or without a name before it, if any.
pub(super) const EMAIL: Kind<Option<String>> =
    Kind::plain("an e-mail address", |text| optional(text, mailbox));
/// On or off.
pub(super) const SWITCH: Kind<bool> = Kind::plain("on or off", |text| {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err(NotThat),
    }
});
/// A rate limit.
pub(super) const RATE: Kind<u32> = Kind::plain("a whole number from 1 to 1000000", |text| {
    within(text, 1, 1_000_000)
});
/// A number of connections.
pub(super) const CONNECTIONS: Kind<usize> =
    Kind::plain("a whole number from 1 to 1000000", |text| {
        within(text, 1, 1_000_000)
    });
/// A time limit.
pub(super) const SECONDS: Kind<u64> =
    Kind::plain("a whole number of seconds from 1 to 3600", |text| {
        within(text, 1, 3600)
    });
/// A size in memory.
pub(super) const BYTES: Kind<usize> =
    Kind::plain("a whole number of bytes from 1024 to 67108864", |text| {
        within(text, 1024, 64 << 20)
    });
/// A number of threads.
pub(super) const THREADS: Kind<usize> = Kind::plain("a whole number from 1 to 1024", |text| {
    within(text, 1, 1024)
});
/// A TCP port.
pub(super) const PORT: Kind<u16> =
    Kind::plain("a port from 1 to 65535", |text| within(text, 1, u16::MAX));
/// How log lines are written.
pub(super) const LOG_FORMAT: Kind<LogFormat> = Kind::plain("text or json", |text| match text {
    "text" => Ok(LogFormat::Text),
    "json" => Ok(LogFormat::Json),
    _ => Err(NotThat),
});
/// What is logged.
pub(super) const LOG_LEVEL: Kind<LogLevel> =
    Kind::plain("one of error, warn, info, debug, trace", |text| match text
        .to_ascii_lowercase()
        .as_str()
    {
        "error" => Ok(LogLevel::Error),
        "warn" | "warning" => Ok(LogLevel::Warn),
        "info" => Ok(LogLevel::Info),
        "debug" => Ok(LogLevel::Debug),
        "trace" => Ok(LogLevel::Trace),
        _ => Err(NotThat),
    });

/// The address of an HTTP interface, if any; without what follows a "?" and without a slash at its end.
pub(super) const INTERFACE: Kind<Option<String>> =
    Kind::plain("a URL such as http://127.0.0.1:11434/v1", |text| {
        optional(text, |text| {
            let url = with_scheme(text, &["http", "https"])?;
            if url.contains(['?', '#', '@']) || url.contains(char::is_whitespace) {
                return Err(NotThat);
            }
            Ok(url.trim_end_matches('/').to_owned())
        })
    });
/// Where a malware scanner is reached, if there is one.
pub(super) const CLAMD: Kind<Option<ClamdAddress>> = Kind::plain(
    "tcp://host:3310, host:3310, unix:/run/clamav/clamd.ctl or an absolute path",
    |text| optional(text, clamd_address),
);
/// What happens without a malware scanner.
pub(super) const CLAMD_DOWN: Kind<ClamdDown> = Kind::plain("refuse or accept", |text| match text {
    "refuse" => Ok(ClamdDown::Refuse),
    "accept" => Ok(ClamdDown::Accept),
    _ => Err(NotThat),
});
/// How the connection to the mail server is protected.
pub(super) const SMTP_TLS: Kind<SmtpTls> =
    Kind::plain("starttls, tls or none", |text| match text {
        "starttls" => Ok(SmtpTls::StartTls),
        "tls" => Ok(SmtpTls::Tls),
        "none" => Ok(SmtpTls::None),
        _ => Err(NotThat),
    });
/// The size of one upload: it is held in memory.
pub(super) const UPLOAD_MB: Kind<u64> =
    Kind::plain("a whole number of megabytes from 1 to 100", |text| {
        within(text, 1, 100)
    });
/// The size of many uploads.
pub(super) const MEGABYTES: Kind<u64> =
    Kind::plain("a whole number of megabytes from 1 to 100000000", |text| {
        within(text, 1, 100_000_000)
    });
/// A number of files.
pub(super) const FILES: Kind<u32> = Kind::plain("a whole number from 1 to 10000", |text| {
    within(text, 1, 10_000)
});
/// Public keys of age.
pub(super) const RECIPIENTS: Kind<Vec<String>> = Kind::list(
    "a list of public keys as `novahouse backup keygen` prints them (age1…)",
    |text| items(text).map(recipient).collect(),
);
/// Where copies of backups go, if anywhere.
pub(super) const OFFSITE: Kind<Option<OffsiteAddress>> = Kind::plain(
    "an absolute path, s3://bucket/prefix or gs://bucket/prefix (keys go into the environment)",
    |text| optional(text, |text| OffsiteAddress::parse(text).ok_or(NotThat)),
);
/// How much of something a day has.
pub(super) const PER_DAY: Kind<u32> = Kind::plain("a whole number from 0 to 1000000000", |text| {
    within(text, 0, 1_000_000_000)
});

fn from_str<T: FromStr>(text: &str) -> Result<T, NotThat> {
    text.parse().map_err(|_| NotThat)
}

fn optional<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, NotThat>,
) -> Result<Option<T>, NotThat> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(text).map(Some)
    }
}

fn within<T: FromStr + PartialOrd + Copy>(text: &str, least: T, most: T) -> Result<T, NotThat> {
    let number: T = from_str(text)?;
    if least <= number && number <= most {
        Ok(number)
    } else {
        Err(NotThat)
    }
}

/// The items of a comma-separated list; the empty text has none.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn recipient(text: &str) -> Result<String, NotThat> {
    from_str::<age::x25519::Recipient>(text).map(|recipient| recipient.to_string())
}

fn one_line(text: &str) -> Result<String, NotThat> {
    if text.chars().any(char::is_control) {
        Err(NotThat)
    } else {
        Ok(text.to_owned())
    }
}

fn mailbox(text: &str) -> Result<String, NotThat> {
    let address = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').ok_or(NotThat)?,
        None => text,
    };
    let (local, host) = address.split_once('@').ok_or(NotThat)?;
    let blank = |c: char| c.is_whitespace() || c == '@';
    if local.is_empty() || host.is_empty() || local.contains(blank) || host.contains(blank) {
        return Err(NotThat);
    }
    one_line(text)
}

/// `scheme://host[:port]` in lower case, as browsers send it in `Origin`; one slash at the end is dropped.
fn origin(text: &str) -> Result<String, NotThat> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_suffix('/').unwrap_or(&text);
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(NotThat)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    if host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && host.chars().all(allowed)
    {
        Ok(text.to_owned())
    } else {
        Err(NotThat)
    }
}

/// A range, or one address as the range of itself.
fn network(text: &str) -> Result<IpNet, NotThat> {
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| NotThat)
}

/// A URL of one of `schemes`; a driver that SQLAlchemy wants (`postgresql+psycopg2://`) is dropped.
fn with_scheme(text: &str, schemes: &[&str]) -> Result<String, NotThat> {
    let text = one_line(text)?;
    let (scheme, rest) = text.split_once("://").ok_or(NotThat)?;
    let scheme = scheme.split('+').next().unwrap_or(scheme);
    if schemes.contains(&scheme) && !rest.is_empty() {
        Ok(format!("{scheme}://{rest}"))
    } else {
        Err(NotThat)
    }
}

/// Longest path a socket can have on Linux, which keeps a byte for the end.
const SOCKET_PATH_MAX_BYTES: usize = 107;

fn clamd_address(text: &str) -> Result<ClamdAddress, NotThat> {
    let path = text
        .strip_prefix("unix://")
        .or_else(|| text.strip_prefix("unix:"))
        .or_else(|| text.starts_with('/').then_some(text));
    if let Some(path) = path {
        let path = one_line(path)?;
        if !path.starts_with('/') || path.ends_with('/') || path.len() > SOCKET_PATH_MAX_BYTES {
            return Err(NotThat);
        }
        return Ok(ClamdAddress::Unix(PathBuf::from(path)));
    }
    let (host, port) = text
        .strip_prefix("tcp://")
        .unwrap_or(text)
        .rsplit_once(':')
        .ok_or(NotThat)?;
    let host = match host.strip_prefix('[') {
        Some(v6) => {
            let v6 = v6.strip_suffix(']').ok_or(NotThat)?;
            from_str::<std::net::Ipv6Addr>(v6)?.to_string()
        }
        None => host_name(host)?,
    };
    Ok(ClamdAddress::Tcp(host, within(port, 1, u16::MAX)?))
}

fn host_name(text: &str) -> Result<String, NotThat> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(NotThat)
    }
}
