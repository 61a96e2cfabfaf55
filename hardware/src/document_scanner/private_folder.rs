//! Folders for files another program writes for us: nobody else can look into them, and nothing stays in them.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

const PREFIX: &str = "anjungan-scan-";

/// A folder only we can look into; removed with what is in it, also when a scan fails half-way.
pub(super) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    pub(super) fn make() -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        static SWEEP: Once = Once::new();
        SWEEP.call_once(|| sweep(&std::env::temp_dir()));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("{PREFIX}{}-{number}", std::process::id()));
        // What is left of a killed process with our number is removed; a link is not followed by this.
        let _ = fs::remove_dir_all(&path);
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| Error::io(format!("cannot make {}", path.display()), error))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Bytes of the largest file in it.
    pub(super) fn largest(&self) -> u64 {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).max().unwrap_or(0)
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what a killed program of ours left behind: it may hold a page of somebody's document.
fn sweep(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')).map(|(pid, _)| pid);
        let Some(owner) = owner.filter(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit())) else {
            continue;
        };
        let ours = entry.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == rustix::process::getuid().as_raw());
        if ours && !Path::new("/proc").join(owner).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_of_the_dead_go_and_the_living_keep_theirs() {
        let temporary = tempfile::TempDir::new().unwrap();
        let make = |name: &str| {
            let path = temporary.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("p1.part"), "x").unwrap();
            path
        };
        // No process has a number beyond the kernel's highest, 4194304.
        let dead = make(&format!("{PREFIX}4999999-0"));
        let living = make(&format!("{PREFIX}{}-0", std::process::id()));
        let strange = make(&format!("{PREFIX}x-0"));
        sweep(temporary.path());
        assert!(!dead.exists() && living.exists() && strange.exists());
    }

    #[test]
    fn nothing_stays() {
        let folder = PrivateFolder::make().unwrap();
        fs::write(folder.path().join("p1"), "page").unwrap();
        assert_eq!(folder.largest(), 4);
        assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}
