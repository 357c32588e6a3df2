//! Statements, what goes into them and what comes out.
//!
//! Each statement stands once, in the words that both kinds of database know:
//! numbered parameters, 64-bit integers, text. [`sql!`] puts in the few words
//! that differ.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{Decode, Row as _, Type};

use super::StoreError;
use crate::id::{ChannelId, GuildId, MessageId, UserId};

/// A statement, in the words of each kind of database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    #[cfg(feature = "postgres")]
    pub(super) postgres: &'static str,
}

/// A statement from texts and words that differ:
///
/// - `now`: milliseconds since 1970 UTC. `SQLite` takes the caller's time, which
///   is always `$1` then. `PostgreSQL` takes its own, since several processes
///   must agree on who holds a claim; read once, so that an index can be used.
/// - `share`: keeps the rows that a SELECT found from being changed until the
///   transaction ends, where `SQLite` has one writer anyway.
macro_rules! sql {
    (@sqlite now) => { "$1" };
    (@sqlite share) => { "" };
    (@sqlite $text:literal) => { $text };
    (@postgres now) => {
        "(SELECT FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT)"
    };
    (@postgres share) => { "FOR SHARE" };
    (@postgres $text:literal) => { $text };
    ($($part:tt)+) => {
        $crate::store::sql::Sql {
            sqlite: concat!($(sql!(@sqlite $part)),+),
            #[cfg(feature = "postgres")]
            postgres: concat!($(sql!(@postgres $part)),+),
        }
    };
}
pub(super) use sql;

/// What a parameter of a statement is set to.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

/// Values from whatever can be one.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::sql::Value::from($value)),*] };
}
pub(super) use values;

macro_rules! value_from {
    ($($type:ty, $kind:ident: |$value:ident| $stored:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Value::$kind(Some($stored))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Value::$kind(value.map(|$value| $stored))
            }
        }
    )*};
}

value_from! {
    i64, Int: |number| number;
    i32, Int: |number| i64::from(number);
    u32, Int: |number| i64::from(number);
    bool, Int: |flag| i64::from(flag);
    // Beyond any count of ours.
    usize, Int: |number| i64::try_from(number).unwrap_or(i64::MAX);
    u64, Int: |number| i64::try_from(number).unwrap_or(i64::MAX);
    // Ids are kept as signed numbers of the same bits.
    GuildId, Int: |id| id.0.cast_signed();
    ChannelId, Int: |id| id.0.cast_signed();
    MessageId, Int: |id| id.0.cast_signed();
    UserId, Int: |id| id.0.cast_signed();
    Timestamp, Int: |at| at.as_millisecond();
    Duration, Int: |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    Date, Text: |date| date.to_string();
    &str, Text: |text| text.to_owned();
    String, Text: |text| text;
}

/// A row that a statement gave.
pub(super) enum Row {
    Sqlite(SqliteRow),
    #[cfg(feature = "postgres")]
    Postgres(PgRow),
}

/// What a column can be read as: `i64`, `String`, or either as an `Option`.
#[cfg(feature = "postgres")]
pub(super) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}
#[cfg(not(feature = "postgres"))]
pub(super) trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> {}

impl Column for i64 {}
impl Column for String {}
impl Column for Option<i64> {}
impl Column for Option<String> {}

impl Row {
    /// A column as it is stored.
    pub(super) fn get<T: Column>(&self, column: &str) -> Result<T, StoreError> {
        Ok(match self {
            Row::Sqlite(row) => row.try_get(column)?,
            #[cfg(feature = "postgres")]
            Row::Postgres(row) => row.try_get(column)?,
        })
    }

    /// An id.
    pub(super) fn id<T>(&self, column: &str, id: fn(u64) -> T) -> Result<T, StoreError> {
        Ok(id(self.get::<i64>(column)?.cast_unsigned()))
    }

    /// An id that may be missing.
    pub(super) fn some_id<T>(
        &self,
        column: &str,
        id: fn(u64) -> T,
    ) -> Result<Option<T>, StoreError> {
        let found: Option<i64> = self.get(column)?;
        Ok(found.map(|bits| id(bits.cast_unsigned())))
    }

    /// A number that is never negative, or small.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| unreadable(column, &number.to_string()))
    }

    /// Yes or no.
    pub(super) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.get::<i64>(column)? != 0)
    }

    /// A time that may be missing.
    pub(super) fn some_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        let found: Option<i64> = self.get(column)?;
        found
            .map(|ms| {
                Timestamp::from_millisecond(ms).map_err(|_| unreadable(column, &ms.to_string()))
            })
            .transpose()
    }

    /// A time.
    pub(super) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.some_time(column)?
            .ok_or_else(|| unreadable(column, "none"))
    }

    /// A day that may be missing.
    pub(super) fn some_date(&self, column: &str) -> Result<Option<Date>, StoreError> {
        let found: Option<String> = self.get(column)?;
        found
            .map(|text| text.parse().map_err(|_| unreadable(column, &text)))
            .transpose()
    }

    /// A day.
    pub(super) fn date(&self, column: &str) -> Result<Date, StoreError> {
        self.some_date(column)?
            .ok_or_else(|| unreadable(column, "none"))
    }

    /// One of the values that a name stands for.
    pub(super) fn name<T>(
        &self,
        column: &str,
        of_name: fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let name: String = self.get(column)?;
        of_name(&name).ok_or_else(|| unreadable(column, &name))
    }

    /// What was stored as JSON, when there is any.
    pub(super) fn some_json<T: serde::de::DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let found: Option<String> = self.get(column)?;
        found
            .map(|json| {
                serde_json::from_str(&json).map_err(|error| StoreError::Row(Box::new(error)))
            })
            .transpose()
    }

    /// What was stored as JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<T, StoreError> {
        self.some_json(column)?
            .ok_or_else(|| unreadable(column, "none"))
    }
}

/// A value as JSON, which the types that are stored so always have.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Row(Box::new(error)))
}

/// A column holds what this version of the program does not know.
fn unreadable(column: &str, found: &str) -> StoreError {
    StoreError::Row(format!("{column} is {found:?}").into())
}

/// A statement of `SQLite` with its parameters.
pub(super) fn for_sqlite(sql: Sql, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(sql.sqlite);
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

/// A statement of `PostgreSQL` with its parameters. It stores no character 0,
/// which nobody types; the replacement character takes its place.
#[cfg(feature = "postgres")]
pub(super) fn for_postgres(sql: Sql, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(sql.postgres);
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(number) => query.bind(number),
        Value::Text(text) => query.bind(text.map(|text| text.replace('\0', "\u{fffd}"))),
    })
}
