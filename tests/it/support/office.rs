//! A whole office without windows: hub over HTTP, kiosk and counter shells, the rig's devices on TCP and PTY, and one
//! person of each role.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anjungan::config::Config;
use anjungan::counter::{CounterEvent, CounterScreen, CounterShell, CounterView};
use anjungan::domain::ids::CaseId;
use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::stage::Stage;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{KioskView, Screen};
use anjungan::rig::{Devices, RigOptions, Slip};
use anjungan::station::bridge::no_wake;
use anjungan::wire::case::CaseDetail;
use anjungan::wire::session::SignIn;
use anjungan_hardware::ektp_reader::CardFile;

use super::hub::{Caller, PASSWORD, TestHub};

/// Nothing here may take longer than this; a hang is a failure, not a slow test.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than the scanner takes one code for the same scan.
const SCAN_AGAIN_AFTER: Duration = Duration::from_secs(3);
/// One wait for news.
const PUMP: Duration = Duration::from_millis(20);

/// The office. Shells end before the devices, and these before the hub.
pub struct Office {
    pub kiosk: KioskShell,
    pub counter: CounterShell,
    pub operator: Caller,
    pub kabid: Caller,
    pub kadis: Caller,
    pub devices: Devices,
    pub hub: TestHub,
    _folder: tempfile::TempDir,
}

impl Office {
    /// Opens the office and signs the Petugas Loket in.
    pub fn open() -> Self {
        Self::open_with("")
    }

    /// Opens it with further lines in every program's configuration.
    pub fn open_with(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = TestHub::start_with(more);
        let devices = Devices::start(
            &folder.path().join("rig"),
            RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() },
        );
        let devices = devices.expect("the devices start");
        let urls = devices.endpoints();
        let kiosk = format!(
            "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{}\"\ntoken = \"{}\"\ndata = {:?}\n\
             [printer]\nurl = \"{}\"\n[qr_scanner]\nurl = \"{}\"\n[document_scanner]\nurl = \"{}\"\ndpi = 150\n{more}",
            hub.base(),
            hub.station(StationKind::Kiosk, "K1"),
            folder.path().join("kiosk"),
            urls.printer,
            urls.kiosk_scanner,
            urls.document_scanner,
        );
        let mut kiosk = KioskShell::open(&Config::parse(&kiosk).unwrap(), hub.world.clone(), no_wake()).unwrap();
        kiosk.set_repeat_guard(Duration::ZERO);
        let devices_of_counter = format!(
            "[qr_scanner]\nurl = \"{}\"\n[ektp_reader]\nurl = \"{}\"\n{more}",
            urls.counter_scanner, urls.reader
        );
        let mut office = Self {
            kiosk,
            counter: open_counter(&hub, "Loket 1", "lia.loket", &devices_of_counter),
            operator: hub.officer("oki.operator", Role::Operator),
            kabid: hub.officer("budi.kabid", Role::Kabid),
            kadis: hub.officer("dewi.kadis", Role::Kadis),
            devices,
            hub,
            _folder: folder,
        };
        office.counter_until("the desk", |view| view.screen == CounterScreen::Desk);
        office
    }

    /// Walks a visitor with a lost KK up to a screen.
    pub fn lost_card(&mut self, visitor: &Visitor, goal: Screen) {
        assert!(visitor.walk_to(&mut self.kiosk, Screen::Need), "stuck on {:?}", self.kiosk.view().screen);
        self.kiosk.touch(Touch::PickCard("hilang".to_owned()));
        assert!(visitor.walk_to(&mut self.kiosk, goal), "stuck on {:?}", self.kiosk.view().screen);
    }

    #[track_caller]
    pub fn kiosk_until(&mut self, what: &str, holds: impl Fn(&KioskView) -> bool) -> KioskView {
        let began = Instant::now();
        loop {
            let view = self.kiosk.view();
            if holds(&view) {
                return view;
            }
            assert!(began.elapsed() < PATIENCE, "never seen at the kiosk: {what}; {view:?}");
            self.kiosk.pump(PUMP);
        }
    }

    #[track_caller]
    pub fn counter_until(&mut self, what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
        until(&mut self.counter, what, holds)
    }

    /// Holds a code to the counter's scanner until the counter shows what it should. What arrives at the moment of
    /// signing in is dropped on purpose, and then the officer scans again.
    pub fn scan_until(&mut self, text: &str, what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
        self.raw_until(format!("{text}\r").as_bytes(), what, holds)
    }

    /// The same with bytes of any kind: what the scanner's repeat guard takes for the reading before is shown again.
    pub fn raw_until(&mut self, bytes: &[u8], what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
        let began = Instant::now();
        loop {
            self.devices.raw_at_counter(bytes).expect("the counter's scanner sends");
            let sent = Instant::now();
            while sent.elapsed() < SCAN_AGAIN_AFTER {
                let view = self.counter.view();
                if holds(&view) {
                    return view;
                }
                self.counter.pump(PUMP);
            }
            assert!(began.elapsed() < PATIENCE, "never seen at the counter: {what}");
        }
    }

    /// Looks at every document, finds it good, and accepts the file.
    pub fn accept_file(&mut self) {
        for index in 0..self.counter.view().documents.len() {
            self.counter.handle(CounterEvent::DocumentSelected(index));
            let view = self.counter_until("the document", |view| {
                view.selected_document == index && (view.scan.is_some() || !view.documents[index].has_scan)
            });
            if let Some(scan) = view.scan {
                assert!(self.counter.scan(scan).is_some_and(|picture| picture.width > 0), "a picture to look at");
            }
            self.counter.handle(CounterEvent::DocumentMarked { index, ok: true });
        }
        assert!(self.counter.view().can_accept, "{:?}", self.counter.view().documents);
        self.counter.handle(CounterEvent::CaseAccepted);
    }

    /// Lays a sound card on the reader.
    pub fn lay_card(&self, nik: &str) {
        self.devices.place(&CardFile::new(nik, "CONTOH PEMOHON")).expect("a card is laid down");
    }

    /// The case as an officer sees it; looking is no event.
    pub fn case(&self, case: CaseId) -> CaseDetail {
        self.operator.get(&format!("/api/v1/cases/{case}")).ok().read()
    }

    #[track_caller]
    pub fn assert_stage(&self, case: CaseId, stage: Stage) {
        assert_eq!(self.case(case).row.stage, stage);
    }

    /// The events of a case, oldest first.
    pub fn events(&self, case: CaseId) -> Vec<String> {
        let lines = self.operator.get(&format!("/api/v1/journal?case={case}")).ok().json();
        lines.as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything the journal says, of every case and every person, as text. What it says of devices comes whenever
    /// they tell of themselves, and a finished case files itself whenever its turn comes: both are another story.
    pub fn journal_text(&self) -> String {
        let by_themselves = [" device_fault", " readiness_reported ", " case_archived "];
        let text = journal_text(&self.hub.data());
        let told = text.lines().filter(|line| !by_themselves.iter().any(|event| line.contains(event)));
        told.collect::<Vec<_>>().join("\n")
    }
}

/// Opens a counter and signs a new Petugas Loket in there.
pub fn open_counter(hub: &TestHub, counter: &str, officer: &str, more: &str) -> CounterShell {
    let token = hub.station(StationKind::Counter, counter);
    let text = format!("[counter]\nname = \"{counter}\"\nhub = \"{}\"\ntoken = \"{token}\"\n{more}", hub.base());
    hub.person(officer, Role::PetugasLoket);
    let mut shell = CounterShell::open(&Config::parse(&text).unwrap(), hub.world.clone(), no_wake()).unwrap();
    shell.handle(CounterEvent::LogInAsked(SignIn { name: officer.to_owned(), password: PASSWORD.to_owned() }));
    until(&mut shell, "the desk", |view| view.screen == CounterScreen::Desk);
    shell
}

/// Pumps a counter until its view holds.
#[track_caller]
pub fn until(shell: &mut CounterShell, what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
    let began = Instant::now();
    loop {
        let view = shell.view();
        if holds(&view) {
            return view;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "never seen at the counter: {what}; mode {:?}, handover {:?}, busy {}, notice {:?}, failure {:?}",
            view.mode,
            view.handover,
            view.busy,
            view.notice,
            view.failure
        );
        shell.pump(PUMP);
    }
}

/// Everything the journal of a hub's folder says.
pub fn journal_text(data: &Path) -> String {
    let conn = rusqlite::Connection::open(data.join("anjungan.db")).unwrap();
    let mut rows = conn
        .prepare("SELECT concat_ws(' ', seq, event, actor, station, case_id, detail) FROM journal ORDER BY seq")
        .unwrap();
    let lines: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    lines.join("\n")
}

/// Reads the QR code off a printed slip, as any scanner would.
pub fn qr_on_paper(slip: &Slip) -> String {
    let read = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&slip.picture).output();
    let read = read.expect("zbarimg, of Debian's zbar-tools");
    assert!(read.status.success(), "no code can be read from {}", slip.picture.display());
    let text = String::from_utf8(read.stdout).expect("a text");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    assert!(!text.contains('\n'), "one code on a slip: {text}");
    text.to_owned()
}
