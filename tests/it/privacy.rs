//! Consents, ratings, and the visitor's right to see and erase everything.

use serde_json::json;

use crate::support::{Actor, Server, text};

const EVERYTHING: [&str; 5] = ["conversations", "messages", "consents", "leads", "uploads"];

async fn consent(visitor: &Actor, session: &str, purpose: &str, is_given: bool) {
    let body = json!({
        "session_id": session, "consent_given": is_given, "purpose": purpose, "text_version": "2026-11", "language": "de"
    });
    let answer = visitor.post("/api/chatbot/rodo-consent", &body).await.ok();
    assert_eq!(answer["success"], true);
}

#[tokio::test]
async fn a_consent_can_be_given_withdrawn_and_given_again_and_keeps_no_full_address() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    let path = format!("/api/chatbot/rodo-consent/{session}");
    let before = visitor.get(&path).await.ok();
    assert_eq!(
        (&before["consent_given"], &before["consents"]),
        (&json!(false), &json!([]))
    );
    for is_given in [true, false, true] {
        consent(&visitor, &session, "service", is_given).await;
        consent(&visitor, &session, "marketing", !is_given).await;
        let now = visitor.get(&path).await.ok();
        assert_eq!(now["consent_given"], is_given);
        assert_eq!(
            now["consents"].as_array().unwrap().len(),
            2,
            "one row a purpose: {now}"
        );
        for row in now["consents"].as_array().unwrap() {
            assert_eq!(row["ip_address"], "127.0.0.0/24");
            assert_eq!(
                (&row["text_version"], &row["language"]),
                (&json!("2026-11"), &json!("de"))
            );
        }
    }
    let all = server.owner().get("/api/chatbot/consents").await.ok();
    assert_eq!(
        all["total"], 6,
        "a withdrawal must add a row, not change one"
    );
    let wrong = json!({"session_id": session, "purpose": "selling"});
    visitor
        .post("/api/chatbot/rodo-consent", &wrong)
        .await
        .refused(422, "invalid_value");
    let wrong = json!({"session_id": session, "language": "fr"});
    visitor
        .post("/api/chatbot/rodo-consent", &wrong)
        .await
        .refused(422, "unknown_language");
}

#[tokio::test]
async fn a_conversation_can_be_rated_from_one_to_five_and_a_later_rating_replaces_it() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    let rate = async |rating: i64, comment: &str| {
        let body = json!({"session_id": session, "rating": rating, "comment": comment});
        visitor.post("/api/chatbot/rate", &body).await
    };
    rate(5, "za wcześnie")
        .await
        .refused(404, "conversation_not_found");
    visitor.say(&session, "Jaka jest gwarancja?").await;
    for wrong in [0, 6, -1] {
        rate(wrong, "zła liczba")
            .await
            .refused(422, "invalid_value");
    }
    rate(2, "tak sobie").await.ok();
    rate(5, "a jednak dobrze").await.ok();
    let data = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(
        (&data["conversation"]["rating"], &data["rating_comment"]),
        (&json!(5), &json!("a jednak dobrze"))
    );
}

#[tokio::test]
async fn the_export_holds_everything_kept_about_the_session_and_nothing_of_others() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, other) = (visitor.session().await, visitor.session().await);
    visitor.say(&other, "Pytanie kogoś innego").await;
    consent(&visitor, &other, "service", true).await;
    let id = visitor.say(&session, "Jaka jest gwarancja?").await["conversation_id"].clone();
    agent
        .post(
            &format!("/api/conversations/{id}/messages"),
            &json!({"message": "Słucham"}),
        )
        .await
        .ok();
    consent(&visitor, &session, "service", true).await;
    consent(&visitor, &session, "service", false).await;

    let data = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(data["session_id"], session);
    assert_eq!(data["conversation"]["id"], id);
    assert_eq!(data["messages"], json!(visitor.history(&session).await));
    assert_eq!(data["messages"].as_array().unwrap().len(), 4);
    assert_eq!(data["consents"].as_array().unwrap().len(), 2);
    assert!(!data.to_string().contains("kogoś innego") && !data.to_string().contains(&other));
}

#[tokio::test]
async fn erasing_leaves_nothing_of_the_session_but_a_note_that_does_not_name_it() {
    let mut server = Server::start();
    let visitor = server.anon();
    let (session, other) = (visitor.session().await, visitor.session().await);
    visitor.say(&other, "Zostaję").await;
    let turn = visitor.say(&session, "Moje tajne pytanie").await;
    consent(&visitor, &session, "service", true).await;
    let lead = json!({"name": "Anna", "phone": "600100200", "session_id": session});
    visitor.post("/api/leads", &lead).await.ok();
    let notes = format!("/api/conversations/{}/notes", turn["conversation_id"]);
    let note = json!({"note": "Moje tajne pytanie było o cenę"});
    server.agent().post(&notes, &note).await.ok();
    let body = json!({"session_id": session});
    visitor
        .post(
            "/api/chatbot/rate",
            &json!({"session_id": session, "rating": 5}),
        )
        .await
        .ok();

    let answer = visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    assert_eq!(
        answer["deleted"],
        json!({"conversations": 1, "messages": 2, "consents": 1, "notes": 1, "leads": 1, "quotes": 0, "uploads": 0, "bookings": 0, "experiments": 0})
    );
    assert_eq!(visitor.history(&session).await.len(), 0);
    let data = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(
        (&data["conversation"], &data["messages"], &data["consents"]),
        (&json!(null), &json!([]), &json!([]))
    );
    assert_eq!(visitor.history(&other).await.len(), 2);
    let again = visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    for kind in EVERYTHING {
        assert_eq!(again["deleted"][kind], 0);
    }

    server.stop();
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let notes: Vec<(String, Option<String>, String)> = database
        .prepare(
            "SELECT actor, session_id, details_json FROM audit_log WHERE action = 'data_deleted'",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(notes.len(), 2);
    for (actor, session_id, details) in notes {
        assert_eq!((actor.as_str(), session_id), ("visitor", None));
        assert!(!details.contains(&session), "{details}");
    }
    for (table, column) in text_columns(&database) {
        let found: i64 = database
            .query_row(
                &format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE ?1 OR {column} LIKE ?2"),
                [format!("%{session}%"), "%Moje tajne%".into()],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(found, 0, "{table}.{column} still knows");
    }
}

fn text_columns(database: &rusqlite::Connection) -> Vec<(String, String)> {
    let columns: Vec<(String, String)> = database
        .prepare(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE 'sqlite_%'",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(columns.len() > 20);
    columns
}

#[tokio::test]
async fn an_agent_may_read_any_session_and_a_stranger_none() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    visitor.say(&session, "Jaka jest gwarancja?").await;
    visitor.say("abc123", "Jaka jest gwarancja?").await;
    let agent = server.agent();
    assert_eq!(agent.history(&session).await.len(), 2);
    assert_eq!(agent.history("abc123").await.len(), 2);
    let data = agent.get("/api/chatbot/export-data/abc123").await.ok();
    assert_eq!(text(&data["conversation"]["session_id"]), "abc123");
    let stranger = server.anon();
    let guessed = format!("nh_{}", "A".repeat(35));
    stranger
        .get(&format!("/api/chatbot/history/{guessed}"))
        .await
        .refused(403, "weak_session_id");
}
