//! Both providers against a server in their place.

use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::config::Secret;
use crate::notify::SendError;
use crate::notify::test_peer::{Does, Peer};

const TO: &str = "+48600100200";
const SOON: Duration = Duration::from_millis(300);

fn twilio(peer: &Peer) -> SmsProvider {
    let sender = TwilioSender::From("+15005550006".into());
    let callback = Some("https://example.com/cb".into());
    let twilio = Twilio::new(&peer.url(), "AC123", Secret::new("token"), sender, callback);
    SmsProvider::Twilio(twilio.unwrap())
}

/// For servers that never answer.
fn impatient(provider: SmsProvider) -> SmsProvider {
    match provider {
        SmsProvider::Twilio(twilio) => SmsProvider::Twilio(twilio.answering_within(SOON)),
        SmsProvider::SmsApi(smsapi) => SmsProvider::SmsApi(smsapi.answering_within(SOON)),
    }
}

fn smsapi(peer: &Peer) -> SmsProvider {
    let from = Some("Company".to_owned());
    let smsapi = SmsApi::new(&peer.url(), Secret::new("token"), from, None);
    SmsProvider::SmsApi(smsapi.unwrap())
}

fn message() -> Prepared {
    Prepared::new("Do zobaczenia & dziękujemy").unwrap()
}

async fn send(provider: &SmsProvider) -> Result<Accepted, SendError> {
    provider.send(TO, &message(), "booking-1-reminder").await
}

#[tokio::test]
async fn twilio_gets_a_signed_form_and_says_id_parts_and_price() {
    let body = r#"{"sid":"SM1","status":"queued","num_segments":"2","price":"-0.00750","price_unit":"USD"}"#;
    let peer = Peer::answering(201, body).await;
    let accepted = send(&twilio(&peer)).await.unwrap();
    assert_eq!(accepted.provider_id.as_deref(), Some("SM1"));
    assert_eq!(accepted.parts, Some(2));
    assert_eq!(accepted.cost.unwrap().ten_thousandths, 75);
    let asked = &peer.asked()[0];
    assert!(
        asked
            .head
            .starts_with("POST /2010-04-01/Accounts/AC123/Messages.json ")
    );
    assert_eq!(
        asked.header("authorization"),
        Some("Basic QUMxMjM6dG9rZW4=")
    );
    let form = asked.text();
    assert!(form.contains("To=%2B48600100200") && form.contains("From=%2B15005550006"));
    assert!(form.contains("Body=Do+zobaczenia+%26+dziekujemy"), "{form}");
    assert!(form.contains("StatusCallback=https%3A%2F%2Fexample.com%2Fcb"));
}

#[tokio::test]
async fn what_twilio_refuses_is_permanent_and_named_by_its_code() {
    let body =
        format!(r#"{{"code":21211,"message":"The 'To' number {TO} is not valid","status":400}}"#);
    let peer = Peer::answering(400, &body).await;
    let error = send(&twilio(&peer)).await.unwrap_err();
    assert_eq!(
        error,
        SendError::permanent("Twilio answers 400, code 21211")
    );
}

#[tokio::test]
async fn a_busy_twilio_is_temporary() {
    for status in [429, 503] {
        let peer = Peer::always(Does::Answer(status, "retry-after: 9\r\n", "{}".into())).await;
        match send(&twilio(&peer)).await {
            Err(SendError::Temporary { retry_after, .. }) => {
                assert_eq!(retry_after, Some(Duration::from_secs(9)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_twilio_may_have_is_uncertain_and_no_connection_is_temporary() {
    for does in [
        Does::Sleep,
        Does::Close,
        Does::Drip,
        Does::Answer(500, "", String::new()),
        Does::Answer(502, "", "<html>".into()),
        Does::Answer(201, "", "not JSON".into()),
    ] {
        let peer = Peer::always(does.clone()).await;
        let error = send(&impatient(twilio(&peer))).await.unwrap_err();
        assert!(
            matches!(error, SendError::Uncertain { .. }),
            "{does:?}: {error:?}"
        );
        assert_eq!(peer.asked().len(), 1, "it is not sent again by itself");
    }
    let sender = TwilioSender::Service("MG1".into());
    let nobody = Twilio::new("http://127.0.0.1:1", "AC1", Secret::new("t"), sender, None).unwrap();
    let error = send(&SmsProvider::Twilio(nobody)).await.unwrap_err();
    assert!(matches!(error, SendError::Temporary { .. }), "{error:?}");
}

#[tokio::test]
async fn a_message_twilio_has_is_found_by_number_text_and_time() {
    let body = r#"{"messages":[
        {"sid":"SM3","body":"Something else","date_created":"Tue, 24 Nov 2026 09:00:30 +0000"},
        {"sid":"SM2","body":"Do zobaczenia & dziekujemy","date_created":"Tue, 24 Nov 2026 09:00:05 +0000"},
        {"sid":"SM1","body":"Do zobaczenia & dziekujemy","date_created":"Mon, 23 Nov 2026 09:00:00 +0000"}]}"#;
    let peer = Peer::answering(200, body).await;
    let twilio = twilio(&peer);
    for (since, id) in [
        ("2026-11-24T09:00:10Z", Some("SM2")),
        ("2026-11-24T10:00:00Z", None),
    ] {
        let since: Timestamp = since.parse().unwrap();
        let found = twilio.find(TO, &message(), since).await.unwrap();
        assert_eq!(found.as_deref(), id);
    }
    assert!(
        peer.asked()[0]
            .head
            .contains("Messages.json?To=%2B48600100200&PageSize=100 ")
    );
}

#[tokio::test]
async fn twilio_says_how_far_a_message_is() {
    for (status, delivery) in [
        (r#""queued""#, Delivery::Queued),
        (r#""sent""#, Delivery::Sent),
        (r#""delivered""#, Delivery::Delivered),
        (
            r#""undelivered","error_code":30005"#,
            Delivery::Failed(Some("30005".into())),
        ),
    ] {
        let body = format!(r#"{{"sid":"SM1","status":{status}}}"#);
        let peer = Peer::answering(200, &body).await;
        let answer = twilio(&peer).status("SM1").await.unwrap();
        assert_eq!(answer.delivery, delivery);
        assert!(
            peer.asked()[0]
                .head
                .contains("/Accounts/AC123/Messages/SM1.json ")
        );
    }
    let peer = Peer::answering(200, "{}").await;
    assert!(twilio(&peer).status("../x").await.is_err());
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn smsapi_gets_the_key_and_says_id_parts_and_points() {
    let body = r#"{"count":1,"list":[{"id":"65A1","points":0.16,"number":"48600100200","status":"QUEUE","error":null,"idx":"x"}],"message":"x","length":26,"parts":"1"}"#;
    let peer = Peer::answering(200, body).await;
    let accepted = send(&smsapi(&peer)).await.unwrap();
    assert_eq!(accepted.provider_id.as_deref(), Some("65A1"));
    assert_eq!(accepted.parts, Some(1));
    let cost = accepted.cost.unwrap();
    assert_eq!((cost.ten_thousandths, cost.unit.as_str()), (1600, "points"));
    let asked = &peer.asked()[0];
    assert!(asked.head.starts_with("POST /sms.do "));
    assert_eq!(asked.header("authorization"), Some("Bearer token"));
    let form = asked.text();
    for part in [
        "to=48600100200",
        "check_idx=1",
        "normalize=0",
        "format=json",
        "from=Company",
    ] {
        assert!(form.split('&').any(|field| field == part), "{part}: {form}");
    }
    let again = Peer::answering(200, body).await;
    send(&smsapi(&again)).await.unwrap();
    assert_eq!(again.asked()[0].text(), form, "every try has the same idx");
}

#[tokio::test]
async fn after_a_time_out_smsapi_is_asked_again_and_knows_the_message() {
    let known = r#"{"error":53,"message":"Not unique external ID"}"#;
    let peer = Peer::start(Does::Sleep, Does::Answer(200, "", known.into())).await;
    let smsapi = smsapi(&peer);
    let first = send(&impatient(smsapi.clone())).await.unwrap_err();
    assert!(matches!(first, SendError::Temporary { .. }), "{first:?}");
    let second = send(&smsapi).await.unwrap();
    assert_eq!(second.provider_id, None);
    let since = Timestamp::UNIX_EPOCH;
    assert_eq!(smsapi.find(TO, &message(), since).await, Ok(None));
}

#[tokio::test]
async fn refusals_of_smsapi_are_judged_by_their_code_at_any_status() {
    for (status, body, is_passing) in [
        (
            200,
            r#"{"error":13,"message":"x","invalid_numbers":[{"number":"+48600100200"}]}"#,
            false,
        ),
        (400, r#"{"error":14,"message":"x"}"#, false),
        (200, r#"{"error":103,"message":"x"}"#, false),
        (
            401,
            r#"{"message":"Authorization failed","error":101}"#,
            false,
        ),
        (401, "", false),
        (200, r#"{"error":201,"message":"x"}"#, true),
        (200, r#"{"error":203,"message":"x"}"#, true),
        (429, "", true),
        (502, "<html>", true),
        (200, "not JSON", true),
        (200, r#"{"count":0,"list":[]}"#, true),
        (
            200,
            r#"{"count":1,"list":[{"id":"","points":0,"error":"13"}]}"#,
            false,
        ),
    ] {
        let peer = Peer::answering(status, body).await;
        let error = send(&smsapi(&peer)).await.unwrap_err();
        let is_temporary = matches!(error, SendError::Temporary { .. });
        assert_eq!(is_temporary, is_passing, "{status} {body}: {error:?}");
        assert!(!error.to_string().contains("600100200"));
    }
}

#[tokio::test]
async fn smsapi_says_how_far_a_message_is() {
    for (status, delivery) in [
        ("QUEUE", Delivery::Queued),
        ("SENT", Delivery::Sent),
        ("DELIVERED", Delivery::Delivered),
        ("UNDELIVERED", Delivery::Failed(Some("UNDELIVERED".into()))),
    ] {
        let body =
            format!(r#"{{"count":1,"list":[{{"id":"1","points":0.16,"status":"{status}"}}]}}"#);
        let peer = Peer::answering(200, &body).await;
        assert_eq!(
            smsapi(&peer).status("a&b").await.unwrap().delivery,
            delivery
        );
        assert_eq!(peer.asked()[0].text(), "status=a%26b&format=json");
    }
}
