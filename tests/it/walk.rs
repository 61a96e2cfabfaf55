//! The whole walk over real HTTP, TCP and PTY: from the first touch to the KK in the applicant's hand.
//!
//! The slip's QR code is read off the printed paper by zbar, and exactly that text goes through the counter's scanner.

use anjungan::counter::{CaseMode, Collector, CounterEvent, HandoverPhase, Private};
use anjungan::domain::ids::CaseId;
use anjungan::domain::stage::Stage;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{Screen, SlipPhaseView};
use anjungan::rig::{PrinterFault, Slip};
use serde_json::{Value, json};

use crate::support::hub::Caller;
use crate::support::office::{Office, PATIENCE, qr_on_paper};

/// A wide paper's characters.
const COLUMNS: usize = 48;
/// Somebody else's card.
const STRANGER: &str = "3315134101909002";

/// What any visitor of the office may see on a slip that was left on a chair.
fn assert_harmless(slip: &Slip, visitor: &Visitor) {
    let all = slip.lines.join("\n");
    for line in &slip.lines {
        assert!(line.chars().count() <= COLUMNS, "wider than the paper: {line}");
    }
    let digits: String = all.chars().filter(|c| c.is_ascii_digit() || c.is_alphabetic()).collect();
    for nik in [Some(&visitor.nik), visitor.proxy.as_ref()].into_iter().flatten() {
        assert!(!all.contains(nik) && !digits.contains(nik) && !all.contains(&nik[..12]), "a NIK on paper: {all}");
    }
    assert!(all.contains(&format!("************{}", &visitor.nik[12..])), "the last four digits: {all}");
    assert!(!all.to_uppercase().contains("CONTOH"), "a name on paper: {all}");
    assert!(all.contains("GRATIS") && all.contains(&slip.ticket));
}

/// Applies at the kiosk; gives the case and what the paper's QR code says.
fn apply(office: &mut Office, visitor: &Visitor) -> (CaseId, String) {
    office.lost_card(visitor, Screen::Slip);
    office.kiosk_until("the paper", |view| view.slip_phase == SlipPhaseView::Printed);
    let view = office.kiosk_until("the delivery", |view| view.slip_delivered);
    let slip = office.devices.wait_for_slip(1, PATIENCE).expect("a slip is cut");
    assert_eq!((slip.ticket.as_str(), view.ticket.as_str()), ("A-001", "A-001"));
    assert!(!slip.lines.iter().any(|line| line.contains("SALINAN")), "the first slip is no copy");
    assert_harmless(&slip, visitor);
    let text = qr_on_paper(&slip);
    assert_eq!(Some(&text), view.slip_qr.as_ref(), "paper and screen say the same");
    let case = office.kiosk.receipt().and_then(|receipt| receipt.case_id).expect("a receipt");
    office.kiosk.touch(Touch::Finish);
    office.assert_stage(case, Stage::Submitted);
    (case, text)
}

/// Calls the first of a queue and opens the case by the slip in the person's hand.
fn call_and_scan(office: &mut Office, call: CounterEvent, text: &str, mode: CaseMode) {
    office.counter.handle(call);
    office.counter_until("the call", |view| view.called_ticket == "A-001" && !view.busy);
    // The person first holds some other code to the scanner. It opens nothing.
    let promo = "https://example.test/promo";
    let view = office.scan_until(promo, "the refusal", |view| view.failure.visible && !view.busy);
    assert_eq!((view.failure.code.as_str(), view.has_case), ("SLIP-UNKNOWN", false));
    let view = office.scan_until(text, "the case", |view| view.has_case && !view.busy);
    assert_eq!((view.mode, view.ticket.as_str(), view.failure.visible), (mode, "A-001", false));
}

/// One verb of the officers away from the counter, and the stage it leads to.
fn decide(office: &Office, who: &Caller, case: CaseId, verb: &str, more: Value, stage: Stage) {
    office.hub.clock.advance_ms(60_000);
    let before = office.case(case).row.version;
    let state = who.verb(case, verb, office.hub.write(before), more).ok().json();
    assert_eq!((&state["stage"], &state["version"]), (&json!(stage.key()), &json!(before + 1)));
    office.assert_stage(case, stage);
}

/// Steps 2 to 7, ending with the KK in the drawer of the counter.
fn work_off(office: &mut Office, case: CaseId, text: &str) {
    office.hub.clock.advance_ms(60_000);
    call_and_scan(office, CounterEvent::NextAsked, text, CaseMode::Verify);
    office.accept_file();
    office.counter_until("the next desk", |view| view.mode == CaseMode::WaitingElsewhere && !view.busy);
    office.assert_stage(case, Stage::Verified);
    office.counter.handle(CounterEvent::CaseClosed);

    let (operator, kabid, kadis) = (office.operator.clone(), office.kabid.clone(), office.kadis.clone());
    decide(office, &operator, case, "propose", json!({ "siak_number": "3315/KK/2026/0042" }), Stage::Proposed);
    decide(office, &kabid, case, "endorse", json!({}), Stage::Endorsed);
    decide(office, &kadis, case, "sign", json!({ "outcome": "signed" }), Stage::Signed);
    decide(office, &operator, case, "mark-printed", json!({}), Stage::Printed);

    office.hub.clock.advance_ms(60_000);
    let view = office.counter_until("the printed KK", |view| view.printed.len() == 1);
    office.counter.handle(CounterEvent::RowOpened(view.printed[0].key.clone()));
    office.counter_until("its case", |view| view.mode == CaseMode::Receive && !view.busy);
    office.counter.handle(CounterEvent::KkReceived);
    office.counter_until("the receipt", |view| view.mode == CaseMode::HandOver && view.ready_count == 1);
    office.assert_stage(case, Stage::Received);
    office.counter.handle(CounterEvent::CaseClosed);
}

/// What must be true when everything is over.
fn assert_complete(office: &mut Office, case: CaseId, text: &str, visitor: &Visitor, refused: usize) {
    office.assert_stage(case, Stage::HandedOver);
    let detail = office.case(case);
    assert_eq!(detail.register_number, Some(1));
    assert_eq!(detail.trail.iter().map(|step| step.stage).collect::<Vec<_>>(), Stage::PATH);
    let times: Vec<_> = detail.trail.iter().filter_map(|step| step.at).collect();
    assert!(times.len() == 8 && times.is_sorted(), "{times:?}");
    let by: Vec<_> = detail.trail.iter().filter_map(|step| step.by.as_deref()).collect();
    let (loket, operator) = ("lia.loket", "oki.operator");
    assert_eq!(by, ["K1", loket, operator, "budi.kabid", "dewi.kadis", operator, loket, loket]);

    let scans = detail.documents.iter().filter(|document| document.has_scan).count();
    assert!(scans > 0 && detail.documents.iter().all(|document| document.scan_arrived == document.has_scan));
    let mut expected = vec!["case_submitted"];
    expected.extend(vec!["scan_stored"; scans]);
    expected.extend(["ticket_called", "case_opened", "case_verified", "case_proposed", "case_endorsed"]);
    expected.extend(["case_signed", "kk_printed", "kk_received", "ticket_queued", "ticket_called", "case_opened"]);
    expected.extend(vec!["handover_refused"; refused]);
    expected.extend(["kk_handed_over", "case_archived"]);
    // Filed by itself, behind the handover.
    while office.events(case).last().is_some_and(|event| event == "kk_handed_over") {
        std::thread::yield_now();
    }
    assert_eq!(office.events(case), expected);
    let journal = office.journal_text();
    for nik in [Some(visitor.nik.as_str()), visitor.proxy.as_deref(), Some(STRANGER)].into_iter().flatten() {
        assert!(!journal.contains(nik), "a NIK stands in the journal");
    }

    // Its holder sees all eight steps at the kiosk; at the counter the same slip opens nothing any more.
    office.kiosk_until("the hub", |view| view.hub_online && view.screen == Screen::Attract);
    office.devices.scan_at_kiosk(text).unwrap();
    let view = office.kiosk_until("the status", |view| !view.status_path.is_empty());
    assert!(view.status_path.len() == 8 && view.status_path.iter().all(|step| step.done), "{:?}", view.status_path);
    assert_eq!(view.status_title, "KK sudah diserahkan");
    office.counter.handle(CounterEvent::CaseClosed);
    office.counter.handle(CounterEvent::CodeTyped(Private(text.to_owned())));
    let view = office.counter_until("the refusal", |view| view.failure.visible);
    assert_eq!((view.failure.code.as_str(), view.has_case), ("SLIP-USED", false));
}

#[test]
fn from_the_first_touch_to_the_kk_in_hand() {
    let (mut office, visitor) = (Office::open(), Visitor::new(0));
    let (case, text) = apply(&mut office, &visitor);
    assert!(text.starts_with("ANJ1:"), "{text}");
    work_off(&mut office, case, &text);
    call_and_scan(&mut office, CounterEvent::PickupAsked, &text, CaseMode::HandOver);
    office.lay_card(&visitor.nik);
    office.counter_until("the match", |view| view.handover == HandoverPhase::Matched);
    office.assert_stage(case, Stage::Received);
    office.counter.handle(CounterEvent::HandOverAsked);
    office.counter_until("the end", |view| view.mode == CaseMode::Done && !view.busy);
    assert_complete(&mut office, case, &text, &visitor, 0);
}

#[test]
fn a_proxy_applies_and_collects_with_their_own_card() {
    let mut office = Office::open_with("[slip]\nurl_base = \"https://kk.example.test\"\n");
    let visitor = Visitor::new(2);
    let proxy = visitor.proxy.clone().expect("number 2 comes for somebody else");
    let (case, text) = apply(&mut office, &visitor);
    assert!(text.starts_with("https://kk.example.test/s/"), "{text}");
    let kinds: Vec<String> = office.case(case).documents.iter().map(|document| document.kind.to_string()).collect();
    assert!(kinds.iter().any(|kind| kind == "surat_kuasa"), "{kinds:?}");
    work_off(&mut office, case, &text);
    call_and_scan(&mut office, CounterEvent::PickupAsked, &text, CaseMode::HandOver);
    let view = office.counter.view();
    assert_eq!((view.has_proxy, view.handover), (true, HandoverPhase::ChooseCollector));

    // First a third person's card: refused, written down, and the KK stays.
    office.counter.handle(CounterEvent::CollectorChosen(Collector::Proxy));
    office.lay_card(STRANGER);
    office.counter_until("the mismatch", |view| view.handover == HandoverPhase::Mismatch && !view.busy);
    office.assert_stage(case, Stage::Received);
    office.lay_card(&proxy);
    office.counter.handle(CounterEvent::CardAsked);
    office.counter_until("the choice", |view| view.handover == HandoverPhase::ChooseCollector);
    office.counter.handle(CounterEvent::CollectorChosen(Collector::Proxy));
    office.counter_until("the match", |view| view.handover == HandoverPhase::Matched);
    office.counter.handle(CounterEvent::HandOverAsked);
    office.counter_until("the end", |view| view.mode == CaseMode::Done && !view.busy);
    assert_complete(&mut office, case, &text, &visitor, 1);
}

#[test]
fn without_paper_the_case_is_at_the_hub_and_the_slip_comes_later() {
    let (mut office, visitor) = (Office::open(), Visitor::new(0));
    office.devices.set_printer_fault(PrinterFault::PaperOut, true).unwrap();
    office.lost_card(&visitor, Screen::Slip);
    office.kiosk_until("the fault", |view| view.slip_phase == SlipPhaseView::NotPrinted);
    let view = office.kiosk_until("the delivery", |view| view.slip_delivered);
    let case = office.kiosk.receipt().and_then(|receipt| receipt.case_id).expect("a receipt");
    office.assert_stage(case, Stage::Submitted);
    assert_eq!((view.ticket.as_str(), view.slip_code.len(), office.devices.slip_count()), ("A-001", 13, 0));
    let on_screen = view.slip_qr.expect("the code is on the screen");

    // New paper prints by itself, and as nothing came out before, it is the slip and no copy.
    office.devices.set_printer_fault(PrinterFault::PaperOut, false).unwrap();
    office.kiosk_until("the paper", |view| view.slip_phase == SlipPhaseView::Printed);
    let first = office.devices.wait_for_slip(1, PATIENCE).expect("a slip is cut");
    // Asked for once more, it is a copy with the same number and the same secret.
    office.kiosk.touch(Touch::Reprint);
    office.kiosk_until("the copy", |view| view.slip_phase == SlipPhaseView::Printed);
    let copy = office.devices.wait_for_slip(2, PATIENCE).expect("a second slip is cut");
    for (slip, is_copy) in [(&first, false), (&copy, true)] {
        assert_harmless(slip, &visitor);
        assert_eq!(slip.lines.iter().any(|line| line.contains("SALINAN")), is_copy, "{:?}", slip.lines);
        assert_eq!((slip.ticket.as_str(), qr_on_paper(slip)), ("A-001", on_screen.clone()));
    }
    office.kiosk.touch(Touch::Finish);

    call_and_scan(&mut office, CounterEvent::NextAsked, &qr_on_paper(&copy), CaseMode::Verify);
    let submitted = office.journal_text().lines().filter(|line| line.contains(" case_submitted ")).count();
    assert_eq!(submitted, 1, "one case, however often it was printed");
    office.assert_stage(case, Stage::Submitted);
}
