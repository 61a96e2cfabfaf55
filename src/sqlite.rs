//! What every SQLite file of ours needs; the hub's store and the kiosk's outbox share it.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

/// How long two programs that open a new file together wait for each other.
const SWITCH_PATIENCE: Duration = Duration::from_secs(5);
/// Between two tries; the switch itself takes less than a millisecond.
const SWITCH_PAUSE: Duration = Duration::from_millis(5);

/// Puts a file into write-ahead mode, and makes sure that it is.
///
/// The engine's own busy handler is not asked while the mode of a new file is switched, so two openers at the same
/// moment would see one of them refused (SQLite documentation, "Write-Ahead Logging", section 8).
///
/// # Errors
/// When the file stays locked, or its file system cannot do it.
pub(crate) fn write_ahead(db: &Connection) -> Result<(), rusqlite::Error> {
    let limit = Instant::now() + SWITCH_PATIENCE;
    loop {
        match db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(rusqlite::Error::InvalidQuery),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < limit => {
                std::thread::sleep(SWITCH_PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_openers_of_a_new_file_all_get_it() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("new.db");
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| write_ahead(&Connection::open(&path).unwrap()).unwrap());
                }
            });
        }
    }
}
