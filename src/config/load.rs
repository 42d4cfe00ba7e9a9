//! Reads what a configuration is made of: the real environment, `.env` and the configuration file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::names;
use super::resolve::{self, Backends};
use super::{Config, ConfigError, Flags, Resolved};

/// The configuration file's name in the data folder.
const FILE_NAME: &str = "novahouse.toml";

/// Reads everything and resolves it.
pub(super) fn load(flags: &Flags) -> Result<(Config, Vec<Resolved>), ConfigError> {
    let mut env = unicode(std::env::vars_os())?;
    let dotenv = Path::new(".env");
    if let Some(text) = read_if_there(dotenv)? {
        add_dotenv(&mut env, &text)?;
    }
    load_file(flags, &env)
}

/// Reads the configuration file and resolves it with what the environment said.
fn load_file(
    flags: &Flags,
    env: &BTreeMap<String, String>,
) -> Result<(Config, Vec<Resolved>), ConfigError> {
    let (path, text) = read_file(flags, env)?;
    let (config, resolved) = resolve::resolve(flags, env, text.as_deref(), Backends::built())?;
    if text.is_some() && flags.config.is_none() {
        same_folder(&path, &config.data_dir)?;
    }
    Ok((config, resolved))
}

/// The variables whose name and value are text. A known one that is not is an error, others are not ours.
fn unicode(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut env = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => {
                env.insert(name, value);
            }
            Err(_) if names::is_ours(&name) => return Err(ConfigError::NotUnicode(name)),
            Err(_) => {}
        }
    }
    Ok(env)
}

/// Adds what `.env` says; what the real environment has stays as it is, even when it is empty.
fn add_dotenv(env: &mut BTreeMap<String, String>, text: &str) -> Result<(), ConfigError> {
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        // The error's own text quotes the line, which may hold a secret.
        let (name, value) = pair.map_err(|_| ConfigError::DotEnv)?;
        env.entry(name).or_insert(value);
    }
    Ok(())
}

/// The configuration file that holds, and its text if it exists.
fn read_file(
    flags: &Flags,
    env: &BTreeMap<String, String>,
) -> Result<(PathBuf, Option<String>), ConfigError> {
    if let Some(path) = &flags.config {
        let text = std::fs::read_to_string(path).map_err(|source| failed(path, source))?;
        return Ok((path.clone(), Some(text)));
    }
    let path = resolve::data_dir_without_file(flags, env).join(FILE_NAME);
    let text = read_if_there(&path)?;
    Ok((path, text))
}

fn read_if_there(path: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(source) => Err(failed(path, source)),
    }
}

fn failed(path: &Path, source: io::Error) -> ConfigError {
    ConfigError::File {
        path: path.to_owned(),
        source,
    }
}

/// A novahouse.toml that was found in the data folder must not move the data folder elsewhere.
fn same_folder(file: &Path, data_dir: &Path) -> Result<(), ConfigError> {
    let found_in = file.parent().unwrap_or(Path::new("."));
    if found_in == data_dir || found_in.canonicalize().ok() == data_dir.canonicalize().ok() {
        return Ok(());
    }
    Err(ConfigError::Contradiction(format!(
        "data_dir in {} names another folder; set it with --data, NOVAHOUSE_DATA or in a file given with --config",
        file.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_real_environment_wins_over_dotenv_even_when_blank() {
        let mut merged = env("SMTP_SERVER", "");
        let text = "# mail\nSMTP_SERVER=a\nPORT=2\nexport SMTP_USER=\"nova house\"\n";
        add_dotenv(&mut merged, text).unwrap();
        assert_eq!(merged["SMTP_SERVER"], "");
        assert_eq!(merged["PORT"], "2");
        assert_eq!(merged["SMTP_USER"], "nova house");
    }

    #[test]
    fn a_broken_dotenv_is_refused_without_quoting_it() {
        let error = add_dotenv(&mut BTreeMap::new(), "SMTP_PASSWORD hush").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"));
    }

    #[test]
    fn the_file_is_found_in_the_data_folder_and_may_not_move_it() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags {
            data: Some(folder.path().to_owned()),
            ..Flags::default()
        };
        let in_env = env("NOVAHOUSE_DATA", folder.path().to_str().unwrap());
        let without = load_file(&flags, &BTreeMap::new()).unwrap().0;
        assert_eq!(without.smtp_port, 587);

        let file = folder.path().join("novahouse.toml");
        std::fs::write(&file, "smtp_port = 25").unwrap();
        for (flags, env) in [(&flags, &BTreeMap::new()), (&Flags::default(), &in_env)] {
            assert_eq!(load_file(flags, env).unwrap().0.smtp_port, 25);
        }

        let same = folder.path().join(".");
        assert!(same_folder(&file, &same).is_ok());
        assert!(same_folder(&file, Path::new("/elsewhere")).is_err());
    }

    #[test]
    fn a_file_that_config_names_must_exist() {
        let flags = Flags {
            config: Some(PathBuf::from("no-such-folder/nova.toml")),
            ..Flags::default()
        };
        let error = load_file(&flags, &BTreeMap::new()).unwrap_err();
        assert!(error.to_string().contains("no-such-folder/nova.toml"));
    }

    #[cfg(unix)]
    #[test]
    fn only_a_variable_of_ours_must_be_utf_8() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;
        let broken = || OsString::from_vec(vec![0xff]);
        let pair = |name: &str| std::iter::once((OsString::from(name), broken()));
        assert!(unicode(pair("LESS")).unwrap().is_empty());
        assert!(unicode(pair("SMTP_USER")).is_err());
        let flags = Flags {
            data: Some(PathBuf::from(broken())),
            ..Flags::default()
        };
        assert!(Config::resolve(&flags, &BTreeMap::new(), None).is_err());
    }
}
