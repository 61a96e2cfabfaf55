//! Opening the file: pragmas, migrations, the check at start. A newer schema is refused, never guessed at.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::OpenError;

/// `ANJG`: marks the file as ours, also for `file(1)`.
const APPLICATION_ID: i32 = 0x414E_4A47;
/// How long a connection waits for another process (`anjungan admin`) to finish writing.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// The log is written back into the file after this many pages of 4 KiB. Everybody waits for that, so it should not come
/// with every hundredth commit; a log of this size is read again within a moment after a crash.
const CHECKPOINT_PAGES: i32 = 8_000;
/// Pages that the writer keeps at hand, in KiB: the ends of the indexes of years stay there.
const CACHE_KIB: i32 = 32 * 1_024;

/// Every migration, oldest first. Never remove or edit an entry: files in the field have run it.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_health.sql"),
    include_str!("migrations/0003_walk_in.sql"),
    include_str!("migrations/0004_archive.sql"),
    include_str!("migrations/0005_hall.sql"),
    include_str!("migrations/0006_page_doubts.sql"),
    include_str!("migrations/0007_found_and_noted.sql"),
];

/// Opens the file for writing, brings its schema up to date and checks it.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    make_private_file(path).map_err(|source| OpenError::Folder { path: path.to_owned(), source })?;
    let mut conn = Connection::open(path)?;
    prepare(&conn)?;
    refuse_foreign(&conn)?;
    crate::sqlite::write_ahead(&conn)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    migrate(&mut conn)?;
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    Ok(conn)
}

/// Makes the file, if absent, so that only its owner may read it; the engine gives its log the same rights. The folder
/// alone is not enough: an administrator may have made it before, open to all.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map(drop)
}

/// Opens the file for reading only.
pub(super) fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    prepare(&conn)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

fn prepare(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // A file from elsewhere must not run functions of ours through its own triggers and views.
    conn.pragma_update(None, "trusted_schema", false)
}

fn refuse_foreign(conn: &Connection) -> Result<(), OpenError> {
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) { Ok(()) } else { Err(OpenError::Foreign) }
}

fn migrate(conn: &mut Connection) -> Result<(), OpenError> {
    for (at, sql) in (1_i64..).zip(MIGRATIONS) {
        if version(conn)? >= at {
            continue;
        }
        // The version is read again under the lock: another process may have migrated in between.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        if version(&tx)? < at {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", at)?;
            tx.commit()?;
            tracing::info!(version = at, "schema migrated");
        }
    }
    let (found, known) = (version(conn)?, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX));
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(()) }
}

fn version(conn: &Connection) -> Result<i64, rusqlite::Error> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_ours_and_opens_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("store.db");
        drop(open_writer(&path).expect("a new file"));
        let conn = open_writer(&path).expect("the same file again");
        assert_eq!(version(&conn).expect("a version"), MIGRATIONS.len() as i64);
    }

    #[test]
    fn a_newer_or_foreign_file_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("store.db");
        let conn = open_writer(&path).expect("a new file");
        conn.pragma_update(None, "user_version", 999).expect("a pragma");
        drop(conn);
        assert!(matches!(open_writer(&path), Err(OpenError::Newer { found: 999, .. })));

        let other = dir.path().join("other.db");
        let conn = Connection::open(&other).expect("a file");
        conn.execute_batch("CREATE TABLE t (x)").expect("a table");
        drop(conn);
        assert!(matches!(open_writer(&other), Err(OpenError::Foreign)));
    }

    #[test]
    fn the_journal_is_append_only_and_readers_cannot_write() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("store.db");
        let conn = open_writer(&path).expect("a new file");
        conn.execute(
            "INSERT INTO journal (at_ms, office, event, actor_kind, actor, detail) VALUES (0, '3315', 'x', 'system', 'x', '{}')",
            [],
        )
        .expect("a row");
        assert!(conn.execute("UPDATE journal SET actor = 'y'", []).is_err());
        assert!(conn.execute("DELETE FROM journal", []).is_err());
        let reader = open_reader(&path).expect("a reader");
        assert!(reader.execute("DELETE FROM stations", []).is_err());
    }

    #[test]
    fn tickets_and_cases_of_an_older_file_are_kept_and_their_numbers_stay_unique() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("store.db");
        let old = Connection::open(&path).expect("a file");
        for sql in &MIGRATIONS[..2] {
            old.execute_batch(sql).expect("an older form");
        }
        old.pragma_update(None, "application_id", APPLICATION_ID).expect("a pragma");
        old.pragma_update(None, "user_version", 2).expect("a pragma");
        let digest = "0".repeat(64);
        old.execute_batch(&format!(
            "INSERT INTO journal (at_ms, office, event, actor_kind, actor, detail)
             VALUES (0, '3315', 'case_submitted', 'station', 'K1', '{{}}');
             INSERT INTO cases (case_id, office, version, stage, stage_since_ms, variant, service_version, applicant,
               applicant_doubtful, answers, slip_token, slip_code, first_day, first_number, started_at_ms,
               submitted_at_ms, submitted_digest, kiosk)
             VALUES ('c1', '3315', 1, 'submitted', 0, 'kk.hilang', '1', '3315130101909001', 0, '{{}}', '{digest}',
               '{digest}', '2026-11-23', 'A-001', 0, 0, '', 'K1');
             INSERT INTO tickets VALUES ('t1', '3315', '2026-11-23', 'verification', 'A', 1, 'c1', 'called', 5, 1,
               'Loket 1', 9);"
        ))
        .expect("rows of an older file");
        drop(old);

        let conn = open_writer(&path).expect("brought up to date");
        let kept: (String, String, i64, Option<String>) = conn
            .query_row(
                "SELECT case_id, counter, call_serial, priority FROM tickets WHERE ticket_id = 't1'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .expect("the ticket");
        assert_eq!(kept, ("c1".to_owned(), "Loket 1".to_owned(), 9, None));
        let phone: Option<String> =
            conn.query_row("SELECT phone FROM cases WHERE case_id = 'c1'", [], |row| row.get(0)).expect("the case");
        assert_eq!(phone, None);
        let add = |id: &str, queue: &str, number: u16| {
            let sql =
                "INSERT INTO tickets (ticket_id, office, day, queue, series, number, state, since_ms, entered_seq)
                       VALUES (?1, '3315', '2026-11-23', ?2, 'A', ?3, 'waiting', 0, 1)";
            conn.execute(sql, rusqlite::params![id, queue, number])
        };
        assert!(add("t2", "verification", 2).is_ok(), "somebody who wants help has no case");
        assert!(add("t3", "verification", 1).is_err(), "the number is taken");
        assert!(add("t4", "pickup", 3).is_err(), "nobody collects without a case");
    }
}
