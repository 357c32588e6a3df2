//! A server that takes encrypted connections only.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use footnote::store::{Store, StoreError};

use crate::harness::root;

/// The URL of a server whose certificate is checked against an authority that
/// the URL names. It ends with the returned process's standard input.
fn server() -> Option<(String, Child)> {
    let mut child = Command::new(root(".ci/postgres"))
        .arg("tls")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    if line.is_empty() {
        child.wait().unwrap();
        #[expect(clippy::print_stdout, reason = "whoever runs the tests should know")]
        {
            println!("skipped: there is no PostgreSQL here, or no openssl");
        }
        return None;
    }
    Some((line.trim().to_owned(), child))
}

#[tokio::test]
async fn connections_are_encrypted_as_sslmode_says() {
    let Some((checked, _running)) = server() else {
        return;
    };
    let (plain, _) = checked.split_once('?').unwrap();
    // Any certificate will do, and one that is checked with its name.
    for url in [format!("{plain}?sslmode=require"), checked.clone()] {
        let store = Store::open(&url).await.unwrap();
        store.set_setting("a", "b").await.unwrap();
        let shards = "0/1".parse().unwrap();
        drop(store.lease_shards(shards).await.unwrap().unwrap());
        store.close().await;
    }
    // Without encryption the server refuses, and an authority that nobody knows
    // is refused here.
    let refused = Store::open(&format!("{plain}?sslmode=disable")).await;
    assert!(
        matches!(refused, Err(StoreError::Login(_))),
        "{:?}",
        refused.err()
    );
    let unknown = Store::open(&format!("{plain}?sslmode=verify-full")).await;
    assert!(
        matches!(unknown, Err(StoreError::Unreachable(_))),
        "{:?}",
        unknown.err()
    );
}
