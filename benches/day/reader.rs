//! The KTP-el reader's day.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anjungan::domain::device::DeviceKind;
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::devices::{ReaderEvent, ReaderWorker};
use anjungan_hardware::Scope;
use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};

use super::lane::{Desk, Done, Lane, stuck};

/// How long a reading waits for its card.
const CARD_WAIT: Duration = Duration::from_secs(1);
/// The wait for the card, 20 s for reading it, a look at the reader before.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NoCard,
    Unreadable,
    /// The card says that it goes while it is read.
    Removed,
    /// The card is taken away at some moment.
    Pulled,
    /// The reader hangs on the card.
    Mute,
    /// The person gives up.
    Cancelled,
    Replugged,
    /// The cable is pulled while a card is read, and the card is still there afterwards.
    PulledOut,
    Garbled,
}

const FAULTS: &[Fault] = &[
    Fault::NoCard,
    Fault::Unreadable,
    Fault::Removed,
    Fault::Pulled,
    Fault::Mute,
    Fault::Cancelled,
    Fault::Replugged,
    Fault::PulledOut,
    Fault::Garbled,
];

pub(super) struct Reading {
    folder: PathBuf,
    /// None while the plug is pulled.
    device: Option<ReaderSimulator>,
    worker: ReaderWorker,
    events: Inbox<ReaderEvent>,
    number: u64,
}

impl Reading {
    pub(super) fn start(folder: &Path) -> Self {
        let device = Some(plug_in(folder));
        let (sender, events) = inbox(no_wake());
        let url = format!("gateway+serial://{}?simulated=1", folder.join("tty").display());
        let worker = ReaderWorker::start(&url, sender).unwrap();
        Self { folder: folder.to_owned(), device, worker, events, number: 0 }
    }

    fn place(&self, fault: Option<CardFault>) {
        let serial = 9001 + self.number % 998;
        let card = CardFile { fault, ..CardFile::new(format!("331513010190{serial}"), "CONTOH PEMOHON") };
        if let Some(device) = &self.device {
            device.place(&card).expect("the card's file");
        }
    }

    fn remove(&self) {
        let _ = std::fs::remove_file(self.folder.join("card.json"));
    }

    fn send(&mut self) -> Instant {
        self.number += 1;
        self.worker.read(self.number, &[Scope::Identity, Scope::Biodata], CARD_WAIT);
        Instant::now()
    }

    fn answer(&self, desk: &mut Desk<'_>, limit: Duration) -> Option<bool> {
        desk.wait(&self.events, limit, |desk, event| match event {
            ReaderEvent::Read { order, result } => (order == self.number).then_some(result.is_ok()),
            ReaderEvent::State(state) => {
                desk.note(DeviceKind::EktpReader, state);
                None
            }
            ReaderEvent::CardPlaced { .. } | ReaderEvent::CardSeen { .. } => None,
        })
    }
}

fn plug_in(folder: &Path) -> ReaderSimulator {
    ReaderSimulator::start_pty(folder.join("tty"), folder).unwrap()
}

impl Lane for Reading {
    fn name(&self) -> &'static str {
        "ektp-reader"
    }

    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration) {
        let _ = self.answer(desk, limit);
    }

    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String> {
        self.place(None);
        let sent = self.send();
        let read = self.answer(desk, ANSWER_WITHIN).ok_or_else(|| stuck(self.name(), "a card", ANSWER_WITHIN))?;
        desk.answered(sent, "no fault");
        self.remove();
        Ok(if read { Done::Well } else { Done::NotWell })
    }

    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String> {
        let fault = desk.random.pick(FAULTS);
        match fault {
            Fault::NoCard | Fault::Cancelled => {}
            Fault::Unreadable => self.place(Some(CardFault::Unreadable)),
            Fault::Removed => self.place(Some(CardFault::RemovedMidRead)),
            Fault::Mute => self.place(Some(CardFault::Mute)),
            Fault::Garbled => std::fs::write(self.folder.join("card.json"), b"{\"nik\": 7, ").expect("the card's file"),
            Fault::Pulled | Fault::PulledOut => self.place(None),
            Fault::Replugged => self.device = None,
        }
        let sent = self.send();
        let answered = if fault == Fault::PulledOut {
            // At once, in the middle of whatever goes on.
            self.device = None;
            false
        } else {
            let hold = if fault == Fault::Pulled { hold_of_a_pull(desk) } else { desk.random.hold() };
            let answered = self.answer(desk, hold).is_some();
            self.listen(desk, hold.saturating_sub(sent.elapsed()));
            answered
        };
        if fault == Fault::Cancelled {
            self.worker.cancel();
        }
        self.remove();
        if self.device.is_none() {
            self.device = Some(plug_in(&self.folder));
        }
        if !answered {
            self.answer(desk, ANSWER_WITHIN).ok_or_else(|| stuck(self.name(), fault, ANSWER_WITHIN))?;
        }
        desk.answered(sent, "a fault");
        Ok(())
    }
}

/// A sound card is read within milliseconds.
fn hold_of_a_pull(desk: &mut Desk<'_>) -> Duration {
    Duration::from_millis(desk.random.below(8))
}
