//! One office of its own: a hub over HTTP, a kiosk and a counter without windows, simulated devices on TCP and PTYs.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::counter::{CounterEvent, CounterScreen, CounterShell, CounterView, Private};
use anjungan::domain::device::DeviceKind;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::view::{KioskView, Screen};
use anjungan::station::bridge::no_wake;
use anjungan::wire::session::SignIn;
use anjungan_hardware::Health;
use anjungan_hardware::document_scanner::{ScannerFault, ScannerState};
use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};
use anjungan_hardware::qr_scanner::ScannerSimulator;
use anjungan_hardware::slip_printer::simulator::{PrinterSimulator, PrinterState};

use crate::support::hub::{MORNING, PASSWORD, Sample, TestHub};
use crate::support::office::open_counter;

/// Nothing may take longer: a cell that waits for this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// One wait for news.
const PUMP: Duration = Duration::from_millis(5);
/// The officer at the counter.
pub const OFFICER: &str = "mira.loket";
/// The PIN of the staff's door.
pub const STAFF_PIN: &str = "2580";
/// From the hour of a test day to one at which the office has not opened yet.
const BEFORE_HOURS_MS: i64 = 2 * 3_600_000;
/// Time a simulated page takes while a cell needs to meet the scan under way.
const SLOW_PAGE_MS: u64 = 1_500;

/// Cases the counter works on.
pub struct Cases {
    pub submitted: Sample,
    pub printed: Sample,
    pub received: Sample,
}

pub struct Lane {
    pub kiosk: KioskShell,
    pub counter: CounterShell,
    pub printer: Option<PrinterSimulator>,
    printer_port: Option<String>,
    pub kiosk_qr: Option<ScannerSimulator>,
    pub counter_qr: Option<ScannerSimulator>,
    pub reader: Option<ReaderSimulator>,
    pub cases: Cases,
    /// Numbers issued here; none may come twice.
    pub numbers: Vec<String>,
    /// The kiosk's own clock, which alone says whether the office is open.
    clock: Arc<Virtual>,
    is_closed: bool,
    reader_address: String,
    folder: tempfile::TempDir,
    pub hub: TestHub,
}

impl Lane {
    /// Every second office has its printer on a serial line, the others on the network.
    pub fn open(number: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let hub = TestHub::start();
        let (printer, printer_port, printer_url) = if number.is_multiple_of(2) {
            let printer = PrinterSimulator::start_tcp("127.0.0.1:0", at("printer")).expect("a printer");
            let address = printer.addr().expect("an address").to_string();
            (printer, Some(address.clone()), format!("tcp://{address}"))
        } else {
            let printer = PrinterSimulator::start_pty(at("printer-port"), at("printer")).expect("a printer");
            (printer, None, format!("serial://{}", at("printer-port").display()))
        };
        let kiosk_qr = ScannerSimulator::start(at("kiosk-qr")).expect("a scanner");
        let counter_qr = ScannerSimulator::start(at("counter-qr")).expect("a scanner");
        let reader = ReaderSimulator::start_tcp("127.0.0.1:0", at("reader")).expect("a reader");
        let reader_address = reader.addr().expect("an address").to_string();
        anjungan::rig::lay_pages(&at("scanner")).expect("pages");
        let kiosk = format!(
            "[kiosk]\nname = \"K7\"\nseries = \"A\"\nhub = \"{}\"\ntoken = \"{}\"\ndata = {:?}\n\
             staff_pin = \"{STAFF_PIN}\"\n[hours]\n[printer]\nurl = \"{printer_url}?job_s=6\"\n[qr_scanner]\nurl = \"serial://{}\"\n\
             [document_scanner]\nurl = \"sim:{}\"\ndpi = 150\ncheck = false\n",
            hub.base(),
            hub.station(StationKind::Kiosk, "K7"),
            at("kiosk"),
            at("kiosk-qr").display(),
            at("scanner").display(),
        );
        let clock = Arc::new(Virtual::starting_at(MORNING.parse().expect("a time")));
        let world = World::new(clock.clone(), Arc::new(System));
        let mut kiosk = KioskShell::open(&Config::parse(&kiosk).unwrap(), world.clone(), no_wake()).unwrap();
        kiosk.set_repeat_guard(Duration::ZERO);
        let devices = format!(
            "[qr_scanner]\nurl = \"serial://{}\"\n[ektp_reader]\nurl = \"gateway+tcp://{reader_address}\"\n",
            at("counter-qr").display()
        );
        let counter = open_counter(&hub, "Loket 2", OFFICER, &devices);
        let team = hub.team();
        // Numbers far above those the kiosk of this office issues.
        let submitted = hub.deliver(&team.kiosk, 901);
        let printed = hub.deliver(&team.kiosk, 902);
        hub.walk(&team, &printed, Stage::Printed);
        let received = hub.deliver(&team.kiosk, 903);
        hub.walk(&team, &received, Stage::Received);
        clock.advance_ms(hub.world.now().as_millisecond() - world.now().as_millisecond());
        let mut lane = Self {
            kiosk,
            counter,
            printer: Some(printer),
            printer_port,
            kiosk_qr: Some(kiosk_qr),
            counter_qr: Some(counter_qr),
            reader: Some(reader),
            cases: Cases { submitted, printed, received },
            numbers: Vec::new(),
            clock,
            is_closed: false,
            reader_address,
            folder,
            hub,
        };
        lane.pages_take(0, ScannerFault::None);
        for device in [DeviceKind::Printer, DeviceKind::QrScanner, DeviceKind::DocumentScanner] {
            lane.kiosk_until("a sound kiosk", |lane| lane.kiosk_health(device) == Some(Health::Ready));
        }
        for device in [DeviceKind::QrScanner, DeviceKind::EktpReader] {
            lane.counter_until("a sound counter", |lane, _| lane.counter_health(device) == Some(Health::Ready));
        }
        lane
    }

    /// Lets time pass everywhere.
    pub fn pass_ms(&self, ms: i64) {
        self.hub.clock.advance_ms(ms);
        self.clock.advance_ms(ms);
    }

    /// Sets the kiosk's clock to before the office opens: backwards, so that whatever begins then ends later.
    pub fn close_office(&mut self) {
        self.is_closed = true;
        self.clock.advance_ms(-BEFORE_HOURS_MS);
        self.view_until("the closed office", |view| view.screen == Screen::Closed);
    }

    /// The office opens, where it was closed.
    pub fn open_office(&mut self) {
        if std::mem::take(&mut self.is_closed) {
            self.clock.advance_ms(BEFORE_HOURS_MS);
            self.view_until("the open office", |view| view.screen != Screen::Closed);
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn kiosk_health(&self, device: DeviceKind) -> Option<Health> {
        self.kiosk.device(device).map(|state| state.health)
    }

    pub fn counter_health(&self, device: DeviceKind) -> Option<Health> {
        self.counter.device(device).map(|state| state.health)
    }

    /// Pumps the kiosk until something holds; gives how long it took.
    #[track_caller]
    pub fn kiosk_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Duration {
        let began = Instant::now();
        while !holds(self) {
            let view = self.kiosk.view();
            assert!(
                began.elapsed() < PATIENCE,
                "kiosk, waiting for {what}: {:?}, slip {:?}, scan {:?}, devices {:?}, failure {:?}",
                view.screen,
                view.slip_phase,
                view.scan_phase,
                self.kiosk.device(DeviceKind::Printer),
                view.failure
            );
            self.kiosk.pump(PUMP);
        }
        began.elapsed()
    }

    #[track_caller]
    pub fn view_until(&mut self, what: &str, holds: impl Fn(&KioskView) -> bool) -> Duration {
        self.kiosk_until(what, |lane| holds(&lane.kiosk.view()))
    }

    /// Pumps the counter until something holds; gives how long it took.
    #[track_caller]
    pub fn counter_until(&mut self, what: &str, holds: impl Fn(&Self, &CounterView) -> bool) -> Duration {
        let began = Instant::now();
        loop {
            let view = self.counter.view();
            if holds(self, &view) {
                return began.elapsed();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "counter, waiting for {what}: {:?} {:?} {:?}, busy {}, notice {:?}, failure {:?}",
                view.screen,
                view.mode,
                view.handover,
                view.busy,
                view.notice,
                view.failure.code
            );
            self.counter.pump(PUMP);
        }
    }

    pub fn printer_is(&self, change: impl FnOnce(&mut PrinterState)) {
        self.printer.as_ref().expect("a printer").update_state(change).expect("the printer's state");
    }

    pub fn unplug_printer(&mut self) {
        self.printer = None;
    }

    pub fn plug_printer(&mut self) {
        let began = Instant::now();
        self.printer = Some(loop {
            let started = match &self.printer_port {
                Some(address) => PrinterSimulator::start_tcp(address, self.path("printer")),
                None => PrinterSimulator::start_pty(self.path("printer-port"), self.path("printer")),
            };
            match started {
                Ok(printer) => break printer,
                Err(error) => assert!(began.elapsed() < PATIENCE, "the printer's port: {error}"),
            }
        });
    }

    /// Makes the printer sound again, with a fresh roll.
    pub fn mend_printer(&self) {
        self.printer_is(|state| *state = PrinterState { power_cuts: state.power_cuts, ..PrinterState::default() });
    }

    /// Sets the document scanner.
    pub fn pages_take(&self, duration_ms: u64, fault: ScannerFault) {
        let state = ScannerState { duration_ms, fault, ..ScannerState::default() };
        state.save(self.path("scanner")).expect("the scanner's state");
    }

    pub fn slow_pages(&self) {
        self.pages_take(SLOW_PAGE_MS, ScannerFault::None);
    }

    pub fn plug_kiosk_qr(&mut self, plugged: bool) {
        self.kiosk_qr = plugged.then(|| ScannerSimulator::start(self.path("kiosk-qr")).expect("a scanner"));
    }

    pub fn plug_counter_qr(&mut self, plugged: bool) {
        self.counter_qr = plugged.then(|| ScannerSimulator::start(self.path("counter-qr")).expect("a scanner"));
    }

    pub fn stop_reader(&mut self) {
        self.reader = None;
    }

    pub fn start_reader(&mut self) {
        let began = Instant::now();
        // The address may be held for a moment by what stood in for the reader.
        self.reader = Some(loop {
            match ReaderSimulator::start_tcp(&self.reader_address, self.path("reader")) {
                Ok(reader) => break reader,
                Err(error) => assert!(began.elapsed() < PATIENCE, "the reader's address: {error}"),
            }
        });
    }

    /// Somebody who listens where the reader was.
    pub fn listen_as_reader(&self) -> TcpListener {
        let began = Instant::now();
        loop {
            match TcpListener::bind(&self.reader_address) {
                Ok(listener) => return listener,
                Err(error) => assert!(began.elapsed() < PATIENCE, "the reader's address: {error}"),
            }
        }
    }

    pub fn lay_card(&self, nik: &str, fault: Option<CardFault>) {
        let card = CardFile { fault, ..CardFile::new(nik, "CONTOH PEMOHON") };
        self.reader.as_ref().expect("a reader").place(&card).expect("a card");
    }

    pub fn take_card(&self) {
        if let Some(reader) = &self.reader {
            reader.remove();
        }
    }

    /// Leads the kiosk back to where nobody is.
    pub fn kiosk_home(&mut self) {
        self.kiosk.touch(Touch::DismissFailure);
        self.kiosk.touch(Touch::CloseStaff);
        self.kiosk_until("the end of what is being written", |lane| lane.kiosk.view().screen != Screen::Submitting);
        self.kiosk.touch(Touch::Restart);
        self.view_until("the attract screen", |view| view.screen == Screen::Attract && view.failure.is_none());
    }

    /// Leads the counter back to an empty desk.
    pub fn counter_home(&mut self) {
        if self.counter.view().screen == CounterScreen::Login {
            let sign_in = SignIn { name: OFFICER.to_owned(), password: PASSWORD.to_owned() };
            self.counter.handle(CounterEvent::LogInAsked(sign_in));
            self.counter_until("the desk", |_, view| view.screen == CounterScreen::Desk && !view.busy);
        }
        self.counter_until("a free desk", |_, view| !view.busy);
        self.counter.handle(CounterEvent::FailureDismissed);
        self.counter.handle(CounterEvent::ReturnCancelled);
        self.counter.handle(CounterEvent::CaseClosed);
        self.counter_until("an empty desk", |_, view| !view.has_case && !view.busy && !view.failure.visible);
    }

    /// Opens a case at the counter by its slip.
    pub fn open_case(&mut self, text: String) {
        self.counter.handle(CounterEvent::CodeTyped(Private(text)));
        self.counter_until("the case", |_, view| view.has_case && !view.busy);
    }

    /// Waits until the hub has heard of every fault, and counts the journal's pairs; of none only where none was `told`.
    pub fn close(mut self, told: bool) -> (usize, usize) {
        self.kiosk_home();
        self.counter_home();
        crate::journal::pairs(&mut self, told)
    }
}
