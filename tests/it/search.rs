//! Search as visitors and the team use it, on the real index.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::process::{self, novahouse, run};
use crate::support::{Actor, Server, text, until};

/// Searches once the index is there.
async fn search(by: &Actor, query: &str) -> Value {
    let path = format!("/api/search?{query}");
    let mut answer = by.get(&path).await.ok();
    until("there is an index", async || {
        answer = by.get(&path).await.ok();
        answer.get("partial").is_none()
    })
    .await;
    answer
}

fn titles(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| text(&result["title"]))
        .collect()
}

fn document(slug: &str, title: &str, body: &str) -> Value {
    json!({"type": "blog", "slug": slug, "lang": "pl", "title": title, "body": body, "tags": ["nowości"]})
}

async fn create(agent: &Actor, body: &Value) -> i64 {
    let created = agent.post("/api/knowledge/documents", body).await;
    assert_eq!(created.status, 201, "{}", created.text());
    created.json()["id"].as_i64().unwrap()
}

async fn until_found(by: &Actor, query: &str, count: i64) {
    until(&format!("{query} finds {count}"), async || {
        search(by, query).await["total"] == count
    })
    .await;
}

#[tokio::test]
async fn inflected_bare_and_misspelt_words_find_the_same_and_are_marked_as_they_stand() {
    let server = Server::start();
    let visitor = server.anon();
    for query in ["łazienka", "lazience", "ŁAZIENEK", "łazeinkami", "lazien"] {
        let answer = search(&visitor, &format!("q={query}&lang=pl")).await;
        let results = answer["results"].as_array().unwrap();
        let asked = |result: &&Value| result["title"] == "Czy wykańczają Państwo łazienki?";
        let first = results
            .iter()
            .find(asked)
            .unwrap_or_else(|| panic!("{query}: {answer}"));
        let highlights = &first["highlights"];
        assert!(
            text(&highlights["title"]).contains("<mark>łazienki</mark>"),
            "{query}: {highlights}"
        );
        assert_eq!(
            text(&highlights["content"])
                .replace("<mark>", "")
                .replace("</mark>", ""),
            text(&first["content"])
        );
        let score = first["score"].as_f64().unwrap();
        assert!(score > 0.0 && score <= 1.0);
    }
    for (query, lang, corrected) in [
        ("gwarnacja", "pl", "gwarancja"),
        ("warrnty", "en", "warranty"),
    ] {
        let answer = search(&visitor, &format!("q={query}&lang={lang}")).await;
        assert_eq!(answer["corrected_query"], corrected, "{answer}");
        let strict = search(&visitor, &format!("q={query}&lang={lang}&fuzzy=false")).await;
        assert_eq!(
            (&strict["total"], strict.get("corrected_query")),
            (&json!(0), None)
        );
    }
    let german = search(&visitor, "q=Garantiedauer&lang=de").await;
    assert!(
        text(&german["results"][0]["title"]).contains("Garantie"),
        "{german}"
    );
    let shared = search(&visitor, "q=bathroom%20Premium&lang=pl").await;
    assert_eq!(shared["results"][0]["title"], "Pakiet Premium");
    let number = search(&visitor, "q=165&lang=pl").await;
    assert!(number["total"].as_i64().unwrap() >= 1, "{number}");
    assert_eq!(
        search(&visitor, "q=166&lang=pl").await["total"],
        0,
        "numbers are never misspelt"
    );
}

#[tokio::test]
async fn filters_facets_and_pages_agree_with_each_other() {
    let server = Server::start();
    let visitor = server.anon();
    let all = search(&visitor, "q=premium&limit=50").await;
    let total = all["total"].as_i64().unwrap();
    assert_eq!(all["count"], total);
    for (facet, parameter) in [("type", "type"), ("language", "lang")] {
        let counts = all["facets"][facet].as_object().unwrap();
        assert_eq!(
            counts
                .values()
                .map(|count| count.as_i64().unwrap())
                .sum::<i64>(),
            total
        );
        for (value, count) in counts {
            let only = search(&visitor, &format!("q=premium&limit=50&{parameter}={value}")).await;
            assert_eq!(&only["total"], count, "{parameter}={value}");
            assert!(
                only["results"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|result| result[facet] == **value)
            );
        }
    }
    let mut paged = Vec::new();
    for offset in (0..total).step_by(3) {
        paged.extend(titles(
            &search(&visitor, &format!("q=premium&limit=3&offset={offset}")).await,
        ));
    }
    assert_eq!(paged, titles(&all));
    let plain = search(&visitor, "q=premium&highlight=false").await;
    assert!(plain["results"][0]["highlights"].is_null());
    let tagged = search(&visitor, "q=premium&tag=Smart%20Home&lang=en").await;
    let tags = tagged["results"][0]["tags"].as_array().unwrap();
    assert!(tags.contains(&json!("smart home")), "{tagged}");
    let id = all["results"][0]["id"].as_i64().unwrap();
    let whole = visitor
        .get(&format!("/api/search/document/{id}"))
        .await
        .ok();
    assert_eq!(whole["title"], all["results"][0]["title"]);
    visitor
        .get("/api/search/document/999999")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_or_finds_nothing() {
    let server = Server::start();
    let visitor = server.anon();
    search(&visitor, "q=premium").await;
    let long = "łazienka".repeat(1_250);
    for refused in [
        "q=",
        "q=%20%20",
        "",
        &format!("q={long}"),
        "q=a&limit=0",
        "q=a&limit=-1",
        "q=a&limit=1000000000",
        "q=a&offset=-1",
        "q=a&offset=1000000000",
        "q=a&limit=x",
        "q=a&type=secret",
        "q=a&type=lead",
        "q=a&lang=fr",
    ] {
        let status = visitor.get(&format!("/api/search?{refused}")).await.status;
        assert!(status == 400 || status == 422, "{refused}: {status}");
    }
    for refused in ["q=a", "q=", "q=ab&limit=0", "q=ab&limit=21", "q=ab&lang=xx"] {
        let status = visitor
            .get(&format!("/api/search/suggest?{refused}"))
            .await
            .status;
        assert!(status == 400 || status == 422, "{refused}: {status}");
    }
    for nothing in [
        "...",
        "!?",
        "%22",
        "(",
        "*",
        ":",
        "-",
        "%5C",
        "%22(*:-%5C",
        "i%20w%20na",
        "und%20der%20die",
        "the%20of",
        "👍",
        "🏠🔨",
        "%00",
    ] {
        let answer = visitor.get(&format!("/api/search?q={nothing}")).await.ok();
        assert_eq!(answer["total"], 0, "{nothing}: {answer}");
        visitor
            .get(&format!("/api/search/suggest?q={nothing}aa"))
            .await
            .ok();
    }
    for syntax in [
        "title:premium",
        "%22pakiet%20premium%22",
        "premium*",
        "(premium)",
        "-premium",
        "premium%5C",
        "premium🏠",
    ] {
        let answer = search(&visitor, &format!("q={syntax}&lang=pl")).await;
        assert_eq!(
            answer["results"][0]["title"], "Pakiet Premium",
            "{syntax}: {answer}"
        );
    }
    for long in [
        "b".repeat(200),
        "bad".repeat(66),
        "ą".repeat(200),
        "gwarancja".repeat(22),
    ] {
        visitor.get(&format!("/api/search?q={long}")).await.ok();
        visitor
            .get(&format!("/api/search/suggest?q={long}"))
            .await
            .ok();
    }
    let words = ["słowo"; 33].join("%20");
    visitor.get(&format!("/api/search?q={words}")).await.ok();
    let markup = search(
        &visitor,
        "q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%20premium",
    )
    .await;
    assert!(!text(&markup["results"][0]["highlights"]["title"]).contains("<img"));
}

#[tokio::test]
async fn a_document_is_found_as_it_is_while_it_is_changed_hidden_and_deleted() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    search(&visitor, "q=pergola").await;
    let searching = {
        let visitor = server.anon();
        tokio::spawn(async move {
            loop {
                visitor.get("/api/search?q=pergola%20taras").await.ok();
                tokio::task::yield_now().await;
            }
        })
    };
    let id = create(
        &agent,
        &document(
            "pergola",
            "Pergola nad tarasem",
            "Drewniane listwy nad <b>tarasem</b>.",
        ),
    )
    .await;
    until_found(&visitor, "q=pergole", 1).await;
    let found = search(&visitor, "q=tarasem%20pergola").await;
    assert!(
        text(&found["results"][0]["highlights"]["content"])
            .contains("&lt;b&gt;<mark>tarasem</mark>&lt;/b&gt;"),
        "{found}"
    );
    let path = format!("/api/knowledge/documents/{id}");
    agent
        .put(
            &path,
            &document("pergola", "Żaluzje fasadowe", "Aluminiowe lamele."),
        )
        .await
        .ok();
    until_found(&visitor, "q=pergole&fuzzy=false", 0).await;
    until_found(&visitor, "q=zaluzja", 1).await;
    let mut hidden = document("pergola", "Żaluzje fasadowe", "Aluminiowe lamele.");
    hidden["published"] = false.into();
    agent.put(&path, &hidden).await.ok();
    assert!(
        titles(&search(&visitor, "q=zaluzja").await).is_empty(),
        "shown after it was hidden"
    );
    visitor
        .get(&format!("/api/search/document/{id}"))
        .await
        .refused(404, "not_found");
    until_found(&visitor, "q=zaluzja&fuzzy=false", 0).await;
    hidden["published"] = true.into();
    agent.put(&path, &hidden).await.ok();
    until_found(&visitor, "q=zaluzja", 1).await;
    agent.delete(&path).await.ok();
    assert!(
        titles(&search(&visitor, "q=zaluzja").await).is_empty(),
        "shown after it was deleted"
    );
    until_found(&visitor, "q=zaluzja&fuzzy=false", 0).await;
    assert!(!searching.is_finished(), "a search failed meanwhile");
    searching.abort();
}

fn index(server: &Server) -> PathBuf {
    let folder = server.data().join("search/documents");
    let newest = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .max();
    newest.unwrap()
}

/// What becomes of the folder of an index.
type Damage = fn(&Path);

fn each_file(folder: &Path, mut change: impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        change(&entry.unwrap().path());
    }
}

#[tokio::test]
async fn an_index_that_is_lost_damaged_or_of_another_format_is_built_anew_while_the_server_answers()
{
    let mut server = Server::start();
    let visitor = server.anon();
    let expected = titles(&search(&visitor, "q=gwarancja&lang=pl").await);
    assert!(!expected.is_empty());
    let damages: [(&str, Damage); 4] = [
        ("lost", |index| {
            fs::remove_dir_all(index.parent().unwrap()).unwrap();
        }),
        ("damaged", |index| {
            each_file(index, |file| {
                let mut bytes = fs::read(file).unwrap();
                for byte in &mut bytes {
                    *byte ^= 0x55;
                }
                fs::write(file, bytes).unwrap();
            });
        }),
        ("cut off", |index| {
            each_file(index, |file| fs::write(file, []).unwrap());
        }),
        ("of another format", |index| {
            let meta = index.join("meta.json");
            let older = fs::read_to_string(&meta)
                .unwrap()
                .replace("\\\"format\\\":1", "\\\"format\\\":0");
            assert!(older.contains("\\\"format\\\":0"));
            fs::write(meta, older).unwrap();
        }),
    ];
    for (what, damage) in damages {
        let before = index(&server);
        server.kill_9();
        damage(&before);
        server.restart();
        let visitor = server.anon();
        // The first answer comes at once, from wherever it can.
        assert!(
            visitor.get("/api/search?q=gwarancja&lang=pl").await.ok()["total"].as_i64() > Some(0),
            "{what}"
        );
        assert_eq!(
            titles(&search(&visitor, "q=gwarancja&lang=pl").await),
            expected,
            "{what}"
        );
        let owner = server.owner();
        until("the index is in line", async || {
            let stats = owner.get("/api/search/stats").await.ok();
            stats["stats"]["pending"] == 0 && (what == "lost" || index(&server) != before)
        })
        .await;
    }
}

#[tokio::test]
async fn a_kill_while_the_index_is_written_leaves_one_that_comes_in_line_again() {
    let mut server = Server::start();
    search(&server.anon(), "q=premium").await;
    for round in 0..6 {
        let agent = server.agent();
        for number in 0..3 {
            let slug = format!("ogrod-{round}-{number}");
            create(
                &agent,
                &document(
                    &slug,
                    &format!("Ogród zimowy {round}x{number}"),
                    "Szklany dach.",
                ),
            )
            .await;
        }
        server.kill_9();
        server.restart();
        until_found(
            &server.anon(),
            "q=og%C3%B3rd%20zimowy&fuzzy=false&type=blog",
            3 * (round + 1),
        )
        .await;
    }
}

#[tokio::test]
async fn building_the_index_anew_changes_nothing_and_only_the_owner_may() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let before = search(&visitor, "q=premium&limit=50").await["results"].clone();
    let stats = async || {
        let mut stats = owner.get("/api/search/stats").await.ok()["stats"].clone();
        assert_eq!(stats["pending"], 0);
        assert!(
            stats["index_size_bytes"].as_i64() > Some(1_000)
                && stats["unique_terms"].as_i64() > Some(500)
        );
        for changing in ["index_size_bytes", "last_commit"] {
            stats.as_object_mut().unwrap().remove(changing);
        }
        stats
    };
    let counted = stats().await;
    for _ in 0..2 {
        owner.post("/api/search/reindex", &json!({})).await.ok();
        assert_eq!(stats().await, counted);
        assert_eq!(
            search(&visitor, "q=premium&limit=50").await["results"],
            before
        );
    }
    server
        .agent()
        .post("/api/search/reindex", &json!({}))
        .await
        .refused(403, "role_required");
    for path in [
        "/api/search/stats",
        "/api/search/all?q=anna",
        "/api/search/missed",
        "/api/search/synonyms",
    ] {
        assert_eq!(visitor.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_team_finds_leads_and_conversations_and_nobody_finds_what_was_erased() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    visitor
        .say(&session, "Chodzi o mieszkanie przy ulicy Brzoskwiniowej")
        .await;
    let lead = json!({"name": "Zenobia Testowa", "email": "zenobia@example.com", "message": "Antresola w kawalerce"});
    let lead = visitor.post("/api/leads", &lead).await;
    assert_eq!(lead.status, 201, "{}", lead.text());
    search(&visitor, "q=premium").await;
    for (query, kind) in [
        ("brzoskwiniowa", "conversation"),
        ("zenobia", "lead"),
        ("antresole", "lead"),
        ("zenobia@example.com", "lead"),
    ] {
        let found = agent.get(&format!("/api/search/all?q={query}")).await.ok();
        assert_eq!(found["results"][0]["type"], kind, "{query}: {found}");
    }
    let both = agent.get("/api/search/all?q=premium&limit=50").await.ok();
    assert!(both["facets"]["type"]["package"].as_i64() > Some(0));
    let only = agent
        .get("/api/search/all?q=brzoskwiniowa&type=lead")
        .await
        .ok();
    assert_eq!(only["total"], 0);
    assert_eq!(
        search(&visitor, "q=brzoskwiniowa").await["total"],
        0,
        "a visitor finds a conversation"
    );
    let erased = json!({"session_id": session, "confirm": true});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &erased)
        .await
        .ok();
    let people = server.data().join("search/people");
    until("the word is gone from the files", async || {
        let mut is_there = false;
        for folder in fs::read_dir(&people).unwrap() {
            let Ok(files) = fs::read_dir(folder.unwrap().path()) else {
                continue;
            };
            for file in files.flatten() {
                let bytes = fs::read(file.path()).unwrap_or_default();
                is_there |= bytes.windows(9).any(|part| part == b"brzoskwin");
            }
        }
        !is_there
    })
    .await;
    assert_eq!(
        agent.get("/api/search/all?q=brzoskwiniowa").await.ok()["total"],
        0
    );
}

#[tokio::test]
async fn a_search_in_vain_reaches_the_team_without_who_asked_in_the_queue_of_the_assistant() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    for query in [
        "Pergola%20bioklimatyczna",
        "pergola%20%20bioklimatyczna",
        "qwzx%20anna@example.com%20600700800",
    ] {
        assert_eq!(
            search(&visitor, &format!("q={query}&lang=pl&fuzzy=false")).await["total"],
            0
        );
    }
    let missed = agent.get("/api/search/missed?lang=pl").await.ok();
    let list = missed["missed"].as_array().unwrap();
    let pergola = list
        .iter()
        .find(|missed| missed["text"] == "pergola bioklimatyczna")
        .unwrap();
    assert!(pergola["times"].as_i64() >= Some(2), "{missed}");
    assert!(
        !missed.to_string().contains("anna@") && !missed.to_string().contains("600700800"),
        "{missed}"
    );
    let groups = agent.get("/api/nlu/unanswered?lang=pl").await.ok();
    let group = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["text"] == "pergola bioklimatyczna")
        .unwrap();
    assert!(
        group["causes"]["search"].as_i64() >= Some(2) && group["causes"]["fallback"] == 0,
        "{group}"
    );
    let path = format!("/api/nlu/unanswered/{}", pergola["id"]);
    agent.post(&path, &json!({"action": "ignore"})).await.ok();
    let left = agent.get("/api/search/missed?lang=pl").await.ok();
    assert!(!left.to_string().contains("bioklimatyczna"), "{left}");
}

#[tokio::test]
async fn what_many_look_for_is_suggested_and_phrases_are_completed_at_the_last_word() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    search(&visitor, "q=premium").await;
    let suggest = async |query: &str| -> Vec<String> {
        let answer = visitor
            .get(&format!("/api/search/suggest?{query}"))
            .await
            .ok();
        answer["suggestions"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect()
    };
    for (query, expected) in [
        ("q=lazience&lang=pl", "Czy wykańczają Państwo łazienki?"),
        ("q=jaka%20gwar&lang=pl", "Jaką dają Państwo gwarancję?"),
        ("q=gwrancja&lang=pl", "Gwarancja"),
    ] {
        assert!(
            suggest(query).await.contains(&expected.to_owned()),
            "{query}: {:?}",
            suggest(query).await
        );
    }
    assert!(suggest("q=gwarancja&lang=de").await.is_empty());
    assert!(suggest("q=pakiet&limit=2&lang=pl").await.len() <= 2);
    let popular = "premium smart home";
    assert!(
        !suggest("q=premium%20sm&lang=en")
            .await
            .contains(&popular.to_owned())
    );
    for _ in 0..5 {
        search(&visitor, "q=Premium%20smart%20home&lang=en").await;
    }
    agent.get("/api/search/missed").await.ok();
    assert!(
        suggest("q=premium%20sm&lang=en")
            .await
            .contains(&popular.to_owned())
    );
}

#[tokio::test]
async fn synonyms_of_the_company_work_at_once_and_the_way_they_say() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    create(
        &agent,
        &document("hamak", "Hamak w salonie", "Haki w suficie."),
    )
    .await;
    until_found(&visitor, "q=hamak&lang=pl", 1).await;
    let found = async |word: &str| {
        search(&visitor, &format!("q={word}&lang=pl&fuzzy=false")).await["total"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(found("bujawka").await, 0);
    let created = agent
        .post(
            "/api/search/synonyms",
            &json!({"lang": "pl", "two_way": false, "words": ["bujawka", "hamak"]}),
        )
        .await;
    assert_eq!(created.status, 201);
    assert_eq!((found("bujawka").await, found("bujawki").await), (1, 1));
    let path = format!("/api/search/synonyms/{}", created.json()["id"]);
    create(
        &agent,
        &document("bujawka", "Bujawka ogrodowa", "Na taras."),
    )
    .await;
    until_found(&visitor, "q=bujawka&lang=pl&fuzzy=false", 2).await;
    assert_eq!(found("hamak").await, 1, "one way only");
    agent
        .put(
            &path,
            &json!({"lang": "pl", "two_way": true, "words": ["bujawka", "hamak"]}),
        )
        .await
        .ok();
    assert_eq!(found("hamak").await, 2);
    assert_eq!(
        agent.get("/api/search/synonyms").await.ok()["synonyms"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    agent.delete(&path).await.ok();
    assert_eq!((found("hamak").await, found("bujawka").await), (1, 1));
    agent.delete(&path).await.refused(404, "not_found");
    for words in [
        json!(["hamak"]),
        json!(["hamak", "hamak"]),
        json!(["hamak", "?"]),
        json!(["a b c d e", "x"]),
    ] {
        let body = json!({"lang": "pl", "two_way": true, "words": words});
        agent
            .post("/api/search/synonyms", &body)
            .await
            .refused(422, "invalid_value");
    }
    assert!(
        found("kafelki").await > 0,
        "the trade's synonyms are built in"
    );
}

#[tokio::test]
async fn the_command_line_searches_verifies_and_builds_the_index_with_and_without_a_server() {
    let folder = process::data_folder();
    let data = folder.path().display().to_string();
    let command = |arguments: &[&str]| {
        run(
            novahouse(&[&["search"], arguments, &["--data", &data]].concat()),
            b"",
        )
    };
    let check = |where_it_runs: &str| {
        let found = command(&["query", "lazience", "--lang", "pl"]);
        assert!(
            found.stdout.contains("Czy wykańczają Państwo łazienki?"),
            "{where_it_runs}: {}",
            found.stdout
        );
        assert!(
            command(&["reindex"])
                .stdout
                .contains("documents are indexed"),
            "{where_it_runs}"
        );
        let verified = command(&["verify"]);
        assert!(
            verified.status.success(),
            "{where_it_runs}: {}",
            verified.stderr
        );
        assert!(!command(&["query", " "]).status.success());
        assert!(!command(&["query", "okno", "--lang", "fr"]).status.success());
    };
    check("without a server");
    fs::remove_dir_all(folder.path().join("search")).unwrap();
    let verified = command(&["verify"]);
    assert!(
        !verified.status.success() && verified.stderr.contains("missing"),
        "{}",
        verified.stderr
    );
    let server = Server::start_on(folder.path(), &[]);
    search(&server.anon(), "q=premium").await;
    check("beside a server");
}

#[tokio::test]
async fn where_the_assistant_has_no_answer_it_shows_what_the_company_wrote_about_it() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    search(&visitor, "q=premium").await;
    let question = "Jak przesadzić paprocie na balkonie?";
    let alone = visitor.say(&visitor.session().await, question).await;
    assert_eq!(alone["sources"], json!([]), "{alone}");
    let id = create(
        &agent,
        &document(
            "paprocie",
            "Paprocie na balkonie",
            "Kiedy je przesadzić i jak podlewać.",
        ),
    )
    .await;
    until_found(&visitor, "q=paprocie&fuzzy=false", 1).await;
    let answer = visitor.say(&visitor.session().await, question).await;
    assert_eq!(answer["intent"], "out_of_scope", "{answer}");
    assert_eq!(answer["sources"][0]["id"], id, "{answer}");
    assert_eq!(answer["sources"][0]["title"], "Paprocie na balkonie");
    let response = text(&answer["response"]);
    assert!(
        response != text(&alone["response"]) && response.contains("+48 585 004 663"),
        "{response}"
    );
    let missed = agent.get("/api/nlu/unanswered?lang=pl").await.ok();
    assert!(
        missed.to_string().contains(question),
        "the team still sees it: {missed}"
    );
    for (weather, lang) in [
        ("jaka bedzie jutro pogoda", "pl"),
        ("What is the weather like today?", "en"),
        ("Wie wird das Wetter morgen?", "de"),
    ] {
        let answer = visitor.say(&visitor.session().await, weather).await;
        assert_eq!(
            (text(&answer["lang"]).as_str(), &answer["sources"]),
            (lang, &json!([])),
            "{answer}"
        );
    }
}
