//! Scans as files, named by the SHA-256 of their bytes: `scans/aa/<sha256>`.
//!
//! A file gets its name only after its bytes and their length, type and digest were checked and are on disk.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{ScanRecord, make_private_folder};
use crate::domain::slip_token::SlipDigest;

/// First bytes of a JPEG.
const JPEG_MAGIC: &[u8] = &[0xFF, 0xD8, 0xFF];
/// First bytes of a PNG.
const PNG_MAGIC: &[u8] = &[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// Why a scan was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Longer than announced.
    #[error("more bytes than announced")]
    TooLong,
    /// Length or digest differ from what was announced.
    #[error("the bytes are not those that were announced")]
    Mismatch,
    /// Not a picture of the announced type.
    #[error("not a picture of the announced type")]
    NotAPicture,
    /// The file is not there.
    #[error("the scan is not on disk")]
    Absent,
    /// The disk refused.
    #[error("the disk refused")]
    Disk(#[from] io::Error),
}

/// The folder of scans.
#[derive(Debug, Clone)]
pub struct ScanFiles {
    root: PathBuf,
}

impl ScanFiles {
    /// Prepares the folder and removes what an interrupted upload left.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let files = Self { root: folder.join("scans") };
        make_private_folder(&files.root)?;
        make_private_folder(&files.incoming())?;
        files.sweep()?;
        // Both names are in the data of the folder above; scans are promised to survive a power cut.
        File::open(&files.root)?.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(files)
    }

    /// Removes uploads that broke off.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sweep(&self) -> io::Result<()> {
        for left in fs::read_dir(self.incoming())? {
            let left = left?;
            // A second process (`anjungan admin`) must not remove what the running hub is writing right now.
            let is_old = left.metadata()?.modified()?.elapsed().is_ok_and(|age| age.as_secs() > 3_600);
            if is_old {
                fs::remove_file(left.path())?;
            }
        }
        Ok(())
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn path(&self, sha256: &SlipDigest) -> PathBuf {
        let name = sha256.as_str();
        self.root.join(name.get(..2).unwrap_or("00")).join(name)
    }

    /// Begins to take a scan. `unique` names the temporary file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(&self, announced: &ScanRecord, unique: &str) -> Result<ScanUpload, ScanError> {
        let temporary = self.incoming().join(unique);
        let file = File::create_new(&temporary)?;
        Ok(ScanUpload {
            file,
            temporary: Temporary(temporary),
            target: self.path(&announced.sha256),
            announced: announced.clone(),
            hasher: Sha256::new(),
            head: Vec::with_capacity(PNG_MAGIC.len()),
            length: 0,
        })
    }

    /// Reads a scan and checks that its bytes are still those that were stored.
    ///
    /// # Errors
    /// Refuses an absent file and a file whose bytes have changed.
    pub fn read(&self, scan: &ScanRecord) -> Result<Vec<u8>, ScanError> {
        let file = File::open(self.path(&scan.sha256)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ScanError::Absent,
            _ => ScanError::Disk(error),
        })?;
        let mut bytes = Vec::with_capacity(usize::try_from(scan.bytes).unwrap_or(0));
        file.take(scan.bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if hex(&Sha256::digest(&bytes)) == scan.sha256.as_str() { Ok(bytes) } else { Err(ScanError::Mismatch) }
    }

    /// Removes a scan that nobody needs any more; one that is gone already is no fault.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, sha256: &SlipDigest) -> io::Result<()> {
        match fs::remove_file(self.path(sha256)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Tells whether a file of this name is there, whatever is in it.
    #[must_use]
    pub fn lies_there(&self, sha256: &SlipDigest) -> bool {
        self.path(sha256).exists()
    }

    /// Tells whether a scan's file is there.
    #[must_use]
    pub fn has(&self, scan: &ScanRecord) -> bool {
        fs::metadata(self.path(&scan.sha256)).is_ok_and(|facts| facts.len() == scan.bytes)
    }
}

/// A temporary file that goes away unless it got its name.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A scan on its way to the disk.
#[derive(Debug)]
pub struct ScanUpload {
    file: File,
    temporary: Temporary,
    target: PathBuf,
    announced: ScanRecord,
    hasher: Sha256,
    head: Vec<u8>,
    length: u64,
}

impl ScanUpload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// Refuses more bytes than announced.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ScanError> {
        self.length = self.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.length > self.announced.bytes {
            return Err(ScanError::TooLong);
        }
        let wanted = PNG_MAGIC.len() - self.head.len();
        self.head.extend(bytes.iter().take(wanted));
        self.hasher.update(bytes);
        self.file.write_all(bytes)?;
        Ok(())
    }

    /// Checks what came and gives the file its name. When this returns, the bytes survive a power cut.
    ///
    /// # Errors
    /// Refuses what was not announced or is no picture.
    pub fn finish(self) -> Result<(), ScanError> {
        let magic = match self.announced.media_type.as_str() {
            "image/jpeg" => JPEG_MAGIC,
            "image/png" => PNG_MAGIC,
            _ => return Err(ScanError::NotAPicture),
        };
        if !self.head.starts_with(magic) {
            return Err(ScanError::NotAPicture);
        }
        if self.length != self.announced.bytes || hex(&self.hasher.finalize()) != self.announced.sha256.as_str() {
            return Err(ScanError::Mismatch);
        }
        self.file.sync_all()?;
        let folder = self.target.parent().ok_or(ScanError::Absent)?;
        make_private_folder(folder)?;
        fs::rename(&self.temporary.0, &self.target)?;
        // The name is in two folders' data: the new folder itself, and its own entry in the root.
        File::open(folder)?.sync_all()?;
        if let Some(root) = folder.parent() {
            File::open(root)?.sync_all()?;
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(bytes: &[u8]) -> ScanRecord {
        ScanRecord {
            sha256: SlipDigest::try_from(hex(&Sha256::digest(bytes))).expect("a digest"),
            bytes: bytes.len() as u64,
            media_type: "image/png".to_owned(),
            width_px: 1,
            height_px: 1,
            dpi: 300,
            seen: None,
        }
    }

    #[test]
    fn only_what_was_announced_gets_a_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let files = ScanFiles::open(dir.path()).expect("a folder of scans");
        let picture = [PNG_MAGIC, b"rest"].concat();
        let facts = announced(&picture);

        let mut upload = files.begin(&facts, "1").expect("an upload");
        assert!(matches!(upload.push(&[0; 100]), Err(ScanError::TooLong)));
        drop(upload);
        let mut upload = files.begin(&facts, "2").expect("an upload");
        upload.push(PNG_MAGIC).expect("room");
        assert!(matches!(upload.finish(), Err(ScanError::Mismatch)));
        let mut upload = files.begin(&facts, "3").expect("an upload");
        upload.push(&[7; 12]).expect("room");
        assert!(matches!(upload.finish(), Err(ScanError::NotAPicture)));
        assert!(!files.has(&facts));
        assert!(matches!(files.read(&facts), Err(ScanError::Absent)));

        let mut upload = files.begin(&facts, "4").expect("an upload");
        picture.chunks(3).for_each(|bytes| upload.push(bytes).expect("room"));
        upload.finish().expect("the announced bytes");
        assert_eq!(files.read(&facts).expect("on disk"), picture);
        assert_eq!(fs::read_dir(files.incoming()).expect("a folder").count(), 0);

        fs::write(files.path(&facts.sha256), b"rotten").expect("a write");
        assert!(matches!(files.read(&facts), Err(ScanError::Mismatch)));
    }
}
