//! What is sent: bodies that cannot ping anyone, and files with alt text.

use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

use super::error::RestError;

/// Discord's limit for a nonce, in characters.
const NONCE: usize = 25;

/// A file to send with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, with the ending that tells Discord what it is.
    pub name: String,
    /// Its content; Discord takes 10 MiB for each file.
    pub bytes: Vec<u8>,
    /// What a picture shows, for those who cannot see it; at most 1,024 characters.
    pub alt: Option<String>,
}

/// Makes a message (or the change of one) safe to send: nobody is pinged, and
/// the files are described.
pub(super) fn prepare_message(body: &mut Value, files: &[File]) -> Result<(), RestError> {
    let Value::Object(message) = body else {
        return Err(RestError::Unsendable("a message must be a JSON object"));
    };
    forbid_pings(message)?;
    if !files.is_empty() {
        let described = files.iter().enumerate().map(|(id, file)| match &file.alt {
            Some(alt) => json!({ "id": id, "filename": file.name, "description": alt }),
            None => json!({ "id": id, "filename": file.name }),
        });
        message.insert("attachments".to_owned(), described.collect());
    }
    Ok(())
}

/// The same for the answer to an interaction, where it carries a message.
pub(super) fn prepare_callback(body: &mut Value, files: &[File]) -> Result<(), RestError> {
    // 4: a new message; 7: a change of the message that a button stands under.
    if !matches!(body.get("type").and_then(Value::as_u64), Some(4 | 7)) {
        return Ok(());
    }
    match body.get_mut("data") {
        Some(data) => prepare_message(data, files),
        None => Ok(()),
    }
}

/// Adds a nonce that Discord enforces: of several tries it keeps one message.
pub(super) fn add_nonce(body: &mut Value, nonce: &str) -> Result<(), RestError> {
    if nonce.is_empty() || nonce.chars().count() > NONCE {
        return Err(RestError::Unsendable("a nonce has 1 to 25 characters"));
    }
    if let Value::Object(message) = body {
        message.insert("nonce".to_owned(), nonce.into());
        message.insert("enforce_nonce".to_owned(), true.into());
    }
    Ok(())
}

/// Body and files as the form that Discord wants.
pub(super) fn form(body: &Value, files: &[File]) -> Form {
    let mut form = Form::new().text("payload_json", body.to_string());
    for (id, file) in files.iter().enumerate() {
        let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        form = form.part(format!("files[{id}]"), part);
    }
    form
}

/// Without `allowed_mentions` Discord pings whoever the text mentions.
fn forbid_pings(message: &mut Map<String, Value>) -> Result<(), RestError> {
    const WOULD_PING: RestError = RestError::Unsendable("its allowed_mentions would ping somebody");
    let allowed = message.entry("allowed_mentions").or_insert(Value::Null);
    if allowed.is_null() {
        *allowed = json!({});
    }
    let Value::Object(allowed) = allowed else {
        return Err(WOULD_PING);
    };
    for list in ["parse", "users", "roles"] {
        let pings = match allowed.get(list) {
            None => false,
            Some(Value::Array(names)) => !names.is_empty(),
            Some(_) => true,
        };
        if pings {
            return Err(WOULD_PING);
        }
    }
    if !matches!(allowed.get("replied_user"), None | Some(Value::Bool(false))) {
        return Err(WOULD_PING);
    }
    allowed.entry("parse").or_insert_with(|| json!([]));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_never_pings() {
        let silent = json!({ "parse": [] });
        for given in [
            json!({}),
            json!({ "allowed_mentions": null }),
            json!({ "allowed_mentions": {} }),
        ] {
            let mut body = given;
            prepare_message(&mut body, &[]).unwrap();
            assert_eq!(body["allowed_mentions"], silent);
        }
        let mut body = json!({ "allowed_mentions": { "parse": [], "replied_user": false } });
        let before = body.clone();
        prepare_message(&mut body, &[]).unwrap();
        assert_eq!(body, before);
    }

    #[test]
    fn a_body_that_would_ping_is_refused() {
        for allowed in [
            json!({ "parse": ["users"] }),
            json!({ "parse": "everyone" }),
            json!({ "parse": [], "users": ["1"] }),
            json!({ "roles": ["1"] }),
            json!({ "parse": [], "replied_user": true }),
            json!("everyone"),
        ] {
            let mut body = json!({ "allowed_mentions": allowed });
            assert!(prepare_message(&mut body, &[]).is_err(), "{body}");
            let mut callback = json!({ "type": 4, "data": { "allowed_mentions": allowed } });
            assert!(prepare_callback(&mut callback, &[]).is_err(), "{callback}");
        }
    }

    #[test]
    fn callbacks_without_a_message_stay_as_they_are() {
        for body in [
            json!({ "type": 5, "data": { "flags": 64 } }),
            json!({ "type": 6 }),
            json!({ "type": 8, "data": { "choices": [] } }),
        ] {
            let mut same = body.clone();
            prepare_callback(&mut same, &[]).unwrap();
            assert_eq!(same, body);
        }
    }

    #[test]
    fn files_are_described() {
        let picture = File {
            name: "matrix.png".to_owned(),
            bytes: vec![1],
            alt: Some("A table".to_owned()),
        };
        let text = File {
            name: "gaps.csv".to_owned(),
            bytes: vec![2],
            alt: None,
        };
        let mut body = json!({ "content": "x" });
        prepare_message(&mut body, &[picture, text]).unwrap();
        let described = json!([
            { "id": 0, "filename": "matrix.png", "description": "A table" },
            { "id": 1, "filename": "gaps.csv" },
        ]);
        assert_eq!(body["attachments"], described);
    }

    #[test]
    fn a_nonce_has_at_most_25_characters() {
        let mut body = json!({});
        assert!(add_nonce(&mut body, "").is_err());
        assert!(add_nonce(&mut body, &"n".repeat(26)).is_err());
        add_nonce(&mut body, &"n".repeat(25)).unwrap();
        assert_eq!(body["enforce_nonce"], true);
    }
}
