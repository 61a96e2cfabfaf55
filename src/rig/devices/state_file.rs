//! A simulator's `state.json`, as an editor, a test and the window share it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RigError;

/// The file and what was last understood of it.
pub(super) struct StateFile<T> {
    path: PathBuf,
    last: Mutex<T>,
}

impl<T: Clone + Default + PartialEq + Serialize + DeserializeOwned> StateFile<T> {
    /// The state file of a simulator's folder, which need not be there yet.
    pub(super) fn of(folder: &Path) -> Self {
        Self { path: folder.join("state.json"), last: Mutex::default() }
    }

    pub(super) fn get(&self) -> T {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.reread(&mut last);
        last.clone()
    }

    /// Changes the state as it is in the file now.
    pub(super) fn update(&self, change: impl FnOnce(&mut T)) -> Result<(), RigError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.reread(&mut last);
        let mut state = last.clone();
        change(&mut state);
        if *last == state && self.path.exists() {
            return Ok(());
        }
        self.write(&state)?;
        *last = state;
        Ok(())
    }

    fn reread(&self, last: &mut T) {
        let Ok(bytes) = fs::read(&self.path) else {
            *last = T::default();
            return;
        };
        match serde_json::from_slice(&bytes) {
            Ok(state) => *last = state,
            // Somebody is editing it; what was last understood stays in force.
            Err(error) => tracing::debug!(%error, "rig: a state file"),
        }
    }

    /// Whole or not at all: the simulator may read at any moment.
    fn write(&self, state: &T) -> Result<(), RigError> {
        let failed = |source| RigError::Folder { path: self.path.clone(), source };
        let text = serde_json::to_vec_pretty(state).map_err(|error| failed(error.into()))?;
        let temporary = self.path.with_extension("json.rig");
        fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, &self.path)).map_err(failed)
    }
}
