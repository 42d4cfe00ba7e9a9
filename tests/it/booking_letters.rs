//! Letters about visits: confirmation with an invitation, changes, cancelling, reminders.

use serde_json::{Value, json};

use crate::bookings::{book, free_times, link, read, wish};
use crate::mail_server::MailServer;
use crate::notify::{TEAM, env, outbox};
use crate::process;
use crate::support::{Server, text, until};

const CLIENT: &str = "anna@example.com";

/// Waits for so many letters to an address; answers the last one.
async fn letter(mail: &MailServer, to: &str, count: usize) -> Value {
    until(&format!("{count} letters to {to} arrived"), async || {
        mail.letters_to(to).len() >= count
    })
    .await;
    let letters = mail.letters_to(to);
    assert_eq!(letters.len(), count, "{letters:?}");
    letters[count - 1].clone()
}

async fn nothing_under_way(server: &Server) {
    until("nothing is under way", async || {
        outbox(server, "state=pending").await.is_empty()
    })
    .await;
}

/// The member's own letters go where the company's do not.
async fn member_with_address(server: &Server, address: &str) {
    let changed = json!({"name": "Ola", "email": address, "services": [1]});
    server
        .owner()
        .put("/api/booking/staff/1", &changed)
        .await
        .ok();
}

#[tokio::test]
async fn the_client_the_member_and_the_team_hear_of_a_visit_and_of_each_change() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    member_with_address(&server, "member@example.com").await;
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let made = book(&visitor, &free[0]).await;

    let confirmed = letter(&mail, CLIENT, 1).await;
    let subject = text(&confirmed["subject"]);
    assert!(subject.starts_with("Termin potwierdzony: "), "{subject}");
    let page = text(&made["manage_url"]);
    assert!(text(&confirmed["text"]).contains(&page), "{confirmed}");
    assert_eq!(confirmed["method"], "REQUEST");
    let event = text(&confirmed["event"]);
    assert_eq!(read(&event, "METHOD"), ["REQUEST"]);
    let (uid, sequence) = (read(&event, "UID"), read(&event, "SEQUENCE"));
    assert_eq!(sequence, ["0"]);
    assert!(read(&event, "ATTENDEE")[0].contains(CLIENT));

    let to_member = letter(&mail, "member@example.com", 1).await;
    assert!(text(&to_member["subject"]).starts_with("Nowa rezerwacja: Anna Kwiatkowska"));
    assert!(
        text(&to_member["text"]).contains("Odbiór w maju"),
        "{to_member}"
    );
    assert!(text(&to_member["reply_to"]).contains(CLIENT));
    let event = text(&to_member["event"]);
    assert_eq!(read(&event, "UID"), uid);
    assert!(read(&event, "ATTENDEE")[0].contains("member@example.com"));
    let to_team = letter(&mail, TEAM, 1).await;
    assert_eq!(to_team["subject"], to_member["subject"]);
    assert!(to_team["event"].is_null());

    let later = json!({"start_time": free[free.len() - 1]});
    visitor
        .post(&format!("{}/reschedule", link(&made)), &later)
        .await
        .ok();
    let moved = letter(&mail, CLIENT, 2).await;
    assert!(text(&moved["subject"]).starts_with("Nowy termin: "));
    let event = text(&moved["event"]);
    assert_eq!(read(&event, "UID"), uid);
    assert_eq!(read(&event, "SEQUENCE"), ["1"]);
    letter(&mail, TEAM, 2).await;

    for _ in 0..2 {
        visitor
            .post(&format!("{}/cancel", link(&made)), &json!({}))
            .await
            .ok();
    }
    let off = letter(&mail, CLIENT, 3).await;
    assert!(
        text(&off["text"]).contains("zgodnie z Państwa prośbą"),
        "{off}"
    );
    assert!(text(&off["text"]).contains("/book"), "{off}");
    assert_eq!(off["method"], "CANCEL");
    assert_eq!(read(&text(&off["event"]), "UID"), uid);
    letter(&mail, "member@example.com", 3).await;
    letter(&mail, TEAM, 3).await;
    nothing_under_way(&server).await;
    assert_eq!(mail.letters().len(), 9, "nobody hears of anything twice");
}

#[tokio::test]
async fn a_visit_that_gets_another_member_leaves_the_calendar_of_the_one_before() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    member_with_address(&server, "member@example.com").await;
    let owner = server.owner();
    let second = json!({"name": "Ewa", "email": "second@example.com", "services": [1]});
    let second = owner.post("/api/booking/staff", &second).await.ok()["id"].clone();
    let hours =
        server.agent().get("/api/booking/staff").await.ok()["staff"][0]["team"]["hours"].clone();
    owner
        .put(
            &format!("/api/booking/staff/{second}/hours"),
            &json!({"hours": hours}),
        )
        .await
        .ok();
    let free = free_times(&server.anon(), "&staff_id=1").await;
    let mut wanted = wish(&free[0]);
    wanted["staff_id"] = json!(1);
    let made = server
        .anon()
        .post("/api/booking/create", &wanted)
        .await
        .ok();
    letter(&mail, "member@example.com", 1).await;

    let path = format!("/api/booking/{}", made["booking_id"]);
    server
        .agent()
        .put(&path, &json!({"staff_id": second}))
        .await
        .ok();
    let given_up = letter(&mail, "member@example.com", 2).await;
    assert_eq!(given_up["method"], "CANCEL");
    let taken = letter(&mail, "second@example.com", 1).await;
    assert_eq!(taken["method"], "REQUEST");
    let moved = letter(&mail, CLIENT, 2).await;
    assert_eq!(moved["method"], "REQUEST");
    assert!(text(&moved["text"]).contains("Ewa"), "{moved}");

    let address = json!({"client_email": "new@example.com"});
    server.agent().put(&path, &address).await.ok();
    letter(&mail, "new@example.com", 1).await;
    // As a form sends it that names everything, also what stays.
    let other = json!({"client_email": "other@example.com", "start_time": free[0], "client_name": "Win at www.example.com"});
    server.agent().put(&path, &other).await.ok();
    let confirmed = letter(&mail, "other@example.com", 1).await;
    assert_eq!(confirmed["method"], "REQUEST");
    assert!(
        !confirmed.to_string().contains("www.example.com"),
        "a stranger's words: {confirmed}"
    );
    let same = json!({"notes": "Piętro 3", "start_time": free[0]});
    server.agent().put(&path, &same).await.ok();
    nothing_under_way(&server).await;
    assert_eq!(mail.letters_to("new@example.com").len(), 1, "nothing moved");
}

#[tokio::test]
async fn a_reminder_leaves_when_it_is_due_also_after_downtime_and_follows_its_message() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let noon = free.iter().find(|start| start.contains("T12:00")).unwrap();
    let made = book(&visitor, noon).await;
    letter(&mail, CLIENT, 1).await;
    nothing_under_way(&server).await;
    server.stop();

    let start: jiff::Timestamp = noon.parse().unwrap();
    let to_go_s = start.as_second() - jiff::Timestamp::now().as_second();
    let ahead = process::clock_ahead(to_go_s - 23 * 3_600);
    let ahead = ahead
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let server = Server::start_on(folder.path(), &[&env(mail.port())[..], &ahead].concat());
    let reminded = letter(&mail, CLIENT, 2).await;
    assert!(
        text(&reminded["subject"]).starts_with("Przypomnienie: "),
        "{reminded}"
    );
    assert!(reminded["event"].is_null());
    let path = format!("/api/reminders?booking_id={}", made["booking_id"]);
    until("the reminder says that its letter left", async || {
        let rows = server.agent().get(&path).await.ok()["reminders"].clone();
        let row = &rows[0];
        (&row["state"], &row["message_state"]) == (&json!("sent"), &json!("sent"))
    })
    .await;
    let rows = server.agent().get(&path).await.ok()["reminders"].clone();
    assert_eq!(rows[1]["state"], "pending", "{rows}");
    let now = format!("/api/reminders/{}/send-now", rows[1]["id"]);
    let sent = server.agent().post(&now, &json!({})).await.ok();
    assert_eq!(sent["state"], "sent");
    until(
        "no provider of text messages is set, and the list says so",
        async || {
            let rows = server.agent().get(&path).await.ok()["reminders"].clone();
            rows[1]["message_state"] == "not_configured"
        },
    )
    .await;
}

#[tokio::test]
async fn erasing_a_visitor_erases_the_letters_about_their_visits() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let visitor = server.anon();
    let session = visitor.session().await;
    let free = free_times(&visitor, "").await;
    let mut wanted = wish(&free[0]);
    wanted["session_id"] = json!(session);
    visitor.post("/api/booking/create", &wanted).await.ok();
    nothing_under_way(&server).await;
    assert!(!outbox(&server, "").await.is_empty());
    let body = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    assert!(outbox(&server, "").await.is_empty());
}
