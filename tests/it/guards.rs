//! Guards over the whole: access, the `OpenAPI` document, the log.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Actor, Answer, Server, send};
use crate::tour;

/// `METHOD path` of what anybody may call, with the reason. Add to it only what was thought over.
const PUBLIC_OPERATIONS: &str = include_str!("public_operations.txt");

/// Who an operation is open to, by the `OpenAPI` document.
struct Operation {
    method: Method,
    path: String,
    /// Names of the schemes, e.g. `owner_key`; empty: nothing is required.
    schemes: BTreeSet<String>,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_for_owners(&self) -> bool {
        self.schemes
            .iter()
            .all(|scheme| scheme.starts_with("owner"))
    }

    /// Called with ones for every parameter and an empty object.
    async fn call(&self, who: &Actor) -> Answer {
        let parts = self
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let request = who.request(self.method.clone(), &path);
        let takes_body = self.method != Method::GET;
        send(if takes_body {
            request.json(&serde_json::json!({}))
        } else {
            request
        })
        .await
    }
}

async fn document(server: &Server) -> Value {
    server.anon().get("/openapi.json").await.ok()
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase().parse().unwrap(),
            path: path.clone(),
            schemes: operation["security"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|alternative| alternative.as_object().unwrap().keys().cloned())
                .collect(),
        })
    });
    let all: Vec<_> = all.collect();
    assert!(all.len() > 50, "only {} operations", all.len());
    all
}

#[tokio::test]
async fn every_operation_needs_a_role_or_stands_on_the_reviewed_public_list() {
    let server = Server::start();
    let open: BTreeSet<String> = operations(&document(&server).await)
        .iter()
        .filter(|operation| operation.schemes.is_empty())
        .map(Operation::name)
        .collect();
    let mut listed = BTreeSet::new();
    for line in PUBLIC_OPERATIONS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (name, why) = line
            .split_once(" : ")
            .unwrap_or_else(|| panic!("no reason: {line}"));
        assert!(!why.trim().is_empty(), "no reason: {line}");
        assert!(
            listed.insert(name.trim().to_owned()),
            "listed twice: {line}"
        );
    }
    let unlisted: Vec<_> = open.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "open to everyone, but not on the list: {unlisted:#?}"
    );
    let gone: Vec<_> = listed.difference(&open).collect();
    assert!(
        gone.is_empty(),
        "on the list, but not open or not there: {gone:#?}"
    );
}

#[tokio::test]
async fn every_operation_that_needs_a_role_refuses_strangers_and_owners_ones_refuse_agents() {
    let server = Server::start();
    let (anon, agent, wrong) = (
        server.anon(),
        server.agent(),
        server.with_key("nhk_unknown"),
    );
    let mut failures = Vec::new();
    let mut owners_only = 0;
    for operation in operations(&document(&server).await) {
        let mut expect = |who: &str, answer: &Answer, status: u16| {
            if answer.status != status {
                failures.push(format!(
                    "{} as {who}: {} {}",
                    operation.name(),
                    answer.status,
                    answer.text()
                ));
            }
        };
        expect("a key nobody knows", &operation.call(&wrong).await, 401);
        if operation.schemes.is_empty() {
            continue;
        }
        expect("a stranger", &operation.call(&anon).await, 401);
        if operation.is_for_owners() {
            owners_only += 1;
            expect("an agent", &operation.call(&agent).await, 403);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(
        owners_only > 10,
        "only {owners_only} operations are the owner's"
    );
}

#[tokio::test]
async fn an_operation_for_agents_lets_agents_in() {
    let server = Server::start();
    let agent = server.agent();
    for operation in operations(&document(&server).await) {
        if operation.schemes.is_empty() || operation.is_for_owners() {
            continue;
        }
        let answer = operation.call(&agent).await;
        let is_persons_own = answer.status == 403 && answer.json()["code"] == "account_required";
        assert!(
            ![401, 403].contains(&answer.status) || is_persons_own,
            "{}: {}",
            operation.name(),
            answer.text()
        );
    }
}

#[tokio::test]
async fn the_openapi_document_is_the_one_that_was_reviewed() {
    let server = Server::start();
    let document = document(&server).await;
    assert_eq!(server.anon().get("/api/docs/spec").await.ok(), document);
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn every_operation_has_a_summary_an_id_of_its_own_and_typed_answers() {
    let server = Server::start();
    let document = document(&server).await;
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{name} has no summary"
            );
            assert!(
                ids.insert(operation["operationId"].to_string()),
                "{name} has an id that is taken"
            );
            let answers = operation["responses"].as_object().unwrap();
            assert!(
                answers.keys().any(|status| status.starts_with('2')),
                "{name} cannot succeed"
            );
            assert!(
                answers.contains_key("429") && answers.contains_key("503"),
                "{name} hides its errors"
            );
            if let Some(body) = operation.get("requestBody") {
                // What is no JSON is a file or has one in it.
                let content_type = match name.as_str() {
                    "put /api/knowledge/pack" => "application~1zip",
                    "post /api/leads/import" => "text~1csv",
                    "post /api/upload/image"
                    | "post /api/upload/multiple"
                    | "post /api/chatbot/attachments"
                    | "post /api/conversations/{id}/attachments" => "multipart~1form-data",
                    _ => "application~1json; charset=utf-8",
                };
                let schema = body.pointer(&format!("/content/{content_type}/schema"));
                assert!(schema.is_some(), "{name}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_no_address_no_number_and_no_message_stands_in_the_log() {
    for level in ["info", "trace"] {
        let mut server = Server::start_with(&[("NOVAHOUSE_LOG_LEVEL", level)]);
        let secrets = tour::visit(&server).await;
        assert!(secrets.len() > 20);
        server.stop();
        let log = server.log();
        assert!(
            log.lines().count() > 50,
            "the log is too short to prove anything: {log}"
        );
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert!(
                line.is_none(),
                "{secret:?} stands in the log at level {level}: {line:?}"
            );
        }
    }
}
