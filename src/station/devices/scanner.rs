//! The document scanner on its thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anjungan_hardware::{DocumentScanner, ErrorKind, Page, ScanRequest, open_document_scanner};

use super::{DeviceStartError, DeviceState, Watch, parse};
use crate::domain::device::DeviceKind;
use crate::station::bridge::Sender;
use crate::station::worker::{StopFlag, Task, Worker};

/// Progress is told no more often than this.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// What the scanner tells.
#[derive(Debug, Clone)]
pub enum ScannerEvent {
    /// A scan goes on.
    Progress {
        /// The number it was given with.
        order: u64,
        /// The done part, 0 to 1.
        part: f32,
    },
    /// A page was scanned.
    Scanned {
        /// The number it was given with.
        order: u64,
        /// The page.
        page: Arc<Page>,
    },
    /// A scan brought no page.
    Failed {
        /// The number it was given with.
        order: u64,
        /// Why.
        kind: ErrorKind,
    },
    /// The scanner's state changed.
    State(DeviceState),
}

#[derive(Clone)]
enum Command {
    Scan { order: u64, request: ScanRequest },
    Flush,
}

/// The document scanner's worker.
#[derive(Debug)]
pub struct ScannerWorker {
    worker: Worker<Command>,
    events: Sender<ScannerEvent>,
    /// Every order up to this number is cancelled.
    cancelled: Arc<AtomicU64>,
}

impl ScannerWorker {
    /// Starts the worker for the scanner a URL names.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn start(url: &str, events: Sender<ScannerEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(url)?;
        let cancelled = Arc::new(AtomicU64::new(0));
        let (told, lost, limit) = (events.clone(), events.clone(), Arc::clone(&cancelled));
        let worker = Worker::start(
            "document-scanner",
            move |stop: &StopFlag| {
                let scanner = open_document_scanner(&url)?;
                Ok::<_, anjungan_hardware::Error>(Scanning {
                    watch: Watch::new(DeviceKind::DocumentScanner, scanner.look_every()),
                    scanner,
                    events: told.clone(),
                    cancelled: Arc::clone(&limit),
                    stop: stop.clone(),
                })
            },
            move |command, _| {
                if let Command::Scan { order, .. } = command {
                    lost.send(ScannerEvent::Failed { order, kind: ErrorKind::NotReachable });
                }
            },
        )?;
        Ok(Self { worker, events, cancelled })
    }

    /// Scans a page. Order numbers must grow.
    pub fn scan(&self, order: u64, request: ScanRequest) {
        if !self.worker.send(Command::Scan { order, request }) {
            self.events.send(ScannerEvent::Failed { order, kind: ErrorKind::Busy });
        }
    }

    /// Cancels a scan and all before it; what was running ends as [`ScannerEvent::Failed`].
    pub fn cancel(&self, order: u64) {
        self.cancelled.fetch_max(order, Ordering::Relaxed);
    }

    /// Puts aside pages of an earlier person. For the start of a session.
    pub fn flush(&self) {
        self.worker.send(Command::Flush);
    }
}

struct Scanning {
    scanner: Box<dyn DocumentScanner>,
    watch: Watch,
    events: Sender<ScannerEvent>,
    cancelled: Arc<AtomicU64>,
    stop: StopFlag,
}

impl Scanning {
    fn look(&mut self) {
        let health = self.scanner.health();
        if let Some(state) = self.watch.news(DeviceState::of(health, self.scanner.simulated())) {
            self.events.send(ScannerEvent::State(state));
        }
    }

    fn scan(&mut self, order: u64, request: &ScanRequest) {
        let (events, cancelled, stop) = (&self.events, &self.cancelled, &self.stop);
        let wanted = || order > cancelled.load(Ordering::Relaxed) && !stop.is_set();
        if !wanted() {
            events.send(ScannerEvent::Failed { order, kind: ErrorKind::Cancelled });
            return;
        }
        let mut told = None::<Instant>;
        let result = self.scanner.scan(request, &mut |part| {
            if told.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
                told = Some(Instant::now());
                events.send(ScannerEvent::Progress { order, part });
            }
            wanted()
        });
        match result {
            Ok(page) => {
                events.send(ScannerEvent::Scanned { order, page: Arc::new(page) });
            }
            Err(error) => {
                let kind = error.kind();
                if kind != ErrorKind::Cancelled {
                    tracing::warn!(order, %error, "scan failed");
                }
                events.send(ScannerEvent::Failed { order, kind });
                self.look();
            }
        }
    }
}

impl Task for Scanning {
    type Command = Command;

    fn run(&mut self, command: Command) {
        match command {
            Command::Scan { order, request } => self.scan(order, &request),
            Command::Flush => {
                if let Err(error) = self.scanner.flush() {
                    tracing::error!(%error, "pages of an earlier person cannot be put aside");
                }
            }
        }
    }

    fn idle(&mut self) -> Duration {
        let wait = self.watch.wait();
        if wait.is_zero() {
            self.look();
            return self.scanner.look_every();
        }
        wait
    }
}
