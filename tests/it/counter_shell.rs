//! The counter over a real hub, a scanner and a reader on pseudo-terminals.

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anjungan::config::Config;
use anjungan::counter::{
    CaseMode, CounterEvent, CounterProgram, CounterScreen, CounterShell, CounterView, DocumentMood, HandoverPhase,
    Private,
};
use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::stage::Stage;
use anjungan::station::bridge::no_wake;
use anjungan::wire::session::SignIn;
use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};
use anjungan_hardware::qr_scanner::ScannerSimulator;
use anjungan_ui::slint::ComponentHandle as _;
use anjungan_ui::{CounterActions, CounterState};
use serde_json::json;

use crate::support::hub::{PASSWORD, TestHub};

const PATIENCE: Duration = Duration::from_secs(30);
/// After this time without a word an officer pulls the trigger again.
const SCAN_AGAIN_AFTER: Duration = Duration::from_secs(2);
const STRANGER: &str = "3315134101909002";

struct Bench {
    shell: CounterShell,
    scanner: ScannerSimulator,
    reader: ReaderSimulator,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn open(hub: &TestHub, base: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (scanner_path, reader_path) = (folder.path().join("scanner"), folder.path().join("reader"));
        let scanner = ScannerSimulator::start(&scanner_path).unwrap();
        let reader = ReaderSimulator::start_pty(&reader_path, folder.path().join("state")).unwrap();
        let text = format!(
            "[counter]\nname = \"Loket 2\"\nhub = \"{base}\"\ntoken = \"{}\"\n\
             [qr_scanner]\nurl = \"serial://{}?simulated=1\"\n[ektp_reader]\nurl = \"gateway+serial://{}\"\n",
            hub.station(StationKind::Counter, "Loket 2"),
            scanner_path.display(),
            reader_path.display()
        );
        hub.person("petugas", Role::PetugasLoket);
        let shell = CounterShell::open(&Config::parse(&text).unwrap(), hub.world.clone(), no_wake()).unwrap();
        let mut bench = Self { shell, scanner, reader, _folder: folder };
        bench
            .shell
            .handle(CounterEvent::LogInAsked(SignIn { name: "petugas".to_owned(), password: PASSWORD.to_owned() }));
        bench.until("the desk", |view| view.screen == CounterScreen::Desk);
        bench
    }

    #[track_caller]
    fn until(&mut self, what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
        let began = Instant::now();
        loop {
            let view = self.shell.view();
            if holds(&view) {
                return view;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "not seen: {what}; mode {:?}, phase {:?}, notice {:?}, failure {:?}, login {:?}",
                view.mode,
                view.handover,
                view.notice,
                view.failure.code,
                view.login_message
            );
            self.shell.pump(Duration::from_millis(50));
        }
    }

    /// Sends bytes until they are refused: what arrives at the moment of signing in is dropped on purpose, and then
    /// the officer scans again.
    fn refusal_of(&mut self, bytes: &[u8]) -> CounterView {
        let began = Instant::now();
        while !self.shell.view().failure.visible {
            assert!(began.elapsed() < PATIENCE, "never refused: {} bytes", bytes.len());
            self.scanner.raw(bytes).unwrap();
            self.scanner.raw(b"\r").unwrap();
            let sent = Instant::now();
            while !self.shell.view().failure.visible && sent.elapsed() < SCAN_AGAIN_AFTER {
                self.shell.pump(Duration::from_millis(50));
            }
        }
        self.shell.view()
    }

    /// Scans a code until the counter shows what it should; see [`Self::refusal_of`].
    #[track_caller]
    fn scan_until(&mut self, code: &str, what: &str, holds: impl Fn(&CounterView) -> bool) -> CounterView {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "not seen: {what}");
            self.scanner.scan(code).unwrap();
            let sent = Instant::now();
            while sent.elapsed() < SCAN_AGAIN_AFTER {
                let view = self.shell.view();
                if holds(&view) {
                    return view;
                }
                self.shell.pump(Duration::from_millis(50));
            }
        }
    }

    fn lay(&self, nik: &str, fault: Option<CardFault>) {
        let card = CardFile { fault, ..CardFile::new(nik, "CONTOH") };
        self.reader.place(&card).unwrap();
    }

    fn accept(&mut self) {
        self.until("the scan", |view| view.scan.is_some());
        self.shell.handle(CounterEvent::DocumentMarked { index: 0, ok: true });
        self.shell.handle(CounterEvent::DocumentMarked { index: 1, ok: true });
        let view = self.shell.view();
        assert_eq!(
            (view.documents[0].state, view.documents[1].state, view.can_accept),
            (DocumentMood::Accepted, DocumentMood::Shown, true)
        );
        self.shell.handle(CounterEvent::CaseAccepted);
    }
}

#[test]
fn a_case_is_called_checked_received_and_handed_over() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let (id, qr) = (sample.case_id, sample.token.qr_text(None));
    let mut bench = Bench::open(&hub, &hub.base());
    bench.until("the waiting list", |view| view.waiting.len() == 1);
    bench.shell.handle(CounterEvent::NextAsked);
    bench.until("the call", |view| view.called_ticket == "A-001" && !view.busy);
    let view = bench.scan_until(&qr, "the case", |view| view.mode == CaseMode::Verify);
    assert_eq!((view.ticket.as_str(), view.simulated), ("A-001", true));
    bench.accept();
    bench.until("the next desk", |view| view.mode == CaseMode::WaitingElsewhere && !view.trail.is_empty());

    team.operator.verb(id, "propose", hub.write(2), json!({ "siak_number": "3315/KK/2026/0042" })).ok();
    team.kabid.verb(id, "endorse", hub.write(3), json!({})).ok();
    team.kadis.verb(id, "sign", hub.write(4), json!({ "outcome": "signed" })).ok();
    team.operator.verb(id, "mark-printed", hub.write(5), json!({})).ok();
    // Nobody reloads: the desk follows the hub.
    bench.until("the printed KK", |view| view.mode == CaseMode::Receive && view.printed.len() == 1);
    bench.shell.handle(CounterEvent::KkReceived);
    bench.until("the handover", |view| view.mode == CaseMode::HandOver && view.ready_count == 1);

    bench.lay(STRANGER, None);
    bench.until("the mismatch", |view| view.handover == HandoverPhase::Mismatch && !view.busy);
    assert_eq!(team.counter.case(id).unwrap().row.stage, Stage::Received);
    bench.lay(sample.submission.applicant.as_str(), None);
    bench.shell.handle(CounterEvent::CardAsked);
    bench.until("the match", |view| view.handover == HandoverPhase::Matched);
    bench.shell.handle(CounterEvent::HandOverAsked);
    bench.until("the end", |view| view.mode == CaseMode::Done);
    assert_eq!(team.counter.case(id).unwrap().row.stage, Stage::HandedOver);

    bench.shell.handle(CounterEvent::CaseClosed);
    bench.shell.handle(CounterEvent::CodeTyped(Private(sample.token.manual_code().to_string())));
    let view = bench.until("the refusal", |view| view.failure.code == "SLIP-USED");
    assert!(!view.has_case && view.failure.cause.contains("sudah dilayani"));
}

#[test]
fn an_unreadable_chip_is_checked_by_eye() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Received);
    let mut bench = Bench::open(&hub, &hub.base());
    bench.lay(sample.submission.applicant.as_str(), Some(CardFault::Unreadable));
    let qr = sample.token.qr_text(None);
    bench.scan_until(&qr, "the unreadable chip", |view| view.handover == HandoverPhase::Unreadable);
    bench.shell.handle(CounterEvent::FallbackStarted);
    for (nik, ends) in
        [(STRANGER, HandoverPhase::Mismatch), (sample.submission.applicant.as_str(), HandoverPhase::Done)]
    {
        bench.shell.handle(CounterEvent::FallbackStarted);
        bench.shell.handle(CounterEvent::FallbackChosen {
            key: "visual".to_owned(),
            nik: Private(nik.to_owned()),
            note: "chip rusak, foto cocok".to_owned(),
        });
        bench.until("the hub's word", |view| view.handover == ends && !view.busy);
    }
    assert_eq!(team.counter.case(sample.case_id).unwrap().row.stage, Stage::HandedOver);
}

#[test]
fn what_a_broken_scanner_sends_opens_nothing() {
    let hub = TestHub::start();
    let mut bench = Bench::open(&hub, &hub.base());
    for bytes in [b"ANJ1:\x07abc".as_slice(), b"\xff\xfe\xfd", &[b'9'; 300], &[b'9'; 4097]] {
        let view = bench.refusal_of(bytes);
        assert!(view.failure.code == "SLIP-UNREADABLE" && !view.has_case);
        bench.shell.handle(CounterEvent::FailureDismissed);
    }
    bench.scanner.scan("' OR 1=1 --").unwrap();
    bench.until("the hub's refusal", |view| view.failure.code == "SLIP-UNKNOWN");
}

/// Stands between counter and hub and swallows the answer to one call, after the hub has committed it.
struct Swallower {
    address: String,
    armed: Arc<AtomicBool>,
    swallowed: Arc<AtomicBool>,
}

impl Swallower {
    fn before(hub: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hub = hub.trim_start_matches("http://").to_owned();
        let (armed, swallowed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let flags = (Arc::clone(&armed), Arc::clone(&swallowed));
        // Ends with the process; it holds nothing but sockets.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(hub) = TcpStream::connect(&hub) else { continue };
                pass(client, hub, flags.clone());
            }
        });
        Self { address, armed, swallowed }
    }
}

fn pass(client: TcpStream, hub: TcpStream, (armed, swallowed): (Arc<AtomicBool>, Arc<AtomicBool>)) {
    let drop_next = Arc::new(AtomicBool::new(false));
    let (seen, client_in, hub_out) = (Arc::clone(&drop_next), client.try_clone().unwrap(), hub.try_clone().unwrap());
    std::thread::spawn(move || {
        copy(client_in, hub_out, |bytes| {
            if bytes.starts_with(b"POST /api/v1/queue/call") && armed.swap(false, Ordering::SeqCst) {
                seen.store(true, Ordering::SeqCst);
            }
            true
        });
    });
    std::thread::spawn(move || {
        copy(hub, client, |_| {
            let lost = drop_next.load(Ordering::SeqCst);
            swallowed.fetch_or(lost, Ordering::SeqCst);
            !lost
        });
    });
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut goes_on: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !goes_on(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_lost_reply_calls_one_person_only() {
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    hub.deliver(&team.kiosk, 2);
    let between = Swallower::before(&hub.base());
    let mut bench = Bench::open(&hub, &between.address);
    between.armed.store(true, Ordering::SeqCst);
    bench.shell.handle(CounterEvent::NextAsked);
    let view = bench.until("the call", |view| !view.busy && !view.called_ticket.is_empty());
    assert!(between.swallowed.load(Ordering::SeqCst), "the first answer was lost");
    assert_eq!(view.called_ticket, "A-001");
    let hall = team.counter.hall().unwrap();
    assert_eq!((hall.called.len(), hall.waiting.len()), (1, 1));
}

#[test]
fn the_window_logs_in_and_lists_who_waits() {
    i_slint_backend_testing::init_no_event_loop();
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    hub.person("petugas", Role::PetugasLoket);
    let token = hub.station(StationKind::Counter, "Loket 2");
    let text = format!("[counter]\nname = \"Loket 2\"\nhub = \"{}\"\ntoken = \"{token}\"\n", hub.base());
    let mut counter = CounterProgram::open(&Config::parse(&text).unwrap(), hub.world.clone(), no_wake()).unwrap();
    let state = |counter: &CounterProgram| {
        let state = counter.window().global::<CounterState<'_>>();
        (state.get_screen(), state.get_busy(), anjungan_ui::slint::Model::row_count(&state.get_waiting()))
    };
    assert_eq!(state(&counter).0, anjungan_ui::CounterScreen::Login);
    counter.window().global::<CounterActions<'_>>().invoke_log_in("petugas".into(), PASSWORD.into());
    let began = Instant::now();
    while state(&counter) != (anjungan_ui::CounterScreen::Desk, false, 1) {
        assert!(began.elapsed() < PATIENCE, "{:?}", state(&counter));
        counter.pump(Duration::from_millis(50));
    }
    let desk = counter.window().global::<CounterState<'_>>();
    assert_eq!((desk.get_officer().as_str(), desk.get_counter_name().as_str()), ("petugas", "Loket 2"));
}
