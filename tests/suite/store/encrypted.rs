//! A server that takes encrypted connections only.

use footnote::store::{Store, StoreError};

use crate::postgres::Own;

#[tokio::test]
async fn connections_are_encrypted_as_sslmode_says() {
    let Some(server) = Own::start_encrypted() else {
        return;
    };
    let checked = &server.url;
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
