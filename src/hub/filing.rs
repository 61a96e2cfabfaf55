//! Files finished cases behind the scenes: when one is finished, once at start, and once a day for whatever was left.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Hub;
use super::operations::archive::ArchiveError;
use super::refusal::Refusal;
use crate::failure::Failure;

/// How often it looks without being told, in seconds: daily.
const EVERY_S: u64 = 24 * 3_600;

/// Files until the hub ends.
pub(super) async fn always(hub: Hub) {
    // Tried again only after a day: what is wrong with them is mended by hand.
    let mut troubled = BTreeSet::new();
    // One line in the log a day is enough.
    let mut told = BTreeSet::new();
    loop {
        let (archivist, left_out) = (hub.archivist.clone(), troubled.clone());
        let done = hub.with_archive_work(move || archivist.file_waiting(&left_out)).await;
        match done {
            Ok(Ok((filed, failed))) => {
                for (case, error) in failed {
                    if told.insert(case) {
                        log(&format!("case {case} cannot be filed"), &error);
                    }
                    // A scan may still come from a kiosk that was cut off; nothing else mends itself.
                    if !matches!(error, ArchiveError::ScanMissing { .. }) {
                        troubled.insert(case);
                    }
                }
                if filed > 0 && !*hub.closing.borrow() {
                    tracing::info!(filed, "filed finished cases");
                    // There may be more of them.
                    continue;
                }
            }
            Ok(Err(error)) => log("finished cases cannot be filed", &error),
            Err(_) => tracing::error!("filing did not finish"),
        }
        tokio::select! {
            () = hub.finished.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(EVERY_S)) => {
                troubled.clear();
                told.clear();
            }
            () = hub.closing() => return,
        }
    }
}

fn log(what: &str, error: &ArchiveError) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%error, cause, "{what}");
}

impl Hub {
    /// Does work of the archive away from the async threads, and bounds how much of it is done at the same time.
    pub(super) async fn with_archive_work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let fault = || Refusal::new(Failure::HubFault);
        let _permit = self.archive_permits.acquire().await.map_err(|_| fault())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| fault())
    }
}
