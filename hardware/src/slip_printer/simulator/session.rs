//! One connection to the simulated printer: bytes in, answers out, and everything a line can do to both.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::engine::Work;
use super::parser::{Parser, Realtime, RealtimeWatch};
use super::state::StateFile;
use super::{Moment, Shared};
use crate::link::{DescriptorLink, Link};
use crate::simulation::{Stop, TICK};

/// What the connection runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// A network connection, which ends with the power.
    Network,
    /// A serial line, which stays and is silent then.
    Line,
    /// The same with a plug that can be pulled.
    Plug,
}

/// The way back to one connection.
pub(super) struct Answers {
    back: Mutex<Back>,
    /// The argument of `GS a`: not 0 while changes are told.
    pub(super) tells: AtomicU8,
}

struct Back {
    link: DescriptorLink,
    /// Bytes given to the line so far, for losing every so-manieth.
    count: u32,
    told: Option<[u8; 4]>,
}

impl Back {
    fn write(&mut self, bytes: &[u8], every: u32) {
        let kept: Vec<u8> = bytes.iter().copied().filter(|_| !loses(&mut self.count, every)).collect();
        // The client may be gone; that is its business.
        let _ = self.link.write_all(&kept, TICK);
    }
}

/// Counts one byte; whether it is lost.
fn loses(count: &mut u32, every: u32) -> bool {
    *count = count.wrapping_add(1);
    every != 0 && count.is_multiple_of(every)
}

impl Answers {
    pub(super) fn new(link: DescriptorLink) -> Self {
        Self { back: Mutex::new(Back { link, count: 0, told: None }), tells: AtomicU8::new(0) }
    }

    /// Sends one answer, unless the printer is mute.
    pub(super) fn send(&self, bytes: &[u8], state: &StateFile) {
        let may_answer = state.update(|state| match state.mute_after_answers {
            _ if state.mute || state.echo || state.is_dead() => None,
            Some(0) => {
                state.mute = true;
                state.mute_after_answers = None;
                None
            }
            Some(left) => {
                state.mute_after_answers = Some(left - 1);
                Some(state.lose_answers_every)
            }
            None => Some(state.lose_answers_every),
        });
        if let Ok(Some(every)) = may_answer {
            self.back.lock().unwrap_or_else(PoisonError::into_inner).write(bytes, every);
        }
    }

    /// Tells the state unasked when it changed since it was last told, or when it is told for the first time.
    pub(super) fn tell(&self, state: &StateFile, first: bool) {
        if self.tells.load(Ordering::Relaxed) == 0 {
            return;
        }
        let state = state.get();
        if state.mute || state.echo || state.is_dead() || state.no_automatic_status {
            return;
        }
        let packet = state.automatic_status();
        let mut back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        if first || back.told != Some(packet) {
            back.told = Some(packet);
            // Under the lock: nothing may stand between the four bytes.
            back.write(&packet, state.lose_answers_every);
        }
    }

    fn echo(&self, bytes: &[u8]) {
        self.back.lock().unwrap_or_else(PoisonError::into_inner).write(bytes, 0);
    }
}

/// Serves one connection until it or the simulator ends.
pub(super) fn run(mut link: DescriptorLink, wire: Wire, queue: &SyncSender<Work>, shared: &Shared, stop: &Stop) {
    let Ok(back) = link.try_clone() else { return };
    let answers = Arc::new(Answers::new(back));
    let mut parser = Parser::default();
    let mut watch = RealtimeWatch::default();
    let mut buffer = [0; 4096];
    let mut received = 0;
    let mut power = shared.moment().power;
    while !stop.is_set() {
        let state = shared.state.get();
        if state.is_dead() || shared.moment().power != power {
            if wire == Wire::Network || (wire == Wire::Plug && state.unplugged) {
                return;
            }
            // What a dead printer gets is lost, and so is what it had.
            (parser, watch) = (Parser::default(), RealtimeWatch::default());
            answers.tells.store(0, Ordering::Relaxed);
            power = shared.moment().power;
            if state.is_dead() {
                let _ = link.read(&mut buffer, TICK);
                continue;
            }
        }
        answers.tell(&shared.state, false);
        if state.stall {
            thread::sleep(TICK);
            continue;
        }
        let count = match link.read(&mut buffer, TICK) {
            Ok(count) => count,
            Err(_) => return,
        };
        let bytes: Vec<u8> =
            buffer[..count].iter().copied().filter(|_| !loses(&mut received, state.lose_received_every)).collect();
        if state.echo {
            answers.echo(&bytes);
            continue;
        }
        for command in bytes.iter().filter_map(|byte| watch.push(*byte)) {
            at_once(command, &answers, shared);
        }
        parser.push(&bytes);
        // Of this connection's power: what comes after a cut it has not noticed yet is lost as well.
        let moment = Moment { power, ..shared.moment() };
        while let Some((command, bytes)) = parser.next_command() {
            let mut work = Work { command, bytes, answers: answers.clone(), moment };
            // A full queue is a printer that takes no more bytes; it still tells its state.
            while let Err(TrySendError::Full(back)) = queue.try_send(work) {
                if stop.is_set() || shared.moment().power != power {
                    break;
                }
                answers.tell(&shared.state, false);
                work = back;
                thread::sleep(TICK);
            }
        }
    }
}

fn at_once(command: Realtime, answers: &Answers, shared: &Shared) {
    match command {
        Realtime::Status(n) => {
            if let Some(byte) = shared.state.get().realtime_answer(n) {
                answers.send(&[byte], &shared.state);
            }
        }
        Realtime::Recover | Realtime::RecoverAndClear => {
            if command == Realtime::RecoverAndClear {
                shared.forget();
            }
            if let Err(error) = shared.state.update(super::PrinterState::recover) {
                tracing::warn!(%error, "printer simulator: state file");
            }
        }
    }
}
