//! The small JSON files through which a simulator is driven while programs run.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// Reads a JSON file. `Ok(None)` when it does not exist; an error when it is there and cannot be understood, for
/// instance while an editor is writing it.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from)
}

/// Writes a JSON file whole or not at all.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| Error::io("state file", error.into()))?;
    text.push(b'\n');
    replace(path, &text)
}

/// Replaces a file by way of a temporary name in the same folder, so that a reader never sees half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // The number keeps two writers in one process from sharing a temporary file.
    let temp =
        path.with_file_name(format!(".{name}.{}.{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    let written =
        fs::File::create(&temp).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&temp, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&temp);
        Error::io(format!("cannot write {}", path.display()), error)
    })
}

/// Makes a folder with its parents.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| Error::io(format!("cannot make folder {}", path.display()), error))
}
