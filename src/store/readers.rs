//! A few connections that only read. Each read sees one commit, whatever the writer does meanwhile.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Semaphore;

use super::schema::open_reader;
use super::{StoreError, View};
use crate::domain::office::OfficeCode;

/// Connections that read at the same time.
const READERS_MAX: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    office: OfficeCode,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf, office: OfficeCode) -> Self {
        Self { path, office, idle: Mutex::new(Vec::new()), permits: Semaphore::new(READERS_MAX) }
    }

    pub(super) async fn run<T, E, F>(self: Arc<Self>, job: F) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let this = Arc::clone(&self);
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Lost)?;
        // A job that panics takes its connection with it; the next read opens a new one.
        tokio::task::spawn_blocking(move || this.run_here(job)).await.map_err(|_| StoreError::Lost)?
    }

    /// Runs a job on this thread.
    pub(super) fn run_here<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => open_reader(&self.path).map_err(StoreError::from)?,
        };
        let snapshot = conn.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
        let result = job(&View { conn: &snapshot, office: &self.office });
        snapshot.finish().map_err(StoreError::from)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        result
    }
}
