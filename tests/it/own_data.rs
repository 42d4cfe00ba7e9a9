//! What persons can do themselves with what is kept about them: on `/privacy` without scripts, and in the chat.

use reqwest::Method;
use serde_json::{Value, json};

use crate::mail_server::MailServer;
use crate::notify::{env, outbox};
use crate::rodo::{EMAIL, NAME, who};
use crate::support::{Actor, Answer, Server, send, text, until};

async fn fill_in(who: &Actor, path: &str, fields: &[(&str, &str)]) -> Answer {
    send(who.request(Method::POST, path).form(fields)).await
}

#[track_caller]
fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location")
}

async fn page(who: &Actor, path: &str) -> String {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// A field of an address's query.
#[track_caller]
fn named(address: &str, name: &str) -> String {
    let begin = format!("{name}=");
    let (_, rest) = address.split_once(&begin).unwrap();
    rest.split('&').next().unwrap().to_owned()
}

/// The newest code in the letters to the person, when there are so many letters with one.
async fn code(mail: &MailServer, letters: usize) -> String {
    let mut codes: Vec<String> = Vec::new();
    until("the code came", async || {
        let numbers = mail.letters_to(EMAIL).into_iter().filter_map(|letter| {
            let letter = text(&letter["text"]);
            let mut numbers = letter.split(|c: char| !c.is_ascii_digit());
            numbers.find(|number| number.len() == 6).map(str::to_owned)
        });
        codes = numbers.collect();
        codes.len() == letters
    })
    .await;
    codes.pop().unwrap()
}

async fn known(server: &Server) {
    let lead = json!({"name": NAME, "email": EMAIL});
    assert_eq!(server.anon().post("/api/leads", &lead).await.status, 201);
    until("its letters left", async || {
        outbox(server, "state=pending").await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn the_privacy_page_holds_the_notice_and_the_form_in_three_languages_without_a_script() {
    let server = Server::start();
    let visitor = server.anon();
    for (lang, notice, title, choice) in [
        (
            "pl",
            "Jakie są prawa",
            "Państwa dane",
            "Chcę usunąć moje dane",
        ),
        ("en", "Your rights", "Your data", "Delete my data"),
        ("de", "Ihre Rechte", "Ihre Daten", "Meine Daten löschen"),
    ] {
        let shown = page(&visitor, &format!("/privacy?lang={lang}")).await;
        for part in [notice, title, choice] {
            assert!(shown.contains(part), "{lang} lacks {part}: {shown}");
        }
        assert!(
            !shown.contains("{{") && !shown.contains("<script"),
            "{shown}"
        );
        for field in ["want", "email", "phone"] {
            assert!(shown.contains(&format!("name=\"{field}\"")), "{field}");
        }
    }
}

#[tokio::test]
async fn a_copy_is_had_once_and_an_erasure_gives_a_receipt_by_forms_alone() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    known(&server).await;
    let visitor = server.anon();

    let wish = [("want", "export"), ("email", EMAIL), ("phone", "")];
    let waits = leads_to(&fill_in(&visitor, "/privacy?lang=de", &wish).await);
    assert!(waits.starts_with("/privacy/code?"), "{waits}");
    let shown = page(&visitor, &waits).await;
    assert!(shown.contains("ist ein Code unterwegs"), "{shown}");
    let right = code(&mail, 1).await;
    let request = named(&waits, "request");
    let typed = format!("{} {}", &right[..3], &right[3..]);
    let fields = [
        ("code", typed.as_str()),
        ("request", request.as_str()),
        ("kind", "export"),
    ];
    let ready = leads_to(&fill_in(&visitor, "/privacy/code?lang=de", &fields).await);
    let shown = visitor.get(&ready).await;
    assert_eq!(shown.header("cache-control"), "no-store");
    let shown = shown.text().replace("&#x2f;", "/");
    let (_, rest) = shown.split_once("href=\"/api/rodo/download/").unwrap();
    let link = format!("/api/rodo/download/{}", rest.split_once('"').unwrap().0);
    let zip = visitor.get(&link).await;
    assert_eq!((zip.status, &zip.body[..2]), (200, b"PK".as_slice()));
    visitor.get(&link).await.refused(410, "link_gone");

    let wish = [("want", "delete"), ("email", EMAIL), ("phone", "")];
    let waits = leads_to(&fill_in(&visitor, "/privacy?lang=en", &wish).await);
    let shown = page(&visitor, &waits).await;
    assert!(shown.contains("This cannot be undone"), "{shown}");
    let (right, request) = (code(&mail, 2).await, named(&waits, "request"));
    let fields = [
        ("code", right.as_str()),
        ("request", request.as_str()),
        ("kind", "delete"),
    ];
    let receipt = leads_to(&fill_in(&visitor, "/privacy/code?lang=en", &fields).await);
    let shown = page(&visitor, &receipt).await;
    assert!(shown.contains("Your data has been deleted"), "{shown}");
    assert!(shown.contains(&named(&receipt, "receipt")), "{shown}");
    assert!(shown.contains("inquiries: 1"), "{shown}");
    server
        .owner()
        .post("/api/rodo/find", &who(EMAIL))
        .await
        .refused(404, "person_not_found");
}

#[tokio::test]
async fn the_pages_say_the_same_to_known_and_unknown_and_name_what_is_wrong_at_its_field() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    known(&server).await;
    let visitor = server.anon();
    let mut told = Vec::new();
    let mut waits = String::new();
    for email in [EMAIL, "nikt@example.com"] {
        let wish = [("want", "export"), ("email", email)];
        waits = leads_to(&fill_in(&visitor, "/privacy?lang=pl", &wish).await);
        let request = named(&waits, "request");
        told.push(page(&visitor, &waits).await.replace(&request, "…"));
    }
    assert_eq!(told[0], told[1]);
    let request = named(&waits, "request");
    let wrong = [("code", "123456"), ("request", request.as_str())];
    let refused = fill_in(&visitor, "/privacy/code?lang=pl", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("id=\"code-error\""),
        "{}",
        refused.text()
    );
    for (fields, field) in [
        (vec![("want", "export")], "email"),
        (vec![("want", "export"), ("email", "anna@")], "email"),
        (vec![("want", "delete"), ("phone", "12")], "phone"),
        (vec![("want", "everything"), ("email", EMAIL)], "want"),
        (vec![("email", EMAIL)], "want"),
    ] {
        let refused = fill_in(&visitor, "/privacy?lang=en", &fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        let page = refused.text();
        assert!(
            page.contains(&format!("id=\"{field}-error\"")),
            "{fields:?}: {page}"
        );
    }
    let lost = visitor.get("/privacy/code").await;
    assert_eq!(leads_to(&lost), "/privacy");
    assert_eq!(visitor.get("/privacy/withdraw/forged").await.status, 404);
}

/// A button's payload by its title.
#[track_caller]
fn button(answer: &Value, title: &str) -> String {
    let buttons = answer["quick_replies"].as_array().unwrap();
    let found = buttons.iter().find(|button| button["title"] == title);
    text(&found.unwrap_or_else(|| panic!("no {title}: {answer}"))["payload"])
}

#[tokio::test]
async fn in_the_chat_a_copy_is_offered_and_the_conversation_erased_after_one_more_question() {
    let server = Server::start();
    for (lang, asked, copy, erase, yes, sure, done) in [
        (
            "pl",
            "usuń moje dane",
            "Kopia danych z rozmowy",
            "Usuń dane z rozmowy",
            "tak",
            "nie da się cofnąć",
            "zostały usunięte",
        ),
        (
            "en",
            "delete my data",
            "Copy of this chat's data",
            "Delete this chat's data",
            "yes",
            "cannot be undone",
            "have been deleted",
        ),
        (
            "de",
            "Bitte löscht meine Daten",
            "Daten des Chats kopieren",
            "Daten des Chats löschen",
            "ja",
            "nicht rückgängig",
            "gelöscht",
        ),
    ] {
        let visitor = server.anon();
        let session = visitor.session().await;
        let say = async |message: &str| {
            let body = json!({"session_id": session, "message": message, "lang": lang});
            visitor.post("/api/chatbot/chat", &body).await.ok()
        };
        let offer = say(asked).await;
        assert_eq!(offer["intent"], "delete_my_data", "{offer}");
        assert!(text(&offer["response"]).contains("/privacy"), "{offer}");

        let given = say(&button(&offer, copy)).await;
        let link = format!("/api/chatbot/export-data/{session}");
        assert!(text(&given["response"]).contains(&link), "{given}");
        assert!(
            !visitor.get(&link).await.ok()["messages"]
                .as_array()
                .unwrap()
                .is_empty()
        );

        let question = say(&button(&offer, erase)).await;
        assert!(text(&question["response"]).contains(sure), "{question}");
        let kept = say("say:no").await;
        assert!(!text(&kept["response"]).contains(done), "{kept}");
        say(yes).await;
        assert!(
            !visitor.history(&session).await.is_empty(),
            "a yes to nothing erased"
        );

        say(&button(&offer, erase)).await;
        let gone = say(yes).await;
        assert!(text(&gone["response"]).contains(done), "{gone}");
        assert_eq!(visitor.history(&session).await.len(), 0);
        let left = visitor.get(&link).await.ok();
        assert_eq!(
            (&left["conversation"], &left["messages"]),
            (&Value::Null, &json!([]))
        );
    }
    let log = server
        .owner()
        .get("/api/chatbot/audit?action=data_deleted")
        .await
        .ok();
    assert_eq!(log["total"], 3, "{log}");
}

#[tokio::test]
async fn a_question_about_ones_data_is_answered_with_what_can_be_done() {
    let server = Server::start();
    for (lang, asked) in [
        (
            "pl",
            "proszę o informację jakie dane o mnie przechowujecie i o przesłanie mi ich kopii",
        ),
        ("en", "what data do you store about me"),
        ("de", "Was speichert ihr über mich?"),
        ("de", "Was wissen Sie über mich?"),
    ] {
        let visitor = server.anon();
        let session = visitor.session().await;
        let body = json!({"session_id": session, "message": asked, "lang": lang});
        let answer = visitor.post("/api/chatbot/chat", &body).await.ok();
        let payloads = answer["quick_replies"].to_string();
        assert!(payloads.contains("data:copy"), "{asked}: {answer}");
        assert!(text(&answer["response"]).contains("/privacy"), "{answer}");
    }
}

#[tokio::test]
async fn a_session_that_proves_nothing_is_only_told_the_page_and_can_erase_nothing() {
    let server = Server::start();
    let visitor = server.anon();
    let offer = visitor.say("abc123", "usuń moje dane").await;
    assert!(text(&offer["response"]).contains("/privacy"), "{offer}");
    assert!(
        !offer["quick_replies"].to_string().contains("data:"),
        "{offer}"
    );
    for message in ["data:erase", "tak", "say:yes", "data:copy"] {
        let answer = visitor.say("abc123", message).await;
        assert!(
            !text(&answer["response"]).contains("export-data"),
            "{answer}"
        );
    }
    let agent = server.agent();
    assert_eq!(agent.history("abc123").await.len(), 10);
}
