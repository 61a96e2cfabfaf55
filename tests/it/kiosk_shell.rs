//! The kiosk without a window, over simulated devices on their real protocols.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::{KioskEvent, Touch};
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{NikIssueView, ScanPhaseView, Screen, SlipPhaseView};
use anjungan::station::bridge::no_wake;
use anjungan::wire::case::{Return, ReturnReason, ReturnTo};
use anjungan_hardware::document_scanner::{ScannerFault, ScannerState};
use anjungan_hardware::ektp_reader::{CardFault, CardFile};
use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator};
use tempfile::TempDir;

use crate::support::hub::TestHub;

const PATIENCE: Duration = Duration::from_secs(30);

struct Lobby {
    folder: TempDir,
    printer: PrinterSimulator,
    shell: KioskShell,
}

fn pages(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for kind in ["sk_hilang_polisi", "sp_sebab_hilang_rusak", "kk_lama", "default"] {
        let page = image::RgbImage::from_pixel(620, 877, image::Rgb([240, 238, 230]));
        page.save(folder.join(format!("{kind}.png"))).unwrap();
    }
}

impl Lobby {
    fn open(world: World) -> Self {
        let folder = TempDir::new().unwrap();
        let printer = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path().join("printer")).unwrap();
        pages(&folder.path().join("scanner"));
        let config = Config::parse(&format!(
            "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"t\"\ndata = {:?}\n\
             [printer]\nurl = \"tcp://{}\"\n[document_scanner]\nurl = \"sim:{}\"\n[qr_scanner]\nurl = \"sim:{}\"\n\
             [ektp_reader]\nurl = \"sim:{}\"\n",
            folder.path().join("kiosk"),
            printer.addr().unwrap(),
            folder.path().join("scanner").display(),
            folder.path().join("qr").display(),
            folder.path().join("reader").display(),
        ))
        .unwrap();
        let mut shell = KioskShell::open(&config, world, no_wake()).unwrap();
        shell.set_repeat_guard(Duration::ZERO);
        Self { folder, printer, shell }
    }

    fn lost_card(&mut self, goal: Screen) {
        let visitor = Visitor::new(0);
        assert!(visitor.walk_to(&mut self.shell, Screen::Need));
        self.shell.touch(Touch::PickCard("hilang".to_owned()));
        assert!(visitor.walk_to(&mut self.shell, goal), "stuck on {:?}", self.shell.view().screen);
    }

    fn wait(&mut self, what: &str, done: impl Fn(&KioskShell) -> bool) {
        let began = Instant::now();
        while !done(&self.shell) {
            assert!(began.elapsed() < PATIENCE, "{what} never came: {:?}", self.shell.view());
            self.shell.pump(Duration::from_millis(20));
        }
    }

    fn lay_card(&self, nik: &str, fault: Option<CardFault>) {
        let card = CardFile { fault, ..CardFile::new(nik, "CONTOH") };
        std::fs::write(self.folder.path().join("reader/card.json"), serde_json::to_vec(&card).unwrap()).unwrap();
    }

    fn wait_paper(&mut self, phase: SlipPhaseView) {
        self.wait("the paper", |shell| shell.view().slip_phase == phase);
    }
}

#[test]
fn without_a_hub_a_valid_slip_comes_out() {
    let mut lobby = Lobby::open(World::system());
    lobby.lost_card(Screen::Slip);
    let view = lobby.shell.view();
    assert_eq!(view.ticket, "A-001");
    assert!(!view.slip_delivered && !view.hub_online);
    lobby.wait_paper(SlipPhaseView::Printed);
    let picture = lobby.printer.wait_for_slip(1, PATIENCE).expect("a slip is cut");
    assert!(image::open(picture).unwrap().height() > 600);
    assert!(lobby.shell.slip_qr(&view.slip_qr.unwrap()).is_some());
}

#[test]
fn a_card_on_the_reader_types_its_number() {
    let mut lobby = Lobby::open(World::system());
    lobby.lost_card(Screen::Nik);
    lobby.wait("the reader", |shell| shell.view().card_ready);
    lobby.lay_card("3315135208909001", Some(CardFault::Unreadable));
    lobby.wait("the word of the card", |shell| shell.view().nik_issue == NikIssueView::CardUnreadable);
    lobby.lay_card("3315135208909001", None);
    lobby.wait("the number", |shell| shell.view().nik_length == 16);
    assert_eq!(lobby.shell.view().nik_groups.concat(), "3315135208909001");
    lobby.shell.touch(Touch::Next);
    assert_ne!(lobby.shell.view().screen, Screen::Nik);
}

#[test]
fn paper_out_keeps_the_number_and_new_paper_prints_by_itself() {
    let mut lobby = Lobby::open(World::system());
    lobby.printer.update_state(|state| state.paper = PaperSupply::Out).unwrap();
    lobby.lost_card(Screen::Slip);
    lobby.wait_paper(SlipPhaseView::NotPrinted);
    assert_eq!((lobby.shell.view().ticket.as_str(), lobby.printer.slips()), ("A-001", 0));
    lobby.printer.update_state(|state| state.paper = PaperSupply::Ok).unwrap();
    lobby.wait_paper(SlipPhaseView::Printed);
    assert!(lobby.printer.wait_for_slip(1, PATIENCE).is_some());
}

#[test]
fn a_printer_that_is_switched_off_is_no_reason_to_wait() {
    let mut lobby = Lobby::open(World::system());
    let folder = TempDir::new().unwrap();
    lobby.printer = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    lobby.lost_card(Screen::Slip);
    lobby.wait_paper(SlipPhaseView::NotPrinted);
    lobby.shell.touch(Touch::Finish);
    lobby.lost_card(Screen::Slip);
    assert_eq!(lobby.shell.view().ticket, "A-002");
}

#[test]
fn a_jammed_scanner_can_be_tried_again_or_left() {
    let mut lobby = Lobby::open(World::system());
    let scanner = lobby.folder.path().join("scanner");
    ScannerState { fault: ScannerFault::Jam, ..ScannerState::default() }.save(&scanner).unwrap();
    lobby.lost_card(Screen::Scan);
    lobby.shell.touch(Touch::Scan);
    lobby.wait("the fault", |shell| shell.view().scan_phase == ScanPhaseView::Failed);
    ScannerState::default().save(&scanner).unwrap();
    lobby.shell.touch(Touch::Retake);
    lobby.wait("the page", |shell| shell.view().scan_phase == ScanPhaseView::Preview);
    let scan = lobby.shell.view().scan_preview.unwrap();
    assert_eq!(lobby.shell.preview(scan).unwrap().width, 620);
    lobby.shell.touch(Touch::Restart);
    assert!(lobby.shell.preview(scan).is_none(), "the picture is forgotten with the session");
}

#[test]
fn a_cancelled_scan_leaves_no_page_to_the_next_person() {
    let mut lobby = Lobby::open(World::system());
    let scanner = lobby.folder.path().join("scanner");
    ScannerState { duration_ms: 300, ..ScannerState::default() }.save(&scanner).unwrap();
    lobby.lost_card(Screen::Scan);
    lobby.shell.touch(Touch::Scan);
    lobby.shell.touch(Touch::Restart);
    assert_eq!(lobby.shell.view().screen, Screen::Attract);
    lobby.lost_card(Screen::Scan);
    assert_eq!(lobby.shell.view().scan_phase, ScanPhaseView::Guide);
    // The scanner takes orders one after the other: when this page is there, the cancelled one has ended.
    lobby.shell.touch(Touch::Scan);
    lobby.wait("the page", |shell| shell.view().scan_phase == ScanPhaseView::Preview);
    let own = lobby.shell.view().scan_preview.unwrap();
    assert!((0..own).all(|earlier| lobby.shell.preview(earlier).is_none()));
}

#[test]
fn a_slip_held_to_the_scanner_says_that_the_hub_is_away() {
    let mut lobby = Lobby::open(World::system());
    lobby.lost_card(Screen::Slip);
    let text = lobby.shell.view().slip_qr.unwrap();
    lobby.shell.touch(Touch::Finish);
    std::fs::write(lobby.folder.path().join("qr/scan.txt"), format!("{text}\n")).unwrap();
    lobby.wait("the answer", |shell| shell.view().failure.is_some_and(|failure| failure.code() == "HUB-UNREACHABLE"));
}

#[test]
fn whoever_walks_away_leaves_nothing_on_a_clock_of_our_own() {
    let clock = Arc::new(Virtual::starting_at("2026-11-23T01:31:00Z".parse().unwrap()));
    let mut lobby = Lobby::open(World::new(clock.clone(), Arc::new(System)));
    lobby.lost_card(Screen::Review);
    clock.advance_ms(121_000);
    lobby.wait("the warning", |shell| shell.view().idle_warning);
    clock.advance_ms(31_000);
    lobby.wait("the wipe", |shell| shell.view().screen == Screen::Attract);
    assert_eq!(lobby.shell.view().clock, "08.33");
}

/// A kiosk at the real hub.
fn open_at(hub: &TestHub, folder: &TempDir) -> KioskShell {
    pages(&folder.path().join("scanner"));
    let config = Config::parse(&format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{}\"\ntoken = \"{}\"\ndata = {:?}\n\
         [document_scanner]\nurl = \"sim:{}\"\n",
        hub.base(),
        hub.station(StationKind::Kiosk, "K1"),
        folder.path().join("kiosk"),
        folder.path().join("scanner").display(),
    ))
    .unwrap();
    let mut shell = KioskShell::open(&config, hub.world.clone(), no_wake()).unwrap();
    shell.set_repeat_guard(Duration::ZERO);
    shell
}

fn pump_until(shell: &mut KioskShell, what: &str, done: impl Fn(&KioskShell) -> bool) {
    let began = Instant::now();
    while !done(shell) {
        assert!(began.elapsed() < PATIENCE, "{what} never came: {:?}", shell.view());
        shell.pump(Duration::from_millis(20));
    }
}

#[test]
fn a_case_is_delivered_looked_up_returned_and_corrected_on_the_same_slip() {
    let (hub, folder) = (TestHub::start(), TempDir::new().unwrap());
    let mut shell = open_at(&hub, &folder);
    let visitor = Visitor::new(0);
    assert!(visitor.walk_to(&mut shell, Screen::Need));
    shell.touch(Touch::PickCard("hilang".to_owned()));
    assert!(visitor.walk_to(&mut shell, Screen::Slip));
    pump_until(&mut shell, "the delivery", |shell| shell.view().slip_delivered);
    let receipt = shell.receipt().unwrap().clone();
    let text = shell.view().slip_qr.unwrap();
    shell.touch(Touch::Finish);

    pump_until(&mut shell, "the hub", |shell| shell.view().hub_online);
    shell.handle(KioskEvent::SlipSeen(text.clone()));
    pump_until(&mut shell, "the status", |shell| !shell.view().status_path.is_empty());
    assert_eq!((shell.view().status_path.len(), shell.view().status_can_correct), (8, false));
    shell.touch(Touch::Finish);

    let (counter, _) = hub.at_counter("Loket 1", "lia.loket");
    let case = counter.open_slip(&text).unwrap();
    let reason =
        ReturnReason { document: Some("sk_hilang_polisi".parse().unwrap()), reason: "tidak_terbaca".parse().unwrap() };
    let back =
        Return { write: hub.write(case.row.version), to: ReturnTo::Applicant, reasons: vec![reason], note: None };
    counter.return_case(receipt.case_id.unwrap(), &back).unwrap();

    shell.handle(KioskEvent::SlipSeen(text.clone()));
    pump_until(&mut shell, "the way to correct", |shell| shell.view().status_can_correct);
    shell.touch(Touch::Correct);
    assert!(visitor.walk_to(&mut shell, Screen::Review) && visitor.walk_to(&mut shell, Screen::Slip));
    assert_eq!((shell.view().ticket.as_str(), shell.view().slip_qr), ("A-002", Some(text)));
    pump_until(&mut shell, "the delivery", |shell| shell.view().slip_delivered);
    assert_eq!(counter.case(receipt.case_id.unwrap()).unwrap().row.stage, Stage::Submitted);
}
