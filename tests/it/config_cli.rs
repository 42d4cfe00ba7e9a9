//! The command line and the configuration.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::process::{self, Ended, novahouse, run};
use crate::support::{Server, text};

fn with_data(words: &[&str], data: &Path, rest: &[&str], env: &[(&str, &str)]) -> Ended {
    let mut command = novahouse(words);
    command.arg("--data").arg(data).args(rest).envs(env.iter().copied());
    run(command, b"")
}

fn config_json(data: &Path, env: &[(&str, &str)]) -> Value {
    let ended = with_data(&["config", "--json"], data, &[], env);
    assert!(ended.status.success(), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn setting(config: &Value, name: &str) -> Value {
    let all = config["settings"].as_array().unwrap();
    all.iter().find(|setting| setting["name"] == name).unwrap().clone()
}

#[test]
fn config_prints_every_setting_with_value_source_default_and_meaning() {
    let data = process::empty_folder();
    let ended = with_data(&["config"], data.path(), &[], &[]);
    assert!(ended.status.success());
    let head: Vec<&str> = ended.stdout.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["SETTING", "VALUE", "SOURCE", "DEFAULT", "MEANING"]);
    let config = config_json(data.path(), &[]);
    let all = config["settings"].as_array().unwrap();
    assert!(all.len() > 40, "{}", all.len());
    for setting in all {
        let name = text(&setting["name"]);
        assert!(text(&setting["meaning"]).ends_with('.'), "{name} has no meaning");
        assert!(ended.stdout.lines().any(|line| line.starts_with(&name)), "{name} is not in the table");
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
    fs::write(data.path().join("novahouse.toml"), "listen = \"127.0.0.1:1111\"\n").unwrap();
    assert_eq!(listen(&[]).0, "127.0.0.1:1111");
    assert_eq!(listen(&[("PORT", "2222")]).0, "127.0.0.1:2222");
    assert_eq!(listen(&[("NOVAHOUSE_LISTEN", "127.0.0.1:3333")]).0, "127.0.0.1:3333");
    assert_eq!(listen(&[("PORT", "")]).0, "127.0.0.1:1111", "a blank variable counts as not set");

    let here = process::data_folder();
    fs::write(here.path().join("novahouse.toml"), "listen = \"127.0.0.1:1\"\n").unwrap();
    let server = Server::start_on(here.path(), &[("PORT", "2")]);
    assert!(server.stdout().contains(server.url()), "the flag did not win");
}

#[test]
fn dot_env_in_the_working_folder_is_read_below_the_real_environment() {
    let data = process::empty_folder();
    fs::write(data.path().join(".env"), "SMTP_SERVER=from-dot-env\nSMTP_PORT=2525\n").unwrap();
    let mut command = novahouse(&["config", "--json", "--data"]);
    command.arg(data.path()).current_dir(data.path()).env("SMTP_PORT", "25");
    let config: Value = serde_json::from_str(&run(command, b"").stdout).unwrap();
    assert_eq!(setting(&config, "smtp_server")["value"], "from-dot-env");
    assert_eq!(setting(&config, "smtp_port")["value"], "25");
}

#[test]
fn an_unknown_setting_refuses_to_start_and_names_the_nearest_known_one() {
    let data = process::empty_folder();
    let file = data.path().join("novahouse.toml");
    for (toml, env, unknown, nearest) in [
        ("rate_chat_per_minute = 5\n", None, "rate_chat_per_minute", "rate_chat_per_min"),
        ("", Some(("NOVAHOUSE_RATE_LIMIT", "off")), "NOVAHOUSE_RATE_LIMIT", "NOVAHOUSE_RATE_LIMITS"),
        ("", Some(("NOVAHOUSE_LOGLEVEL", "debug")), "NOVAHOUSE_LOGLEVEL", "NOVAHOUSE_LOG_LEVEL"),
    ] {
        fs::write(&file, toml).unwrap();
        for command in ["serve", "config", "doctor"] {
            let ended = with_data(&[command], data.path(), &[], &env.into_iter().collect::<Vec<_>>());
            assert_eq!(ended.status.code(), Some(1), "{command}: {}", ended.stdout);
            assert!(ended.stderr.contains(unknown) && ended.stderr.contains(nearest), "{}", ended.stderr);
        }
    }
    assert!(!data.path().join("novahouse.db").exists(), "it started all the same");
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
        assert_eq!(ended.status.code(), Some(1), "{name}={value}: {}", ended.stdout);
        assert!(!ended.stderr.contains("hush-hush"), "{}", ended.stderr);
        assert!(ended.stderr.to_lowercase().contains(name.trim_start_matches("NOVAHOUSE_").to_lowercase().as_str()), "{}", ended.stderr);
    }
}

#[test]
fn retired_names_of_v2_3_get_one_warning_each_and_do_no_harm() {
    let env = [("SECRET_KEY", "hush-hush"), ("FLASK_ENV", "production"), ("BOOKSY_API_KEY", "hush-hush"), ("GUNICORN_WORKERS", "4")];
    let data = process::empty_folder();
    let warnings = config_json(data.path(), &env)["warnings"].clone();
    let mut server = Server::start_with(&env);
    server.stop();
    for (name, _) in env {
        let about = |warning: &&Value| text(warning).starts_with(name);
        assert_eq!(warnings.as_array().unwrap().iter().filter(about).count(), 1, "{warnings}");
        assert_eq!(server.log().matches(&format!("{name} is retired")).count(), 1, "{}", server.log());
    }
    assert!(!server.log().contains("hush-hush") && !warnings.to_string().contains("hush-hush"));
}

#[test]
fn neither_form_of_config_shows_a_secret() {
    let data = process::empty_folder();
    let env = [("ADMIN_API_KEY", "hush-hush-1"), ("SMTP_PASSWORD", "hush-hush-2"), ("NOVAHOUSE_METRICS_TOKEN", "hush-hush-3")];
    for form in [&["config"][..], &["config", "--json"]] {
        let ended = with_data(form, data.path(), &[], &env);
        assert!(ended.status.success());
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("hush-hush"));
        assert!(ended.stdout.contains("(set)"));
    }
}

#[tokio::test]
async fn accounts_keys_and_links_are_made_offline_and_work_online() {
    let folder = process::data_folder();
    let data = folder.path();
    let link = with_data(&["admin"], data, &["setup-link"], &[]);
    assert!(link.stdout.contains("/admin#setup="), "{}{}", link.stdout, link.stderr);
    let made = with_data(&["admin"], data, &["create", "--username", "anna", "--email", "anna@example.com", "--role", "owner"], &[]);
    assert!(made.status.success(), "{}", made.stderr);
    let password = |ended: &Ended| ended.stdout.split_once("password: ").unwrap().1.trim().to_owned();
    let (first, key) = (password(&made), with_data(&["admin"], data, &["api-key", "--name", "CRM", "--role", "agent"], &[]));
    let key = key.stdout.lines().last().unwrap().to_owned();
    let twice = with_data(&["admin"], data, &["create", "--username", "anna", "--email", "b@example.com"], &[]);
    assert_eq!(twice.status.code(), Some(1));
    assert_eq!(with_data(&["admin"], data, &["setup-link"], &[]).status.code(), Some(1), "there is an owner already");

    let login = |password: &str| json!({"username": "anna", "password": password});
    let mut server = Server::start_on(data, &[]);
    assert!(!server.stdout().contains("#setup="));
    server.browser().post("/api/auth/login", &login(&first)).await.ok();
    assert_eq!(server.with_key(&key).get("/api/conversations").await.status, 200);
    server.with_key(&key).get("/api/users").await.refused(403, "role_required");
    for refused in [&["setup-link"][..], &["api-key", "--name", "x"], &["reset-password", "--username", "anna"]] {
        let ended = with_data(&["admin"], data, refused, &[]);
        assert_eq!(ended.status.code(), Some(1));
        assert!(ended.stderr.contains(&format!("in use by process {}", server.pid())), "{}", ended.stderr);
    }
    server.stop();
    let mut reset = novahouse(&["admin", "--data"]);
    reset.arg(data).args(["reset-password", "--username", "anna@example.com", "--password-stdin"]);
    let ended = run(reset, b"fioletowy rower na dachu\n");
    assert!(ended.status.success() && !ended.stdout.contains("fioletowy"), "{}{}", ended.stdout, ended.stderr);
    server.restart();
    server.browser().post("/api/auth/login", &login(&first)).await.refused(401, "login_failed");
    server.browser().post("/api/auth/login", &login("fioletowy rower na dachu")).await.ok();
}

#[test]
fn classify_prints_one_json_object_a_line_whatever_it_is_fed() {
    let folder = process::data_folder();
    let mut command = novahouse(&["nlu", "--data"]);
    command.arg(folder.path()).arg("classify");
    let input = b"Ile kosztuje wyko\xc5\x84czenie mieszkania?\n\n\xff\xfe\x00\xc3\nHow long does it take?\r\nWelche Garantie geben Sie?";
    let ended = run(command, input);
    assert!(ended.status.success(), "{}", ended.stderr);
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    for line in &lines {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["alternatives", "confidence", "entities", "intent", "lang", "text"]);
        assert!((0.0..=1.0).contains(&line["confidence"].as_f64().unwrap()));
        assert!(line["entities"].is_object() && line["alternatives"].is_array());
    }
    let found = |at: usize| (text(&lines[at]["lang"]), text(&lines[at]["intent"]));
    assert_eq!(found(0), ("pl".into(), "price".into()));
    assert_eq!(found(3), ("en".into(), "duration".into()));
    assert_eq!(found(4), ("de".into(), "warranty".into()));
    assert_eq!((&lines[1]["text"], &lines[3]["text"]), (&json!(""), &json!("How long does it take?")));
}

#[test]
fn doctor_finds_a_damaged_database_and_a_folder_that_others_may_read() {
    use std::os::unix::fs::{FileExt, PermissionsExt};
    let folder = process::data_folder();
    let file = folder.path().join("novahouse.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let healthy = with_data(&["doctor"], folder.path(), &[], &[]);
    assert!(healthy.status.success(), "{}{}", healthy.stdout, healthy.stderr);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let open = with_data(&["doctor"], folder.path(), &[], &[]);
    assert!(open.status.code() == Some(1) && open.stdout.contains("chmod 700"), "{}", open.stdout);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();

    let pages = fs::metadata(&file).unwrap().len() / 4096;
    let raw = fs::File::options().write(true).open(&file).unwrap();
    for page in pages / 2..pages / 2 + 20 {
        raw.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
    let damaged = with_data(&["doctor"], folder.path(), &[], &[]);
    assert_eq!(damaged.status.code(), Some(1), "{}", damaged.stdout);
    assert!(damaged.stdout.contains("PROBLEM  database"), "{}", damaged.stdout);
    assert!(damaged.stderr.contains("problem(s) found"), "{}", damaged.stderr);
}

#[test]
fn the_first_start_makes_a_private_folder_that_nobody_else_may_enter() {
    use std::os::unix::fs::PermissionsExt;
    let folder = process::empty_folder();
    let data = folder.path().join("new/data");
    fs::create_dir_all(data.parent().unwrap()).unwrap();
    let mut server = Server::start_on(&data, &[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("secrets.json")), 0o600);
    assert!(!server.setup_token().is_empty());
    assert!(server.stop().success());
}
