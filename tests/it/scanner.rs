//! The malware scanner, with a real clamd.

use novahouse::config::{ClamdAddress, ClamdDown};
use novahouse::uploads::{Admission, ScanError, Scanner, Verdict};
use serde_json::Value;

use crate::clamd::{Clamd, SIGNATURE, eicar};
use crate::support::{Server, text};

fn scanner(clamd: &Clamd, when_down: ClamdDown) -> Scanner {
    let path = clamd.address();
    let path = path.strip_prefix("unix:").unwrap();
    Scanner::new(ClamdAddress::Unix(path.into()), when_down)
}

/// Megabytes that no two bytes of repeat soon.
fn content(megabytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(megabytes << 20).collect()
}

#[tokio::test]
async fn clamd_finds_a_signature_wherever_it_stands_and_lets_everything_else_pass() {
    let clamd = Clamd::start();
    let scanner = scanner(&clamd, ClamdDown::Refuse);
    let infected = Ok(Verdict::Infected(SIGNATURE.into()));
    assert_eq!(scanner.scan(&eicar()).await, infected);
    let mut long = content(10);
    assert_eq!(scanner.scan(&long).await, Ok(Verdict::Clean));
    assert_eq!(scanner.scan(b"").await, Ok(Verdict::Clean));
    long.splice(5_000_000..5_000_000, eicar());
    assert_eq!(scanner.scan(&long).await, infected);
    assert_eq!(
        scanner.admit(&long).await,
        Admission::Infected(SIGNATURE.into())
    );
    let version = scanner.ping().await.unwrap();
    assert!(version.starts_with("ClamAV "), "{version}");
    let eicar = eicar();
    let many = std::iter::repeat_with(|| scanner.scan(&eicar)).take(20);
    for outcome in futures_util::future::join_all(many).await {
        assert_eq!(outcome, infected);
    }
}

#[tokio::test]
async fn a_content_longer_than_clamd_takes_is_refused_whatever_holds_while_it_is_down() {
    let clamd = Clamd::start_with("StreamMaxLength 1M");
    let scanner = scanner(&clamd, ClamdDown::Accept);
    for megabytes in [2, 10] {
        let outcome = scanner.admit(&content(megabytes)).await;
        assert_eq!(outcome, Admission::Refused(ScanError::TooLarge));
    }
    assert_eq!(scanner.admit(&content(1)).await, Admission::Clean);
}

#[tokio::test]
async fn a_scanner_that_is_gone_lets_uploads_pass_only_where_the_owner_says_so() {
    let mut clamd = Clamd::start();
    let refusing = scanner(&clamd, ClamdDown::Refuse);
    let accepting = scanner(&clamd, ClamdDown::Accept);
    assert_eq!(accepting.admit(b"x").await, Admission::Clean);
    clamd.kill_9();
    let unreachable = |outcome: &Admission| match outcome {
        Admission::Refused(ScanError::Unreachable(_)) => "refused",
        Admission::Unscanned(ScanError::Unreachable(_)) => "unscanned",
        _ => "something else",
    };
    assert_eq!(unreachable(&refusing.admit(b"x").await), "refused");
    assert_eq!(unreachable(&accepting.admit(b"x").await), "unscanned");
}

#[tokio::test]
async fn deep_health_tells_the_scanners_version_and_what_its_absence_means() {
    let mut clamd = Clamd::start();
    let address = clamd.address();
    let refusing = Server::start_with(&[("CLAMD_ADDRESS", &address)]);
    let accepting = Server::start_with(&[("CLAMD_ADDRESS", &address), ("CLAMD_DOWN", "accept")]);
    let health = async |server: &Server| {
        let deep = server.agent().get("/api/health/deep").await.ok();
        let all = deep["dependencies"].as_array().unwrap().clone();
        let is_scanner = |one: &Value| one["name"] == "scanner";
        (
            text(&deep["status"]),
            all.into_iter().find(is_scanner).unwrap(),
        )
    };
    for server in [&refusing, &accepting] {
        let (status, scanner) = health(server).await;
        assert_eq!((status.as_str(), &scanner["status"]), ("ok", &"ok".into()));
        assert!(text(&scanner["version"]).starts_with("ClamAV "));
        assert!(scanner["latency_ms"].as_f64() > Some(0.0));
    }
    clamd.kill_9();
    let (status, scanner) = health(&refusing).await;
    assert_eq!(status, "error");
    assert_eq!(scanner["status"], "error");
    assert!(text(&scanner["why"]).ends_with("uploads are refused"));
    let (status, scanner) = health(&accepting).await;
    assert_eq!(status, "ok");
    assert_eq!(scanner["status"], "fallback");
    assert!(text(&scanner["why"]).ends_with("uploads are taken unscanned"));
}
