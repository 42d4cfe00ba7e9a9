//! Which source wins for each setting, and what contradicts itself or is done in a plainer way. Pure.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::kinds::{ADDRESS, Kind};
use super::names;
use super::offsite::OffsiteAddress;
use super::settings::{Preset, SETTINGS, Setting};
use super::{Config, ConfigError, Fallback, Flags, Resolved, Source};

/// What this build can use beside the disk.
#[derive(Clone, Copy)]
pub(super) struct Backends {
    pub(super) redis: bool,
    /// For uploads.
    pub(super) gcs: bool,
    pub(super) postgres: bool,
    /// Cargo features through which backups can be copied to a cloud.
    pub(super) offsite: &'static [&'static str],
}

impl Backends {
    /// As the Cargo features of this build say.
    // rustc warns of a feature that Cargo.toml does not have yet; the answer is right all the same.
    #[allow(unexpected_cfgs)]
    pub(super) const fn built() -> Self {
        Self {
            redis: cfg!(feature = "redis"),
            // The feature `gcs` takes backups there; uploads stay on the disk in every build.
            gcs: false,
            postgres: cfg!(feature = "postgres"),
            offsite: match (cfg!(feature = "s3"), cfg!(feature = "gcs")) {
                (true, true) => &["s3", "gcs"],
                (true, false) => &["s3"],
                (false, true) => &["gcs"],
                (false, false) => &[],
            },
        }
    }
}

/// A setting's text and where it came from. The empty text stands for "not set".
struct Given {
    text: String,
    source: Source,
}

/// The winning text of every setting.
pub(super) struct Chosen(BTreeMap<&'static str, Given>);

impl Chosen {
    /// Reads the text of `name` as `kind`.
    pub(super) fn read<T>(&self, name: &'static str, kind: &Kind<T>) -> Result<T, ConfigError> {
        let text = self.text(name);
        (kind.parse)(text).map_err(|_| ConfigError::Invalid {
            name,
            origin: self.origin(name),
            expected: kind.expected,
            given: (!kind.secret).then(|| text.to_owned()),
        })
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |given| &given.text)
    }

    fn origin(&self, name: &str) -> String {
        let given = self.0.get(name);
        given.map_or_else(String::new, |given| given.source.to_string())
    }
}

/// See [`Config::resolve`].
pub(super) fn resolve(
    flags: &Flags,
    env: &BTreeMap<String, String>,
    file: Option<&str>,
    built: Backends,
) -> Result<(Config, Vec<Resolved>), ConfigError> {
    names::refuse_unknown_variables(env)?;
    let file = file.map_or_else(|| Ok(BTreeMap::new()), read_toml)?;
    let mut warnings = names::warnings(env);
    let mut chosen = choose(flags, env, &file)?;
    warnings.extend(drop_sqlite_url(&mut chosen));

    let mut config = Config::build(&chosen)?;
    check(&config, &chosen, built)?;
    if !config.rate_limits {
        let lifted = "rate_limits is off: no rate limit and no connection limit per client holds";
        warnings.push(lifted.to_owned());
    }
    config.warnings = warnings;
    config.fallbacks = fallbacks(&config, built);
    let resolved = SETTINGS.iter().map(|row| show(row, &chosen)).collect();
    Ok((config, resolved))
}

/// The data folder as far as it is known before novahouse.toml, which lies in it, was read.
pub(super) fn data_dir_without_file(flags: &Flags, env: &BTreeMap<String, String>) -> PathBuf {
    let row = SETTINGS.iter().find(|row| row.name == "data_dir");
    let from_env = row.and_then(|row| names::from_environment(row, env));
    match (&flags.data, from_env, row.map(|row| row.default)) {
        (Some(data), _, _) => data.clone(),
        (None, Some((_, data)), _) => PathBuf::from(data.trim()),
        (None, None, Some(Preset::Text(data))) => PathBuf::from(data),
        (None, None, _) => PathBuf::from("."),
    }
}

/// The file's values as texts, by setting. A secret's value never reaches an error.
/// The text of a novahouse.toml without its secrets, for copies that others may see; nothing when it does not parse.
pub fn without_secrets(text: &str) -> String {
    let mut table: toml::Table = toml::from_str(text).unwrap_or_default();
    table.retain(|key, _| {
        let mut settings = SETTINGS.iter();
        settings.any(|setting| setting.name == key && !setting.secret)
    });
    table.to_string()
}

fn read_toml(text: &str) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let table: toml::Table = toml::from_str(text).map_err(|e| ConfigError::Syntax {
        line: e.span().map_or(1, |span| line_of(text, span.start)),
        message: e.message().to_owned(),
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let row = names::known_key(&key)?;
        let text = as_text(&value, row.list).ok_or_else(|| ConfigError::Invalid {
            name: row.name,
            origin: Source::File.to_string(),
            expected: row.expected,
            given: (!row.secret).then(|| value.to_string()),
        })?;
        values.insert(row.name, text);
    }
    Ok(values)
}

/// The line, counted from 1, that byte `at` lies in.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    1 + before.filter(|byte| *byte == b'\n').count()
}

fn as_text(value: &toml::Value, list: bool) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) if list => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            Some(texts?.join(", "))
        }
        _ => None,
    }
}

/// Picks each setting's text by precedence.
fn choose(
    flags: &Flags,
    env: &BTreeMap<String, String>,
    file: &BTreeMap<&'static str, String>,
) -> Result<Chosen, ConfigError> {
    let mut chosen = Chosen(BTreeMap::new());
    for row in SETTINGS {
        let given = if let Some(text) = from_flag(row, flags)? {
            let source = Source::Flag;
            Given { text, source }
        } else if let Some((variable, value)) = names::from_environment(row, env) {
            let text = if variable == "PORT" {
                with_port(value, below_environment(row, file, &chosen))?
            } else {
                trimmed(row, value)
            };
            let source = Source::Environment(variable);
            Given { text, source }
        } else {
            below_environment(row, file, &chosen)
        };
        chosen.0.insert(row.name, given);
    }
    Ok(chosen)
}

/// The text from the file or, failing that, the default.
fn below_environment(
    row: &Setting,
    file: &BTreeMap<&'static str, String>,
    chosen: &Chosen,
) -> Given {
    if let Some(value) = file.get(row.name).filter(|value| !value.trim().is_empty()) {
        let source = Source::File;
        let text = trimmed(row, value);
        return Given { text, source };
    }
    let text = match row.default {
        Preset::Unset => String::new(),
        Preset::Text(text) => text.to_owned(),
        Preset::Cores => {
            std::thread::available_parallelism().map_or_else(|_| "1".to_owned(), |n| n.to_string())
        }
        // data_dir stands above every setting that is made from it.
        Preset::InData(folder) => {
            let path = Path::new(chosen.text("data_dir")).join(folder);
            path.to_string_lossy().into_owned()
        }
    };
    let source = Source::Default;
    Given { text, source }
}

/// A secret stays as it is to the last blank; nothing else means its outer blanks.
fn trimmed(row: &Setting, value: &str) -> String {
    if row.secret { value } else { value.trim() }.to_owned()
}

fn from_flag(row: &Setting, flags: &Flags) -> Result<Option<String>, ConfigError> {
    match (row.flag, &flags.listen, &flags.data) {
        (Some("--listen"), Some(listen), _) => Ok(Some(listen.clone())),
        (Some("--data"), _, Some(data)) => match data.to_str() {
            Some(data) => Ok(Some(data.to_owned())),
            None => Err(ConfigError::Invalid {
                name: row.name,
                origin: Source::Flag.to_string(),
                expected: "a folder whose name is valid UTF-8",
                given: Some(data.to_string_lossy().into_owned()),
            }),
        },
        _ => Ok(None),
    }
}

/// `base`'s address with the port that PORT names.
fn with_port(port: &str, base: Given) -> Result<String, ConfigError> {
    let invalid = |given: &str, source: Source, expected| ConfigError::Invalid {
        name: "listen",
        origin: source.to_string(),
        expected,
        given: Some(given.to_owned()),
    };
    let number = port.trim().parse().map_err(|_| {
        let source = Source::Environment("PORT".to_owned());
        invalid(port, source, "a port from 0 to 65535")
    })?;
    let mut address: SocketAddr = (ADDRESS.parse)(&base.text)
        .map_err(|_| invalid(&base.text, base.source, ADDRESS.expected))?;
    address.set_port(number);
    Ok(address.to_string())
}

/// v2.3 kept its SQLite database where `DATABASE_URL` said; ours lies in the data folder.
fn drop_sqlite_url(chosen: &mut Chosen) -> Option<String> {
    let given = chosen.0.get_mut("database_url")?;
    let scheme = given.text.trim_start().get(..6)?;
    if !scheme.eq_ignore_ascii_case("sqlite") {
        return None;
    }
    let warning = format!(
        "database_url ({}) with SQLite is retired and has no effect: the database lies in data_dir",
        given.source
    );
    given.text.clear();
    given.source = Source::Default;
    Some(warning)
}

/// What no single setting can tell.
fn check(config: &Config, chosen: &Chosen, built: Backends) -> Result<(), ConfigError> {
    if config.tls_cert_file.is_some() != config.tls_key_file.is_some() {
        let pair = "tls_cert_file and tls_key_file belong together: set both or neither";
        return Err(ConfigError::Contradiction(pair.to_owned()));
    }
    if built.gcs && config.use_cloud_storage && config.gcs_bucket_name.is_none() {
        let bucket = "use_cloud_storage is on, so gcs_bucket_name must be set";
        return Err(ConfigError::Contradiction(bucket.to_owned()));
    }
    let [file, session, total] = [
        config.upload_file_mb,
        config.upload_session_mb,
        config.upload_total_mb,
    ];
    if file > session || session > total {
        let order = "upload_file_mb must not be more than upload_session_mb, nor that more than upload_total_mb";
        return Err(ConfigError::Contradiction(order.to_owned()));
    }
    if config.llm_base_url.is_some() && config.llm_model.is_none() {
        let model = "llm_base_url is set, so llm_model must be set";
        return Err(ConfigError::Contradiction(model.to_owned()));
    }
    let has_model = config.llm_base_url.is_some() || config.gemini_api_key.is_some();
    if !has_model && (config.llm_model.is_some() || config.llm_api_key.is_some()) {
        let address =
            "llm_model and llm_api_key need llm_base_url (or gemini_api_key instead of all three)";
        return Err(ConfigError::Contradiction(address.to_owned()));
    }
    let needed = config.backup_offsite.as_ref();
    if let Some(feature) = needed.and_then(OffsiteAddress::feature)
        && !built.offsite.contains(&feature)
    {
        return Err(ConfigError::MissingFeature {
            name: "backup_offsite",
            origin: chosen.origin("backup_offsite"),
            feature,
            consequence: "this one would copy no backup anywhere; name a folder instead, or build it with that feature",
        });
    }
    if !built.postgres && config.database_url.is_some() {
        return Err(ConfigError::MissingFeature {
            name: "database_url",
            origin: chosen.origin("database_url"),
            feature: "postgres",
            consequence: "this one would keep the data in data_dir instead of PostgreSQL; \
                          unset it if that is what you want",
        });
    }
    Ok(())
}

fn fallbacks(config: &Config, built: Backends) -> Vec<Fallback> {
    let mut fallbacks = Vec::new();
    if config.redis_url.is_some() && !built.redis {
        fallbacks.push(Fallback {
            what: "redis",
            why: "redis_url is set, but this build has no feature `redis`: \
                  rate limits, cache and live updates stay within this process"
                .to_owned(),
        });
    }
    if config.use_cloud_storage && !built.gcs {
        fallbacks.push(Fallback {
            what: "storage",
            why: "use_cloud_storage is on, but this build keeps uploads on the disk: \
                  they go to upload_folder"
                .to_owned(),
        });
    }
    fallbacks
}

fn show(row: &Setting, chosen: &Chosen) -> Resolved {
    let text = chosen.text(row.name);
    let given = chosen.0.get(row.name);
    Resolved {
        name: row.name,
        environment: std::iter::once(row.variable())
            .chain(row.alias.map(str::to_owned))
            .collect(),
        value: match text {
            "" => String::new(),
            _ if row.secret => "(set)".to_owned(),
            text => text.to_owned(),
        },
        source: given.map_or(Source::Default, |given| given.source.clone()),
        default: match row.default {
            Preset::Unset => String::new(),
            Preset::Text(text) => text.to_owned(),
            Preset::Cores => "number of cores".to_owned(),
            Preset::InData(folder) => format!("<data_dir>/{folder}"),
        },
        unit: row.unit,
        meaning: row.meaning.trim(),
    }
}
