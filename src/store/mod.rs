//! The store: the only room that speaks SQL. No type of the database engine leaves it.
//!
//! One writer thread commits jobs in groups and answers only after the commit; readers see the last commit. A commit
//! that fails poisons the store: nothing is acknowledged any more and the process must end and recover.

mod archive;
mod archive_search;
mod cases;
mod documents;
mod found;
mod hall;
mod health;
mod housekeeping;
mod journal;
mod notes;
mod people;
mod queue;
mod readers;
mod register;
mod requests;
mod rows;
mod scans;
mod schema;
mod stations;
mod vault;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::domain::office::OfficeCode;

pub use archive::{ArchiveState, ArchivedCase, ArchivedDocument, NewArchived, Registered};
pub use cases::{CaseRecord, NewCase, ReturnRow, VerdictRow};
pub use documents::{DocumentRecord, NewDocument, ScanRecord};
pub use hall::DeskRecord;
pub use health::{DeviceRow, FaultRecord, ReportRecord};
pub use journal::{Actor, Entry, JournalRow, NewEntry};
pub use notes::{LyingRow, NoteRow};
pub use people::{Attempt, SessionRecord, UserRecord};
pub use queue::{NewTicket, TicketCounts, TicketRecord};
pub use requests::{Replay, StoredAnswer};
pub use scans::{ScanError, ScanFiles, ScanUpload};
pub use stations::StationRecord;
pub use vault::{KeyFault, Vault, VaultContents, VaultLock, VaultPaths};

/// Name of the database file in the hub's folder.
const FILE_NAME: &str = "anjungan.db";

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("cannot use the folder {path}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A program of a later version wrote it.
    #[error("the store has schema {found}, this program knows {known}: install the newer program")]
    Newer {
        /// Version of the file.
        found: i64,
        /// Latest version known.
        known: i64,
    },
    /// Some other program's file.
    #[error("the file is not a store of anjungan")]
    Foreign,
    /// The check at start failed.
    #[error("the store is damaged, restore a backup: {0}")]
    Damaged(String),
    /// The engine refused.
    #[error("the store cannot be opened")]
    Engine(#[from] EngineError),
}

/// What the database engine said. Opaque: callers can log it, not act on it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(rusqlite::Error);

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(EngineError(error))
    }
}

/// Why a job brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused a statement.
    #[error("the store refused a statement")]
    Engine(#[from] EngineError),
    /// A row does not parse.
    #[error("column {column} holds what this program cannot read")]
    Garbled {
        /// Which column.
        column: &'static str,
    },
    /// The commit failed: nothing of the job is on disk.
    #[error("the commit failed")]
    NotCommitted,
    /// An earlier commit failed; the process must end.
    #[error("the store is poisoned by a failed commit")]
    Poisoned,
    /// The job panicked or the store is closing.
    #[error("the job did not finish")]
    Lost,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, SystemIoFailure};
        // The engine ends the whole transaction, and every caller only hears that: the cause must be in the log.
        if matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure | DatabaseCorrupt)) {
            tracing::error!(%error, "the disk or the file is at fault");
        }
        Self::Engine(EngineError(error))
    }
}

/// A consistent view of the last commit, or of the running transaction.
pub struct View<'a> {
    conn: &'a Connection,
    office: &'a OfficeCode,
}

/// The running transaction. Whatever a job does through it is committed as a whole, or not at all.
pub struct Tx<'a> {
    view: View<'a>,
}

impl<'a> std::ops::Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

impl View<'_> {
    /// Returns the office whose rows are seen.
    #[must_use]
    pub const fn office(&self) -> &OfficeCode {
        self.office
    }
}

/// The store of one office. Clones share it.
#[derive(Clone)]
pub struct Store {
    writer: writer::Writer,
    readers: Arc<readers::Readers>,
    scans: ScanFiles,
}

impl Store {
    /// Opens the store in a folder, makes it if absent, and brings its schema up to date.
    ///
    /// # Errors
    /// Refuses a newer schema, a foreign file and a damaged one.
    pub fn open(folder: &Path, office: &OfficeCode) -> Result<Self, OpenError> {
        let made = make_private_folder(folder).and_then(|()| sync_up(folder));
        made.map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
        let path = folder.join(FILE_NAME);
        let conn = schema::open_writer(&path)?;
        let scans =
            ScanFiles::open(folder).map_err(|source| OpenError::Folder { path: folder.join("scans"), source })?;
        let readers = Arc::new(readers::Readers::new(path, office.clone()));
        Ok(Self { writer: writer::Writer::start(conn, office.clone())?, readers, scans })
    }

    /// Runs a job in a transaction and answers once it is committed. A job that returns an error leaves no trace.
    ///
    /// # Errors
    /// The job's own error, or a [`StoreError`] in its clothes.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// The same for a program without an async runtime (`anjungan admin`).
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub fn write_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run_blocking(job)
    }

    /// Reads from the last commit.
    ///
    /// # Errors
    /// The job's own error, or a [`StoreError`] in its clothes.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        Arc::clone(&self.readers).run(job).await
    }

    /// The same for a thread that may wait: the archive's work, or a program without an async runtime.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        self.readers.run_here(job)
    }

    /// Returns the folder of scans.
    #[must_use]
    pub const fn scans(&self) -> &ScanFiles {
        &self.scans
    }

    /// Follows the journal's latest committed sequence number.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.writer.follow()
    }

    /// Waits until the store is poisoned; then the process must end.
    pub async fn poisoned(&self) {
        self.writer.poisoned().await;
    }
}

/// Makes a folder that only its owner may enter: it holds scans and numbers of identity.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Brings a folder's name, and those of the folders above it, to the disk: whichever of them is new may be lost with
/// everything in it otherwise.
fn sync_up(folder: &Path) -> std::io::Result<()> {
    let folder = folder.canonicalize()?;
    let sync = |folder: &Path| std::fs::File::open(folder)?.sync_all();
    sync(&folder)?;
    // A folder above that we may not read is not one that we have made.
    let _ = folder.ancestors().skip(1).try_for_each(sync);
    Ok(())
}

/// Returns milliseconds for a column. The last second of time itself has no milliseconds that could be read back, and a
/// row that cannot be read would take its whole list along.
fn ms(at: Timestamp) -> i64 {
    at.as_millisecond().min(Timestamp::MAX.as_second() * 1_000)
}
