//! The QR scanner on its thread: always listening.

use std::fmt;
use std::time::{Duration, Instant};

use anjungan_hardware::{Health, QrScanner, Scan, open_qr_scanner};

use super::{DeviceStartError, DeviceState, Watch, parse};
use crate::domain::device::DeviceKind;
use crate::station::bridge::Sender;
use crate::station::worker::{StopFlag, Task, Worker};

/// How long one wait for a code lasts; bounds how late a command is noticed.
const LISTEN: Duration = Duration::from_millis(200);
/// Pause before an absent scanner is looked for again.
const AWAY_PAUSE: Duration = Duration::from_secs(1);

/// What the scanner tells.
#[derive(Clone, PartialEq, Eq)]
pub enum QrEvent {
    /// A code was seen: untrusted text.
    Seen(String),
    /// Something was seen that is no text, or too long to be ours.
    Unreadable,
    /// The scanner's state changed.
    State(DeviceState),
}

impl fmt::Debug for QrEvent {
    /// The code opens a case, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen(_) => f.write_str("Seen(..)"),
            Self::Unreadable => f.write_str("Unreadable"),
            Self::State(state) => write!(f, "State({state:?})"),
        }
    }
}

/// Throws away what was scanned before this time.
#[derive(Debug, Clone)]
struct Flush(Instant);

/// The QR scanner's worker.
#[derive(Debug)]
pub struct QrWorker {
    worker: Worker<Flush>,
}

impl QrWorker {
    /// Starts listening to the scanner a URL names.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn start(url: &str, events: Sender<QrEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(url)?;
        let worker = Worker::start(
            "qr-scanner",
            move |_: &StopFlag| {
                let scanner = open_qr_scanner(&url)?;
                let watch = Watch::new(DeviceKind::QrScanner, LISTEN);
                Ok::<_, anjungan_hardware::Error>(Listening { scanner, watch, events: events.clone() })
            },
            |_, _| {},
        )?;
        Ok(Self { worker })
    }

    /// Forgets what was scanned until now and not yet told. For the start of a session: what is scanned from here on
    /// counts, although the scanner's thread hears of this a moment later.
    pub fn flush(&self) {
        self.worker.send(Flush(Instant::now()));
    }
}

struct Listening {
    scanner: Box<dyn QrScanner>,
    watch: Watch,
    events: Sender<QrEvent>,
}

impl Listening {
    fn tell(&mut self, health: Health) {
        if let Some(state) = self.watch.news(DeviceState::of(health, self.scanner.simulated())) {
            self.events.send(QrEvent::State(state));
        }
    }
}

impl Task for Listening {
    type Command = Flush;

    fn run(&mut self, Flush(session): Flush) {
        if let Err(error) = self.scanner.flush_before(session) {
            self.tell(error.health());
        }
    }

    fn idle(&mut self) -> Duration {
        match self.scanner.wait_scan(LISTEN) {
            Ok(scan) => {
                // A scanner that cannot stop is told as such, and its codes still count.
                let health = self.scanner.health();
                self.tell(health);
                match scan {
                    Some(Scan::Code(text)) => drop(self.events.send(QrEvent::Seen(text))),
                    Some(Scan::TooLong | Scan::Unreadable) => drop(self.events.send(QrEvent::Unreadable)),
                    None => {}
                }
                Duration::ZERO
            }
            Err(error) => {
                self.tell(error.health());
                AWAY_PAUSE
            }
        }
    }
}
