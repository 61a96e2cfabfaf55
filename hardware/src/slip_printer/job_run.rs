//! One job on a connected printer: sending it, and finding out what became of it.

use std::collections::VecDeque;
use std::time::Duration;

use super::encode::Encoded;
use super::session::{Session, TELL_CHANGES, garbled};
use super::sorter::Said;
use super::{Confirm, FaultKind, PrintFault, PrinterProfile, PrinterStatus};
use crate::link::Deadline;
use crate::{Error, ErrorKind};

/// GS r 1: answered in turn, when everything before it is worked off.
const ASK_IN_TURN: [u8; 3] = [0x1d, 0x72, 0x01];

/// `ESC @`, with which every job begins.
const INIT: [u8; 2] = [0x1b, 0x40];

/// While a confirmation is awaited, faults are looked for this often.
const FAULT_CHECK: Duration = Duration::from_millis(250);

/// Bytes sent at a time; each part has `job_timeout` to be taken.
const PART: usize = 512;

/// A job may take this many times `job_timeout` as long as it makes progress.
const PATIENCE: u32 = 4;

/// How a job ended: the printer's state after it was confirmed, or the fault; and whether an answer to `GS r` may
/// still come.
pub(super) struct Ended {
    pub(super) outcome: Result<PrinterStatus, PrintFault>,
    pub(super) owed: bool,
}

pub(super) struct JobRun<'a> {
    session: &'a mut Session,
    profile: &'a PrinterProfile,
    hard_limit: Deadline,
    owed: bool,
}

impl<'a> JobRun<'a> {
    pub(super) fn new(session: &'a mut Session, profile: &'a PrinterProfile) -> Self {
        Self { session, profile, hard_limit: Deadline::after(profile.job_timeout * PATIENCE), owed: false }
    }

    /// An earlier job was never confirmed. Its late answer must not confirm this one: asks in turn once more, with
    /// nothing to print in between, and goes on when all answers are in.
    pub(super) fn catch_up(&mut self) -> Result<(), PrintFault> {
        self.session.write(&ASK_IN_TURN, self.profile.job_timeout)?;
        let mut wait = self.profile.job_timeout;
        let mut answered = false;
        loop {
            match self.session.hear(wait)? {
                // One more may follow at once, the late one or ours.
                Some(Said::Queued(_)) => (answered, wait) = (true, self.profile.answer_timeout),
                Some(Said::Realtime(_) | Said::Automatic(_)) => {}
                Some(Said::Garbage(byte)) => return Err(garbled(byte).into()),
                None if answered => return Ok(()),
                None => {
                    let what =
                        "the printer still owes the end of an earlier job (if it never answers GS r: confirm=status)";
                    return Err(PrintFault::new(FaultKind::NotResponding, what));
                }
            }
            if self.hard_limit.passed() {
                return Err(PrintFault::new(FaultKind::Garbled, "the printer answers without end"));
            }
        }
    }

    /// Sends the job and waits for its end.
    pub(super) fn print(mut self, job: &Encoded) -> Ended {
        self.hard_limit = Deadline::after(self.profile.job_timeout * PATIENCE);
        let outcome = self.send_and_confirm(job);
        Ended { outcome, owed: self.owed }
    }

    fn send_and_confirm(&mut self, job: &Encoded) -> Result<PrinterStatus, PrintFault> {
        // What the printer told before the job is old.
        let _ = self.session.take_news();
        if let Err(error) = self.send(&job.bytes) {
            // A printer that takes no more bytes may still say why.
            let said = self.session.ask(self.profile, true).ok().and_then(|status| status.fault());
            return Err(said.map_or_else(
                || PrintFault::from(error),
                |fault| PrintFault::new(fault, "the printer stopped during the job"),
            ));
        }
        match self.profile.confirm {
            Confirm::Queue => {
                self.session.write(&ASK_IN_TURN, self.profile.job_timeout)?;
                self.owed = true;
                self.await_turn()?;
                self.owed = false;
            }
            Confirm::Status => self.await_time(job.dots)?,
        }
        // An answer too many means that some answer was not what it seemed.
        let after = self.session.ask_strictly(self.profile, false)?;
        match after.fault() {
            None => Ok(after),
            Some(fault) => Err(PrintFault::new(fault, format!("after the job the status is {:02x?}", after.raw))),
        }
    }

    /// Sends the bytes of a job, as slowly as the printer wants, but not for ever.
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let rest = match bytes.strip_prefix(&INIT) {
            Some(rest) if !self.profile.shared => {
                // The reset at the start of a job switches the automatic status off.
                self.session.write(&[&INIT[..], &TELL_CHANGES].concat(), self.profile.job_timeout)?;
                rest
            }
            _ => bytes,
        };
        for part in rest.chunks(PART) {
            if self.hard_limit.passed() {
                return Err(Error::new(ErrorKind::NotResponding, "the printer takes the job too slowly"));
            }
            self.session.write(part, self.profile.job_timeout)?;
        }
        Ok(())
    }

    /// The fault the printer told by itself, if any.
    fn check_news(&mut self) -> Result<(), PrintFault> {
        match self.session.take_news().and_then(|status| status.fault()) {
            Some(fault) => Err(PrintFault::new(fault, "the printer says it stopped during the job")),
            None => Ok(()),
        }
    }

    /// Waits for the answer to `GS r 1` and looks for faults meanwhile, because a printer without paper keeps the
    /// question in its queue.
    fn await_turn(&mut self) -> Result<(), PrintFault> {
        let mut deadline = Deadline::after(self.profile.job_timeout);
        // Fault checks that are not answered yet, in the order asked.
        let mut asked = VecDeque::new();
        let mut turn = None;
        loop {
            let heard = self.session.hear(FAULT_CHECK.min(deadline.left().max(Duration::from_millis(1))))?;
            self.check_news()?;
            match heard {
                Some(Said::Queued(byte)) if turn.is_none() => turn = Some(byte),
                Some(Said::Queued(byte) | Said::Garbage(byte)) => return Err(garbled(byte).into()),
                Some(Said::Automatic(_)) => {}
                Some(Said::Realtime(byte)) => {
                    if let Some(n) = asked.pop_front() {
                        let mut raw = [0x12; 4];
                        raw[n as usize - 1] = byte;
                        if let Some(fault) = PrinterStatus::from_bytes(raw)?.fault() {
                            return Err(PrintFault::new(fault, "the printer stopped during the job"));
                        }
                        // It lives and has no fault: it is only slow.
                        deadline = Deadline::after(self.profile.job_timeout);
                    }
                }
                None if deadline.passed() => {
                    return Err(PrintFault::new(FaultKind::NotResponding, "the printer did not confirm the job"));
                }
                // A check is repeated only when the last one was answered, or the answers would be mixed up.
                None if asked.is_empty() && turn.is_none() => {
                    for n in [2, 3, 4] {
                        self.session.ask_without_waiting(n, self.profile)?;
                        asked.push_back(n);
                    }
                }
                None => {}
            }
            if self.hard_limit.passed() {
                return Err(PrintFault::new(FaultKind::NotResponding, "the printer did not confirm the job in time"));
            }
            if let Some(byte) = turn
                && asked.is_empty()
            {
                return if byte & 0x0c == 0 {
                    Ok(())
                } else {
                    Err(PrintFault::new(FaultKind::PaperOut, "paper ended during the job"))
                };
            }
        }
    }

    /// For a printer that answers nothing in turn: asks for faults for as long as the slip needs.
    fn await_time(&mut self, dots: u32) -> Result<(), PrintFault> {
        let mm = self.profile.dots_to_mm(dots) as f32;
        let needed = Duration::from_secs_f32(mm / PrinterProfile::SLOWEST_MM_PER_S).min(self.profile.job_timeout);
        let end = Deadline::after(needed);
        while !end.passed() {
            let pause = FAULT_CHECK.min(end.left());
            if let Some(Said::Garbage(byte) | Said::Queued(byte)) = self.session.hear(pause)? {
                return Err(garbled(byte).into());
            }
            self.check_news()?;
            let status = self.session.ask_strictly(self.profile, false)?;
            if let Some(fault) = status.fault() {
                return Err(PrintFault::new(fault, "the printer stopped during the job"));
            }
            if self.hard_limit.passed() {
                return Err(PrintFault::new(FaultKind::NotResponding, "the printer answers too slowly"));
            }
        }
        Ok(())
    }
}
