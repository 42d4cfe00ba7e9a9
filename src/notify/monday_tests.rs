use super::super::test_peer::{Does, Peer};
use super::*;

fn monday(peer: &Peer) -> Monday {
    Monday::new(&peer.url(), &Secret::new("key")).unwrap()
}

fn impatient(peer: &Peer) -> Monday {
    let within = Some(Duration::from_millis(300));
    Monday::answering_within(&peer.url(), &Secret::new("key"), within).unwrap()
}

async fn create(peer: &Peer) -> Result<String, SendError> {
    create_with(&monday(peer)).await
}

async fn create_with(monday: &Monday) -> Result<String, SendError> {
    let columns = json!({"email": {"email": "name@example.com", "text": "\"}) { id }"}});
    monday.create_item("17", "A \"name\"", &columns).await
}

#[tokio::test]
async fn an_item_is_made_with_variables_and_its_id_comes_back() {
    let peer = Peer::answering(200, r#"{"data":{"create_item":{"id":"4711"}}}"#).await;
    assert_eq!(create(&peer).await.unwrap(), "4711");
    let asked = &peer.asked()[0];
    assert!(asked.head.starts_with("POST /v2 "));
    assert_eq!(asked.header("authorization"), Some("key"));
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["variables"]["name"], "A \"name\"");
    assert!(
        !asked
            .text()
            .split("variables")
            .next()
            .unwrap()
            .contains("name@")
    );
    let columns: Value =
        serde_json::from_str(body["variables"]["columns"].as_str().unwrap()).unwrap();
    assert_eq!(columns["email"]["text"], "\"}) { id }");
}

#[tokio::test]
async fn a_column_is_changed() {
    let body = r#"{"data":{"change_simple_column_value":{"id":4711}}}"#;
    let peer = Peer::answering(200, body).await;
    let changed = monday(&peer)
        .change_column("17", "4711", "status", "New")
        .await;
    assert_eq!(changed, Ok(()));
}

#[tokio::test]
async fn limits_are_temporary_with_the_time_asked_for_in_either_shape() {
    let now = r#"{"errors":[{"message":"x","extensions":{"code":"COMPLEXITY_BUDGET_EXHAUSTED","retry_in_seconds":7}}]}"#;
    let old = r#"{"error_code":"ComplexityException","status_code":429,"errors":["x"]}"#;
    let header = "retry-after: 30\r\n";
    for (does, seconds) in [
        (Does::Answer(200, "", now.into()), Some(7)),
        (Does::Answer(200, header, old.into()), Some(30)),
        (Does::Answer(429, header, String::new()), Some(30)),
        (Does::Answer(503, "", String::new()), None),
    ] {
        let peer = Peer::always(does).await;
        match create(&peer).await {
            Err(SendError::Temporary { retry_after, .. }) => {
                assert_eq!(retry_after, seconds.map(Duration::from_secs));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_error_in_a_body_of_status_200_is_permanent() {
    let coded = r#"{"data":null,"errors":[{"message":"Secret person","extensions":{"code":"UserUnauthorizedException"}}]}"#;
    let bare = r#"{"errors":[{"message":"Field 'x' doesn't exist"}],"data":{}}"#;
    for body in [coded, bare] {
        let peer = Peer::answering(200, body).await;
        let error = create(&peer).await.unwrap_err();
        assert!(matches!(error, SendError::Permanent { .. }), "{error:?}");
        assert!(!error.to_string().contains("Secret person"));
    }
}

#[tokio::test]
async fn an_item_that_may_have_been_made_is_uncertain_a_change_is_just_repeated() {
    for does in [
        Does::Sleep,
        Does::Close,
        Does::Answer(502, "", String::new()),
    ] {
        let peer = Peer::always(does).await;
        let error = create_with(&impatient(&peer)).await.unwrap_err();
        assert!(matches!(error, SendError::Uncertain { .. }), "{error:?}");
        let changed = impatient(&peer)
            .change_column("17", "1", "status", "New")
            .await;
        assert!(matches!(changed, Err(SendError::Temporary { .. })));
    }
    let nobody = Monday::new("http://127.0.0.1:1", &Secret::new("key")).unwrap();
    let error = nobody.create_item("1", "x", &json!({})).await.unwrap_err();
    assert!(matches!(error, SendError::Temporary { .. }), "{error:?}");
}
