//! Two simulated scanners: one behind a pseudo-terminal, for any program that opens a serial port, and one that
//! reads codes from a file, for `sim:` URLs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::framing::{Framer, IDLE_END};
use super::sender::{Folder, ScannerState, Sender};
use super::{QrScanner, Scan};
use crate::link::{Deadline, Link, Pty};
use crate::simulation::{TICK, Threads};
use crate::{Error, ErrorKind, Health};

/// A simulated scanner on a pseudo-terminal. Dropping it is pulling its plug.
pub struct ScannerSimulator {
    // First, so that the thread has ended before the plug is pulled.
    _threads: Threads,
    device: Arc<Mutex<Device>>,
}

/// The scanner itself: its plug, what is wrong with it, what it has to send.
struct Device {
    link_path: PathBuf,
    pty: Option<Pty>,
    state: ScannerState,
    sender: Sender,
}

impl Device {
    /// Longest time the far end may take no bytes.
    const WRITE_LIMIT: Duration = Duration::from_secs(2);

    /// The same for the thread of the folder, which must go on whether anybody listens or not.
    const BACKGROUND_LIMIT: Duration = Duration::from_millis(20);

    fn start(link_path: &Path) -> Result<Self, Error> {
        let pty = Some(Pty::open(link_path)?);
        let (state, sender) = (ScannerState::default(), Sender::default());
        Ok(Self { link_path: link_path.to_owned(), pty, state, sender })
    }

    fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Error> {
        match &mut self.pty {
            Some(pty) => pty.link().write_all(bytes, limit),
            None => Err(Error::new(ErrorKind::NotReachable, "the simulated scanner is unplugged")),
        }
    }

    fn apply(&mut self, state: &ScannerState) -> Result<(), Error> {
        self.state = state.clone();
        if state.unplugged {
            self.pty = None;
            self.sender.clear();
        } else if self.pty.is_none() {
            self.pty = Some(Pty::open(&self.link_path)?);
        }
        Ok(())
    }

    /// One round of the folder's thread.
    fn live(&mut self, folder: &mut Folder) -> Result<(), Error> {
        self.apply(folder.state())?;
        let codes = folder.take_codes()?;
        if self.state.unplugged {
            return Ok(());
        }
        let now = Instant::now();
        for code in codes {
            self.sender.scan(&code, &self.state, now);
        }
        let bytes = self.sender.due(&self.state, now);
        if bytes.is_empty() { Ok(()) } else { self.write(&bytes, Self::BACKGROUND_LIMIT) }
    }
}

impl ScannerSimulator {
    /// Plugs in a scanner that is reachable as a serial port at `link_path`; its suffix is CR.
    ///
    /// # Errors
    ///
    /// When the link cannot be made.
    pub fn start(link_path: impl AsRef<Path>) -> Result<Self, Error> {
        let device = Device::start(link_path.as_ref())?;
        Ok(Self { _threads: Threads::new(), device: Arc::new(Mutex::new(device)) })
    }

    /// Plugs in a scanner that does what the files in `state_dir` say, now and whenever they change: `state.json` (a
    /// [`ScannerState`]) for what is wrong with it, `scan.txt` for codes to scan, one a line.
    ///
    /// # Errors
    ///
    /// When the link or the folder cannot be made.
    pub fn start_in(link_path: impl AsRef<Path>, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut folder = Folder::open(state_dir.as_ref())?;
        let simulator = Self::start(link_path)?;
        simulator.device().apply(folder.state())?;
        let Self { _threads: mut threads, device } = simulator;
        let (stop, shared) = (threads.stop_flag(), Arc::clone(&device));
        threads.spawn("scanner-simulator", move || {
            let mut faulty = false;
            while !stop.is_set() {
                let lived = lock(&shared).live(&mut folder);
                // A line that nobody reads fills up; that is told once.
                match lived {
                    Err(ref error) if !faulty => tracing::warn!(%error, "simulated QR scanner"),
                    _ => {}
                }
                faulty = lived.is_err();
                thread::sleep(TICK);
            }
        })?;
        Ok(Self { _threads: threads, device })
    }

    /// Sets what the scanner sends after each code; may be empty. A `state.json` overrules it.
    pub fn set_suffix(&mut self, suffix: impl Into<String>) {
        self.device().state.suffix = suffix.into();
    }

    /// Scans a code and returns when it is on the line.
    ///
    /// # Errors
    ///
    /// `NotResponding` when nobody takes the bytes, `NotReachable` when the scanner is unplugged by its state.
    pub fn scan(&mut self, code: &str) -> Result<(), Error> {
        let mut device = self.device();
        let state = device.state.clone();
        device.sender.scan(code, &state, Instant::now());
        // Without the stuck trigger and the noise, which are the thread's.
        let calm = ScannerState { stuck_trigger: false, babbling: false, ..state };
        loop {
            let bytes = device.sender.due(&calm, Instant::now());
            device.write(&bytes, Device::WRITE_LIMIT)?;
            let Some(next) = device.sender.next() else { return Ok(()) };
            drop(device);
            thread::sleep(next.saturating_duration_since(Instant::now()));
            device = self.device();
        }
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// As [`Self::scan`].
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.device().write(bytes, Device::WRITE_LIMIT)
    }

    fn device(&self) -> MutexGuard<'_, Device> {
        lock(&self.device)
    }
}

fn lock(device: &Mutex<Device>) -> MutexGuard<'_, Device> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The scanner of a `sim:<dir>` URL: its bytes go through the same framer as those of a real one.
pub(super) struct FolderScanner {
    folder: Folder,
    sender: Sender,
    framer: Framer,
    /// When the file was last looked at.
    looked: Option<Instant>,
}

impl FolderScanner {
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        Ok(Self { folder: Folder::open(folder)?, sender: Sender::default(), framer: Framer::default(), looked: None })
    }

    /// Shows the scanner what is in the file and lets it send what is due, as of this time.
    fn look(&mut self, now: Instant) -> Result<(), Error> {
        self.looked = Some(now);
        let codes = self.folder.take_codes()?;
        let state = self.folder.state();
        if state.unplugged {
            self.sender.clear();
            self.framer.unplugged();
            return Err(Error::new(ErrorKind::NotReachable, "the simulated scanner is unplugged"));
        }
        for code in codes {
            self.sender.scan(&code, state, now);
        }
        let bytes = self.sender.due(state, now);
        if bytes.is_empty() {
            self.framer.tick(now);
        } else {
            self.framer.push(&bytes, now);
        }
        Ok(())
    }
}

impl QrScanner for FolderScanner {
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            self.look(Instant::now())?;
            if let Some(scan) = self.framer.next_scan() {
                return Ok(Some(scan));
            }
            if deadline.passed() {
                return Ok(None);
            }
            thread::sleep(TICK.min(IDLE_END).min(deadline.left()));
        }
    }

    fn flush_before(&mut self, session: Instant) -> Result<(), Error> {
        if self.looked.is_some_and(|looked| looked > session) {
            self.framer.clear(session);
            return Ok(());
        }
        let looked = self.look(session);
        self.sender.clear();
        self.framer.clear(session);
        looked
    }

    fn health(&mut self) -> Health {
        let now = Instant::now();
        match self.look(now) {
            Ok(()) if self.framer.is_stuck(now) => Health::Damaged,
            Ok(()) => Health::Ready,
            Err(error) => error.health(),
        }
    }

    fn simulated(&self) -> bool {
        true
    }
}
