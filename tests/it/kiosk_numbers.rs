//! What people take away from the kiosk beside an application of their own: a number for help, a number to collect a KK,
//! the list of what to bring; the slip in their language; and what the staff's door gives to whom.

use std::time::{Duration, Instant};

use anjungan::config::Config;
use anjungan::counter::{CounterEvent, CounterShell};
use anjungan::domain::language::Language;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::{Errand, KioskEvent, ListPhase, PinState, StaffAction, Touch, Turn};
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{KioskView, Screen, SlipPhaseView};
use anjungan::rig::{Devices, PrinterFault, RigOptions, Slip};
use anjungan::station::bridge::no_wake;

use crate::support::hub::{Sample, Team, TestHub};
use crate::support::office::{PATIENCE, journal_text, open_counter, qr_on_paper, until};

const PIN: &str = "2580";
const WRONG_PIN: &str = "1111";

/// A kiosk at a real hub, with every device. Shells end before the devices.
struct Lobby {
    kiosk: KioskShell,
    devices: Devices,
    _folder: tempfile::TempDir,
}

impl Lobby {
    /// Opens a kiosk of its own series at a hub, and waits for both to know each other.
    fn open(hub: &TestHub, series: char) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() };
        let devices = Devices::start(&folder.path().join("rig"), options).unwrap();
        let urls = devices.endpoints();
        let name = format!("Anjungan {series}");
        let config = format!(
            "[kiosk]\nname = \"{name}\"\nseries = \"{series}\"\nhub = \"{}\"\ntoken = \"{}\"\ndata = {:?}\n\
             staff_pin = \"{PIN}\"\n[printer]\nurl = \"{}\"\n[qr_scanner]\nurl = \"{}\"\n\
             [document_scanner]\nurl = \"{}\"\ndpi = 150\n",
            hub.base(),
            hub.station(StationKind::Kiosk, &name),
            folder.path().join("kiosk"),
            urls.printer,
            urls.kiosk_scanner,
            urls.document_scanner,
        );
        let mut kiosk = KioskShell::open(&Config::parse(&config).unwrap(), hub.world.clone(), no_wake()).unwrap();
        kiosk.set_repeat_guard(Duration::ZERO);
        let mut lobby = Self { kiosk, devices, _folder: folder };
        lobby.until("the hub", |view| view.hub_online);
        lobby
    }

    #[track_caller]
    fn until(&mut self, what: &str, holds: impl Fn(&KioskView) -> bool) -> KioskView {
        let began = Instant::now();
        loop {
            let view = self.kiosk.view();
            if holds(&view) {
                return view;
            }
            assert!(began.elapsed() < PATIENCE, "never seen at the kiosk: {what}; {view:?}");
            self.kiosk.pump(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn paper(&self, number: usize) -> Slip {
        self.devices.wait_for_slip(number, PATIENCE).expect("paper comes out")
    }

    fn screen(&self) -> Screen {
        self.kiosk.view().screen
    }

    fn pick(&mut self, key: &str) {
        self.kiosk.touch(Touch::PickCard(key.to_owned()));
    }

    /// Walks somebody with a lost KK to a screen.
    #[track_caller]
    fn lost_card(&mut self, goal: Screen) {
        let visitor = Visitor::new(0);
        assert!(visitor.walk_to(&mut self.kiosk, Screen::Need), "stuck on {:?}", self.screen());
        self.pick("hilang");
        assert!(visitor.walk_to(&mut self.kiosk, goal), "stuck on {:?}", self.screen());
    }

    /// Applies, waits for paper and hub, and leaves; gives the slip.
    #[track_caller]
    fn apply(&mut self, paper: usize) -> Slip {
        self.lost_card(Screen::Slip);
        self.until("paper and delivery", |view| view.slip_phase == SlipPhaseView::Printed && view.slip_delivered);
        self.kiosk.touch(Touch::Finish);
        self.paper(paper)
    }

    /// Types on whichever pad is shown.
    fn type_pin(&mut self, pin: &str) {
        pin.chars().for_each(|digit| self.kiosk.touch(Touch::Digit(digit)));
        self.kiosk.touch(Touch::Next);
    }

    fn type_code(&mut self, code: &str) {
        code.chars().filter(char::is_ascii_alphanumeric).for_each(|sign| self.kiosk.touch(Touch::Sign(sign)));
        self.kiosk.touch(Touch::Next);
    }

    /// Shows a slip of an earlier visit and waits for what the hub says.
    #[track_caller]
    fn show(&mut self, sample: &Sample) -> KioskView {
        self.kiosk.handle(KioskEvent::SlipSeen(sample.token.qr_text(None)));
        self.until("the status", |view| view.screen == Screen::Status && !view.status_path.is_empty())
    }
}

fn all(slip: &Slip) -> String {
    let words: Vec<&str> = slip.lines.iter().flat_map(|line| line.split_whitespace()).collect();
    words.join(" ")
}

/// Calls whoever is next, who came without a case, and is done with them.
fn help_at(counter: &mut CounterShell, number: &str) {
    until(counter, "the number waits", |view| view.waiting.iter().any(|row| row.ticket == number));
    counter.handle(CounterEvent::NextAsked);
    // The hall may know of the call before its answer is there.
    until(counter, "the call", |view| view.called_ticket == number && view.called_for_help && !view.busy);
    counter.handle(CounterEvent::HelpFinished);
    until(counter, "the end", |view| view.called_ticket.is_empty() && !view.busy);
    until(counter, "an empty queue", |view| view.waiting.iter().all(|row| row.ticket != number));
}

#[test]
fn two_touches_give_a_number_that_is_called_and_finished_at_the_counter() {
    let hub = TestHub::start();
    let (mut lobby, mut counter) = (Lobby::open(&hub, 'B'), open_counter(&hub, "Loket 3", "mira.loket", ""));
    lobby.kiosk.touch(Touch::WalkIn);
    lobby.pick("none");
    let view = lobby.until("paper and delivery", |view| {
        view.screen == Screen::Slip && view.slip_phase == SlipPhaseView::Printed && view.slip_delivered
    });
    assert_eq!((view.ticket.as_str(), view.slip_kind), ("B-001", Errand::WalkIn));
    assert!(view.slip_qr.is_none() && view.slip_code.is_empty(), "there is no case to look up");
    let slip = lobby.paper(1);
    assert_eq!((slip.ticket.as_str(), slip.qr.as_str()), ("B-001", ""));
    assert!(all(&slip).contains("Bantuan petugas") && !all(&slip).contains("Prioritas"), "{slip:?}");
    lobby.kiosk.touch(Touch::Finish);
    help_at(&mut counter, "B-001");

    // The next one needs to sit down: the same two touches, and staff and paper say why.
    lobby.kiosk.touch(Touch::WalkIn);
    lobby.pick("elderly");
    let view = lobby.until("the delivery", |view| view.screen == Screen::Slip && view.slip_delivered);
    assert!(!view.priority.is_empty());
    assert!(all(&lobby.paper(2)).contains(&format!("Prioritas: {}", view.priority)));
    help_at(&mut counter, &view.ticket);
    let journal = journal_text(&hub.data());
    let count = |event: &str| journal.lines().filter(|line| line.contains(&format!(" {event} "))).count();
    assert_eq!((count("ticket_taken"), count("ticket_finished"), count("case_submitted")), (2, 2, 0));
}

#[test]
fn a_slip_that_cannot_be_scanned_is_looked_up_by_its_typed_code() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    let slip = lobby.apply(1);
    let code =
        slip.lines.iter().map(|line| line.trim()).find(|line| line.len() == 13 && line.matches('-').count() == 2);
    let code = code.expect("the code stands on the paper").to_owned();

    // One sign misread: said on the spot, and what was typed stays to be mended.
    let first = if code.starts_with('7') { '8' } else { '7' };
    lobby.kiosk.touch(Touch::TypeCode);
    lobby.type_code(&format!("{first}{}", &code[1..]));
    let view = lobby.kiosk.view();
    assert_eq!((view.screen, view.code_mistyped, view.code_length), (Screen::Code, true, 11));

    lobby.kiosk.touch(Touch::Clear);
    lobby.type_code(&code);
    let view = lobby.until("the status", |view| view.screen == Screen::Status && !view.status_path.is_empty());
    assert_eq!((view.status_path.len(), view.status_now), (8, 1), "it waits for the second step");
    // Who has only the code does not change the application.
    assert!(!view.status_can_correct && !view.status_can_collect);
    lobby.kiosk.touch(Touch::Finish);
    let view = lobby.until("the attract screen", |view| view.screen == Screen::Attract);
    assert!(view.code.is_empty() && view.status_path.is_empty(), "nothing stays for the next person");
}

#[test]
fn a_code_that_nobody_issued_finds_nothing() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    lobby.kiosk.touch(Touch::TypeCode);
    lobby.type_code(&hub.sample(1).token.manual_code().to_string());
    let view = lobby.until("the refusal", |view| view.failure.is_some());
    assert_eq!((view.screen, view.failure.map(|failure| failure.code())), (Screen::Attract, Some("SLIP-UNKNOWN")));
}

/// A case whose KK lies at the counter since yesterday.
fn ready(hub: &TestHub) -> (Team, Sample) {
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Received);
    hub.clock.advance_ms(24 * 3_600_000);
    (team, sample)
}

#[test]
fn one_touch_gives_a_number_to_collect_the_kk_and_a_second_one_the_same() {
    let hub = TestHub::start();
    let (team, sample) = ready(&hub);
    let (mut lobby, mut other) = (Lobby::open(&hub, 'B'), Lobby::open(&hub, 'C'));
    // Husband and wife hold the slip and its picture to two kiosks at once.
    for kiosk in [&mut lobby, &mut other] {
        let view = kiosk.show(&sample);
        assert!(view.status_can_collect && !view.status_can_correct);
    }
    lobby.kiosk.touch(Touch::Collect);
    lobby.kiosk.touch(Touch::Collect);
    let view = lobby.until("paper and delivery", |view| {
        view.screen == Screen::Slip && view.slip_phase == SlipPhaseView::Printed && view.slip_delivered
    });
    assert_eq!((view.ticket.as_str(), view.slip_kind), ("B-001", Errand::Pickup));
    let paper = lobby.paper(1);
    assert_eq!((paper.ticket.as_str(), paper.qr.as_str()), ("B-001", ""), "the slip in the hand stays the key");
    assert!(all(&paper).contains("Pengambilan KK"), "{paper:?}");
    let pickup = team.kiosk.slip_status(&sample.token.qr_text(None)).unwrap().pickup;
    assert_eq!(pickup.map(|number| number.to_string()), Some("B-001".to_owned()));
    lobby.kiosk.touch(Touch::Finish);

    // Shown again, the slip says the number and offers no second one.
    let view = lobby.show(&sample);
    assert!(view.status_detail.contains("B-001") && !view.status_can_collect, "{}", view.status_detail);
    lobby.kiosk.touch(Touch::Collect);
    assert_eq!(lobby.screen(), Screen::Status);

    // The other kiosk had not heard of it: what it gives in the end is the number that will be called.
    other.kiosk.touch(Touch::Collect);
    let view = other.until("the number that will be called", |view| {
        view.ticket == "B-001" && view.slip_phase == SlipPhaseView::Printed && view.slip_delivered
    });
    assert_eq!(view.screen, Screen::Slip);
    let (first, last) = (other.paper(1), other.paper(2));
    assert_eq!((first.ticket.as_str(), last.ticket.as_str()), ("C-001", "B-001"));
    assert_eq!(other.devices.slip_count(), 2);
    let waiting: Vec<String> =
        team.kiosk.hall().unwrap().waiting.iter().map(|ticket| ticket.number.to_string()).collect();
    assert_eq!(waiting, ["B-001"], "one KK, one number");
}

#[test]
fn what_is_missing_is_printed_to_take_home() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    lobby.devices.set_printer_fault(PrinterFault::PaperOut, true).unwrap();
    lobby.until("the fault", |view| !view.printer_ready);
    lobby.lost_card(Screen::Checklist);
    let rows = lobby.kiosk.view().checklist;
    for row in &rows {
        lobby.kiosk.touch(Touch::SetHave { key: row.key.clone(), have: row.key == "ktp_el" });
    }
    lobby.kiosk.touch(Touch::Next);
    assert_eq!(lobby.screen(), Screen::Incomplete);
    // Without paper it says so, and does not pretend.
    lobby.kiosk.touch(Touch::PrintList);
    lobby.until("the failed list", |view| view.list_phase == ListPhase::Failed);
    lobby.devices.set_printer_fault(PrinterFault::PaperOut, false).unwrap();
    lobby.until("the new roll", |view| view.printer_ready);
    lobby.kiosk.touch(Touch::PrintList);
    lobby.kiosk.touch(Touch::PrintList);
    lobby.until("the list", |view| view.list_phase == ListPhase::Printed);
    let list = lobby.paper(1);
    let text = all(&list);
    for wanted in ["Daftar yang perlu dibawa", "KK hilang", "[ ] Surat keterangan hilang dari kepolisian", "GRATIS"] {
        assert!(text.contains(wanted), "{wanted} is missing in {text}");
    }
    assert!(!text.contains("[ ] KTP-el"), "what is here need not be brought: {text}");
    assert_eq!((list.ticket.as_str(), list.qr.as_str(), lobby.devices.slip_count()), ("", "", 1));

    // Whoever would rather ask gets a number from here, in two touches.
    lobby.kiosk.touch(Touch::WalkIn);
    lobby.pick("none");
    let view = lobby.until("the number", |view| view.screen == Screen::Slip && view.slip_delivered);
    assert_eq!((view.ticket.as_str(), view.slip_kind), ("B-001", Errand::WalkIn));
    assert_eq!(lobby.paper(2).ticket, "B-001");
}

#[test]
fn the_slip_speaks_the_language_of_its_holder_and_the_next_one_indonesian() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    lobby.kiosk.touch(Touch::Turn(Turn::Language(Language::English)));
    let english = lobby.apply(1);
    let text = all(&english);
    let family_card = "Family Card: Lost KK";
    for wanted in ["COLLECTION SLIP", family_card, "Please wait until your number is called.", "FREE"] {
        assert!(text.contains(wanted), "{wanted} is missing in {text}");
    }
    for unwanted in ["BUKTI PENGAMBILAN", "Nomor antrean", "Langkah berikutnya", "hilang"] {
        assert!(!text.contains(unwanted), "{unwanted} is no English: {text}");
    }
    assert!(qr_on_paper(&english).starts_with("ANJ1:"));
    // Staff print it again for the same person, so in the same language.
    lobby.kiosk.touch(Touch::OpenStaff);
    lobby.type_pin(PIN);
    lobby.kiosk.touch(Touch::StaffAct(StaffAction::Reprint));
    let copy = all(&lobby.paper(2));
    assert!(copy.contains("COPY") && copy.contains(family_card) && !copy.contains("SALINAN"), "{copy}");
    lobby.kiosk.touch(Touch::CloseStaff);
    let indonesian = lobby.apply(3);
    let text = all(&indonesian);
    assert!(text.contains("BUKTI PENGAMBILAN") && text.contains("KK hilang"), "{text}");
}

#[test]
fn the_staff_door_refuses_a_wrong_pin_and_shuts_after_five() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    lobby.kiosk.touch(Touch::OpenStaff);
    for wrong in 1..=5 {
        assert_eq!(lobby.screen(), Screen::StaffPin);
        lobby.type_pin(WRONG_PIN);
        let view = lobby.kiosk.view();
        let state = if wrong < 5 { PinState::Wrong } else { PinState::Locked };
        assert_eq!((view.screen, view.pin_state, view.pin_dots.as_str()), (Screen::StaffPin, state, ""));
        assert!(view.devices.is_empty(), "nothing of the staff's is shown");
    }
    // Shut is shut, also for who knows the number, and also from outside.
    lobby.type_pin(PIN);
    assert_eq!(lobby.screen(), Screen::StaffPin);
    lobby.kiosk.touch(Touch::CloseStaff);
    lobby.kiosk.touch(Touch::OpenStaff);
    lobby.type_pin(PIN);
    let view = lobby.kiosk.view();
    assert_eq!((view.screen, view.pin_state), (Screen::StaffPin, PinState::Locked));
    // It closes by itself; a minute later staff get in.
    hub.clock.advance_ms(61_000);
    lobby.until("the attract screen", |view| view.screen == Screen::Attract);
    lobby.kiosk.touch(Touch::OpenStaff);
    lobby.type_pin(PIN);
    let view = lobby.until("the devices", |view| view.screen == Screen::Staff && !view.devices.is_empty());
    assert!(!view.can_reprint, "nobody has had a slip yet");
}

#[test]
fn staff_print_the_last_slip_again_as_a_copy_until_somebody_else_begins() {
    let hub = TestHub::start();
    let mut lobby = Lobby::open(&hub, 'B');
    let slip = lobby.apply(1);
    lobby.kiosk.touch(Touch::OpenStaff);
    lobby.kiosk.touch(Touch::StaffAct(StaffAction::Reprint));
    lobby.type_pin(PIN);
    assert!(lobby.kiosk.view().can_reprint);
    lobby.kiosk.touch(Touch::StaffAct(StaffAction::Reprint));
    let copy = lobby.paper(2);
    assert_eq!((copy.ticket.as_str(), qr_on_paper(&copy)), (slip.ticket.as_str(), qr_on_paper(&slip)));
    assert!(all(&copy).contains("SALINAN") && !all(&slip).contains("SALINAN"));
    assert_eq!(lobby.devices.slip_count(), 2, "the touch before the PIN printed nothing");
    lobby.kiosk.touch(Touch::CloseStaff);

    // Somebody else begins: what was printed before is nobody's business any more.
    lobby.kiosk.touch(Touch::Start);
    lobby.kiosk.touch(Touch::Restart);
    lobby.kiosk.touch(Touch::OpenStaff);
    lobby.type_pin(PIN);
    assert_eq!((lobby.screen(), lobby.kiosk.view().can_reprint), (Screen::Staff, false));
}
