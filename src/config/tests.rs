//! What the configuration promises, sentence by sentence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::resolve::Backends;
use super::settings::SETTINGS;
use super::*;

const PLAIN: Backends = Backends {
    redis: false,
    gcs: false,
    postgres: false,
    offsite: &[],
};
const FULL: Backends = Backends {
    redis: true,
    gcs: true,
    postgres: true,
    offsite: &["s3", "gcs"],
};

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn resolve(pairs: &[(&str, &str)], file: &str) -> Result<(Config, Vec<Resolved>), ConfigError> {
    resolve::resolve(&Flags::default(), &env(pairs), Some(file), PLAIN)
}

fn config(pairs: &[(&str, &str)], file: &str) -> Config {
    resolve(pairs, file).unwrap().0
}

fn refusal(pairs: &[(&str, &str)], file: &str) -> String {
    resolve(pairs, file).unwrap_err().to_string()
}

fn row<'r>(resolved: &'r [Resolved], name: &str) -> &'r Resolved {
    resolved.iter().find(|row| row.name == name).unwrap()
}

#[test]
fn with_nothing_said_the_defaults_hold_and_nothing_is_warned_of() {
    let config = config(&[], "");
    assert_eq!(config.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(config.data_dir, Path::new("./novahouse-data"));
    assert_eq!(config.upload_folder, Path::new("./novahouse-data/uploads"));
    assert_eq!(config.cors_origins, Origins::Any);
    assert_eq!(config.json_body_limit_bytes, 256 * 1024);
    assert_eq!(config.db_readers, 2);
    assert!(config.rate_limits);
    assert!(config.worker_threads >= 1);
    assert!(config.trusted_proxies.is_empty());
    assert!(config.public_url.is_none() && config.admin_api_key.is_none());
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.fallbacks, Vec::new());
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let file = "listen = \"127.0.0.1:3\"\ndata_dir = \"from-file\"\nsmtp_port = 25";
    let pairs = env(&[
        ("NOVAHOUSE_LISTEN", "127.0.0.1:2"),
        ("NOVAHOUSE_SMTP_PORT", "2525"),
    ]);
    let flags = Flags {
        listen: Some("127.0.0.1:1".to_owned()),
        ..Flags::default()
    };
    let (config, resolved) = Config::resolve(&flags, &pairs, Some(file)).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(row(&resolved, "listen").source, Source::Flag);
    assert_eq!(config.smtp_port, 2525);
    assert_eq!(
        row(&resolved, "smtp_port").source,
        Source::Environment("NOVAHOUSE_SMTP_PORT".to_owned())
    );
    assert_eq!(config.data_dir, Path::new("from-file"));
    assert_eq!(row(&resolved, "data_dir").source, Source::File);
    assert_eq!(row(&resolved, "db_readers").source, Source::Default);
}

#[test]
fn uploads_follow_the_data_folder_unless_they_have_their_own() {
    let flags = Flags {
        data: Some(PathBuf::from("/srv/nova")),
        ..Flags::default()
    };
    let (moved, _) = Config::resolve(&flags, &BTreeMap::new(), None).unwrap();
    assert_eq!(moved.upload_folder, Path::new("/srv/nova/uploads"));
    let own = env(&[("UPLOAD_FOLDER", "/srv/pictures")]);
    let (own, _) = Config::resolve(&flags, &own, None).unwrap();
    assert_eq!(own.upload_folder, Path::new("/srv/pictures"));
}

#[test]
fn port_changes_the_port_alone_and_yields_to_a_whole_address() {
    assert_eq!(
        config(&[("PORT", "9000")], "").listen.to_string(),
        "0.0.0.0:9000"
    );
    assert_eq!(
        config(&[("PORT", "9000")], "listen = \"[::1]:80\"")
            .listen
            .to_string(),
        "[::1]:9000"
    );
    let both = config(
        &[("PORT", "9000"), ("NOVAHOUSE_LISTEN", "127.0.0.1:80")],
        "",
    );
    assert_eq!(both.listen.to_string(), "127.0.0.1:80");
    assert_eq!(both.warnings.len(), 1);
    assert!(refusal(&[("PORT", "99999")], "").contains("PORT"));
}

#[test]
fn a_language_model_needs_an_address_and_a_name_or_geminis_key_alone() {
    let named = config(
        &[
            ("LLM_BASE_URL", "http://127.0.0.1:11434/v1/"),
            ("LLM_MODEL", "small"),
        ],
        "",
    );
    assert_eq!(
        named.llm_base_url.as_deref(),
        Some("http://127.0.0.1:11434/v1")
    );
    assert_eq!(
        (named.llm_timeout_s, named.llm_visitor_limit_per_day),
        (15, 30)
    );
    assert!(
        config(&[("GEMINI_API_KEY", "key")], "")
            .gemini_api_key
            .is_some()
    );
    assert!(refusal(&[("LLM_BASE_URL", "https://models.example")], "").contains("llm_model"));
    assert!(refusal(&[("LLM_MODEL", "small")], "").contains("llm_base_url"));
    for url in [
        "models.example",
        "ftp://a",
        "https://a?key=1",
        "https://key@a",
    ] {
        assert!(refusal(&[("LLM_BASE_URL", url), ("LLM_MODEL", "m")], "").contains("URL"));
    }
}

#[test]
fn a_scanner_is_reached_over_tcp_or_a_socket_and_refuses_uploads_while_it_is_down() {
    assert_eq!(config(&[], "").clamd_address, None);
    assert_eq!(config(&[], "").clamd_down, ClamdDown::Refuse);
    let accepting = config(&[("CLAMD_DOWN", "accept")], "");
    assert_eq!(accepting.clamd_down, ClamdDown::Accept);
    let tcp = |host: &str| ClamdAddress::Tcp(host.to_owned(), 3310);
    let unix = || ClamdAddress::Unix(PathBuf::from("/run/clamav/clamd.ctl"));
    for (text, address) in [
        ("tcp://scanner.example:3310", tcp("scanner.example")),
        ("scanner:3310", tcp("scanner")),
        ("10.0.0.7:3310", tcp("10.0.0.7")),
        ("tcp://[::1]:3310", tcp("::1")),
        ("unix:/run/clamav/clamd.ctl", unix()),
        ("unix:///run/clamav/clamd.ctl", unix()),
        ("/run/clamav/clamd.ctl", unix()),
    ] {
        let config = config(&[("CLAMD_ADDRESS", text)], "");
        assert_eq!(config.clamd_address, Some(address), "{text}");
    }
}

#[test]
fn a_wrong_address_of_the_scanner_is_refused_with_what_is_right() {
    let long = format!("/{}", "a".repeat(107));
    for text in [
        "scanner",
        "scanner:",
        "scanner:0",
        "scanner:65536",
        "tcp://scanner",
        "http://scanner:3310",
        "::1:3310",
        "[::1:3310",
        "[scanner]:3310",
        "us er:3310",
        "a@b:3310",
        ":3310",
        "unix:run/clamd.ctl",
        "unix:",
        "run/clamd.ctl",
        "/run/",
        "/",
        &long,
    ] {
        let refusal = refusal(&[("CLAMD_ADDRESS", text)], "");
        assert!(
            refusal.starts_with(
                "clamd_address (environment CLAMD_ADDRESS) must be tcp://host:3310, \
                 host:3310, unix:/run/clamav/clamd.ctl or an absolute path, not "
            ),
            "{text}: {refusal}"
        );
    }
    assert!(refusal(&[], "clamd_down = \"ignore\"").contains("refuse or accept"));
}

#[test]
fn a_file_fits_a_conversation_and_a_conversation_fits_all_uploads() {
    let plain = config(&[], "");
    assert_eq!(
        (
            plain.upload_file_mb,
            plain.upload_session_files,
            plain.upload_session_mb,
            plain.upload_total_mb
        ),
        (10, 20, 50, 10_240)
    );
    config(
        &[],
        "upload_file_mb = 100\nupload_session_mb = 100\nupload_total_mb = 100",
    );
    for file in [
        "upload_file_mb = 51",
        "upload_session_mb = 9",
        "upload_total_mb = 49",
    ] {
        assert!(
            refusal(&[], file).contains("must not be more than"),
            "{file}"
        );
    }
    for file in ["upload_file_mb = 101", "upload_file_mb = 0"] {
        assert!(refusal(&[], file).contains("from 1 to 100,"), "{file}");
    }
}

#[test]
fn names_of_v2_3_keep_working() {
    let config = config(
        &[
            ("ADMIN_API_KEY", "owner-key"),
            ("API_KEY", "agent-key"),
            ("SMTP_SERVER", "mail.example.com"),
            ("SMTP_USER", "nova"),
            ("FROM_EMAIL", "NovaHouse <kontakt@example.com>"),
            ("RATE_LIMITS", "off"),
            ("MONDAY_BOARD_ID", "42"),
            ("NOVAHOUSE_DATA", "/srv/nova"),
        ],
        "",
    );
    assert_eq!(config.admin_api_key.unwrap().expose(), "owner-key");
    assert_eq!(config.api_key.unwrap().expose(), "agent-key");
    assert_eq!(config.smtp_server.as_deref(), Some("mail.example.com"));
    assert_eq!(config.monday_board_id.as_deref(), Some("42"));
    assert_eq!(config.data_dir, Path::new("/srv/nova"));
    assert!(!config.rate_limits);
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
}

#[test]
fn a_blank_variable_counts_as_not_set() {
    let (config, resolved) = resolve(&[("SMTP_SERVER", ""), ("SMTP_PORT", " ")], "").unwrap();
    assert_eq!(config.smtp_server, None);
    assert_eq!(config.smtp_port, 587);
    assert_eq!(row(&resolved, "smtp_port").source, Source::Default);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    for (key, nearest) in [
        ("rate_chat_per_minute", "`rate_chat_per_min`"),
        ("worker_thread", "`worker_threads`"),
        ("data_folder", "`data_dir`"),
        ("smpt_pasword", "`smtp_password`"),
        ("SMTP_SERVER", "`smtp_server`"),
        ("port", "`listen`"),
        ("data", "`data_dir`"),
    ] {
        let text = refusal(&[], &format!("{key} = 1"));
        assert!(text.contains(key) && text.ends_with(nearest), "{text}");
    }
    let table = refusal(&[], "[smtp]\nserver = \"x\"");
    assert!(table.contains("`smtp`"), "{table}");
}

#[test]
fn an_unknown_variable_of_ours_is_refused_with_the_nearest_known_one() {
    for (variable, nearest) in [
        ("NOVAHOUSE_LISTN", "NOVAHOUSE_LISTEN"),
        ("NOVAHOUSE_PORT", "PORT"),
        ("NOVAHOUSE_RATE_CHAT", "NOVAHOUSE_RATE_CHAT_PER_MIN"),
    ] {
        let text = refusal(&[(variable, "1")], "");
        assert!(text.contains(&format!("{variable} ")), "{text}");
        assert!(text.ends_with(&format!(" {nearest}")), "{text}");
    }
    config(&[("NOVAHOUSE_LONG", "1"), ("HOME", "/root")], "");
}

#[test]
fn a_value_that_does_not_parse_names_setting_source_and_what_is_expected() {
    let text = refusal(&[("NOVAHOUSE_RATE_CHAT_PER_MIN", "many")], "");
    assert_eq!(
        text,
        "rate_chat_per_min (environment NOVAHOUSE_RATE_CHAT_PER_MIN) must be \
         a whole number from 1 to 1000000, not \"many\""
    );
    for (file, part) in [
        ("listen = 8080", "an IP address and a port"),
        ("rate_chat_per_min = 0", "a whole number from 1"),
        ("body_timeout_s = 1.5", "whole number of seconds"),
        ("rate_limits = \"maybe\"", "on or off"),
        ("trusted_proxies = [\"10.0.0.0/99\"]", "addresses or ranges"),
        ("log_level = \"loud\"", "one of error"),
        ("smtp_server = [\"a\"]", "one line of text"),
        ("public_url = \"example.com\"", "an origin"),
        ("from_email = \"nobody\"", "an e-mail address"),
    ] {
        let text = refusal(&[], file);
        let name = file.split(' ').next().unwrap();
        assert!(
            text.starts_with(&format!("{name} (file) must be ")),
            "{text}"
        );
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn no_refusal_and_no_debug_output_holds_a_secret() {
    for (pairs, file) in [
        (vec![("REDIS_URL", "hush:secret")], ""),
        (vec![("DATABASE_URL", "mysql://u:hush@h/d")], ""),
        (vec![("DATABASE_URL", "postgres://u:hush@h/d")], ""),
        (vec![("ADMIN_API_KEY", "hush\nhush")], ""),
        (vec![], "smtp_password = hush"),
        (vec![], "smtp_password = \"hush"),
        (vec![], "smtp_password = [\"hush\"]"),
        (vec![], "smtp_password = \"hush\"\nsmtp_password = \"hush\""),
        (vec![], "smtp_password \"hush\""),
        (vec![], "smtp_password = 'hush' hush"),
    ] {
        let error = resolve(&pairs, file).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hush"), "{text}");
    }
    let (config, resolved) =
        resolve(&[("API_KEY", "hush"), ("REDIS_URL", "redis://:hush@h")], "").unwrap();
    let text = format!("{config:?} {resolved:?}");
    assert!(!text.contains("hush"), "{text}");
    assert_eq!(row(&resolved, "api_key").value, "(set)");
    assert_eq!(row(&resolved, "admin_api_key").value, "");
}

#[test]
fn a_syntax_error_names_its_line() {
    let text = refusal(&[], "smtp_port = 25\n\nlisten = ");
    assert!(text.contains("line 3"), "{text}");
}

#[test]
fn each_retired_name_gets_one_warning() {
    let config = config(
        &[
            ("SECRET_KEY", "hush"),
            ("FLASK_ENV", "production"),
            ("GUNICORN_WORKERS", "4"),
            ("BOOKSY_API_KEY", "hush"),
            ("BOOKSY_URL", "x"),
            ("DATABASE_URL", "sqlite:///hush.db"),
        ],
        "",
    );
    assert_eq!(config.warnings.len(), 6, "{:?}", config.warnings);
    assert!(!config.warnings.concat().contains("hush"));
    assert!(config.database_url.is_none());
}

#[test]
fn without_its_feature_redis_or_cloud_storage_falls_back_and_says_so() {
    let pairs = [
        ("REDIS_URL", "redis://h:6379/0"),
        ("USE_CLOUD_STORAGE", "true"),
        ("GCS_BUCKET_NAME", "pictures"),
    ];
    let what = |config: &Config| -> Vec<&str> {
        config
            .fallbacks
            .iter()
            .map(|fallback| fallback.what)
            .collect()
    };
    assert_eq!(what(&config(&pairs, "")), ["redis", "storage"]);
    let (full, _) = resolve::resolve(&Flags::default(), &env(&pairs), None, FULL).unwrap();
    assert!(what(&full).is_empty());
}

#[test]
fn a_postgres_url_is_refused_without_the_feature_and_taken_with_it() {
    let pairs = [("DATABASE_URL", "postgresql+psycopg2://u:p@h/nova")];
    assert!(refusal(&pairs, "").contains("feature `postgres`"));
    let (full, _) = resolve::resolve(&Flags::default(), &env(&pairs), None, FULL).unwrap();
    assert_eq!(
        full.database_url.unwrap().expose(),
        "postgresql://u:p@h/nova"
    );
}

#[test]
fn settings_that_need_each_other_are_refused_alone() {
    assert!(refusal(&[], "tls_cert_file = \"a.pem\"").contains("tls_key_file"));
    let bucket = env(&[("USE_CLOUD_STORAGE", "1")]);
    let error = resolve::resolve(&Flags::default(), &bucket, None, FULL).unwrap_err();
    assert!(error.to_string().contains("gcs_bucket_name"));
}

#[test]
fn lists_are_written_with_commas_or_as_arrays() {
    let of_file = config(
        &[],
        "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\ncors_origins = [\"https://A.example/\"]",
    );
    let of_env = config(
        &[
            ("NOVAHOUSE_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("NOVAHOUSE_CORS_ORIGINS", "https://a.example"),
        ],
        "",
    );
    assert_eq!(of_file.trusted_proxies, of_env.trusted_proxies);
    assert_eq!(of_file.trusted_proxies.len(), 2);
    assert_eq!(
        of_file.cors_origins,
        Origins::List(vec!["https://a.example".to_owned()])
    );
    assert_eq!(of_file.cors_origins, of_env.cors_origins);
}

#[test]
fn an_origin_has_neither_path_nor_password() {
    let url = |text: &str| resolve(&[("NOVAHOUSE_PUBLIC_URL", text)], "");
    let (config, _) = url("https://Chat.Example.com:8443/").unwrap();
    assert_eq!(
        config.public_url.as_deref(),
        Some("https://chat.example.com:8443")
    );
    for text in [
        "https://",
        "https://a/b",
        "https://u:p@a",
        "ftp://a",
        "https:// a",
    ] {
        assert!(url(text).is_err(), "{text}");
    }
}

#[test]
fn every_row_of_the_table_can_be_shown_and_looked_up() {
    let mut variables: Vec<String> = Vec::new();
    let (_, resolved) = resolve(&[], "").unwrap();
    assert_eq!(resolved.len(), SETTINGS.len());
    for row in &resolved {
        assert!(row.meaning.ends_with('.'), "{}: {}", row.name, row.meaning);
        variables.extend(row.environment.clone());
    }
    let all = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), all, "a variable stands for two settings");
}

#[test]
fn keys_that_backups_are_encrypted_to_are_checked_at_the_start() {
    let key = age::x25519::Identity::generate().to_public().to_string();
    let file = format!("backup_recipients = [\"{key}\", \" {key}\"]");
    assert_eq!(config(&[], &file).backup_recipients, [&*key, &*key]);
    let cut = &key[..key.len() - 1];
    for wrong in [cut, "age1", "Anna"] {
        let refusal = refusal(&[("BACKUP_RECIPIENTS", wrong)], "");
        assert!(refusal.contains("backup keygen"), "{refusal}");
    }
}

#[test]
fn a_copy_of_the_settings_for_others_holds_no_secret() {
    let copy = without_secrets(
        "smtp_password = \"hunter2\"\nadmin_api_key = \"k-123\"\nupload_file_mb = 7\nunknown = \"hunter3\"\n",
    );
    assert_eq!(copy.trim(), "upload_file_mb = 7");
    assert_eq!(without_secrets("smtp_password = \"hunter2"), "");
}
