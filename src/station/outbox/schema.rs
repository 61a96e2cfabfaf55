//! Opening the outbox file: settings, checks, migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::OutboxError;

/// Marks the file as an outbox of ours: "ANJK".
const APPLICATION_ID: i32 = 0x414E_4A4B;
/// Applied in order, each in one transaction; a change is a new file, never an edit of an old one.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_outbox.sql"), include_str!("migrations/0002_tickets.sql")];
/// Pages that the engine keeps in memory, in KiB: an outbox is written and sent in order, so its own 2 MB for each of two
/// connections would only fill up, visitor by visitor.
const CACHE_KIB: i32 = 64;
/// How long one writer waits for the other; both commit within milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens and checks the file, and brings it to the newest form.
pub(super) fn open(path: &Path) -> Result<Connection, OutboxError> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    let application_id: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application_id != 0 && application_id != APPLICATION_ID {
        return Err(OutboxError::Unusable("the file belongs to another program".to_owned()));
    }
    // Every commit reaches the disk before the person is told; deleted data is overwritten with zeros.
    crate::sqlite::write_ahead(&db)?;
    db.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;")?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    migrate(&mut db)?;
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OutboxError::Unusable("the file is damaged".to_owned()));
    }
    Ok(db)
}

fn migrate(db: &mut Connection) -> Result<(), OutboxError> {
    // The version is read inside the transaction: the keeper and the courier may open a new file at the same time.
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..));
    let Some(missing) = known else {
        return Err(OutboxError::Unusable(format!("its form {version} is newer than this program")));
    };
    for migration in missing {
        change.execute_batch(migration)?;
    }
    if !missing.is_empty() {
        change.execute_batch(&format!("PRAGMA user_version = {}", MIGRATIONS.len()))?;
    }
    change.commit()?;
    Ok(())
}
