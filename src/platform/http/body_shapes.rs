//! Which field of a refused body is wrong. The framework says that a body does not parse, not where; the `OpenAPI`
//! document says what it should have been, so the two are compared, and only then.

use std::collections::HashMap;
use std::fmt;

use poem::http::header;
use poem::{Body, Endpoint, IntoEndpoint, Request, Result};
use poem_openapi::OperationId;
use poem_openapi::error::ParseRequestPayloadError;
use serde_json::{Map, Value};

/// A field that is not as the document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Where it stands, e.g. `items[2].price`.
    pub(super) field: String,
    /// Completes "the field …", e.g. `must be text`.
    pub(super) why: String,
}

/// An endpoint whose errors about bodies know the field.
pub struct NamedMisfits<E> {
    endpoint: E,
    shapes: BodyShapes,
}

impl<E: Endpoint> NamedMisfits<E> {
    /// * `document`: the endpoint's `OpenAPI` document.
    /// * Errors: the document is no JSON.
    pub fn new(
        endpoint: impl IntoEndpoint<Endpoint = E>,
        document: &str,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            endpoint: endpoint.into_endpoint(),
            shapes: BodyShapes::new(serde_json::from_str(document)?),
        })
    }
}

impl<E: Endpoint> Endpoint for NamedMisfits<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        if !holds_json(&request) {
            return self.endpoint.call(request).await;
        }
        let body = request.take_body().into_bytes().await?;
        request.set_body(Body::from_bytes(body.clone()));
        let mut outcome = self.endpoint.call(request).await;
        if let Err(error) = &mut outcome
            && let Some(refused) = error.downcast_ref::<ParseRequestPayloadError>()
        {
            let operation = error.data::<OperationId>().map_or("", |id| id.0);
            let misfit = self.shapes.misfit(operation, &body);
            if let Some(misfit) = misfit.or_else(|| named_in(&refused.reason)) {
                error.set_data(misfit);
            }
        }
        outcome
    }
}

fn holds_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("json")))
}

/// The field that a reason names, for shapes the document leaves open. Reasons say it in backticks.
fn named_in(reason: &str) -> Option<Misfit> {
    let (_, rest) = reason.split_once("field `")?;
    let (field, _) = rest.split_once('`')?;
    Some(Misfit {
        field: field.into(),
        why: "is missing, unknown or of the wrong kind".into(),
    })
}

/// What each operation takes, by its id.
struct BodyShapes {
    by_operation: HashMap<String, Value>,
    schemas: Map<String, Value>,
}

impl BodyShapes {
    fn new(mut document: Value) -> Self {
        let schemas = match document["components"]["schemas"].take() {
            Value::Object(schemas) => schemas,
            _ => Map::new(),
        };
        let operations = members(&document["paths"]).flat_map(|(_, methods)| members(methods));
        let by_operation = operations.filter_map(|(_, operation)| {
            let id = operation["operationId"].as_str()?;
            let (_, content) = members(&operation["requestBody"]["content"])
                .find(|(content_type, _)| content_type.contains("json"))?;
            Some((id.to_owned(), content["schema"].clone()))
        });
        Self {
            by_operation: by_operation.collect(),
            schemas,
        }
    }

    /// The first field of `body` that does not fit; `None` when the whole body is something else, or fits.
    fn misfit(&self, operation: &str, body: &[u8]) -> Option<Misfit> {
        let schema = self.by_operation.get(operation)?;
        let value = serde_json::from_slice(body).ok()?;
        let misfit = self.compare(schema, &value, &Place::Root)?;
        (!misfit.field.is_empty()).then_some(misfit)
    }

    fn compare(&self, schema: &Value, value: &Value, place: &Place<'_>) -> Option<Misfit> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next()?;
            return self.compare(self.schemas.get(name)?, value, place);
        }
        let mut parts = schema["allOf"].as_array().into_iter().flatten();
        let in_parts = parts.find_map(|part| self.compare(part, value, place));
        in_parts.or_else(|| match schema["type"].as_str()? {
            "object" => self.compare_object(schema, value, place),
            "array" => self.compare_list(schema, value, place),
            "string" => compare_text(schema, value, place),
            "integer" if !is_whole(schema, value) => place.misfit("must be a whole number"),
            "number" if !value.is_number() => place.misfit("must be a number"),
            "boolean" if !value.is_boolean() => place.misfit("must be true or false"),
            _ => None,
        })
    }

    fn compare_object(&self, schema: &Value, value: &Value, place: &Place<'_>) -> Option<Misfit> {
        let Some(object) = value.as_object() else {
            return place.misfit("must be an object");
        };
        let required = schema["required"].as_array().into_iter().flatten();
        let missing = required
            .filter_map(Value::as_str)
            .find(|name| object.get(*name).is_none_or(Value::is_null));
        if let Some(name) = missing {
            return Place::Field(place, name).misfit("is missing");
        }
        let known = &schema["properties"];
        object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .find_map(|(name, value)| {
                let schema = known.get(name).unwrap_or(&schema["additionalProperties"]);
                self.compare(schema, value, &Place::Field(place, name))
            })
    }

    fn compare_list(&self, schema: &Value, value: &Value, place: &Place<'_>) -> Option<Misfit> {
        let Some(list) = value.as_array() else {
            return place.misfit("must be a list");
        };
        let mut items = list.iter().enumerate();
        items.find_map(|(at, item)| self.compare(&schema["items"], item, &Place::Item(place, at)))
    }
}

fn compare_text(schema: &Value, value: &Value, place: &Place<'_>) -> Option<Misfit> {
    let Some(text) = value.as_str() else {
        return place.misfit("must be text");
    };
    let allowed = schema["enum"].as_array()?;
    let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    if allowed.contains(&text) {
        return None;
    }
    place.misfit(&format!("must be one of: {}", allowed.join(", ")))
}

/// Whether a number is whole and within its format, `int8` to `uint64`.
fn is_whole(schema: &Value, value: &Value) -> bool {
    let signed = value.as_i64().map(i128::from);
    let Some(number) = signed.or_else(|| value.as_u64().map(i128::from)) else {
        return false;
    };
    let format = schema["format"].as_str().unwrap_or_default();
    let bits = |digits: &str| digits.parse().unwrap_or(64_u32).min(64);
    if let Some(digits) = format.strip_prefix("uint") {
        return (0..1 << bits(digits)).contains(&number);
    }
    let half = 1 << (bits(format.trim_start_matches("int")) - 1);
    (-half..half).contains(&number)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Where in a body a value stands.
enum Place<'a> {
    Root,
    Field(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    #[allow(clippy::unnecessary_wraps)] // every caller answers "no misfit" with `None`
    fn misfit(&self, why: &str) -> Option<Misfit> {
        Some(Misfit {
            field: self.to_string(),
            why: why.into(),
        })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root => Ok(()),
            Place::Field(Place::Root, name) => f.write_str(name),
            Place::Field(parent, name) => write!(f, "{parent}.{name}"),
            Place::Item(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shapes() -> BodyShapes {
        BodyShapes::new(json!({
            "paths": {"/api/orders": {"post": {
                "operationId": "order",
                "requestBody": {"content": {"application/json; charset=utf-8": {
                    "schema": {"$ref": "#/components/schemas/Order"}
                }}}
            }}},
            "components": {"schemas": {
                "Order": {
                    "type": "object",
                    "required": ["name", "items"],
                    "properties": {
                        "name": {"type": "string"},
                        "paid": {"type": "boolean"},
                        "note": {"type": "string"},
                        "kind": {"default": "new", "allOf": [{"$ref": "#/components/schemas/Kind"}]},
                        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "open": {"type": "object"}
                    }
                },
                "Kind": {"type": "string", "enum": ["new", "used"]},
                "Item": {
                    "type": "object",
                    "required": ["price"],
                    "properties": {
                        "price": {"type": "number"},
                        "count": {"type": "integer", "format": "uint8"},
                        "shift": {"type": "integer", "format": "int8"}
                    }
                }
            }}
        }))
    }

    fn misfit(body: &Value) -> Option<(String, String)> {
        let misfit = shapes().misfit("order", body.to_string().as_bytes());
        misfit.map(|misfit| (misfit.field, misfit.why))
    }

    #[test]
    fn the_first_field_that_does_not_fit_is_named_with_what_it_must_be() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"name": "a", "items": []});
            body[name] = value;
            body
        };
        for (body, field, why) in [
            (json!({"items": []}), "name", "is missing"),
            (json!({"name": null, "items": []}), "name", "is missing"),
            (with("name", json!(7)), "name", "must be text"),
            (with("paid", json!("yes")), "paid", "must be true or false"),
            (
                with("kind", json!("old")),
                "kind",
                "must be one of: new, used",
            ),
            (with("items", json!({})), "items", "must be a list"),
            (with("items", json!([7])), "items[0]", "must be an object"),
            (
                with("items", json!([{"price": 1}, {}])),
                "items[1].price",
                "is missing",
            ),
            (
                with("items", json!([{"price": "1"}])),
                "items[0].price",
                "must be a number",
            ),
            (
                with("items", json!([{"price": 1, "count": 256}])),
                "items[0].count",
                "must be a whole number",
            ),
            (
                with("items", json!([{"price": 1, "shift": -129}])),
                "items[0].shift",
                "must be a whole number",
            ),
            (
                with("labels", json!({"a": "b", "c": 7})),
                "labels.c",
                "must be text",
            ),
        ] {
            assert_eq!(
                misfit(&body),
                Some((field.to_owned(), why.to_owned())),
                "{body}"
            );
        }
    }

    #[test]
    fn what_fits_and_what_is_no_object_names_no_field() {
        for body in [
            json!({"name": "a", "items": [{"price": 1.5, "count": 255, "shift": -128}], "kind": "used",
                "note": null, "labels": {"a": "b"}, "open": {"a": 7}, "more": 7}),
            json!([]),
            json!("a"),
            json!(null),
        ] {
            assert_eq!(misfit(&body), None, "{body}");
        }
        assert_eq!(shapes().misfit("order", b"{\"na"), None);
        assert_eq!(shapes().misfit("unknown", b"{}"), None);
    }

    #[test]
    fn a_field_named_by_the_reason_is_taken_from_it() {
        let field = |reason| named_in(reason).map(|misfit| misfit.field);
        assert_eq!(
            field("failed to parse \"Company\": field `company.prices` is wrong"),
            Some("company.prices".into())
        );
        assert_eq!(field("expected `,` or `}` at line 1"), None);
    }
}
