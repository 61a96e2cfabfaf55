//! The document scanner's day.

use std::time::{Duration, Instant};

use anjungan::domain::device::DeviceKind;
use anjungan::rig::{Devices, ScannerTrouble};
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::devices::{ScannerEvent, ScannerWorker};
use anjungan_hardware::ScanRequest;

use super::lane::{Desk, Done, Lane, stuck};

/// The time of a request, and a look at the scanner before and after.
const ANSWER_WITHIN: Duration = Duration::from_secs(80);

const KINDS: &[&str] = &["sk_hilang_polisi", "kk_lama", "akta_kelahiran", "buku_nikah", "surat_kuasa"];

const FAULTS: &[ScannerTrouble] = &[
    ScannerTrouble::Jam,
    ScannerTrouble::NoPaper,
    ScannerTrouble::CoverOpen,
    ScannerTrouble::DoubleFeed,
    ScannerTrouble::Busy,
    ScannerTrouble::NotReachable,
    ScannerTrouble::Stuck,
    ScannerTrouble::CutOff,
    ScannerTrouble::Bomb,
    ScannerTrouble::EndlessFeed,
];

pub(super) struct Paging<'a> {
    devices: &'a Devices,
    worker: ScannerWorker,
    events: Inbox<ScannerEvent>,
    number: u64,
}

impl<'a> Paging<'a> {
    pub(super) fn start(devices: &'a Devices) -> Self {
        let (sender, events) = inbox(no_wake());
        let worker = ScannerWorker::start(&devices.endpoints().document_scanner, sender).unwrap();
        Self { devices, worker, events, number: 0 }
    }

    fn send(&mut self, desk: &mut Desk<'_>) -> Instant {
        self.number += 1;
        let request = ScanRequest { dpi: 150, ..ScanRequest::a4(desk.random.pick(KINDS)) };
        self.worker.scan(self.number, request);
        Instant::now()
    }

    fn answer(&self, desk: &mut Desk<'_>, limit: Duration) -> Option<bool> {
        desk.wait(&self.events, limit, |desk, event| match event {
            ScannerEvent::Scanned { order, page } => (order == self.number).then_some(!page.bytes.is_empty()),
            ScannerEvent::Failed { order, .. } => (order == self.number).then_some(false),
            ScannerEvent::State(state) => {
                desk.note(DeviceKind::DocumentScanner, state);
                None
            }
            ScannerEvent::Progress { .. } => None,
        })
    }

    fn set(&self, trouble: ScannerTrouble) {
        self.devices.set_scanner_trouble(trouble).expect("the scanner's state file");
    }
}

impl Lane for Paging<'_> {
    fn name(&self) -> &'static str {
        "document-scanner"
    }

    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration) {
        let _ = self.answer(desk, limit);
    }

    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String> {
        let sent = self.send(desk);
        let page = self.answer(desk, ANSWER_WITHIN).ok_or_else(|| stuck(self.name(), "a page", ANSWER_WITHIN))?;
        desk.answered(sent, "no fault");
        Ok(if page { Done::Well } else { Done::NotWell })
    }

    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String> {
        let trouble = desk.random.pick(FAULTS);
        self.set(trouble);
        let sent = self.send(desk);
        let hold = desk.random.hold();
        let answered = self.answer(desk, hold).is_some();
        self.listen(desk, hold.saturating_sub(sent.elapsed()));
        // A scanner that hangs is given up by the person as often as it goes on by itself.
        if !answered && desk.random.below(2) == 0 {
            self.worker.cancel(self.number);
        }
        self.set(ScannerTrouble::None);
        self.worker.flush();
        if !answered {
            self.answer(desk, ANSWER_WITHIN).ok_or_else(|| stuck(self.name(), trouble, ANSWER_WITHIN))?;
        }
        desk.answered(sent, "a fault");
        Ok(())
    }
}
