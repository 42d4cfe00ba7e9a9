//! Lists of leads: filters, sorting, pages, and what is wrong with them.

use serde_json::{Value, json};

use crate::leads::create;
use crate::support::{Actor, Server, text};

/// Four leads that differ in everything a list is filtered and sorted by.
async fn four(server: &Server) {
    for body in [
        json!({"name": "Łucja", "email": "lucja@example.com", "interested_package": "premium", "budget": 300}),
        json!({"name": "Adam", "phone": "600 100 201", "location": "Gdynia", "budget": 100, "property_size": 50}),
        json!({"name": "Zofia", "phone": "600 100 202", "interested_package": "premium"}),
        json!({"name": "100%_pewny", "email": "pewny@example.com", "interested_package": "luxury", "budget": 200}),
    ] {
        create(&server.anon(), &body).await;
    }
}

async fn names(agent: &Actor, query: &str) -> Vec<String> {
    let answer = agent.get(&format!("/api/leads/filter?{query}")).await.ok();
    let leads = answer["leads"].as_array().unwrap();
    assert_eq!(answer["pagination"]["total"], leads.len(), "{query}");
    leads.iter().map(|lead| text(&lead["name"])).collect()
}

#[tokio::test]
async fn each_filter_lets_through_what_it_says() {
    let server = Server::start();
    let agent = server.agent();
    four(&server).await;
    let moved = json!({"lead_ids": [2, 3], "status": "contacted"});
    agent.post("/api/leads/bulk-update", &moved).await.ok();
    for (query, expected) in [
        ("", vec!["100%_pewny", "Zofia", "Adam", "Łucja"]),
        ("status=contacted", vec!["Zofia", "Adam"]),
        ("status=new&package=premium", vec!["Łucja"]),
        ("package=premium", vec!["Zofia", "Łucja"]),
        ("min_score=45", vec!["Adam"]),
        (
            "min_score=0&assigned_to=none&sort_order=asc",
            vec!["Łucja", "Adam", "Zofia", "100%_pewny"],
        ),
        ("assigned_to=4711", vec![]),
        ("q=LUCJA", vec!["Łucja"]),
        ("q=%C5%81ucj", vec!["Łucja"]),
        ("q=600100", vec!["Zofia", "Adam"]),
        ("q=600-100-201", vec!["Adam"]),
        ("q=gdyn", vec!["Adam"]),
        ("q=100%25_", vec!["100%_pewny"]),
        ("q=%25", vec!["100%_pewny"]),
        ("q=zzz", vec![]),
        ("spam=true", vec![]),
        ("start_date=2020-01-01&end_date=2020-12-31", vec![]),
        (
            "start_date=2020-01-01&end_date=2999-12-31&status=contacted",
            vec!["Zofia", "Adam"],
        ),
        ("start_date=2999-01-01", vec![]),
        ("end_date=2020-01-01T00:00:00Z", vec![]),
        (
            "status=&q=&package=&assigned_to=&start_date=",
            vec!["100%_pewny", "Zofia", "Adam", "Łucja"],
        ),
    ] {
        if let Some(without) = query.strip_prefix("status=&") {
            // An empty status is no status; the empty texts beside it are left out.
            agent
                .get(&format!("/api/leads/filter?{query}"))
                .await
                .refused(422, "invalid_parameter");
            assert_eq!(names(&agent, without).await, expected);
            continue;
        }
        assert_eq!(names(&agent, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_sorted_by_what_it_offers_alone() {
    let server = Server::start();
    let agent = server.agent();
    four(&server).await;
    for (by, ascending) in [
        ("created_at", ["Łucja", "Adam", "Zofia", "100%_pewny"]),
        ("name", ["100%_pewny", "Adam", "Łucja", "Zofia"]),
        ("score", ["Zofia", "Łucja", "100%_pewny", "Adam"]),
    ] {
        let sorted = names(&agent, &format!("sort_by={by}&sort_order=asc")).await;
        assert_eq!(sorted, ascending, "{by}");
        let turned = names(&agent, &format!("sort_by={by}&sort_order=desc")).await;
        assert!(sorted.iter().eq(turned.iter().rev()), "{by}: {turned:?}");
    }
    let by_budget = names(&agent, "sort_by=budget&sort_order=asc").await;
    assert_eq!(
        by_budget,
        ["Adam", "100%_pewny", "Łucja", "Zofia"],
        "those without one last"
    );
    let by_budget = names(&agent, "sort_by=budget").await;
    assert_eq!(
        by_budget,
        ["Łucja", "100%_pewny", "Adam", "Zofia"],
        "those without one last"
    );
    agent
        .put("/api/leads/1", &json!({"location": "Sopot"}))
        .await
        .ok();
    assert_eq!(names(&agent, "sort_by=updated_at").await[0], "Łucja");
    let page = agent
        .get("/api/leads/filter?sort_by=name&sort_order=asc&page=2&per_page=3")
        .await
        .ok();
    assert_eq!(page["leads"][0]["name"], "Zofia");
    assert_eq!(
        page["pagination"],
        json!({"page": 2, "per_page": 3, "total": 4, "pages": 2})
    );
}

#[tokio::test]
async fn odd_filters_are_refused_by_field_before_anything_is_read() {
    let server = Server::start();
    let agent = server.agent();
    four(&server).await;
    for (query, field) in [
        ("status=gone", "status"),
        ("status=%00", "status"),
        ("sort_by=email", "sort_by"),
        ("sort_by=name;DROP%20TABLE%20leads", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("min_score=-1", "min_score"),
        ("min_score=101", "min_score"),
        ("min_score=many", "min_score"),
        ("min_score=99999999999999999999", "min_score"),
        ("assigned_to=1.5", "assigned_to"),
        ("start_date=2026-02-30", "start_date"),
        ("start_date=%00", "start_date"),
        ("end_date=now", "end_date"),
        ("start_date=2026-03-02&end_date=2026-03-01", "end_date"),
        ("q=%00", "q"),
        ("package=a%1Bb", "package"),
        ("spam=perhaps", "spam"),
    ] {
        for path in ["filter", "export"] {
            if path == "export" && field.starts_with("sort") {
                continue;
            }
            let answer = agent.get(&format!("/api/leads/{path}?{query}")).await;
            assert_eq!(answer.status, 422, "{path}?{query}: {}", answer.text());
            let body: Value = answer.json();
            assert!(body["details"][field].is_string(), "{path}?{query}: {body}");
        }
    }
    let long = format!("/api/leads/filter?q={}", "x".repeat(101));
    agent.get(&long).await.refused(422, "text_too_long");
    agent
        .get("/api/leads/filter?page=0")
        .await
        .refused(422, "invalid_page");
    agent
        .get("/api/leads/filter?per_page=201")
        .await
        .refused(422, "invalid_page");
    let far = agent
        .get("/api/leads/filter?page=4294967295&per_page=200")
        .await
        .ok();
    assert_eq!(far["leads"], json!([]));
    agent
        .get("/api/leads/export?format=xml")
        .await
        .refused(422, "invalid_parameter");
}
