//! The QR scanner's day.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anjungan::domain::device::DeviceKind;
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::devices::{QrEvent, QrWorker};
use anjungan_hardware::qr_scanner::{ScannerSimulator, ScannerState};

use super::lane::{Desk, Done, Lane, stuck};

/// A code that is not seen within this time is scanned again, as a person does.
const SEEN_WITHIN: Duration = Duration::from_millis(1500);
/// While something is wrong, a code is held to the scanner this often.
const TRY_EVERY: Duration = Duration::from_millis(100);
/// The simulator looks at its files several times in this time.
const HEEDED_WITHIN: Duration = Duration::from_millis(80);
/// A scanner that was plugged in again is heard within this time.
const HEARD_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Another device under the same name.
    Replugged,
    Unplugged,
    StuckTrigger,
    Babbling,
    Garbage,
    ByteLoss,
    TwoBursts,
    /// Far more bytes than a code has, without an end.
    Endless,
    Controls,
}

const FAULTS: &[Fault] = &[
    Fault::Replugged,
    Fault::Unplugged,
    Fault::StuckTrigger,
    Fault::Babbling,
    Fault::Garbage,
    Fault::ByteLoss,
    Fault::TwoBursts,
    Fault::Endless,
    Fault::Controls,
];

pub(super) struct Scanning {
    folder: PathBuf,
    /// None while the plug is pulled.
    device: Option<ScannerSimulator>,
    worker: QrWorker,
    events: Inbox<QrEvent>,
    number: u64,
}

impl Scanning {
    pub(super) fn start(folder: &Path) -> Self {
        ScannerState::default().save(folder).unwrap();
        let device = Some(plug_in(folder));
        let (sender, events) = inbox(no_wake());
        let url = format!("serial://{}?simulated=1", folder.join("tty").display());
        let worker = QrWorker::start(&url, sender).unwrap();
        Self { folder: folder.to_owned(), device, worker, events, number: 0 }
    }

    fn scan(&mut self) -> String {
        self.number += 1;
        let code = format!("https://antrean.example/s/{:08}", self.number);
        if let Some(device) = &mut self.device {
            // A line that nobody reads refuses in the end; the wait for the code shows it.
            let _ = device.scan(&code);
        }
        code
    }

    fn wait_for(&self, desk: &mut Desk<'_>, code: &str, limit: Duration) -> bool {
        let seen = desk.wait(&self.events, limit, |desk, event| match event {
            QrEvent::Seen(text) => (text == code).then_some(()),
            QrEvent::Unreadable => None,
            QrEvent::State(state) => {
                desk.note(DeviceKind::QrScanner, state);
                None
            }
        });
        seen.is_some()
    }

    fn set(&self, change: impl FnOnce(&mut ScannerState)) {
        let mut state = ScannerState::default();
        change(&mut state);
        state.save(&self.folder).expect("the scanner's state file");
    }

    fn raw(&mut self, bytes: &[u8]) {
        if let Some(device) = &mut self.device {
            let _ = device.raw(bytes);
        }
    }
}

fn plug_in(folder: &Path) -> ScannerSimulator {
    ScannerSimulator::start_in(folder.join("tty"), folder).unwrap()
}

impl Lane for Scanning {
    fn name(&self) -> &'static str {
        "qr-scanner"
    }

    fn per_minute(&self) -> u32 {
        2
    }

    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration) {
        self.wait_for(desk, "", limit);
    }

    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String> {
        let began = Instant::now();
        let mut first = true;
        while began.elapsed() < HEARD_WITHIN {
            let code = self.scan();
            if self.wait_for(desk, &code, SEEN_WITHIN) {
                desk.answered(began, "no fault");
                return Ok(if first { Done::Well } else { Done::NotWell });
            }
            first = false;
        }
        Err(stuck(self.name(), "a code", HEARD_WITHIN))
    }

    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String> {
        let fault = desk.random.pick(FAULTS);
        let hold = desk.random.hold();
        match fault {
            Fault::Replugged => self.device = None,
            Fault::Unplugged => self.set(|state| state.unplugged = true),
            Fault::StuckTrigger => self.set(|state| state.stuck_trigger = true),
            Fault::Babbling => self.set(|state| state.babbling = true),
            Fault::Garbage => self.set(|state| state.garbage = true),
            Fault::ByteLoss => self.set(|state| state.lose_every = 7),
            Fault::TwoBursts => self.set(|state| state.split_after = 9),
            Fault::Endless => self.raw(&[b'7'; 3000]),
            Fault::Controls => self.raw(&[0, 1, 2, 0x1b, 0xff, 0xc0, b'\r']),
        }
        self.worker.flush();
        // People go on trying while it lasts.
        let began = Instant::now();
        while began.elapsed() < hold {
            self.scan();
            self.listen(desk, TRY_EVERY);
        }
        self.set(|_| {});
        if self.device.is_none() {
            self.device = Some(plug_in(&self.folder));
        }
        self.listen(desk, HEEDED_WITHIN);
        Ok(())
    }
}
