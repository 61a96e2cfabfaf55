//! The mechanics: takes commands one after the other and puts them on paper, or waits while it cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::parser::Command;
use super::state::PrinterState;
use super::typeset::{Slip, Typesetter};
use super::{Answers, Moment, Shared};
use crate::simulation::{Stop, TICK};
use crate::{Error, statefile};

/// Dots in a millimetre of paper.
const DOTS_PER_MM: u32 = 8;

/// A command with the connection that sent it.
pub(super) struct Work {
    pub(super) command: Command,
    pub(super) bytes: usize,
    pub(super) answers: Arc<Answers>,
    /// When it was taken in: what was taken in before a loss of power or buffers is lost.
    pub(super) moment: Moment,
}

/// Number of the newest slip, and a bell for who waits for it.
#[derive(Default)]
pub(super) struct SlipCounter {
    count: Mutex<usize>,
    changed: Condvar,
}

impl SlipCounter {
    pub(super) fn get(&self) -> usize {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, count: usize) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        self.changed.notify_all();
    }

    pub(super) fn wait(&self, count: usize, timeout: Duration) -> bool {
        let guard = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) =
            self.changed.wait_timeout_while(guard, timeout, |now| *now < count).unwrap_or_else(PoisonError::into_inner);
        *guard >= count
    }
}

/// The path of a slip in the state folder.
pub(super) fn slip_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("slip-{number:04}.png"))
}

/// The path of a slip's words in the state folder.
pub(super) fn record_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("slip-{number:04}.json"))
}

pub(super) struct Engine {
    folder: PathBuf,
    shared: Arc<Shared>,
    stop: Stop,
    typesetter: Typesetter,
    /// What the paper in the machine belongs to.
    moment: Moment,
    /// Dots fed that are not a whole millimetre of the roll yet.
    spare_dots: u32,
    last_work: Instant,
}

impl Engine {
    pub(super) fn new(folder: &Path, shared: Arc<Shared>, stop: Stop) -> Result<Self, Error> {
        shared.slips.set(newest_slip(folder));
        let typesetter = Typesetter::new(shared.state.get().columns)?;
        let moment = shared.moment();
        let folder = folder.to_owned();
        Ok(Self { folder, shared, stop, typesetter, moment, spare_dots: 0, last_work: Instant::now() })
    }

    pub(super) fn run(mut self, queue: &Receiver<Work>) {
        while !self.stop.is_set() {
            match queue.recv_timeout(TICK) {
                Ok(work) => {
                    self.keep_up();
                    if work.moment == self.moment {
                        self.work_off(work);
                    }
                    self.last_work = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.keep_up();
                    self.tear_off();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Starts anew after a loss of power or buffers.
    fn keep_up(&mut self) {
        let now = self.shared.moment();
        if now == self.moment {
            return;
        }
        if now.power != self.moment.power {
            let told = self.shared.state.update(|state| state.broken = false);
            if let Err(error) = told {
                tracing::warn!(%error, "printer simulator: state file");
            }
        }
        self.moment = now;
        if let Ok(fresh) = Typesetter::new(self.shared.state.get().columns) {
            self.typesetter = fresh;
        }
    }

    fn work_off(&mut self, work: Work) {
        let state = self.shared.state.get();
        let latency = state.latency_us_per_byte.min(100_000);
        if latency > 0 {
            thread::sleep(Duration::from_micros(latency * work.bytes.min(1000) as u64));
        }
        match &work.command {
            Command::Initialize => {
                work.answers.tells.store(0, Ordering::Relaxed);
                self.typesetter.fit_paper(state.columns);
            }
            Command::TellChanges(n) if !state.no_automatic_status => {
                work.answers.tells.store(*n, Ordering::Relaxed);
                work.answers.tell(&self.shared.state, true);
            }
            Command::Identity(n) => {
                if let Some(answer) = identity(*n) {
                    work.answers.send(&answer, &self.shared.state);
                }
            }
            Command::Status(n) => {
                if gate(&self.shared, &self.stop, self.moment, &mut self.spare_dots, 0)
                    && let Some(byte) = self.shared.state.get().queued_answer(*n)
                {
                    work.answers.send(&[byte], &self.shared.state);
                }
            }
            Command::Cut(_) => self.block_cutter(&state),
            _ => {}
        }
        // A printer without a cutter feeds, and leaves the rest to a person.
        let command = match work.command {
            Command::Cut(feed) if state.torn_after_ms.is_some() => Command::FeedDots(feed),
            command => command,
        };
        let (shared, stop, moment, spare) = (&self.shared, &self.stop, self.moment, &mut self.spare_dots);
        let slip = self.typesetter.apply(command, &mut |dots| gate(shared, stop, moment, spare, dots));
        if let Some(slip) = slip {
            self.save(slip);
        }
    }

    fn block_cutter(&self, state: &PrinterState) {
        if state.cutter_error_at_cut {
            let blocked = self.shared.state.update(|state| {
                (state.cutter_error, state.cutter_error_at_cut) = (true, false);
            });
            if let Err(error) = blocked {
                tracing::warn!(%error, "printer simulator: state file");
            }
        }
    }

    fn tear_off(&mut self) {
        let Some(after) = self.shared.state.get().torn_after_ms else { return };
        if !self.typesetter.is_blank() && self.last_work.elapsed() >= Duration::from_millis(after.into()) {
            let slip = self.typesetter.take_slip();
            self.save(slip);
        }
    }

    fn save(&mut self, slip: Result<Slip, Error>) {
        let number = self.shared.slips.get() + 1;
        let saved = slip.and_then(|Slip { png, record }| {
            statefile::write(&record_path(&self.folder, number), &record)?;
            statefile::replace(&slip_path(&self.folder, number), &png)?;
            statefile::replace(&self.folder.join("latest.png"), &png)
        });
        match saved {
            Ok(()) => self.shared.slips.set(number),
            Err(error) => tracing::error!(%error, "printer simulator: the slip is lost"),
        }
        self.typesetter.fit_paper(self.shared.state.get().columns);
    }
}

/// Waits until `dots` of paper can be fed and counts them against the roll; false when what is printed is lost: the
/// power or the buffers went, or the simulator ends.
fn gate(shared: &Shared, stop: &Stop, moment: Moment, spare: &mut u32, dots: u32) -> bool {
    while !stop.is_set() && shared.moment() == moment {
        if !shared.state.get().can_print() {
            thread::sleep(TICK);
            continue;
        }
        if dots == 0 {
            return true;
        }
        let mm = (*spare + dots) / DOTS_PER_MM;
        match shared.state.update(|state| state.use_line(mm)) {
            Ok(true) => {
                *spare = (*spare + dots) % DOTS_PER_MM;
                return true;
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "printer simulator: state file");
                return true;
            }
        }
    }
    false
}

/// The answer to `GS I n`, in the form Epson gives: one byte for numbers, text between `_` and NUL.
fn identity(n: u8) -> Option<Vec<u8>> {
    let text = |words: &str| [b"_", words.as_bytes(), &[0]].concat();
    match n {
        1 | 49 => Some(vec![0x20]),
        // Has a cutter.
        2 | 50 => Some(vec![0x02]),
        65 => Some(text("1.0")),
        66 => Some(text("ANJUNGAN")),
        67 => Some(text("Simulator")),
        _ => None,
    }
}

/// Number of the newest slip in a folder, so that a restarted printer goes on counting.
fn newest_slip(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("slip-")?.strip_suffix(".png")?.parse().ok())
        .max()
        .unwrap_or(0)
}
