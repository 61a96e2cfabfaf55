//! Reading columns as domain types: what does not parse is a fault of the file, named by its column.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;
use rusqlite::types::FromSql;

use super::StoreError;

/// Reads a column as the engine's own type.
pub(super) fn plain<T: FromSql>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    Ok(row.get(column)?)
}

/// Reads a text column through `FromStr`.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| StoreError::Garbled { column })
}

/// Reads a text column that may be absent.
pub(super) fn parsed_or_none<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| StoreError::Garbled { column })).transpose()
}

/// Reads a text column that becomes a type by conversion.
pub(super) fn converted<T: TryFrom<String>>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    T::try_from(text).map_err(|_| StoreError::Garbled { column })
}

/// Reads a time.
pub(super) fn time(row: &Row<'_>, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| StoreError::Garbled { column })
}

/// Reads a time that may be absent.
pub(super) fn time_or_none(row: &Row<'_>, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = row.get(column)?;
    at.map(|at| Timestamp::from_millisecond(at).map_err(|_| StoreError::Garbled { column })).transpose()
}

/// Reads a business day.
pub(super) fn day(row: &Row<'_>, column: &'static str) -> Result<Date, StoreError> {
    parsed(row, column)
}

impl super::View<'_> {
    /// Runs a query and maps every row.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        map: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(map(row)?);
        }
        Ok(found)
    }

    /// Runs a query and maps its first row.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        map: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(map).transpose()
    }
}

impl super::Tx<'_> {
    /// Runs a statement and returns how many rows it changed.
    pub(super) fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        Ok(self.conn.prepare_cached(sql)?.execute(params)?)
    }
}
