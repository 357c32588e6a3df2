//! Discord's own API description (`OpenAPI` 3.1), where a copy of it is at hand.
//!
//! Request bodies are checked against it. The schema of a route is cut out with
//! just the parts it refers to, compiled when it is first used and kept: a test
//! pays for the routes that it touches.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::rest::Request;

/// Where schemas stand that others refer to.
const SCHEMAS: &str = "#/components/schemas/";

/// The description with the validators compiled so far.
pub(crate) struct Description {
    document: Value,
    compiled: Mutex<HashMap<String, Option<Arc<Validator>>>>,
}

impl Description {
    /// The copy next to the project; none when it is not there, as outside of
    /// the team's machines.
    pub(crate) fn of_discord() -> Option<Arc<Self>> {
        static READ: OnceLock<Option<Arc<Description>>> = OnceLock::new();
        READ.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(root.join("../shared/discord-openapi.json")).ok()?;
            let document = serde_json::from_str(&text).expect("a description in JSON");
            Some(Arc::new(Self {
                document,
                compiled: Mutex::default(),
            }))
        })
        .clone()
    }

    /// What the description finds wrong with the body of a request.
    ///
    /// It is looser than Discord in some places (no sum over embeds, no unique
    /// custom ids, several lengths), which is what `check.rs` is for.
    pub(crate) fn check(&self, request: &Request) -> Vec<String> {
        if request.body.is_null() {
            return Vec::new();
        }
        let Some(validator) = self.validator(request) else {
            return Vec::new();
        };
        let body = tolerant(&request.body);
        validator
            .iter_errors(&body)
            .map(|error| {
                let (place, message) = deepest(&error);
                format!(
                    "{} {}: API description: at {place}: {message}",
                    request.method,
                    request.route()
                )
            })
            .collect()
    }

    fn validator(&self, request: &Request) -> Option<Arc<Validator>> {
        let template = self.template(&request.path)?;
        // Callbacks differ by type: with the right schema alone, errors make sense.
        let kind = if template.ends_with("/callback") {
            request.body["type"].as_u64()
        } else {
            None
        };
        let name = format!("{} {template} {kind:?}", request.method);
        let mut compiled = self
            .compiled
            .lock()
            .expect("no test panics while compiling");
        let compile = || {
            let method = request.method.to_lowercase();
            let body = &self.document["paths"][template][&method]["requestBody"];
            let schema = body["content"]["application/json"].get("schema")?;
            let schema = kind.and_then(callback).map_or_else(
                || schema.clone(),
                |name| json!({"$ref": format!("{SCHEMAS}{name}")}),
            );
            Some(Arc::new(self.compile(schema)))
        };
        compiled.entry(name).or_insert_with(compile).clone()
    }

    /// The path of the description that a request's path fits; fixed segments
    /// win over parameters.
    fn template(&self, path: &str) -> Option<&str> {
        let fits = |template: &&String| {
            let mut segments = path.split('/');
            let all = template.trim_start_matches('/').split('/').all(|wanted| {
                segments
                    .next()
                    .is_some_and(|segment| wanted.starts_with('{') || wanted == segment)
            });
            all && segments.next().is_none()
        };
        let paths = self.document["paths"].as_object()?;
        let fitting = paths.keys().filter(fits);
        fitting
            .min_by_key(|template| template.matches('{').count())
            .map(String::as_str)
    }

    /// Compiles a schema together with everything it refers to.
    fn compile(&self, mut schema: Value) -> Validator {
        let mut needed = Map::new();
        let mut open = vec![schema.clone()];
        while let Some(next) = open.pop() {
            for name in references(&next) {
                if !needed.contains_key(&name) {
                    let found = self.document["components"]["schemas"][&name].clone();
                    open.push(found.clone());
                    needed.insert(name, found);
                }
            }
        }
        schema["components"] = json!({"schemas": needed});
        jsonschema::draft202012::new(&schema).expect("a valid schema")
    }
}

/// The body with what Discord takes in two forms brought into the one that the
/// description knows: permission bits as text (it says number, the documentation
/// text), and numbers of new files as numbers (it says text, the documentation
/// calls them placeholders and shows numbers).
fn tolerant(body: &Value) -> Value {
    match body {
        Value::Array(list) => list.iter().map(tolerant).collect(),
        Value::Object(map) => {
            let mut map: Map<String, Value> = map
                .iter()
                .map(|(key, value)| (key.clone(), tolerant(value)))
                .collect();
            let bits = map
                .get("default_member_permissions")
                .and_then(Value::as_str);
            if let Some(bits) = bits.and_then(|bits| bits.parse::<u64>().ok()) {
                map.insert("default_member_permissions".into(), json!(bits));
            }
            for file in map
                .get_mut("attachments")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if let Some(number) = file["id"].as_u64() {
                    file["id"] = json!(number.to_string());
                }
            }
            Value::Object(map)
        }
        other => other.clone(),
    }
}

/// The schema of a callback type.
fn callback(kind: u64) -> Option<&'static str> {
    match kind {
        4 | 5 => Some("CreateMessageInteractionCallbackRequest"),
        6 | 7 => Some("UpdateMessageInteractionCallbackRequest"),
        8 => Some("ApplicationCommandAutocompleteCallbackRequest"),
        9 => Some("ModalInteractionCallbackRequest"),
        _ => None,
    }
}

/// Names of schemas that a schema refers to directly.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Array(list) => list.iter().flat_map(references).collect(),
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str);
            let own = own
                .and_then(|target| target.strip_prefix(SCHEMAS))
                .map(str::to_owned);
            own.into_iter()
                .chain(map.values().flat_map(references))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// "Fits none of these" says little: the branch that got furthest says more.
fn deepest(error: &ValidationError<'_>) -> (String, String) {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return (error.instance_path().to_string(), short(error));
    };
    let inner = context.iter().flatten().map(deepest);
    inner
        .max_by_key(|(place, _)| place.matches('/').count())
        .unwrap_or_else(|| (error.instance_path().to_string(), short(error)))
}

/// The complaint, without the whole of a long value.
fn short(error: &ValidationError<'_>) -> String {
    error.to_string().chars().take(300).collect()
}
