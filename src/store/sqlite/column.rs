//! Between columns and values.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A number that is never below 0.
pub(super) fn number(row: &Row<'_>, at: usize) -> Result<u64> {
    row.get::<_, i64>(at).map(i64::unsigned_abs)
}

/// A time that is kept in milliseconds.
pub(super) fn time(milliseconds: i64, at: usize) -> Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds).map_err(damaged(at))
}

/// A value that is kept as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> Result<T> {
    serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(damaged(at))
}

/// A value as JSON.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// What stands in a column means nothing.
pub(super) fn damaged<E>(at: usize) -> impl FnOnce(E) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
}
