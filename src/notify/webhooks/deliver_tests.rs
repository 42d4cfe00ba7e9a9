use super::*;
use crate::notify::test_peer::{Does, Peer};

const BODY: &[u8] = r#"{"type":"lead.created","data":{"id":1,"name":"ż"}}"#.as_bytes();

/// The independent library accepts what is at most five minutes old.
fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Long enough on a busy machine.
const PATIENT: Duration = Duration::from_secs(20);

async fn deliver_in(
    within: Duration,
    peer: &Peer,
    secrets: &[Secret],
) -> Result<Delivered, DeliveryError> {
    let to = Destination::parse(&format!("{}/hook", peer.url()), Reach::Everything).unwrap();
    let webhooks = Webhooks::delivering_within(Reach::Everything, within).unwrap();
    let event = Event {
        id: "evt_1",
        timestamp_s: now_s(),
        body: BODY,
    };
    webhooks.deliver(&to, secrets, event).await
}

async fn deliver(peer: &Peer) -> Result<Delivered, DeliveryError> {
    let secrets = [Secret::from_random([1; 32])];
    deliver_in(PATIENT, peer, &secrets).await
}

#[tokio::test]
async fn an_independent_library_accepts_the_signature_by_the_old_and_by_the_new_secret() {
    let peer = Peer::answering(204, "").await;
    let old = Secret::from_random([1; 32]);
    let new = Secret::from_random([2; 32]);
    let other = Secret::from_random([3; 32]);
    let secrets = [new.clone(), old.clone()];
    let delivered = deliver_in(PATIENT, &peer, &secrets).await.unwrap();
    assert_eq!(delivered.status, 204);
    let asked = &peer.asked()[0];
    assert!(asked.head.starts_with("POST /hook HTTP/1.1"));
    let mut headers = reqwest::header::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, asked.header(name).unwrap().parse().unwrap());
    }
    let verify = |secret: &Secret, body: &[u8]| {
        let receiver = standardwebhooks::Webhook::new(&secret.to_text()).unwrap();
        receiver.verify(body, &headers).is_ok()
    };
    assert!(verify(&old, &asked.body));
    assert!(verify(&new, &asked.body));
    assert!(!verify(&other, &asked.body));
    assert!(!verify(&new, &asked.body[1..]));
}

#[tokio::test]
async fn every_other_status_is_a_failure_and_redirects_are_not_followed() {
    let inside = "location: http://169.254.169.254/\r\nretry-after: 7\r\n";
    for status in [301, 302, 307, 400, 410, 429, 500, 503] {
        let peer = Peer::always(Does::Answer(status, inside, "no".into())).await;
        let error = deliver(&peer).await.unwrap_err();
        assert_eq!(error.is_gone(), status == 410);
        match &error {
            DeliveryError::Refused {
                answer,
                retry_after,
            } => {
                assert_eq!(answer.status, status);
                assert_eq!(answer.body_start, "no");
                assert_eq!(*retry_after, Some(Duration::from_secs(7)));
            }
            other => panic!("{other:?}"),
        }
        let is_permanent = matches!(SendError::from(error), SendError::Permanent { .. });
        assert_eq!(is_permanent, status == 410);
        assert_eq!(peer.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_receiver_that_is_silent_or_closes_fails() {
    let peer = Peer::always(Does::Sleep).await;
    let impatient = Duration::from_millis(300);
    let delivered = deliver_in(impatient, &peer, &[]).await;
    assert_eq!(delivered, Err(DeliveryError::Timeout));
    let peer = Peer::always(Does::Close).await;
    assert_eq!(deliver(&peer).await, Err(DeliveryError::Connection));
}

#[tokio::test]
async fn of_an_answer_without_end_a_kilobyte_is_read() {
    let peer = Peer::always(Does::Drip).await;
    let delivered = deliver_in(PATIENT, &peer, &[]).await.unwrap();
    assert_eq!(delivered.body_start, "x".repeat(1024));
    let letters = "ż".repeat(2000);
    let peer = Peer::answering(200, &format!("a{letters}")).await;
    let delivered = deliver_in(PATIENT, &peer, &[]).await.unwrap();
    assert_eq!(delivered.body_start, format!("a{}", "ż".repeat(511)));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
    let peer = Peer::answering(200, "").await;
    let url = format!("https://localhost:{}/", peer.port);
    let webhooks = Webhooks::new(Reach::Internet).unwrap();
    let to = Destination::parse(&url, Reach::Internet).unwrap();
    let event = Event {
        id: "evt_1",
        timestamp_s: 0,
        body: BODY,
    };
    let error = webhooks.deliver(&to, &[], event).await.unwrap_err();
    assert_eq!(error, DeliveryError::Destination(DestinationError::Inside));
    assert!(matches!(error.into(), SendError::Permanent { .. }));
    assert!(peer.asked().is_empty());
}
