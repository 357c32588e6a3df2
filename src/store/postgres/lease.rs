//! Leases on shards: locks that live as long as the connection that took them.
//!
//! The server lets go of them in the moment in which a killed process's
//! connection ends, and after [`KEEPALIVE`] when its machine is gone without a
//! word. They need a connection straight to the server: behind a pooler that
//! hands it to others between two transactions they mean nothing.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::{Postgres, connect, in_time};
use crate::config::Shards;
use crate::store::{StoreError, Taken};

/// The first half of the number of each lock: "foot" in ASCII. The second half
/// is the total of shards in the upper 16 bits and the shard in the lower ones.
const SHARD: i32 = 0x666f_6f74;
/// The lock under which it is decided who gets shards.
const DECIDING: i64 = 0x666f_6f74_6e6f_7465;
/// The connection is tried this often, so that a loss is known soon.
const LOOK: Duration = Duration::from_secs(1);
/// How the server finds out that a machine is gone: it asks after 10 s of
/// silence, every 10 s, and gives up after three times.
const KEEPALIVE: [(&str, &str); 3] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

/// Who has locks on shards, other than this connection.
const HOLDERS: &str = "SELECT objid::BIGINT AS lock, pid, \
        COALESCE(application_name, 'somebody') || COALESCE(' at ' || host(client_addr), '') AS by \
    FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) \
    WHERE locktype = 'advisory' AND classid::BIGINT = $1 AND objsubid = 2 AND granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        AND pid <> pg_backend_pid() \
    ORDER BY objid";

/// Locks on shards and the connection that has them.
#[derive(Debug)]
pub(in crate::store) struct Lease {
    shards: Shards,
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    /// The server's process behind the connection.
    pid: i32,
}

impl Postgres {
    pub(in crate::store) async fn lease(
        &self,
        shards: Shards,
    ) -> Result<Result<Lease, Taken>, StoreError> {
        let name = format!("footnote shards {shards}, process {}", std::process::id());
        let options = PgConnectOptions::clone(&self.pool.connect_options());
        let options = options.application_name(&name).options(KEEPALIVE);
        let taken = take(&options, shards, None).await?;
        Ok(taken.map(|(connection, pid)| Lease {
            shards,
            options,
            connection: Some(connection),
            pid,
        }))
    }

    pub(in crate::store) async fn session_turn(
        &self,
        bucket: u32,
        distance: Duration,
    ) -> Result<Duration, StoreError> {
        // One row for each bucket: when the turn after this one begins. One that
        // is too far away to be true does not keep anybody waiting.
        let statement = sqlx::query_scalar(
            "WITH clock AS (SELECT FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS now) \
             INSERT INTO setting (name, value) SELECT $1, (now + $2)::TEXT FROM clock \
             ON CONFLICT (name) DO UPDATE SET value = (SELECT LEAST( \
                 GREATEST(setting.value::BIGINT, now), now + 3600000) + $2 FROM clock)::TEXT \
             RETURNING value::BIGINT - $2 - (SELECT now FROM clock)",
        );
        let distance = i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        let name = format!("session-turn:{bucket}");
        let mut connection = self.connection().await?;
        let wait: i64 = in_time(
            statement
                .bind(name)
                .bind(distance)
                .fetch_one(&mut *connection),
        )
        .await?;
        Ok(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
    }
}

impl Lease {
    pub(in crate::store) async fn lost(&mut self) -> Taken {
        loop {
            sleep(LOOK).await;
            if let Some(connection) = &mut self.connection {
                let ping = sqlx::query("SELECT 1").execute(connection);
                if in_time(ping).await.is_ok() {
                    continue;
                }
                self.connection = None;
                warn!(
                    shards = %self.shards,
                    "the connection that keeps the shards for this process was lost; taking it up \
                     again"
                );
            }
            // Without the database nobody else can take them either.
            match take(&self.options, self.shards, Some(self.pid)).await {
                Ok(Ok((connection, pid))) => {
                    info!(shards = %self.shards, "the shards are kept for this process again");
                    self.connection = Some(connection);
                    self.pid = pid;
                }
                // The server has not noticed the loss yet.
                Ok(Err(taken)) if taken.shards.is_empty() => {}
                Ok(Err(taken)) => return taken,
                Err(StoreError::Unreachable(_) | StoreError::Busy(_)) => {}
                Err(error) => error!(
                    error = &error as &dyn std::error::Error,
                    "the shards cannot be kept for this process; it is tried again"
                ),
            }
        }
    }
}

/// Takes the locks of shards, or says who has them: nobody but `own`, when that
/// is the server's process of a connection that was lost.
async fn take(
    options: &PgConnectOptions,
    shards: Shards,
    own: Option<i32>,
) -> Result<Result<(PgConnection, i32), Taken>, StoreError> {
    let mut connection = connect(options).await?;
    let mut deciding = in_time(connection.begin()).await?;
    let alone = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(DECIDING);
    in_time(alone.execute(&mut *deciding)).await?;
    let holders = sqlx::query(HOLDERS).bind(i64::from(SHARD));
    let mut taken = Taken {
        shards: Vec::new(),
        by: String::new(),
    };
    let mut is_free = true;
    for row in in_time(holders.fetch_all(&mut *deciding)).await? {
        let lock: i64 = row.try_get("lock")?;
        let Some(held) = shard_of(lock).filter(|held| held.overlap(shards)) else {
            continue;
        };
        is_free = false;
        if Some(row.try_get::<i32, _>("pid")?) != own {
            taken.shards.push(held);
            taken.by = row.try_get("by")?;
        }
    }
    if !is_free {
        return Ok(Err(taken));
    }
    let locks: Vec<i32> = shards.ids().map(|id| lock_of(id, shards.total())).collect();
    let locking =
        sqlx::query("SELECT pg_advisory_lock($1, lock) FROM UNNEST($2::INT[]) AS locks (lock)");
    in_time(locking.bind(SHARD).bind(locks).execute(&mut *deciding)).await?;
    let pid = sqlx::query_scalar("SELECT pg_backend_pid()");
    let pid = in_time(pid.fetch_one(&mut *deciding)).await?;
    in_time(deciding.commit()).await?;
    Ok(Ok((connection, pid)))
}

/// Totals are at most 2 to the 14th, so it is never negative.
fn lock_of(shard: u32, total: u32) -> i32 {
    (total << 16 | shard).cast_signed()
}

fn shard_of(lock: i64) -> Option<Shards> {
    let lock = u32::try_from(lock).ok()?;
    let (shard, total) = (lock & 0xffff, lock >> 16);
    Shards::new(shard, shard, total)
}
