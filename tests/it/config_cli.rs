//! The configuration: where values come from, and what is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{self, Ended, novahouse, run};
use crate::support::{Server, text};

pub fn with_data(words: &[&str], data: &Path, rest: &[&str], env: &[(&str, &str)]) -> Ended {
    let mut command = novahouse(words);
    command
        .arg("--data")
        .arg(data)
        .args(rest)
        .envs(env.iter().copied());
    run(command, b"")
}

fn config_json(data: &Path, env: &[(&str, &str)]) -> Value {
    let ended = with_data(&["config", "--json"], data, &[], env);
    assert!(ended.status.success(), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn setting(config: &Value, name: &str) -> Value {
    let all = config["settings"].as_array().unwrap();
    all.iter()
        .find(|setting| setting["name"] == name)
        .unwrap()
        .clone()
}

#[test]
fn config_prints_every_setting_with_value_source_default_and_meaning() {
    let data = process::empty_folder();
    let ended = with_data(&["config"], data.path(), &[], &[]);
    assert!(ended.status.success());
    let head: Vec<&str> = ended
        .stdout
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(head, ["SETTING", "VALUE", "SOURCE", "DEFAULT", "MEANING"]);
    let config = config_json(data.path(), &[]);
    let all = config["settings"].as_array().unwrap();
    assert!(all.len() > 40, "{}", all.len());
    for setting in all {
        let name = text(&setting["name"]);
        assert!(
            text(&setting["meaning"]).ends_with('.'),
            "{name} has no meaning"
        );
        assert!(
            ended.stdout.lines().any(|line| line.starts_with(&name)),
            "{name} is not in the table"
        );
    }
}

#[test]
fn a_flag_goes_before_the_environment_that_before_the_file_and_that_before_the_default() {
    let data = process::empty_folder();
    let listen = |env: &[(&str, &str)]| {
        let setting = setting(&config_json(data.path(), env), "listen");
        (text(&setting["value"]), text(&setting["source"]["kind"]))
    };
    assert_eq!(listen(&[]).0, "0.0.0.0:8080");
    fs::write(
        data.path().join("novahouse.toml"),
        "listen = \"127.0.0.1:1111\"\n",
    )
    .unwrap();
    assert_eq!(listen(&[]).0, "127.0.0.1:1111");
    assert_eq!(listen(&[("PORT", "2222")]).0, "127.0.0.1:2222");
    assert_eq!(
        listen(&[("NOVAHOUSE_LISTEN", "127.0.0.1:3333")]).0,
        "127.0.0.1:3333"
    );
    assert_eq!(
        listen(&[("PORT", "")]).0,
        "127.0.0.1:1111",
        "a blank variable counts as not set"
    );

    let here = process::data_folder();
    fs::write(
        here.path().join("novahouse.toml"),
        "listen = \"127.0.0.1:1\"\n",
    )
    .unwrap();
    let server = Server::start_on(here.path(), &[("PORT", "2")]);
    assert!(
        server.stdout().contains(server.url()),
        "the flag did not win"
    );
}

#[test]
fn dot_env_in_the_working_folder_is_read_below_the_real_environment() {
    let data = process::empty_folder();
    fs::write(
        data.path().join(".env"),
        "SMTP_SERVER=from-dot-env\nSMTP_PORT=2525\n",
    )
    .unwrap();
    let mut command = novahouse(&["config", "--json", "--data"]);
    command
        .arg(data.path())
        .current_dir(data.path())
        .env("SMTP_PORT", "25");
    let config: Value = serde_json::from_str(&run(command, b"").stdout).unwrap();
    assert_eq!(setting(&config, "smtp_server")["value"], "from-dot-env");
    assert_eq!(setting(&config, "smtp_port")["value"], "25");
}

#[test]
fn an_unknown_setting_refuses_to_start_and_names_the_nearest_known_one() {
    let data = process::empty_folder();
    let file = data.path().join("novahouse.toml");
    for (toml, env, unknown, nearest) in [
        (
            "rate_chat_per_minute = 5\n",
            None,
            "rate_chat_per_minute",
            "rate_chat_per_min",
        ),
        (
            "",
            Some(("NOVAHOUSE_RATE_LIMIT", "off")),
            "NOVAHOUSE_RATE_LIMIT",
            "NOVAHOUSE_RATE_LIMITS",
        ),
        (
            "",
            Some(("NOVAHOUSE_LOGLEVEL", "debug")),
            "NOVAHOUSE_LOGLEVEL",
            "NOVAHOUSE_LOG_LEVEL",
        ),
    ] {
        fs::write(&file, toml).unwrap();
        for command in ["serve", "config", "doctor"] {
            let ended = with_data(
                &[command],
                data.path(),
                &[],
                &env.into_iter().collect::<Vec<_>>(),
            );
            assert_eq!(ended.status.code(), Some(1), "{command}: {}", ended.stdout);
            assert!(
                ended.stderr.contains(unknown) && ended.stderr.contains(nearest),
                "{}",
                ended.stderr
            );
        }
    }
    assert!(
        !data.path().join("novahouse.db").exists(),
        "it started all the same"
    );
}

#[test]
fn a_value_that_cannot_be_is_refused_without_showing_a_secret() {
    let data = process::empty_folder();
    for (name, value) in [
        ("PORT", "99999"),
        ("NOVAHOUSE_LISTEN", "nowhere"),
        ("NOVAHOUSE_RATE_CHAT_PER_MIN", "many"),
        ("NOVAHOUSE_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("REDIS_URL", "hush-hush-no-url"),
    ] {
        let ended = with_data(&["config"], data.path(), &[], &[(name, value)]);
        assert_eq!(
            ended.status.code(),
            Some(1),
            "{name}={value}: {}",
            ended.stdout
        );
        assert!(!ended.stderr.contains("hush-hush"), "{}", ended.stderr);
        assert!(
            ended.stderr.to_lowercase().contains(
                name.trim_start_matches("NOVAHOUSE_")
                    .to_lowercase()
                    .as_str()
            ),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn retired_names_of_v2_3_get_one_warning_each_and_do_no_harm() {
    let env = [
        ("SECRET_KEY", "hush-hush"),
        ("FLASK_ENV", "production"),
        ("BOOKSY_API_KEY", "hush-hush"),
        ("GUNICORN_WORKERS", "4"),
    ];
    let data = process::empty_folder();
    let warnings = config_json(data.path(), &env)["warnings"].clone();
    let mut server = Server::start_with(&env);
    server.stop();
    for (name, _) in env {
        let about = |warning: &&Value| text(warning).starts_with(name);
        assert_eq!(
            warnings.as_array().unwrap().iter().filter(about).count(),
            1,
            "{warnings}"
        );
        assert_eq!(
            server.log().matches(&format!("{name} is retired")).count(),
            1,
            "{}",
            server.log()
        );
    }
    assert!(!server.log().contains("hush-hush") && !warnings.to_string().contains("hush-hush"));
}

#[test]
fn neither_form_of_config_shows_a_secret() {
    let data = process::empty_folder();
    let env = [
        ("ADMIN_API_KEY", "hush-hush-1"),
        ("SMTP_PASSWORD", "hush-hush-2"),
        ("NOVAHOUSE_METRICS_TOKEN", "hush-hush-3"),
    ];
    for form in [&["config"][..], &["config", "--json"]] {
        let ended = with_data(form, data.path(), &[], &env);
        assert!(ended.status.success());
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("hush-hush"));
        assert!(ended.stdout.contains("(set)"));
    }
}
