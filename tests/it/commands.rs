//! The commands beside `serve` and `config`, and what the first start leaves.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::config_cli::with_data;
use crate::process::{self, Ended, novahouse, run};
use crate::support::{Server, text};

#[tokio::test]
async fn accounts_keys_and_links_are_made_offline_and_work_online() {
    let folder = process::data_folder();
    let data = folder.path();
    let link = with_data(&["admin"], data, &["setup-link"], &[]);
    assert!(
        link.stdout.contains("/admin#setup="),
        "{}{}",
        link.stdout,
        link.stderr
    );
    let made = with_data(
        &["admin"],
        data,
        &[
            "create",
            "--username",
            "anna",
            "--email",
            "anna@example.com",
            "--role",
            "owner",
        ],
        &[],
    );
    assert!(made.status.success(), "{}", made.stderr);
    let password = |ended: &Ended| {
        ended
            .stdout
            .split_once("password: ")
            .unwrap()
            .1
            .trim()
            .to_owned()
    };
    let (first, key) = (
        password(&made),
        with_data(
            &["admin"],
            data,
            &["api-key", "--name", "CRM", "--role", "agent"],
            &[],
        ),
    );
    let key = key.stdout.lines().last().unwrap().to_owned();
    let twice = with_data(
        &["admin"],
        data,
        &["create", "--username", "anna", "--email", "b@example.com"],
        &[],
    );
    assert_eq!(twice.status.code(), Some(1));
    assert_eq!(
        with_data(&["admin"], data, &["setup-link"], &[])
            .status
            .code(),
        Some(1),
        "there is an owner already"
    );

    let login = |password: &str| json!({"username": "anna", "password": password});
    let mut server = Server::start_on(data, &[]);
    assert!(!server.stdout().contains("#setup="));
    server
        .browser()
        .post("/api/auth/login", &login(&first))
        .await
        .ok();
    assert_eq!(
        server.with_key(&key).get("/api/conversations").await.status,
        200
    );
    server
        .with_key(&key)
        .get("/api/users")
        .await
        .refused(403, "role_required");
    server.stop();
    let mut reset = novahouse(&["admin", "--data"]);
    reset.arg(data).args([
        "reset-password",
        "--username",
        "anna@example.com",
        "--password-stdin",
    ]);
    let ended = run(reset, b"fioletowy rower na dachu\n");
    assert!(
        ended.status.success() && !ended.stdout.contains("fioletowy"),
        "{}{}",
        ended.stdout,
        ended.stderr
    );
    server.restart();
    server
        .browser()
        .post("/api/auth/login", &login(&first))
        .await
        .refused(401, "login_failed");
    server
        .browser()
        .post("/api/auth/login", &login("fioletowy rower na dachu"))
        .await
        .ok();
}

#[test]
fn classify_prints_one_json_object_a_line_whatever_it_is_fed() {
    let folder = process::data_folder();
    let mut command = novahouse(&["nlu", "--data"]);
    command.arg(folder.path()).arg("classify");
    let input = b"Ile kosztuje wyko\xc5\x84czenie mieszkania?\n\n\xff\xfe\x00\xc3\nHow long does it take?\r\nWelche Garantie geben Sie?";
    let ended = run(command, input);
    assert!(ended.status.success(), "{}", ended.stderr);
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    for line in &lines {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "alternatives",
                "confidence",
                "entities",
                "intent",
                "lang",
                "text"
            ]
        );
        assert!((0.0..=1.0).contains(&line["confidence"].as_f64().unwrap()));
        assert!(line["entities"].is_object() && line["alternatives"].is_array());
    }
    let found = |at: usize| (text(&lines[at]["lang"]), text(&lines[at]["intent"]));
    assert_eq!(found(0), ("pl".into(), "price".into()));
    assert_eq!(found(3), ("en".into(), "duration".into()));
    assert_eq!(found(4), ("de".into(), "warranty".into()));
    assert_eq!(
        (&lines[1]["text"], &lines[3]["text"]),
        (&json!(""), &json!("How long does it take?"))
    );
}

#[test]
fn classify_shows_the_data_in_a_message_counted_from_a_given_day() {
    let folder = process::data_folder();
    let classify = |today: &str, input: &str| {
        let mut command = novahouse(&["nlu", "classify", "--today", today, "--data"]);
        command.arg(folder.path());
        run(command, input.as_bytes())
    };
    let ended = classify(
        "2026-11-22",
        "Mieszkanie 60-70 m2 w Gdańsku, budżet od 100 do 150 tys., jutro o 17\n\
         My name is John Smith, call +48 601 234 567 in two weeks\n\
         Dreizimmerwohnung in Breslau, nächsten Dienstag, hans@example.de\n\
         31 lutego, −5 m2\n",
    );
    assert!(ended.status.success(), "{}", ended.stderr);
    let entities: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["entities"].clone())
        .collect();
    assert_eq!(
        entities,
        [
            json!({
                "area_m2": 65.0, "budget_pln": 150_000, "city": "Gdańsk", "property_type": "flat",
                "date": "2026-11-23", "time": "17:00"
            }),
            json!({"name": "John Smith", "phone": "+48601234567", "date": "2026-12-06"}),
            json!({
                "city": "Wrocław", "property_type": "flat", "rooms": 3, "email": "hans@example.de", "date": "2026-11-24"
            }),
            json!({}),
        ]
    );
    let refused = classify("2026-02-31", "jutro");
    assert_eq!(refused.status.code(), Some(2), "{}", refused.stderr);
}

#[test]
fn eval_prints_the_figures_of_a_test_file_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let train = file(
        "train.csv",
        "sentence,label\nhow much is it,price\nwhat does it cost,price\nhow long does it take,duration\nhow many weeks,duration\n",
    );
    let test = file(
        "test.csv",
        "sentence,label\n\"how much, please?\",price\nhow long,duration\nwho won the match,NONE\n",
    );
    let mut command = novahouse(&["nlu", "eval", "--confusion", "--oos-label", "NONE"]);
    command.arg("--train").arg(&train).arg("--test").arg(&test);
    let ended = run(command, b"");
    assert!(ended.status.success(), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let thresholds = report["thresholds"].as_array().unwrap();
    assert_eq!(thresholds.len(), 91);
    for point in thresholds
        .iter()
        .chain([&report["best"], &report["chosen"]])
    {
        for figure in [
            "threshold",
            "accuracy",
            "inscope_accuracy",
            "oos_recall",
            "mcc",
        ] {
            assert!(point[figure].is_f64(), "{figure}: {point}");
        }
    }
    assert!(report["train_seconds"].is_f64());
    assert!(report["sentence_us"]["p50"].is_f64() && report["sentence_us"]["p99"].is_f64());
    assert!(report["confusion"]["price"].is_object());
}

#[test]
fn eval_names_what_is_wrong_with_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for (content, message) in [
        (
            "question,answer\na,b\n",
            "the first line must name the columns",
        ),
        ("sentence,label\n", "no rows"),
        ("sentence,label\na,x\nb,x\n", "at least two labels"),
    ] {
        let path = folder.path().join("train.csv");
        fs::write(&path, content).unwrap();
        let mut command = novahouse(&["nlu", "eval", "--train"]);
        command.arg(&path);
        let ended = run(command, b"");
        assert!(!ended.status.success());
        assert!(ended.stderr.contains(message), "{}", ended.stderr);
    }
}

#[test]
fn doctor_finds_a_damaged_database_and_a_folder_that_others_may_read() {
    use std::os::unix::fs::{FileExt, PermissionsExt};
    let folder = process::data_folder();
    let file = folder.path().join("novahouse.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let healthy = with_data(&["doctor"], folder.path(), &[], &[]);
    assert!(
        healthy.status.success(),
        "{}{}",
        healthy.stdout,
        healthy.stderr
    );
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let open = with_data(&["doctor"], folder.path(), &[], &[]);
    assert!(
        open.status.code() == Some(1) && open.stdout.contains("chmod 700"),
        "{}",
        open.stdout
    );
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();

    let pages = fs::metadata(&file).unwrap().len() / 4096;
    let raw = fs::File::options().write(true).open(&file).unwrap();
    for page in pages / 2..pages / 2 + 20 {
        raw.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
    let damaged = with_data(&["doctor"], folder.path(), &[], &[]);
    assert_eq!(damaged.status.code(), Some(1), "{}", damaged.stdout);
    assert!(
        damaged.stdout.contains("PROBLEM  database"),
        "{}",
        damaged.stdout
    );
    assert!(
        damaged.stderr.contains("problem(s) found"),
        "{}",
        damaged.stderr
    );
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
