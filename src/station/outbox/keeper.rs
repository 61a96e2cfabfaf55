//! The outbox on its thread, so that the window never waits for the disk.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::{Outbox, OutboxError, Parcel, ScanToKeep};
use crate::domain::slip_token::SlipToken;
use crate::domain::ticket::Series;
use crate::station::bridge::Sender;
use crate::station::worker::{StopFlag, Task, Worker};
use crate::wire::case::SubmittedTicket;

/// While the disk refuses, a write is tried this often.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// What the keeper tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeeperEvent {
    /// A parcel is on the disk; its number may be shown.
    Kept {
        /// The number it was given with.
        order: u64,
        /// The ticket.
        ticket: SubmittedTicket,
    },
    /// A parcel is not on the disk; no number was given.
    Failed {
        /// The number it was given with.
        order: u64,
    },
    /// The disk takes writes, or not.
    Usable(bool),
}

/// What is to be kept.
#[derive(Debug, Clone)]
pub struct KeepOrder {
    /// Names the order in the answer.
    pub order: u64,
    /// The parcel; its number is replaced.
    pub parcel: Parcel,
    /// Its scans.
    pub scans: Vec<ScanToKeep>,
    /// The slip's token; none where the paper carries only a number.
    pub token: Option<SlipToken>,
    /// When, by the kiosk's clock.
    pub now: Timestamp,
}

/// The outbox's worker.
#[derive(Debug)]
pub struct KeeperWorker {
    worker: Worker<Box<KeepOrder>>,
    events: Sender<KeeperEvent>,
}

impl KeeperWorker {
    /// Starts the worker on the outbox in a folder.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(folder: PathBuf, series: Series, events: Sender<KeeperEvent>) -> std::io::Result<Self> {
        let (told, lost) = (events.clone(), events.clone());
        let worker = Worker::start(
            "outbox",
            move |_: &StopFlag| match Outbox::open(&folder) {
                Ok(outbox) => {
                    told.send(KeeperEvent::Usable(true));
                    Ok(Keeping { outbox, series, events: told.clone(), usable: true })
                }
                Err(error) => {
                    told.send(KeeperEvent::Usable(false));
                    Err(error)
                }
            },
            move |order: Box<KeepOrder>, _| {
                lost.send(KeeperEvent::Failed { order: order.order });
            },
        )?;
        Ok(Self { worker, events })
    }

    /// Keeps a parcel; the answer carries the same number.
    pub fn keep(&self, order: KeepOrder) {
        let number = order.order;
        if !self.worker.send(Box::new(order)) {
            self.events.send(KeeperEvent::Failed { order: number });
        }
    }
}

struct Keeping {
    outbox: Outbox,
    series: Series,
    events: Sender<KeeperEvent>,
    usable: bool,
}

impl Keeping {
    fn note(&mut self, result: Result<(), OutboxError>) {
        let usable = result.is_ok();
        if let Err(error) = result {
            tracing::error!(%error, "the outbox refuses");
        }
        if usable != self.usable {
            self.usable = usable;
            tracing::info!(usable, "the outbox changed");
            self.events.send(KeeperEvent::Usable(usable));
        }
    }
}

impl Task for Keeping {
    type Command = Box<KeepOrder>;

    fn run(&mut self, order: Box<KeepOrder>) {
        let KeepOrder { order, parcel, scans, token, now } = *order;
        match self.outbox.keep(self.series, parcel, &scans, token.as_ref(), now) {
            Ok(ticket) => {
                self.events.send(KeeperEvent::Kept { order, ticket });
                self.note(Ok(()));
            }
            Err(error) => {
                self.note(Err(error));
                self.events.send(KeeperEvent::Failed { order });
            }
        }
    }

    fn idle(&mut self) -> Duration {
        if !self.usable {
            let probed = self.outbox.probe();
            self.note(probed);
        }
        PROBE_EVERY
    }
}
