//! Which process runs which shards of Discord, and when one may start a session.
//!
//! Two processes with the same shard would get the same events. A [`ShardLease`]
//! keeps the second out for as long as the first lives, and says when that was in
//! doubt. A file lets one process in only, and has nothing to decide.

use std::time::Duration;

use super::backend::Backend;
#[cfg(feature = "postgres")]
use super::postgres;
use super::{Store, StoreError};
use crate::config::Shards;

/// The right to run some shards, until it is dropped or the process ends.
#[derive(Debug)]
pub struct ShardLease {
    shards: Shards,
    #[cfg(feature = "postgres")]
    kept: Option<postgres::Lease>,
}

/// Somebody else runs some of the same shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The shards of the other process.
    pub shards: Vec<Shards>,
    /// What the database knows of it: process, address.
    pub by: String,
}

impl ShardLease {
    /// The shards.
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// Completes when another process has the shards, which takes that the
    /// connection to the database was lost. While the database cannot be asked,
    /// nothing is decided; it is asked again and again. May be dropped and called
    /// again at any time.
    pub async fn lost(&mut self) -> Taken {
        #[cfg(feature = "postgres")]
        if let Some(kept) = &mut self.kept {
            return kept.lost().await;
        }
        std::future::pending().await
    }
}

impl Store {
    /// Takes shards for this process, if no other has some of them. Shards of
    /// another total overlap where they would get events of the same servers.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn lease_shards(
        &self,
        shards: Shards,
    ) -> Result<Result<ShardLease, Taken>, StoreError> {
        match &self.backend {
            Backend::Sqlite(_) => Ok(Ok(ShardLease {
                shards,
                #[cfg(feature = "postgres")]
                kept: None,
            })),
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => {
                let leased = postgres.lease(shards).await?;
                Ok(leased.map(|kept| ShardLease {
                    shards,
                    kept: Some(kept),
                }))
            }
        }
    }

    /// Takes the next turn to start a session in a bucket, for all processes:
    /// turns are `distance` apart. Says how long to wait for it. On a file, which
    /// has one process only, it is at once.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn session_turn(
        &self,
        bucket: u32,
        distance: Duration,
    ) -> Result<Duration, StoreError> {
        match &self.backend {
            Backend::Sqlite(_) => {
                let _ = (bucket, distance);
                Ok(Duration::ZERO)
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => postgres.session_turn(bucket, distance).await,
        }
    }
}
