//! The vault: sealed documents in one folder, the wrapped keys of their cases in another, the office's key in a file of
//! its own. Three things that can be backed up apart from each other, and from the database.
//!
//! `archive/ab/<case>/<document>.sealed`, `keys/ab/<case>.key`. A name is on disk before a row speaks of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::make_private_folder;
use crate::archive::seal::OfficeKey;
use crate::domain::ids::{CaseId, DocumentId};

/// Longest file of a key, in bytes; ours are about a hundred.
const KEY_FILE_BYTES_MAX: u64 = 4096;
/// What sealing adds to a document, in bytes, rounded up.
const SEAL_BYTES_MAX: u64 = 128;
const SEALED: &str = "sealed";
const KEY: &str = "key";

/// Where the parts of a vault are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultPaths {
    /// Folder of the sealed documents.
    pub files: PathBuf,
    /// Folder of the wrapped keys.
    pub keys: PathBuf,
    /// File of the office's key.
    pub office_key: PathBuf,
}

/// Why the office's key cannot be used. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// There is no such file, although sealed documents need it.
    #[error("the office's key {path} is missing: put it back from its copy, the archive cannot be read without it")]
    Absent {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others may read it.
    #[error("the office's key {path} can be read by others (mode {mode:o}): chmod 600 it, and ask who has seen it")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// It holds something else.
    #[error("the file {path} holds no office key: put the right one back from its copy")]
    Garbled {
        /// Which file.
        path: PathBuf,
    },
    /// It is a key, but not the one that this archive was sealed with.
    #[error("the office's key {path} is {found}, the archive was sealed with {wanted}: put the right one back")]
    Another {
        /// Which file.
        path: PathBuf,
        /// Fingerprint of the key in it.
        found: String,
        /// Fingerprint of the key that is wanted.
        wanted: String,
    },
    /// The disk refused.
    #[error("the office's key {path} cannot be used")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What lies in a vault, by name. Names that are not ours are listed as they are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct VaultContents {
    /// Sealed documents of each case.
    pub documents: BTreeMap<CaseId, BTreeSet<DocumentId>>,
    /// Cases with a wrapped key.
    pub keys: BTreeSet<CaseId>,
    /// Whatever else lies there.
    pub strange: Vec<PathBuf>,
}

/// Keeps others from filing (or from looking at what is half filed) until it is dropped; also other processes.
#[derive(Debug)]
pub struct VaultLock {
    _file: File,
}

/// The files of an archive.
#[derive(Debug, Clone)]
pub struct Vault {
    paths: VaultPaths,
}

impl Vault {
    /// Prepares the folders.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(paths: VaultPaths) -> io::Result<Self> {
        for folder in [&paths.files, &paths.keys] {
            make_private_folder(folder)?;
            super::sync_up(folder)?;
        }
        Ok(Self { paths })
    }

    /// Waits until nobody else files or lists, and keeps it so.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn lock(&self) -> io::Result<VaultLock> {
        let path = self.paths.files.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok(VaultLock { _file: file })
    }

    /// Reads the office's key.
    ///
    /// # Errors
    /// Refuses an absent one, one that others can read, and whatever is no key.
    pub fn office_key(&self) -> Result<OfficeKey, KeyFault> {
        let path = self.paths.office_key.clone();
        let disk = |source: io::Error| KeyFault::Disk { path: path.clone(), source };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(KeyFault::Absent { path }),
            Err(error) => return Err(disk(error)),
        };
        let facts = file.metadata().map_err(disk)?;
        let mode = facts.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFault::Exposed { path, mode });
        }
        let mut text = zeroize::Zeroizing::new(String::new());
        (&mut file).take(KEY_FILE_BYTES_MAX).read_to_string(&mut text).map_err(disk)?;
        OfficeKey::parse(&text).map_err(|_| KeyFault::Garbled { path })
    }

    /// Reads the office's key, or makes it of random bytes at first use. `unique` names the temporary file.
    ///
    /// # Errors
    /// As for [`Vault::office_key`].
    pub fn office_key_or_new(&self, random: [u8; 32], unique: &str) -> Result<OfficeKey, KeyFault> {
        match self.office_key() {
            Err(KeyFault::Absent { .. }) => {}
            other => return other,
        }
        let path = &self.paths.office_key;
        self.write_office_key(&OfficeKey::new(random), unique)
            .map_err(|source| KeyFault::Disk { path: path.clone(), source })?;
        self.office_key()
    }

    fn write_office_key(&self, key: &OfficeKey, unique: &str) -> io::Result<()> {
        let path = &self.paths.office_key;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_private_folder(folder)?;
        let temporary = folder.join(format!(".office-key-{unique}"));
        write_new(&temporary, key.line().as_bytes())?;
        // A link, not a rename: a key that somebody else has made in between is never replaced.
        let linked = fs::hard_link(&temporary, path);
        fs::remove_file(&temporary)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        super::sync_up(folder)
    }

    /// Returns where the office's key is.
    #[must_use]
    pub fn office_key_path(&self) -> &Path {
        &self.paths.office_key
    }

    fn case_folder(&self, case: CaseId) -> PathBuf {
        let name = case.to_string();
        self.paths.files.join(fan(&name)).join(name)
    }

    fn key_file(&self, case: CaseId) -> PathBuf {
        let name = case.to_string();
        self.paths.keys.join(fan(&name)).join(format!("{name}.{KEY}"))
    }

    fn document_file(&self, case: CaseId, document: DocumentId) -> PathBuf {
        self.case_folder(case).join(format!("{document}.{SEALED}"))
    }

    /// Tells whether anything of a case lies in the vault.
    #[must_use]
    pub fn holds(&self, case: CaseId) -> bool {
        self.case_folder(case).exists() || self.key_file(case).exists()
    }

    /// Tells whether any key of a case lies in the vault.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn has_keys(&self) -> io::Result<bool> {
        for (_, keys) in folders(&self.paths.keys, &mut Vec::new(), &[])? {
            if fs::read_dir(keys)?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Begins to file a case: makes its folders, and clears what an interrupted filing left.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(&self, case: CaseId) -> io::Result<()> {
        self.remove_documents(case)?;
        self.destroy_key(case)?;
        make_private_folder(&self.case_folder(case))?;
        make_private_folder(self.key_file(case).parent().unwrap_or(&self.paths.keys))
    }

    /// Writes the wrapped key of a case.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_key(&self, case: CaseId, wrapped: &[u8]) -> io::Result<()> {
        write_new(&self.key_file(case), wrapped)
    }

    /// Writes a sealed document.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_document(&self, case: CaseId, document: DocumentId, sealed: &[u8]) -> io::Result<()> {
        write_new(&self.document_file(case, document), sealed)
    }

    /// Brings the names of a filed case to the disk. When this returns, all of it survives a power cut.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle(&self, case: CaseId) -> io::Result<()> {
        let folder = self.case_folder(case);
        let key = self.key_file(case);
        for start in [Some(folder.as_path()), key.parent()].into_iter().flatten() {
            // The folder itself, and its own entry in the one above.
            for folder in start.ancestors().take(3).take_while(|folder| self.is_inside(folder)) {
                File::open(folder)?.sync_all()?;
            }
        }
        Ok(())
    }

    fn is_inside(&self, folder: &Path) -> bool {
        folder.starts_with(&self.paths.files) || folder.starts_with(&self.paths.keys)
    }

    /// Reads the wrapped key of a case; none when it is not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn read_key(&self, case: CaseId) -> io::Result<Option<Vec<u8>>> {
        read_at_most(&self.key_file(case), KEY_FILE_BYTES_MAX)
    }

    /// Reads a sealed document whose plain text has `bytes` bytes; none when it is not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn read_document(&self, case: CaseId, document: DocumentId, bytes: u64) -> io::Result<Option<Vec<u8>>> {
        read_at_most(&self.document_file(case, document), bytes.saturating_add(SEAL_BYTES_MAX))
    }

    /// Destroys the wrapped key of a case: written over, synced, removed, the folder synced. Tells whether there was one.
    ///
    /// # Errors
    /// When the disk refuses; then the key may still be there.
    pub fn destroy_key(&self, case: CaseId) -> io::Result<bool> {
        let path = self.key_file(case);
        let mut file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let length = usize::try_from(file.metadata()?.len().min(KEY_FILE_BYTES_MAX)).unwrap_or(0);
        file.rewind()?;
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(&path)?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(true)
    }

    /// Removes the sealed documents of a case.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove_documents(&self, case: CaseId) -> io::Result<()> {
        match fs::remove_dir_all(self.case_folder(case)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Lists everything that lies in the vault.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn contents(&self) -> io::Result<VaultContents> {
        let mut found = VaultContents::default();
        for (fan, cases) in folders(&self.paths.files, &mut found.strange, &["lock"])? {
            for (folder, case) in named::<CaseId>(&cases, None, &fan, &mut found.strange)? {
                let documents = named::<DocumentId>(&folder, Some(SEALED), "", &mut found.strange)?;
                found.documents.insert(case, documents.into_iter().map(|(_, document)| document).collect());
            }
        }
        for (fan, keys) in folders(&self.paths.keys, &mut found.strange, &[])? {
            found
                .keys
                .extend(named::<CaseId>(&keys, Some(KEY), &fan, &mut found.strange)?.into_iter().map(|(_, id)| id));
        }
        found.strange.sort();
        Ok(found)
    }
}

/// The folder of a name: its last two characters. The first ones of an identifier are its time, the same for a day.
fn fan(name: &str) -> &str {
    name.get(name.len().saturating_sub(2)..).unwrap_or("00")
}

/// Writes a file that must not be there yet, readable by its owner only, and syncs its bytes.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a file of a bounded length; a longer one is cut, and then does not open.
fn read_at_most(path: &Path, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Lists the fan of folders under a root; what is no such folder is strange.
fn folders(root: &Path, strange: &mut Vec<PathBuf>, known: &[&str]) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        match name.to_str() {
            Some(name) if known.contains(&name) => {}
            Some(name) if name.len() == 2 && entry.file_type()?.is_dir() => found.push((name.to_owned(), entry.path())),
            _ => strange.push(entry.path()),
        }
    }
    Ok(found)
}

/// Lists what is named by an identifier: files with an ending, or folders without one.
fn named<T: std::str::FromStr + std::fmt::Display>(
    folder: &Path,
    ending: Option<&str>,
    fan_of: &str,
    strange: &mut Vec<PathBuf>,
) -> io::Result<Vec<(PathBuf, T)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, is_dir) = (entry.path(), entry.file_type()?.is_dir());
        let name = entry.file_name();
        let stem = name.to_str().and_then(|name| match ending {
            Some(ending) if !is_dir => name.strip_suffix(ending)?.strip_suffix('.'),
            None if is_dir => Some(name),
            _ => None,
        });
        // Only the one spelling under which we look for it.
        let ours = stem.filter(|stem| fan_of.is_empty() || fan(stem) == fan_of);
        match ours.and_then(|stem| stem.parse::<T>().ok().filter(|id| id.to_string() == stem)) {
            Some(id) => found.push((path, id)),
            None => strange.push(path),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(dir: &tempfile::TempDir) -> Vault {
        let root = dir.path();
        let paths = VaultPaths {
            files: root.join("archive"),
            keys: root.join("keys"),
            office_key: root.join("safe").join("office.key"),
        };
        Vault::open(paths).expect("folders")
    }

    fn ids() -> (CaseId, DocumentId) {
        (CaseId::from_parts(1, &[7; 10]), DocumentId::from_parts(1, &[8; 10]))
    }

    #[test]
    fn the_office_key_is_made_once_and_refused_when_others_can_read_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let vault = vault(&dir);
        assert!(matches!(vault.office_key(), Err(KeyFault::Absent { .. })));
        let made = vault.office_key_or_new([1; 32], "a").expect("a key").fingerprint();
        assert_eq!(vault.office_key_or_new([2; 32], "b").expect("the same key").fingerprint(), made);
        let path = vault.office_key_path();
        let mode = |bits| fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("rights");
        assert_eq!(fs::metadata(path).expect("a file").permissions().mode() & 0o777, 0o600);
        for open in [0o640, 0o604, 0o660, 0o777] {
            mode(open);
            assert!(matches!(vault.office_key(), Err(KeyFault::Exposed { mode, .. }) if mode == open));
        }
        mode(0o600);
        fs::write(path, "nothing").expect("a write");
        assert!(matches!(vault.office_key_or_new([2; 32], "c"), Err(KeyFault::Garbled { .. })), "never replaced");
        let left = fs::read_dir(path.parent().expect("a folder")).expect("a folder").count();
        assert_eq!(left, 1, "no temporary file is left");
    }

    #[test]
    fn what_lies_there_is_listed_and_a_destroyed_key_is_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let vault = vault(&dir);
        let (case, document) = ids();
        vault.begin(case).expect("folders");
        vault.put_key(case, b"wrapped").expect("a write");
        vault.put_document(case, document, b"sealed").expect("a write");
        vault.settle(case).expect("a sync");
        assert!(vault.put_document(case, document, b"other").is_err(), "never written over");
        assert_eq!(vault.read_document(case, document, 6).expect("a read").as_deref(), Some(&b"sealed"[..]));
        fs::write(dir.path().join("archive").join("note.txt"), "x").expect("a write");
        let found = vault.contents().expect("a list");
        assert_eq!(found.documents, [(case, [document].into())].into());
        assert_eq!((found.keys, found.strange.len()), ([case].into(), 1));

        // An interrupted filing is cleared by the next one.
        vault.begin(case).expect("folders");
        let found = vault.contents().expect("a list");
        assert!(found.keys.is_empty() && found.documents[&case].is_empty());

        vault.put_key(case, b"wrapped").expect("a write");
        assert!(vault.destroy_key(case).expect("a disk"));
        assert!(!vault.destroy_key(case).expect("a disk"), "twice is once");
        assert_eq!(vault.read_key(case).expect("a read"), None);
    }
}
