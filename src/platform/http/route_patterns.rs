//! The patterns of routes, as metrics and log lines name them.

use std::collections::HashMap;
use std::sync::Arc;

use poem::{Endpoint, PathPattern, Request, Response};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Gives answers the pattern that the `OpenAPI` document declares, `/api/users/{id}`. poem-openapi routes it as
/// `/api/users/:param0`.
pub struct DeclaredPatterns<E> {
    endpoint: E,
    /// From the routed to the declared pattern.
    declared: HashMap<String, Arc<str>>,
}

#[derive(Deserialize)]
struct Paths {
    #[allow(clippy::zero_sized_map_values)]
    // the document has a map here, and only its keys matter
    paths: HashMap<String, IgnoredAny>,
}

impl<E> DeclaredPatterns<E> {
    /// * `document`: the `OpenAPI` document of what `endpoint` serves.
    /// * Errors: it is no such document.
    pub fn new(endpoint: E, document: &str) -> serde_json::Result<Self> {
        let document: Paths = serde_json::from_str(document)?;
        let declared = document
            .paths
            .into_keys()
            .map(|path| (routed(&path), path.into()))
            .collect();
        Ok(Self { endpoint, declared })
    }

    fn declared(&self, pattern: Option<&PathPattern>) -> Option<PathPattern> {
        let routed = pattern.filter(|pattern| pattern.0.contains(":param"))?;
        self.declared.get(&*routed.0).cloned().map(PathPattern)
    }
}

/// The pattern under which poem-openapi routes a declared one.
fn routed(declared: &str) -> String {
    let mut count = 0;
    let parts = declared.split('/').map(|part| {
        if part.starts_with('{') {
            count += 1;
            format!(":param{}", count - 1)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

impl<E: Endpoint<Output = Response>> Endpoint for DeclaredPatterns<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match self.endpoint.call(request).await {
            Ok(mut response) => {
                if let Some(pattern) = self.declared(response.data()) {
                    response.set_data(pattern);
                }
                Ok(response)
            }
            Err(mut error) => {
                if let Some(pattern) = self.declared(error.data()) {
                    error.set_data(pattern);
                }
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_is_routed_by_its_number() {
        assert_eq!(routed("/api/health"), "/api/health");
        assert_eq!(
            routed("/api/leads/{id}/notes/{note_id}"),
            "/api/leads/:param0/notes/:param1"
        );
    }
}
