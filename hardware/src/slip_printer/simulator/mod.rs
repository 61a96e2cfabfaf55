//! A simulated ESC/POS printer on a TCP port or a pseudo-terminal.
//!
//! It reads the real byte stream and renders its paper to pictures in a state folder: `slip-0001.png`, … one per
//! cut, and `latest.png`; beside each, `slip-0001.json` holds its words ([`SlipRecord`]). Its faults are in
//! `state.json` in the same folder ([`PrinterState`]) and may be changed by a test, an editor or another process at
//! any time. Real-time commands are obeyed at once, also in the middle of a job and while a fault holds the mechanics;
//! changes are told unasked once `GS a` wished for it. [`render`] draws the bytes of any encoder without a printer.

mod engine;
mod paper;
mod parser;
mod session;
mod state;
mod typeset;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use engine::{Engine, SlipCounter, Work, record_path, slip_path};
use session::{Answers, Wire};
use state::StateFile;

use super::CodePage;
use crate::link::{DescriptorLink, Pty};
use crate::simulation::{TICK, Threads};
use crate::{Error, statefile};

pub use state::{PaperSupply, PrinterState};
pub use typeset::{SlipRecord, render};

/// Commands the printer holds before it takes no more bytes.
const QUEUE: usize = 4096;

/// What the connections and the mechanics share.
struct Shared {
    state: StateFile,
    slips: SlipCounter,
    /// How often the buffers were cleared by command.
    cleared: AtomicU64,
}

/// Between two moments, the printer forgot what it had taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    /// How often the power failed or was switched off.
    power: (u32, u32),
    cleared: u64,
}

impl Shared {
    fn moment(&self) -> Moment {
        Moment { power: self.state.power_losses(), cleared: self.cleared.load(Ordering::Relaxed) }
    }

    /// Clears the buffers.
    fn forget(&self) {
        self.cleared.fetch_add(1, Ordering::Relaxed);
    }
}

/// A running simulated printer; dropping it switches it off.
pub struct PrinterSimulator {
    folder: PathBuf,
    shared: Arc<Shared>,
    address: Option<SocketAddr>,
    _threads: Threads,
}

impl PrinterSimulator {
    /// Starts a printer on a TCP address such as `127.0.0.1:9100` (port 0 lets the system choose one).
    ///
    /// # Errors
    ///
    /// When the address is taken or the folder cannot be made.
    pub fn start_tcp(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut threads = Threads::new();
        let (mut simulator, queue) = Self::prepare(state_dir.as_ref(), &mut threads)?;
        let (shared, stop) = (simulator.shared.clone(), threads.stop_flag());
        let bound = threads.serve("printer-sim", address, move |link| {
            session::run(link, Wire::Network, &queue, &shared, &stop);
        })?;
        simulator.address = Some(bound);
        simulator._threads = threads;
        Ok(simulator)
    }

    /// Starts a printer on a pseudo-terminal that is reachable as a serial port at `link_path`.
    ///
    /// # Errors
    ///
    /// When the link or the folder cannot be made.
    pub fn start_pty(link_path: impl AsRef<Path>, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut threads = Threads::new();
        let (mut simulator, queue) = Self::prepare(state_dir.as_ref(), &mut threads)?;
        let (shared, stop, path) = (simulator.shared.clone(), threads.stop_flag(), link_path.as_ref().to_owned());
        let mut plug = if shared.state.get().unplugged { None } else { Some(Pty::open(&path)?) };
        threads.spawn("printer-sim", move || {
            while !stop.is_set() {
                if plug.is_none() && !shared.state.get().unplugged {
                    let opened = Pty::open(&path).inspect_err(|error| tracing::warn!(%error, "printer simulator"));
                    plug = opened.ok();
                }
                if let Some(link) = plug.as_mut().and_then(|pty| pty.link().try_clone().ok()) {
                    session::run(link, Wire::Plug, &queue, &shared, &stop);
                }
                // Pulled, or the line broke: whoever held the far end has to open it anew.
                plug = None;
                if !stop.is_set() {
                    thread::sleep(TICK);
                }
            }
        })?;
        simulator._threads = threads;
        Ok(simulator)
    }

    /// Starts a printer at the end of a serial line that is there already, such as the far end of a cable to the
    /// machine under test. The line must be set to raw bytes.
    ///
    /// # Errors
    ///
    /// When the device cannot be opened or the folder cannot be made.
    pub fn start_device(device: impl AsRef<Path>, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let link = DescriptorLink::open_device(device.as_ref())?;
        let mut threads = Threads::new();
        let (mut simulator, queue) = Self::prepare(state_dir.as_ref(), &mut threads)?;
        let (shared, stop) = (simulator.shared.clone(), threads.stop_flag());
        threads.spawn("printer-sim", move || {
            session::run(link, Wire::Line, &queue, &shared, &stop);
        })?;
        simulator._threads = threads;
        Ok(simulator)
    }

    fn prepare(folder: &Path, threads: &mut Threads) -> Result<(Self, SyncSender<Work>), Error> {
        statefile::make_folder(folder)?;
        let state = StateFile::open(folder.join("state.json"))?;
        let shared = Arc::new(Shared { state, slips: SlipCounter::default(), cleared: AtomicU64::new(0) });
        let engine = Engine::new(folder, shared.clone(), threads.stop_flag())?;
        let (sender, receiver) = sync_channel(QUEUE);
        threads.spawn("printer-sim-engine", move || engine.run(&receiver))?;
        let simulator = Self { folder: folder.to_owned(), shared, address: None, _threads: Threads::new() };
        Ok((simulator, sender))
    }

    /// The TCP address it listens on; `None` on a pseudo-terminal.
    pub fn addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The state as it is now in the file.
    pub fn state(&self) -> PrinterState {
        self.shared.state.get()
    }

    /// Changes the state, in the file too.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn update_state(&self, change: impl FnOnce(&mut PrinterState)) -> Result<(), Error> {
        self.shared.state.update(change)
    }

    /// Number of slips in the folder, those of earlier runs included.
    pub fn slips(&self) -> usize {
        self.shared.slips.get()
    }

    /// The picture of slip number `number`, counted from 1.
    pub fn slip_picture(&self, number: usize) -> PathBuf {
        slip_path(&self.folder, number)
    }

    /// The words of slip number `number`, counted from 1; `None` when there is no such slip.
    pub fn slip_record(&self, number: usize) -> Option<SlipRecord> {
        statefile::read(&record_path(&self.folder, number)).ok().flatten()
    }

    /// Waits until slip number `number` is cut and gives its picture; `None` when `timeout` passes first.
    pub fn wait_for_slip(&self, number: usize, timeout: Duration) -> Option<PathBuf> {
        self.shared.slips.wait(number, timeout).then(|| slip_path(&self.folder, number))
    }
}
