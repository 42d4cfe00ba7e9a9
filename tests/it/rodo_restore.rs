//! Somebody erased, and a backup from before brought back.

use std::path::Path;

use serde_json::json;

use crate::backup::{command, failed, made, new_folder, printed};
use crate::rodo::{EMAIL, NAME, SAID, erase, files_with, lead, rodo, somebody, who};
use crate::support::{Server, text, until};

/// Nothing of the erased person is in what a restored folder serves, in its files, or found by the check.
async fn is_forgotten(server: &mut Server) {
    let (owner, agent) = (server.owner(), server.agent());
    owner
        .post("/api/rodo/export", &who(EMAIL))
        .await
        .refused(404, "person_not_found");
    until("the search has forgotten them", async || {
        let found = agent.get("/api/search/all?q=ananasowa").await.ok();
        found["total"] == 0
    })
    .await;
    server.stop();
    for value in [EMAIL, NAME, SAID] {
        let mut holding = files_with(server.data(), value);
        // What the folder was before is kept aside on purpose, and so are backups.
        holding.retain(|file| !file.contains("before-restore") && !file.contains("/backups/"));
        assert_eq!(holding, Vec::<String>::new(), "{value}");
    }
    server.restart();
}

#[tokio::test]
async fn whoever_was_erased_does_not_come_back_with_an_older_backup_but_who_came_again_later_stays()
{
    let mut server = Server::start();
    somebody(&server).await;
    let other = json!({"name": "Ktoś Inny", "email": "inny@example.com"});
    let other = server.anon().post("/api/leads", &other).await.json();
    let older = made(command(server.data(), &["backup"], &[]));
    let older = older.to_str().unwrap();
    erase(&server.owner(), EMAIL).await;
    server.stop();

    let restored = printed(command(server.data(), &["restore"], &[older]));
    assert!(restored.contains("erased again"), "{restored}");
    server.restart();
    let kept = format!("/api/leads/{}", other["id"]);
    assert_eq!(server.agent().get(&kept).await.ok()["name"], "Ktoś Inny");
    is_forgotten(&mut server).await;

    // The same person comes back of their own accord; a backup from then on has them, and keeps them.
    lead(&server, NAME, EMAIL, None).await;
    let newer = made(command(server.data(), &["backup"], &[]));
    server.stop();
    printed(command(
        server.data(),
        &["restore"],
        &[newer.to_str().unwrap()],
    ));
    server.restart();
    let known = server.owner().post("/api/rodo/export", &who(EMAIL)).await;
    assert_eq!(
        known.ok()["data"]["data"]["personal_info"]["names"],
        json!([NAME])
    );
}

#[tokio::test]
async fn elsewhere_the_list_of_erased_persons_is_named_or_the_restore_says_what_is_uncovered() {
    let server = Server::start();
    somebody(&server).await;
    let older = made(command(server.data(), &["backup"], &[]));
    erase(&server.owner(), EMAIL).await;
    let list = server.data().join("tombstones.log");

    let elsewhere = new_folder();
    let restore = |data: &Path, more: &[&str]| {
        let arguments = [&[older.to_str().unwrap()], more].concat();
        command(data, &["restore"], &arguments)
    };
    let alone = printed(restore(elsewhere.path(), &[]));
    assert!(alone.contains("no list of erased persons"), "{alone}");
    let found = rodo(elsewhere.path(), &["find", EMAIL]);
    assert!(found.status.success(), "{}", found.stderr);

    failed(
        &restore(elsewhere.path(), &["--tombstones", "nowhere.log"]),
        "nowhere.log is missing",
    );
    let with_list = ["--tombstones", list.to_str().unwrap()];
    let told = printed(restore(elsewhere.path(), &with_list));
    assert!(told.contains("erased again"), "{told}");
    let found = rodo(elsewhere.path(), &["find", EMAIL]);
    assert!(!found.status.success(), "{}", text(&json!(found.stdout)));
}
