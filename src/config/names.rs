//! Which names the file and the environment may use: known ones, retired ones, and the one that was meant. Pure.

use std::collections::BTreeMap;

use super::ConfigError;
use super::settings::{SETTINGS, Setting};

const PREFIX: &str = "NOVAHOUSE_";

/// Variables of the repository's tooling and tests, which a server that they start inherits.
const TOOLING: &[&str] = &["NOVAHOUSE_BIN", "NOVAHOUSE_DENY", "NOVAHOUSE_LONG"];

/// What of v2.3 has no meaning any more, and what to know about it. A `*` stands for any ending.
const RETIRED: &[(&str, &str)] = &[
    ("SECRET_KEY", "NovaHouse makes its own keys"),
    ("FLASK_ENV", "log_level and log_format say what it said"),
    (
        "GUNICORN_WORKERS",
        "one process serves, with worker_threads",
    ),
    ("BOOKSY_*", "NovaHouse keeps the bookings itself"),
];

/// The environment's value of a setting and the variable that gave it. `NOVAHOUSE_<NAME>` wins over the
/// alias, and an empty variable counts as not set (compose files write such).
pub(super) fn from_environment<'e>(
    setting: &Setting,
    env: &'e BTreeMap<String, String>,
) -> Option<(String, &'e str)> {
    let alias = setting.alias.map(str::to_owned);
    [Some(setting.variable()), alias]
        .into_iter()
        .flatten()
        .find_map(|variable| Some((set(env, &variable)?, variable)))
        .map(|(value, variable)| (variable, value))
}

/// A variable's value unless it is blank.
pub(super) fn set<'e>(env: &'e BTreeMap<String, String>, variable: &str) -> Option<&'e str> {
    env.get(variable)
        .map(String::as_str)
        .filter(|value| !value.trim().is_empty())
}

/// Whether we read, or would refuse, a variable of this name.
pub(super) fn is_ours(variable: &str) -> bool {
    variable.starts_with(PREFIX) || SETTINGS.iter().any(|row| row.alias == Some(variable))
}

/// Refuses a `NOVAHOUSE_*` variable that means nothing, which is a slip of the pen more often than not.
pub(super) fn refuse_unknown_variables(env: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let unknown = env.keys().find(|variable| {
        variable.starts_with(PREFIX)
            && !TOOLING.contains(&variable.as_str())
            && !SETTINGS
                .iter()
                .any(|row| row.variable() == **variable || row.alias == Some(variable))
    });
    match unknown {
        None => Ok(()),
        Some(variable) => Err(ConfigError::UnknownVariable {
            variable: variable.clone(),
            nearest: nearest(variable).variable,
        }),
    }
}

/// The setting of this key of novahouse.toml.
pub(super) fn known_key(key: &str) -> Result<&'static Setting, ConfigError> {
    SETTINGS
        .iter()
        .find(|row| row.name == key)
        .ok_or_else(|| ConfigError::UnknownKey {
            key: key.to_owned(),
            nearest: nearest(key).name,
        })
}

/// One sentence for each variable that used to mean something and for each that another one hides.
pub(super) fn warnings(env: &BTreeMap<String, String>) -> Vec<String> {
    let retired = env.keys().filter_map(|variable| {
        let (_, why) = RETIRED
            .iter()
            .find(|(name, _)| match name.strip_suffix('*') {
                Some(beginning) => variable.starts_with(beginning),
                None => variable == name,
            })?;
        Some(format!("{variable} is retired and has no effect: {why}"))
    });
    let hidden = SETTINGS.iter().filter_map(|row| {
        let (alias, variable) = (row.alias?, row.variable());
        let differ = set(env, alias)? != set(env, &variable)?;
        differ.then(|| format!("{alias} has no effect: {variable} is set too, to another value"))
    });
    retired.chain(hidden).collect()
}

struct Nearest {
    name: &'static str,
    variable: String,
}

/// The known name most like `given`, be it a key or a variable: compared without prefix and case, so that
/// `NOVAHOUSE_PORT` leads to PORT and the key `port` to `listen`, whose alias PORT is.
fn nearest(given: &str) -> Nearest {
    let given = bare(given);
    let mut best = (
        f64::NEG_INFINITY,
        Nearest {
            name: "",
            variable: String::new(),
        },
    );
    for row in SETTINGS {
        let alias = row.alias.map(str::to_owned);
        for variable in [Some(row.variable()), alias].into_iter().flatten() {
            let likeness = strsim::jaro_winkler(&given, &bare(&variable));
            if likeness > best.0 {
                let name = row.name;
                best = (likeness, Nearest { name, variable });
            }
        }
    }
    best.1
}

fn bare(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('-', "_");
    match name.strip_prefix("novahouse_") {
        Some(rest) => rest.to_owned(),
        None => name,
    }
}
