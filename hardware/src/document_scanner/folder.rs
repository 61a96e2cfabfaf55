//! A scanner that saves files: we wait for the next whole one and take it.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::{DocumentScanner, Page, ScanRequest};
use crate::link::Deadline;
use crate::{Error, ErrorKind, Health, statefile};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A file that has not changed for this long and still is not a whole picture will never be one.
const GIVE_UP: Duration = Duration::from_secs(10);

/// Folders inside the watched one, for what was taken, refused, and put aside.
const TAKEN: &str = "taken";
const REFUSED: &str = "refused";
const STALE: &str = "stale";

pub(super) struct FolderScanner {
    folder: PathBuf,
    simulated: bool,
    /// Size of each file when last seen, and since when it has had that size.
    seen: HashMap<PathBuf, (u64, Instant)>,
}

impl FolderScanner {
    pub(super) fn new(folder: &Path, simulated: bool) -> Self {
        Self { folder: folder.to_owned(), simulated, seen: HashMap::new() }
    }

    /// The picture files in the folder with their sizes, the oldest first.
    fn files(&self) -> Result<Vec<(PathBuf, u64)>, Error> {
        let fail = |error| Error::io(format!("cannot look into {}", self.folder.display()), error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let picture = [".jpg", ".jpeg", ".png"].iter().any(|end| name.ends_with(end)) && !name.starts_with('.');
            // A file that vanished since the listing is not ours to report; a symbolic link is not followed.
            if let (true, Ok(meta)) = (picture, fs::symlink_metadata(&path))
                && meta.is_file()
            {
                let age = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push((age, path, meta.len()));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path, size)| (path, size)).collect())
    }

    /// Looks once. `Ok(None)`: nothing whole yet.
    fn look(&mut self, dpi: u16) -> Result<Option<Page>, Error> {
        let files = self.files()?;
        self.seen.retain(|path, _| files.iter().any(|(file, _)| file == path));
        for (path, size) in files {
            let now = Instant::now();
            let since = match self.seen.get(&path) {
                Some((before, since)) if *before == size => *since,
                _ => {
                    self.seen.insert(path, (size, now));
                    continue;
                }
            };
            match Page::from_file(&path, dpi) {
                Ok(page) => {
                    self.put(&path, TAKEN)?;
                    return Ok(Some(page));
                }
                Err(error) if error.kind() == ErrorKind::Garbled && now.duration_since(since) < GIVE_UP => {}
                Err(error) if matches!(error.kind(), ErrorKind::Garbled | ErrorKind::TooLarge) => {
                    self.put(&path, REFUSED)?;
                    return Err(error);
                }
                // Vanished, or still locked by its writer.
                Err(error) => tracing::debug!(%error, "scan folder"),
            }
        }
        Ok(None)
    }

    /// Moves a file into one of our folders, under a name that is free there.
    fn put(&mut self, path: &Path, into: &str) -> Result<(), Error> {
        self.seen.remove(path);
        let folder = self.folder.join(into);
        statefile::make_folder(&folder)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = (0..)
            .map(|n| if n == 0 { folder.join(&name) } else { folder.join(format!("{n}-{name}")) })
            .find(|target| fs::symlink_metadata(target).is_err())
            .unwrap_or_else(|| folder.join(&name));
        match fs::rename(path, &target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(format!("cannot move {}", path.display()), error))
            }
            _ => Ok(()),
        }
    }
}

impl DocumentScanner for FolderScanner {
    fn status(&mut self) -> Result<Health, Error> {
        self.files().map(|_| Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let deadline = Deadline::after(request.timeout);
        loop {
            // How far a machine we only know by its files has come cannot be told.
            if !progress(0.0) {
                return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
            }
            if let Some(page) = self.look(request.dpi)? {
                progress(1.0);
                return Ok(page);
            }
            if deadline.passed() {
                return Err(Error::new(ErrorKind::Timeout, "no page was saved in time"));
            }
            thread::sleep(LOOK.min(deadline.left()));
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        for (path, _) in self.files()? {
            self.put(&path, STALE)?;
        }
        Ok(())
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}
