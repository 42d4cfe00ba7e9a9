//! What clients are asked after a visit, and what they say.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bookings::{free_times, link, whole, wish};
use crate::mail_server::MailServer;
use crate::notify::{env, outbox};
use crate::process;
use crate::support::{Actor, Answer, Server, send, text, until};

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

/// A visit whose client agrees to be written to.
async fn book(who: &Actor, start: &str) -> Value {
    let mut wish = wish(start);
    wish["consent"] = json!({
        "purpose": "email_marketing", "text_version": "2026-11", "text": "Zgadzam się na e-maile.", "language": "pl"
    });
    let answer = who.post("/api/booking/create", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// The path of a letter's link to want no more of its kind.
fn withdrawal(letter: &Value) -> String {
    let header = text(&letter["list_unsubscribe"]);
    let (_, path) = header.split_once("/privacy/withdraw/").unwrap();
    format!("/privacy/withdraw/{}", path.trim_end_matches('>'))
}

/// How the letter that asks came out.
async fn asked(server: &Server) -> (String, Value) {
    let letters = outbox(server, "").await;
    let mut asked = letters.into_iter();
    let asked = asked.find(|letter| letter["message"] == "follow_up");
    let asked = asked.unwrap();
    (text(&asked["state"]), asked["last_error"].clone())
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

/// Books the first free time and goes on after the visit; answers the server's client.
async fn after_a_visit(server: &mut Server, mail: &MailServer, has_consent: bool) -> Actor {
    ask_after_two_hours(server).await;
    let visitor = server.anon();
    let start = free_times(&visitor, "").await[0].clone();
    if has_consent {
        book(&visitor, &start).await;
    } else {
        crate::bookings::book(&visitor, &start).await;
    }
    later(server, mail, seconds_to(&start) + 6 * 3_600);
    server.anon()
}

#[tokio::test]
async fn who_did_not_agree_is_not_asked_and_that_is_no_error() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    after_a_visit(&mut server, &mail, false).await;
    until("it is decided", async || {
        !outbox(&server, "state=refused").await.is_empty()
    })
    .await;
    assert_eq!(
        asked(&server).await,
        ("refused".into(), json!("no consent"))
    );
    assert!(questions(&mail).is_empty());
    assert!(outbox(&server, "state=failed").await.is_empty());
}

#[tokio::test]
async fn a_letters_link_withdraws_the_consent_only_by_post_and_with_one_click_of_a_mail_program() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    let visitor = after_a_visit(&mut server, &mail, true).await;
    until("the client is asked", async || questions(&mail).len() == 1).await;
    let path = withdrawal(&questions(&mail)[0]);
    let consent = async || {
        let body = json!({"email": CLIENT});
        let told = server.owner().post("/api/rodo/consent/check", &body).await;
        told.ok()["consent"]["marketing"].clone()
    };
    let page = visitor.get(&format!("{path}?lang=de")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("Einwilligung widerrufen?"),
        "{}",
        page.text()
    );
    assert_eq!(consent().await, true, "looking changes nothing");

    let click = [("List-Unsubscribe", "One-Click")];
    let noted: Answer = send(visitor.request(Method::POST, &path).form(&click)).await;
    assert_eq!(noted.status, 200, "{}", noted.text());
    assert_eq!(consent().await, false);
    let multipart = reqwest::multipart::Form::new().text("List-Unsubscribe", "One-Click");
    let again = send(visitor.request(Method::POST, &path).multipart(multipart)).await;
    assert_eq!(again.status, 200, "{}", again.text());
    let forged = path.replace("email_marketing", "sms_marketing");
    assert_eq!(visitor.get(&forged).await.status, 404);
    let form = visitor.request(Method::POST, &forged).form(&click);
    assert_eq!(send(form).await.status, 404);
    let export = json!({"user_identifier": CLIENT});
    let export = server.owner().post("/api/rodo/export", &export).await.ok();
    assert!(
        export["data"]["data"]["consents"]
            .to_string()
            .contains("email_marketing"),
        "{export}"
    );
}

#[tokio::test]
async fn a_withdrawal_counts_when_the_letter_leaves_and_a_later_consent_counts_again() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    book(&visitor, &free[0]).await;
    let form = [("want", "withdraw"), ("email", CLIENT)];
    let noted = send(visitor.request(Method::POST, "/privacy").form(&form)).await;
    assert_eq!(noted.status, 303, "{}", noted.text());
    ask_after_two_hours(&server).await;
    later(&mut server, &mail, seconds_to(&free[0]) + 6 * 3_600);
    until("it is decided", async || {
        !outbox(&server, "state=refused").await.is_empty()
    })
    .await;
    assert!(questions(&mail).is_empty());

    let visitor = server.anon();
    let start = free_times(&visitor, "").await[0].clone();
    book(&visitor, &start).await;
    let body = json!({"email": CLIENT});
    let told = server.owner().post("/api/rodo/consent/check", &body).await;
    assert_eq!(told.ok()["consent"]["marketing"], true);
}
