//! A scanner that saves files: we wait for the next whole one and take it.
//!
//! The files are somebody's documents. A taken one is deleted: its page is in memory, and the kiosk writes it down
//! before it answers for it (ADR 5); overwriting would prove nothing on an SSD. What is refused or was left over from
//! an earlier session is put aside for a day, so that a person can still be helped. `keep=1` keeps everything.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::page::{MAX_PAGE_BYTES, read_limited};
use super::{DocumentScanner, Page, ScanRequest, cancelled, too_many};
use crate::link::Deadline;
use crate::{DeviceUrl, Error, ErrorKind, Health, statefile};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A file that has not changed for this long and still is not a whole picture will never be one.
const SETTLE_S: u32 = 10;

/// A stack of pages is complete when nothing new has come for this long.
const QUIET_S: u32 = 5;

/// How long what was put aside is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Folders inside the watched one, for what was taken, refused, and put aside.
const TAKEN: &str = "taken";
const REFUSED: &str = "refused";
const STALE: &str = "stale";

/// What we take, and what a scanner that is set up wrongly saves instead.
const PICTURES: [&str; 3] = [".jpg", ".jpeg", ".png"];
const OTHERS: [&str; 5] = [".pdf", ".tif", ".tiff", ".bmp", ".webp"];

pub(super) struct FolderScanner {
    folder: PathBuf,
    simulated: bool,
    keep: bool,
    settle: Duration,
    quiet: Duration,
    kept: Duration,
    /// Size of each file when last seen, and since when it has had that size.
    seen: HashMap<PathBuf, (u64, Instant)>,
}

/// A file of the folder.
struct Found {
    path: PathBuf,
    size: u64,
    /// Its name says it is a picture of a kind we read.
    picture: bool,
}

impl FolderScanner {
    pub(super) fn new(folder: &Path, url: &DeviceUrl) -> Result<Self, Error> {
        let seconds = |key, usual| Ok::<_, Error>(Duration::from_secs(u64::from(url.number(key)?.unwrap_or(usual))));
        Ok(Self {
            folder: folder.to_owned(),
            simulated: url.is_simulated(),
            keep: matches!(url.option("keep"), Some("1" | "true" | "yes")),
            settle: seconds("settle", SETTLE_S)?,
            quiet: seconds("quiet", QUIET_S)?,
            kept: KEPT,
            seen: HashMap::new(),
        })
    }

    /// The files in the folder a scanner may have saved, the oldest first.
    fn files(&self) -> Result<Vec<Found>, Error> {
        let fail = |error| Error::io(format!("cannot look into {}", self.folder.display()), error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let ends = |with: &[&str]| with.iter().any(|end| name.ends_with(end)) && !name.starts_with('.');
            let picture = ends(&PICTURES);
            // A file that vanished since the listing is not ours to report; a symbolic link is not followed.
            if (picture || ends(&OTHERS))
                && let Ok(meta) = fs::symlink_metadata(&path)
                && meta.is_file()
            {
                let age = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push((age, path, meta.len(), picture));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path, size, picture)| Found { path, size, picture }).collect())
    }

    /// Looks once. `Ok(None)`: nothing whole yet.
    fn look(&mut self, dpi: u16) -> Result<Option<Page>, Error> {
        let files = self.files()?;
        self.seen.retain(|path, _| files.iter().any(|file| file.path == *path));
        for Found { path, size, picture } in files {
            let now = Instant::now();
            let since = match self.seen.get(&path) {
                Some((before, since)) if *before == size => *since,
                _ => {
                    self.seen.insert(path, (size, now));
                    continue;
                }
            };
            if !picture {
                self.put(&path, REFUSED)?;
                let what = "the scanner saved a PDF, TIFF or other file; set it to JPEG or PNG, one file a page";
                return Err(Error::new(ErrorKind::InvalidRequest, what));
            }
            let settled = now.duration_since(since) >= self.settle;
            let page = read_limited(&path, MAX_PAGE_BYTES).and_then(|bytes| Page::from_bytes(bytes, dpi));
            match page {
                Ok(page) => {
                    self.take(&path)?;
                    return Ok(Some(page));
                }
                Err(error) if error.kind() == ErrorKind::TooLarge => {
                    self.put(&path, REFUSED)?;
                    return Err(error);
                }
                // Vanished: moved by its writer, or by a person.
                Err(error) if error.kind() == ErrorKind::NotReachable => tracing::debug!(%error, "scan folder"),
                Err(error) if settled => {
                    self.put(&path, REFUSED)?;
                    return Err(error);
                }
                // Still growing, or still closed to us by its writer.
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Waits for a page until `deadline`; `Ok(None)` when none came.
    fn wait(
        &mut self,
        dpi: u16,
        deadline: Deadline,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Option<Page>, Error> {
        loop {
            // How far a machine we only know by its files has come cannot be told.
            if !progress(0.0) {
                return Err(cancelled());
            }
            if let Some(page) = self.look(dpi)? {
                progress(1.0);
                return Ok(Some(page));
            }
            if deadline.passed() {
                return Ok(None);
            }
            thread::sleep(LOOK.min(deadline.left()));
        }
    }

    /// Ends the life of a file whose page we have.
    fn take(&mut self, path: &Path) -> Result<(), Error> {
        if self.keep {
            return self.put(path, TAKEN);
        }
        self.seen.remove(path);
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.stays(error)),
            _ => Ok(()),
        }
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
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.stays(error)),
            _ => Ok(()),
        }
    }

    /// A page that cannot be taken away would come again in the next session. Its name is not told: people name files
    /// after people.
    fn stays(&self, error: io::Error) -> Error {
        Error::io(format!("cannot take a file away from {}", self.folder.display()), error)
    }

    /// Deletes what was put aside long enough ago.
    fn purge(&self) {
        if self.keep {
            return;
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        for folder in [REFUSED, STALE] {
            for entry in fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten() {
                // Since when it is there: moving a file sets its change time, not its modification time.
                let old = entry.metadata().is_ok_and(|meta| {
                    let moved = Duration::from_secs(u64::try_from(meta.ctime()).unwrap_or(0));
                    meta.is_file() && now.saturating_sub(moved) >= self.kept
                });
                if old && let Err(error) = fs::remove_file(entry.path()) {
                    tracing::warn!(%error, "an old file stays in the scan folder");
                }
            }
        }
    }
}

impl DocumentScanner for FolderScanner {
    fn status(&mut self) -> Result<Health, Error> {
        self.files().map(|_| Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        request.check()?;
        let page = self.wait(request.dpi, Deadline::after(request.timeout), progress)?;
        page.ok_or_else(|| Error::new(ErrorKind::Timeout, "no page was saved in time"))
    }

    /// From a feeder: files until nothing new has come for a while. What the machine does with its paper is not
    /// known here, so a jam looks like the end of the stack.
    fn scan_all(
        &mut self,
        request: &ScanRequest,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> bool,
    ) -> Result<u32, Error> {
        let page = self.scan(request, progress)?;
        let mut count = 1;
        let mut more = on_page(page) && request.source.is_feeder();
        while more {
            // Checked before the page is taken, so that it stays for the next scan.
            if count == request.max_pages && !self.files()?.is_empty() {
                return Err(too_many(request.max_pages));
            }
            let Some(page) = self.wait(request.dpi, Deadline::after(self.quiet), progress)? else { break };
            count += 1;
            more = on_page(page);
        }
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Error> {
        for file in self.files()? {
            self.put(&file.path, STALE)?;
        }
        self.purge();
        Ok(())
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_aside_goes_after_its_time() {
        let folder = tempfile::TempDir::new().unwrap();
        let open = |options: &str| {
            let url = DeviceUrl::parse(&format!("folder://{}{options}", folder.path().display())).unwrap();
            FolderScanner::new(folder.path(), &url).unwrap()
        };
        fs::write(folder.path().join("left.png"), "x").unwrap();
        let aside = folder.path().join("stale/left.png");
        let mut scanner = open("");
        scanner.flush().unwrap();
        assert!(aside.exists());
        let mut keeper = open("?keep=1");
        keeper.kept = Duration::ZERO;
        keeper.flush().unwrap();
        assert!(aside.exists());
        scanner.kept = Duration::ZERO;
        scanner.flush().unwrap();
        assert!(!aside.exists());
    }
}
