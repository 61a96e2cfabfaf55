//! One connection to a printer: questions, answers, and what the printer tells unasked.

use std::collections::VecDeque;
use std::time::Duration;

use super::sorter::{Said, StatusSorter};
use super::{PrinterProfile, PrinterStatus};
use crate::link::{Deadline, Link};
use crate::{Error, ErrorKind};

/// DLE EOT n: answered at once, even in the middle of a job. Three bytes; the fourth of the `escpos` crate would be
/// printed or taken for a command by strict printers.
const fn ask_now(n: u8) -> [u8; 3] {
    [0x10, 0x04, n]
}

/// GS a 255: from now on every change of the state is told unasked. `ESC @` switches it off again.
pub(super) const TELL_CHANGES: [u8; 3] = [0x1d, 0x61, 0xff];

/// DLE ENQ 1: recover from the fault and go on at the line where it happened.
const RECOVER: [u8; 3] = [0x10, 0x05, 0x01];

/// Bursts that are read and thrown away before a question. Bounded, because a stuck line can send for ever.
const STALE_BURSTS_MAX: usize = 64;

/// A connected printer.
pub(super) struct Session {
    link: Box<dyn Link>,
    sorter: StatusSorter,
    /// Sorted and not yet asked for.
    said: VecDeque<Said>,
    /// The last state the printer told by itself and nobody has taken.
    news: Option<PrinterStatus>,
    /// Automatic status is switched on.
    telling: bool,
}

impl Session {
    pub(super) fn new(link: Box<dyn Link>) -> Self {
        let (sorter, said) = (StatusSorter::default(), VecDeque::new());
        Self { link, sorter, said, news: None, telling: false }
    }

    /// Switches the automatic status on, once. A printer that lacks it ignores the command.
    pub(super) fn tell_changes(&mut self, profile: &PrinterProfile) -> Result<(), Error> {
        if !self.telling {
            self.write(&TELL_CHANGES, profile.answer_timeout)?;
            self.telling = true;
        }
        Ok(())
    }

    pub(super) fn write(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        self.link.write_all(bytes, timeout)
    }

    /// The next thing the printer says; automatic status is kept aside and is not among it. `None` when `timeout`
    /// passes first.
    pub(super) fn hear(&mut self, timeout: Duration) -> Result<Option<Said>, Error> {
        let deadline = Deadline::after(timeout);
        let mut looked = false;
        loop {
            while let Some(said) = self.said.pop_front() {
                match said {
                    Said::Automatic(packet) => self.news = Some(PrinterStatus::from_automatic(packet)?),
                    other => return Ok(Some(other)),
                }
            }
            // Once at least, and what arrived in time is heard; but a flood of automatic status has an end here.
            if looked && deadline.passed() {
                return Ok(None);
            }
            let mut buffer = [0; 256];
            let count = self.link.read(&mut buffer, deadline.left())?;
            self.said.extend(buffer[..count].iter().filter_map(|byte| self.sorter.push(*byte)));
            looked = true;
        }
    }

    /// Throws away answers nobody waits for any more; a state the printer told by itself is kept.
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        for _ in 0..STALE_BURSTS_MAX {
            if self.hear(Duration::ZERO)?.is_none() {
                break;
            }
            self.said.retain(|said| matches!(said, Said::Automatic(_)));
        }
        Ok(())
    }

    /// Asks for the four status bytes: each answered within `answer_timeout`, all four within twice that. `late` says
    /// that an answer to `GS r` is still owed from an earlier job and may arrive in between.
    pub(super) fn ask(&mut self, profile: &PrinterProfile, late: bool) -> Result<PrinterStatus, Error> {
        self.drain()?;
        // Older than the answer that comes now.
        self.news = None;
        self.ask_strictly(profile, late)
    }

    /// As [`Session::ask`], but what is still unread counts: an answer too many is refused as garbage.
    pub(super) fn ask_strictly(&mut self, profile: &PrinterProfile, late: bool) -> Result<PrinterStatus, Error> {
        let mut raw = [0; 4];
        let deadline = Deadline::after(profile.answer_timeout * 2);
        for (n, answer) in (1..=4).zip(&mut raw) {
            let limit = || profile.answer_timeout.min(deadline.left());
            self.write(&ask_now(n), limit())?;
            *answer = self.realtime_answer(n, limit(), late)?;
        }
        PrinterStatus::from_bytes(raw)
    }

    fn realtime_answer(&mut self, n: u8, timeout: Duration, late: bool) -> Result<u8, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            match self.hear(deadline.left())? {
                Some(Said::Realtime(byte)) => return Ok(byte),
                Some(Said::Queued(_)) if late => {}
                Some(Said::Queued(byte) | Said::Garbage(byte)) => return Err(garbled(byte)),
                Some(Said::Automatic(_)) => {}
                None if self.sorter.is_open() => {
                    // Bytes came, and they were neither an answer nor a whole automatic status: an echo, say.
                    self.sorter.reset();
                    let what = format!("the printer answers status request {n} with a part of something");
                    return Err(Error::new(ErrorKind::Garbled, what));
                }
                None => {
                    let what = format!("the printer does not answer status request {n}");
                    return Err(Error::new(ErrorKind::NotResponding, what));
                }
            }
        }
    }

    /// Sends one `DLE EOT n` without waiting for its answer.
    pub(super) fn ask_without_waiting(&mut self, n: u8, profile: &PrinterProfile) -> Result<(), Error> {
        self.write(&ask_now(n), profile.answer_timeout)
    }

    /// Sends `DLE ENQ 1`.
    pub(super) fn recover(&mut self, profile: &PrinterProfile) -> Result<(), Error> {
        self.write(&RECOVER, profile.answer_timeout)
    }

    /// Takes the last state the printer told by itself, of what was read so far.
    pub(super) fn take_news(&mut self) -> Option<PrinterStatus> {
        self.news.take()
    }

    /// What the printer told by itself since the last time; nothing is sent and nothing waited for.
    pub(super) fn watch(&mut self) -> Result<Option<PrinterStatus>, Error> {
        self.drain()?;
        Ok(self.take_news())
    }
}

/// The error for a byte that has no place here.
pub(super) fn garbled(byte: u8) -> Error {
    let what = format!("the printer answers {byte:02x}, which is not a status (wrong baud rate, or not a printer)");
    Error::new(ErrorKind::Garbled, what)
}
