//! Files finished cases behind the scenes: when one is finished, once at start, and once a day for whatever was left.
//!
//! Before a case is filed its scans are read (`operations/archive/read.rs`), which takes seconds a page: with nothing
//! locked, and outside the archive's workers, so that nobody who looks something up waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Hub;
use super::operations::archive::read::{WordReader, Words};
use super::operations::archive::{ArchiveError, By};
use super::refusal::Refusal;
use crate::domain::ids::CaseId;
use crate::failure::Failure;

/// How often it looks without being told: daily.
const EVERY: Duration = Duration::from_secs(24 * 3_600);
/// Cases filed before the next look at what waits.
const FILED_AT_ONCE_MAX: u32 = 50;

/// What one day of filing remembers.
#[derive(Default)]
struct Day {
    /// Tried again only on the next day: what is wrong with them is mended by hand.
    troubled: BTreeSet<CaseId>,
    /// One line in the log a day is enough.
    told: BTreeSet<CaseId>,
}

/// Files until the hub ends.
pub(super) async fn always(hub: Hub) {
    let reader = Arc::new(WordReader::default());
    // A day ends though cases come in all the time.
    let (mut day, mut next_day) = (Day::default(), Instant::now() + EVERY);
    loop {
        let filed = round(&hub, &reader, &mut day).await;
        if filed > 0 && !*hub.closing.borrow() {
            tracing::info!(filed, "filed finished cases");
            // There may be more of them.
            continue;
        }
        tokio::select! {
            () = hub.finished.notified() => {}
            () = sleep_until(next_day) => {
                (day, next_day) = (Day::default(), Instant::now() + EVERY);
                reader.try_again();
            }
            () = hub.closing() => return,
        }
    }
}

/// Files whatever waits, oldest first, and returns how many were filed. The hub's end ends it before the next case.
async fn round(hub: &Hub, reader: &Arc<WordReader>, day: &mut Day) -> u32 {
    let (archivist, left_out) = (hub.archivist.clone(), day.troubled.clone());
    let waiting = match hub.with_archive_work(move || archivist.unfiled(&left_out)).await {
        Ok(Ok(waiting)) => waiting,
        Ok(Err(error)) => {
            log("finished cases cannot be filed", &error);
            return 0;
        }
        Err(_) => {
            tracing::error!("filing did not finish");
            return 0;
        }
    };
    let mut filed = 0;
    for case in waiting {
        let words = hub.words_of(case, reader).await;
        // What was not read to its end is read by the next start: filed now, the case would stay without.
        if *hub.closing.borrow() {
            break;
        }
        let archivist = hub.archivist.clone();
        match hub.with_archive_work(move || archivist.file_with(case, &By::SYSTEM, &words)).await {
            Ok(Ok(_)) => filed += 1,
            // Every case would say the same.
            Ok(Err(error @ ArchiveError::Key(_))) => {
                log("finished cases cannot be filed", &error);
                break;
            }
            Ok(Err(error)) => {
                if day.told.insert(case) {
                    log(&format!("case {case} cannot be filed"), &error);
                }
                // A scan may still come from a kiosk that was cut off; nothing else mends itself.
                if !matches!(error, ArchiveError::ScanMissing { .. }) {
                    day.troubled.insert(case);
                }
            }
            Err(_) => {
                tracing::error!("filing did not finish");
                break;
            }
        }
        if filed == FILED_AT_ONCE_MAX {
            break;
        }
    }
    filed
}

fn log(what: &str, error: &ArchiveError) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%error, cause, "{what}");
}

impl Hub {
    /// Reads the words of a case, until the hub ends. Takes no place among the archive's workers.
    async fn words_of(&self, case: CaseId, reader: &Arc<WordReader>) -> Words {
        let (archivist, at_work) = (self.archivist.clone(), Arc::clone(reader));
        let mut reading = tokio::task::spawn_blocking(move || archivist.read_words(case, &at_work));
        let read = tokio::select! {
            read = &mut reading => read,
            () = self.closing() => {
                reader.stop();
                reading.await
            }
        };
        read.unwrap_or_else(|_| {
            tracing::error!("the words of a case were not read to their end");
            Words::new()
        })
    }

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
