//! The reporter on its thread: keeps the book, carries faults and the present state to the hub, makes the readiness
//! report of each day.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::book::Book;
use super::store::Store;
use super::{Checked, Disk, readiness_lines};
use crate::clock::World;
use crate::domain::device::DeviceKind;
use crate::domain::office::Zone;
use crate::station::bridge::Sender;
use crate::station::devices::DeviceState;
use crate::station::outbox::Outbox;
use crate::station::worker::{StopFlag, Task, Worker};
use crate::wire::client::{ClientError, HubClient};
use crate::wire::health::{DeviceReport, REPORT_EVERY_S, Readiness};

/// A change is told within this time; what changes meanwhile travels along.
const GATHER: Duration = Duration::from_millis(150);
/// First pause after the hub did not answer.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// The morning's report waits this long for devices that have not told their state.
const DEVICES_WAIT: Duration = Duration::from_secs(15);

/// What the reporter tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthEvent {
    /// The readiness report of a new day is made; it may be printed.
    Ready(Readiness),
}

/// What the reporter must know.
#[derive(Debug, Clone)]
pub struct Reporting {
    /// The way to the hub.
    pub client: HubClient,
    /// Clock and chance.
    pub world: World,
    /// Clock of the office: a day begins at its midnight.
    pub zone: Zone,
    /// Folder of the station's data; without one, faults that the hub has not heard of end with the program.
    pub data: Option<PathBuf>,
    /// The configured devices.
    pub devices: Vec<DeviceKind>,
}

#[derive(Clone)]
enum Command {
    Note(DeviceKind, DeviceState),
}

/// The reporter's worker.
#[derive(Debug)]
pub struct HealthReporter {
    worker: Worker<Command>,
}

impl HealthReporter {
    /// Starts the reporter.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(reporting: Reporting, events: Sender<HealthEvent>) -> std::io::Result<Self> {
        let worker = Worker::start(
            "health-reporter",
            move |_: &StopFlag| {
                let store = Store::open(reporting.data.as_deref())?;
                let book = Book::with_open(store.open_faults()?);
                Ok::<_, rusqlite::Error>(Keeping {
                    reporting: reporting.clone(),
                    events: events.clone(),
                    store,
                    book,
                    states: BTreeMap::new(),
                    began: Instant::now(),
                    due: Instant::now(),
                    report_due: None,
                    reported_at: None,
                    pause: PAUSE_MIN,
                    readiness_day: None,
                    readiness: None,
                })
            },
            |_, _| {},
        )?;
        Ok(Self { worker })
    }

    /// Notes how a device is.
    pub fn note(&self, device: DeviceKind, state: DeviceState) {
        self.worker.send(Command::Note(device, state));
    }
}

struct Keeping {
    reporting: Reporting,
    events: Sender<HealthEvent>,
    store: Store,
    book: Book,
    states: BTreeMap<DeviceKind, DeviceState>,
    began: Instant,
    /// The next moment at which the hub is spoken to.
    due: Instant,
    /// When the present state is to be told; none while there is nothing to tell.
    report_due: Option<Instant>,
    /// When it was last told, by the office's clock.
    reported_at: Option<Timestamp>,
    pause: Duration,
    /// The last day of which a report was made.
    readiness_day: Option<Date>,
    /// A report the hub does not have yet.
    readiness: Option<Readiness>,
}

impl Keeping {
    fn note(&mut self, device: DeviceKind, state: DeviceState) {
        let world = &self.reporting.world;
        let now = world.now();
        let seen = DeviceReport {
            device,
            health: state.health.into(),
            since: now,
            slips_left: state.slips_left,
            simulated: state.simulated,
        };
        for note in self.book.note(seen, now, || world.fault_id()) {
            if let Err(error) = self.store.keep(&note) {
                tracing::error!(%error, "a device fault is not kept for the journal");
            }
        }
        self.states.insert(device, state);
        let soon = Instant::now() + GATHER;
        self.report_due = Some(self.report_due.map_or(soon, |due| due.min(soon)));
        if self.pause == PAUSE_MIN {
            self.due = self.due.min(soon);
        }
    }

    /// Tells the hub what it has not heard, the faults in their order first.
    fn tell(&mut self) -> Result<(), Trouble> {
        let client = &self.reporting.client;
        while let Some(note) = self.store.next_untold()? {
            match client.report_fault(note.id, &note.fault) {
                Ok(()) => self.store.mark_told(&note)?,
                Err(ClientError::Refused(problem)) if matches!(problem.status, 409 | 422) => {
                    tracing::error!(code = problem.code, "the hub does not take a device fault");
                    self.store.mark_told(&note)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let now = self.reporting.world.now();
        // By the office's clock too: the hub counts silence by it, also across a clock that was set.
        let aged = self.reported_at.is_some_and(|at| now.duration_since(at).as_secs().abs() >= REPORT_EVERY_S);
        let due = aged || self.report_due.is_some_and(|due| due <= Instant::now());
        if due && !self.book.reports().is_empty() {
            client.report_health(&self.book.health())?;
            self.reported_at = Some(now);
            self.report_due = Some(Instant::now() + Duration::from_secs(REPORT_EVERY_S.unsigned_abs()));
        }
        if let Some(readiness) = &self.readiness {
            client.report_readiness(readiness)?;
            self.readiness = None;
        }
        Ok(())
    }

    /// Makes the report of a new day once every device has told its state, or enough time has passed.
    fn look_at_the_day(&mut self) {
        let now = self.reporting.world.now();
        let day = self.reporting.zone.day(now);
        let all_told = self.reporting.devices.iter().all(|device| self.states.contains_key(device));
        let waits = self.began.elapsed() < DEVICES_WAIT && !all_told;
        if self.readiness_day == Some(day) || waits {
            return;
        }
        self.readiness_day = Some(day);
        let state = |device: &DeviceKind| (*device, self.states.get(device).copied());
        let checked = Checked {
            devices: self.reporting.devices.iter().map(state).collect(),
            disk: self.reporting.data.as_deref().and_then(Disk::of),
            clock_drift: self.clock_drift(now),
            undelivered: self.undelivered(),
        };
        let readiness =
            Readiness { request_id: self.reporting.world.request_id(), at: now, lines: readiness_lines(&checked) };
        self.events.send(HealthEvent::Ready(readiness.clone()));
        self.readiness = Some(readiness);
    }

    fn clock_drift(&self, now: Timestamp) -> Option<SignedDuration> {
        let hall = self.reporting.client.hall().ok()?;
        Some(now.duration_since(hall.at))
    }

    fn undelivered(&self) -> Option<u32> {
        let folder = self.reporting.data.as_deref()?;
        let counts = Outbox::open(folder).and_then(|outbox| outbox.counts());
        counts.map(|counts| counts.kept + counts.refused).ok()
    }
}

/// Why the hub was not told.
enum Trouble {
    Hub(ClientError),
    Store(rusqlite::Error),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        Self::Hub(error)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl Task for Keeping {
    type Command = Command;

    fn run(&mut self, Command::Note(device, state): Command) {
        self.note(device, state);
    }

    fn idle(&mut self) -> Duration {
        self.look_at_the_day();
        let wait = self.due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            return wait.min(PAUSE_MIN);
        }
        self.pause = match self.tell() {
            Ok(()) => PAUSE_MIN,
            Err(Trouble::Hub(error)) => {
                tracing::debug!(%error, "the hub is not told how the devices are");
                (self.pause * 2).min(PAUSE_MAX)
            }
            Err(Trouble::Store(error)) => {
                tracing::error!(%error, "the file of device faults cannot be used");
                PAUSE_MAX
            }
        };
        self.due = Instant::now() + self.pause;
        self.pause
    }
}
