//! What the IT officer does with the archive at the server's command line: check, find, take along, destroy by a rule.
//!
//! Works on the hub's files, also while the hub runs. Printing is the caller's.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::archive::bundle::BundleError;
use crate::clock::World;
use crate::config::Config;
use crate::domain::archive::ArchiveNumber;
use crate::hub::operations::archive::{Archivist, By};
use crate::hub::{ArchiveError, ArchiveQuery, CheckReport, HubError, Retention, archive_row, read_catalogue};
use crate::store::Store;
use crate::wire::archive::ArchiveRow;

/// Why the wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum ArchivistError {
    /// The hub's files cannot be used.
    #[error("cannot open the hub's files")]
    Open(#[from] HubError),
    /// The archive refused.
    #[error("not done")]
    Archive(#[from] ArchiveError),
    /// The file of an export cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads the whole archive again and compares it.
///
/// # Errors
/// When it cannot be read at all; what is wrong with single cases is in the report.
pub fn check(config: &Config, world: &World) -> Result<CheckReport, ArchivistError> {
    Ok(open(config, world)?.check(&By::SYSTEM)?)
}

/// Searches the archive.
///
/// # Errors
/// When the office's key is needed and cannot be used.
pub fn find(config: &Config, world: &World, query: &ArchiveQuery) -> Result<Vec<ArchiveRow>, ArchivistError> {
    let archivist = open(config, world)?;
    let catalogue = read_catalogue(config)?;
    let found = archivist.find(query, &By::SYSTEM)?;
    Ok(found.iter().map(|(found, case)| archive_row(&catalogue, config.office.timezone, found, case)).collect())
}

/// Writes a case as one ZIP to a file that must not be there yet and that only its owner can read.
///
/// # Errors
/// When there is no such case, it was destroyed or damaged, or the file cannot be written; then there is no file.
pub fn export(config: &Config, world: &World, number: ArchiveNumber, to: &Path) -> Result<(), ArchivistError> {
    let failed = |source: io::Error| ArchivistError::Write { path: to.to_owned(), source };
    let archivist = open(config, world)?;
    let case = archivist.case_of(number)?;
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(to).map_err(failed)?;
    let written = archivist.export(case, &By::SYSTEM).map_err(ArchivistError::from).and_then(|prepared| {
        let file = prepared.write(file).map_err(|error| match error {
            BundleError::Document(error) => error.into(),
            BundleError::Write(source) => failed(source),
        })?;
        file.sync_all().map_err(failed)
    });
    if written.is_err() {
        // Half a ZIP is worse than none; if it cannot go either, the error says enough.
        let _ = fs::remove_file(to);
        return written;
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Lists the cases whose time is over, and destroys their keys if asked to.
///
/// # Errors
/// When the disk or the store refuses; what was destroyed until then stays so, and a second run goes on.
pub fn retain(config: &Config, world: &World, destroy: bool) -> Result<Retention, ArchivistError> {
    Ok(open(config, world)?.retain(destroy, &By::SYSTEM)?)
}

fn open(config: &Config, world: &World) -> Result<Archivist, ArchivistError> {
    let hub = config.hub.clone().unwrap_or_default();
    let store = Store::open(&hub.data, &config.office.code).map_err(HubError::from)?;
    let catalogue = Arc::new(read_catalogue(config)?);
    Ok(Archivist::open(config, store, world.clone(), catalogue).map_err(HubError::Archive)?)
}
