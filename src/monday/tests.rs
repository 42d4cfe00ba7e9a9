//! The interface against a server in its place.

use std::time::Duration;

use serde_json::json;

use super::client::Client;
use crate::config::Secret;
use crate::notify::SendError;
use crate::notify::test_peer::{Does, Peer};

fn client(peer: &Peer) -> Client {
    let soon = Some(Duration::from_millis(300));
    Client::new(&peer.url(), Secret::new("key"), "4711".into(), soon).unwrap()
}

async fn create(does: Does) -> Result<String, SendError> {
    let peer = Peer::always(does).await;
    client(&peer).create("Anna #1", &json!({})).await
}

fn says(status: u16, body: &str) -> Does {
    Does::Answer(status, "", body.to_owned())
}

#[tokio::test]
async fn what_may_have_been_made_is_uncertain() {
    for does in [
        Does::Sleep,
        Does::Close,
        says(500, ""),
        says(502, "<html>"),
        says(200, "not JSON"),
        says(200, r#"{"data": null}"#),
        says(
            200,
            r#"{"errors": [{"extensions": {"code": "InternalServerError"}}]}"#,
        ),
        says(200, r#"{"error_code": "x", "status_code": 500}"#),
    ] {
        let made = create(does.clone()).await;
        assert!(
            matches!(made, Err(SendError::Uncertain { .. })),
            "{does:?}: {made:?}"
        );
    }
}

#[tokio::test]
async fn limits_pass_after_the_time_monday_says() {
    for (does, after_s) in [
        (
            Does::Answer(429, "retry-after: 9\r\n", String::new()),
            Some(9),
        ),
        (says(503, ""), None),
        (
            says(
                200,
                r#"{"error_code": "ComplexityException", "error_data": {"retry_in_seconds": 14}}"#,
            ),
            Some(14),
        ),
        (
            says(
                429,
                r#"{"errors": [{"message": "x", "extensions": {"code": "FIELD_LIMIT_EXCEEDED",
                    "error_data": {"retry_in_seconds": 15}, "status_code": 429}}]}"#,
            ),
            Some(15),
        ),
        (
            says(
                200,
                r#"{"errors": [{"extensions": {"code": "maxConcurrencyExceeded"}}]}"#,
            ),
            None,
        ),
    ] {
        match create(does.clone()).await {
            Err(SendError::Temporary { retry_after, .. }) => {
                assert_eq!(retry_after, after_s.map(Duration::from_secs), "{does:?}");
            }
            other => panic!("{does:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_wrong_key_or_value_stays_wrong_and_nothing_of_the_person_is_repeated() {
    for (does, what) in [
        (says(401, ""), "monday.com answers 401"),
        (
            says(401, r#"{"errors": [{"message": "Not Authenticated"}]}"#),
            "monday.com refuses with status 401",
        ),
        (
            says(
                200,
                r#"{"errors": [{"message": "anna@example.com", "extensions": {"code": "ColumnValueException"}}]}"#,
            ),
            "monday.com refuses: ColumnValueException",
        ),
        (
            says(
                200,
                r#"{"error_code": "UserUnauthorizedException", "status_code": 403}"#,
            ),
            "monday.com refuses: UserUnauthorizedException",
        ),
    ] {
        assert_eq!(create(does).await, Err(SendError::permanent(what)));
    }
}
