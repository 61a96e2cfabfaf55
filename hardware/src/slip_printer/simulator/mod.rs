//! A simulated ESC/POS printer on a TCP port or a pseudo-terminal.
//!
//! It reads the real byte stream and renders its paper to pictures in a state folder: `slip-0001.png`, … one per
//! cut, and `latest.png`; beside each, `slip-0001.json` holds its words ([`SlipRecord`]). Its faults are in `state.json` in the same folder ([`PrinterState`]) and may be changed by
//! a test, an editor or another process at any time. Real-time status requests are answered at once, also in the
//! middle of a job and while a fault holds the mechanics.

mod engine;
mod paper;
mod parser;
mod state;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use engine::{Engine, SlipCounter, Work, record_path, slip_path};
use parser::{Parser, RealtimeWatch};
use state::StateFile;

use super::CodePage;
use crate::link::{DescriptorLink, Link, Pty};
use crate::simulation::{Stop, TICK, Threads};
use crate::{Error, statefile};

pub use engine::SlipRecord;
pub use state::{PaperSupply, PrinterState};

/// Commands the printer holds before it takes no more bytes.
const QUEUE: usize = 4096;

/// A running simulated printer; dropping it switches it off.
pub struct PrinterSimulator {
    folder: PathBuf,
    state: Arc<StateFile>,
    slips: Arc<SlipCounter>,
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
        let (state, stop) = (simulator.state.clone(), threads.stop_flag());
        let bound = threads.serve("printer-sim", address, move |link| run_session(link, &queue, &state, &stop))?;
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
        let (state, stop) = (simulator.state.clone(), threads.stop_flag());
        let mut pty = Pty::open(link_path.as_ref())?;
        let link = pty.link().try_clone()?;
        threads.spawn("printer-sim", move || {
            run_session(link, &queue, &state, &stop);
            drop(pty);
        })?;
        simulator._threads = threads;
        Ok(simulator)
    }

    fn prepare(folder: &Path, threads: &mut Threads) -> Result<(Self, SyncSender<Work>), Error> {
        statefile::make_folder(folder)?;
        let state = Arc::new(StateFile::open(folder.join("state.json"))?);
        let slips = Arc::new(SlipCounter::default());
        let engine = Engine::new(folder, state.clone(), slips.clone(), threads.stop_flag())?;
        let (sender, receiver) = sync_channel(QUEUE);
        threads.spawn("printer-sim-engine", move || engine.run(&receiver))?;
        let simulator = Self { folder: folder.to_owned(), state, slips, address: None, _threads: Threads::new() };
        Ok((simulator, sender))
    }

    /// The TCP address it listens on; `None` on a pseudo-terminal.
    pub fn addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The state as it is now in the file.
    pub fn state(&self) -> PrinterState {
        self.state.get()
    }

    /// Changes the state, in the file too.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn update_state(&self, change: impl FnOnce(&mut PrinterState)) -> Result<(), Error> {
        self.state.update(change)
    }

    /// Number of slips in the folder, those of earlier runs included.
    pub fn slips(&self) -> usize {
        self.slips.get()
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
        self.slips.wait(number, timeout).then(|| slip_path(&self.folder, number))
    }
}

/// The way back to one connection.
struct Answers(Mutex<DescriptorLink>);

impl Answers {
    /// Sends one status byte, unless the printer is mute.
    fn send(&self, byte: u8, state: &StateFile) {
        let may_answer = state.update(|state| match state.mute_after_answers {
            _ if state.mute => false,
            Some(0) => {
                state.mute = true;
                state.mute_after_answers = None;
                false
            }
            Some(left) => {
                state.mute_after_answers = Some(left - 1);
                true
            }
            None => true,
        });
        if matches!(may_answer, Ok(true)) {
            let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // The client may be gone; that is its business.
            let _ = link.write_all(&[byte], TICK);
        }
    }
}

fn run_session(mut link: DescriptorLink, queue: &SyncSender<Work>, state: &StateFile, stop: &Stop) {
    let Ok(back) = link.try_clone() else { return };
    let answers = Arc::new(Answers(Mutex::new(back)));
    let mut parser = Parser::default();
    let mut watch = RealtimeWatch::default();
    let mut buffer = [0; 4096];
    while !stop.is_set() {
        let count = match link.read(&mut buffer, TICK) {
            Ok(count) => count,
            Err(_) => return,
        };
        let bytes = &buffer[..count];
        for n in bytes.iter().filter_map(|byte| watch.push(*byte)) {
            if let Some(byte) = state.get().realtime_answer(n) {
                answers.send(byte, state);
            }
        }
        parser.push(bytes);
        while let Some((command, bytes)) = parser.next_command() {
            let mut work = Work { command, bytes, answers: answers.clone() };
            // A full queue is a printer that takes no more bytes; only the end of the simulator breaks the wait.
            while let Err(TrySendError::Full(back)) = queue.try_send(work) {
                if stop.is_set() {
                    return;
                }
                work = back;
                thread::sleep(TICK);
            }
        }
    }
}
