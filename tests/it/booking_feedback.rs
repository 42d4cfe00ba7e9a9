//! What clients are asked after a visit, and what they say.

use serde_json::{Value, json};

use crate::bookings::{book, free_times, link, whole};
use crate::mail_server::MailServer;
use crate::notify::{env, outbox};
use crate::process;
use crate::support::{Server, text, until};

const CLIENT: &str = "anna@example.com";

/// Asks two hours after a visit, at any hour of the day so that the test may run then.
async fn ask_after_two_hours(server: &Server) {
    let owner = server.owner();
    let mut settings = owner.get("/api/booking/settings").await.ok();
    settings["follow_up_after_h"] = json!(2);
    settings["quiet_from"] = json!("00:00");
    settings["quiet_to"] = json!("00:00");
    owner.put("/api/booking/settings", &settings).await.ok();
}

/// Seconds from now until a time as the API writes it.
fn seconds_to(time: &str) -> i64 {
    let time: jiff::Timestamp = time.parse().unwrap();
    time.as_second() - jiff::Timestamp::now().as_second()
}

/// The server again, so many seconds later.
fn later(server: &mut Server, mail: &MailServer, by_s: i64) {
    let folder = server.data().to_path_buf();
    server.stop();
    let ahead = process::clock_ahead(by_s);
    let ahead = ahead
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    *server = Server::start_on(&folder, &[&env(mail.port())[..], &ahead].concat());
}

fn questions(mail: &MailServer) -> Vec<Value> {
    let mut letters = mail.letters_to(CLIENT);
    letters.retain(|letter| !letter["list_unsubscribe"].is_null());
    letters
}

#[tokio::test]
async fn a_client_is_asked_once_after_the_visit_and_rates_it_by_the_link() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    ask_after_two_hours(&server).await;
    let visitor = server.anon();
    let start = free_times(&visitor, "").await[0].clone();
    let made = book(&visitor, &start).await;
    let rating = format!("{}/rating", link(&made));
    let five = json!({"rating": 5, "comment": "Punktualnie"});
    visitor.post(&rating, &five).await.refused(409, "not_begun");
    later(&mut server, &mail, seconds_to(&start) + 6 * 3_600);
    until("the client is asked", async || questions(&mail).len() == 1).await;
    let question = &questions(&mail)[0];
    let page = format!("{}?change=rate", text(&made["manage_url"]));
    assert!(text(&question["text"]).contains(&page), "{question}");

    let visitor = server.anon();
    for bad in [0, 6, -1] {
        let bad = json!({"rating": bad});
        visitor
            .post(&rating, &bad)
            .await
            .refused(422, "invalid_value");
    }
    let three = json!({"rating": 3});
    visitor.post(&rating, &three).await.ok();
    visitor.post(&rating, &five).await.ok();
    let booking = whole(&server.agent(), &made["booking_id"]).await;
    let said = &booking["feedback"];
    assert_eq!(
        (&said["rating"], &said["comment"]),
        (&json!(5), &json!("Punktualnie"))
    );
    later(&mut server, &mail, seconds_to(&start) + 7 * 3_600);
    until("nothing is under way", async || {
        outbox(&server, "state=pending").await.is_empty()
    })
    .await;
    assert_eq!(questions(&mail).len(), 1, "nobody is asked twice");
}

#[tokio::test]
async fn nobody_is_asked_unless_the_company_wants_it_or_when_the_visit_was_off() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let kept = book(&visitor, &free[0]).await;
    let off = book(&visitor, free.last().unwrap()).await;
    visitor
        .post(&format!("{}/cancel", link(&off)), &json!({}))
        .await
        .ok();
    let path = format!("{}/rating", link(&off));
    visitor
        .post(&path, &json!({"rating": 1}))
        .await
        .refused(409, "booking_status");
    later(&mut server, &mail, seconds_to(&free[0]) + 6 * 3_600);
    // The server looks before it serves.
    until("nothing is under way", async || {
        outbox(&server, "state=pending").await.is_empty()
    })
    .await;
    assert!(questions(&mail).is_empty());
    ask_after_two_hours(&server).await;
    later(&mut server, &mail, seconds_to(&free[0]) + 7 * 3_600);
    until("the one visit is asked about", async || {
        questions(&mail).len() == 1
    })
    .await;
    let page = text(&kept["manage_url"]);
    assert!(text(&questions(&mail)[0]["text"]).contains(&page));
}
