//! What goes wrong, and what the person then sees.

use anjungan_hardware::Health;
use anjungan_hardware::{ErrorKind, FaultKind, PrintFault};

use super::*;
use crate::domain::slip_token::SlipDigest;
use crate::domain::stage::Stage as CaseStage;
use crate::failure::Failure;
use crate::kiosk::view::SlipPhaseView;
use crate::slip::Paper;
use crate::wire::case::{SlipStatus, StatusStep, WantedDocument};

fn fault(kind: FaultKind) -> PrintFault {
    PrintFault { kind, detail: String::new() }
}

#[test]
fn two_quick_touches_on_submit_are_one_case() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.obliging = false;
    stage.take_effects();
    stage.touch(Touch::Submit);
    for _ in 0..5 {
        stage.pass_ms(60);
        stage.event(KioskEvent::Touched(Touch::Submit));
    }
    stage.touch(Touch::Submit);
    stage.touch(Touch::Restart);
    assert_eq!(stage.screen(), Screen::Submitting);
    let keeps = stage.take_effects().iter().filter(|effect| matches!(effect, KioskEffect::Keep { .. })).count();
    assert_eq!(keeps, 1);
}

#[test]
fn a_quick_second_touch_never_answers_the_next_screen() {
    let mut stage = Stage::new();
    stage.touch(Touch::Start);
    stage.pass_ms(120);
    stage.event(KioskEvent::Touched(Touch::Next));
    assert_eq!(stage.screen(), Screen::Notice);
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Need);
}

#[test]
fn a_disk_that_refuses_gives_no_number_and_may_be_tried_again() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.obliging = false;
    stage.take_effects();
    stage.touch(Touch::Submit);
    let Some(KioskEffect::Keep { order, application }) = stage.take_effects().pop() else { panic!() };
    stage.event(KioskEvent::KeepFailed { order });
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Review, Some(Failure::KioskDiskFault)));
    assert_eq!(stage.view().ticket, "");
    stage.touch(Touch::DismissFailure);
    stage.touch(Touch::Submit);
    let Some(KioskEffect::Keep { order: second, application: again }) = stage.take_effects().pop() else { panic!() };
    assert_ne!(order, second);
    assert_eq!(application, again, "tried again it is the same application, so the shell keeps its identifiers");
    // The answer to the first order comes late: it is not this one's.
    stage.event(KioskEvent::KeepFailed { order });
    assert_eq!(stage.screen(), Screen::Submitting);
}

#[test]
fn without_a_disk_the_kiosk_is_closed_between_sessions_and_opens_again() {
    let mut stage = Stage::new();
    stage.event(KioskEvent::StorageUsable(false));
    assert_eq!(stage.screen(), Screen::OutOfService);
    stage.touch(Touch::Start);
    assert_eq!(stage.screen(), Screen::OutOfService);
    stage.event(KioskEvent::StorageUsable(true));
    assert_eq!(stage.screen(), Screen::Attract);
    stage.walk_to(&Visitor::new(0), Screen::Applicant);
    stage.event(KioskEvent::StorageUsable(false));
    assert_eq!(stage.screen(), Screen::Applicant, "nobody is thrown out of a session");
    stage.touch(Touch::Restart);
    assert_eq!(stage.screen(), Screen::OutOfService);
}

#[test]
fn whoever_walks_away_is_warned_and_wiped() {
    for goal in
        [Screen::Notice, Screen::Need, Screen::Checklist, Screen::Nik, Screen::Scan, Screen::Review, Screen::Slip]
    {
        let mut stage = Stage::new();
        stage.walk_to(&Visitor::new(0), goal);
        stage.pass_s(119);
        assert!(!stage.view().idle_warning, "{goal:?}");
        stage.pass_s(1);
        assert!(stage.view().idle_warning && stage.view().idle_seconds_left == 30, "{goal:?}");
        stage.pass_s(10);
        assert_eq!(stage.view().idle_seconds_left, 20);
        let mut stays = stage.clone();
        stays.touch(Touch::MoreTime);
        assert_eq!((stays.screen(), stays.view().idle_warning), (goal, false));
        stage.take_effects();
        stage.pass_s(20);
        assert_eq!(stage.screen(), Screen::Attract, "{goal:?}");
        assert!(stage.take_effects().iter().any(|effect| matches!(effect, KioskEffect::Wipe)));
        assert_eq!(stage.view(), Stage { now: stage.now, ..Stage::new() }.view(), "something is left over");
    }
}

#[test]
fn a_clock_that_jumps_neither_wipes_unwarned_nor_waits_for_ever() {
    let mut stage = Stage::lost_card(Screen::Nik);
    stage.pass_ms(365 * 86_400_000);
    stage.event(KioskEvent::Ticked);
    assert_eq!((stage.screen(), stage.view().idle_warning), (Screen::Nik, true));
    stage.touch(Touch::MoreTime);
    stage.pass_ms(-2 * 365 * 86_400_000);
    stage.event(KioskEvent::Ticked);
    stage.pass_s(150);
    assert_eq!(stage.screen(), Screen::Attract);
}

#[test]
fn a_silent_printer_is_unknown_and_its_second_slip_a_copy() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.obliging = false;
    stage.touch(Touch::Submit);
    let Some(KioskEffect::Keep { order, application }) = stage.take_effects().pop() else { panic!() };
    stage.kept(order, *application);
    let Some(KioskEffect::PrintSlip { order, content, .. }) = stage.take_effects().pop() else { panic!() };
    let Paper::Slip(slip) = *content else { panic!("no slip") };
    assert!(!slip.copy);
    assert_eq!((stage.view().slip_phase, stage.view().ticket.as_str()), (SlipPhaseView::Printing, "A-001"));
    stage.touch(Touch::Reprint);
    assert!(stage.take_effects().is_empty(), "one print at a time");
    stage.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Unknown(fault(FaultKind::NotResponding)) });
    assert_eq!(stage.view().slip_phase, SlipPhaseView::Unknown);
    stage.printer(Health::Ready);
    assert!(stage.take_effects().is_empty(), "what may be on paper is not printed without being asked");
    stage.touch(Touch::Reprint);
    let Some(KioskEffect::PrintSlip { order, content: copy, .. }) = stage.take_effects().pop() else { panic!() };
    let Paper::Slip(copy) = *copy else { panic!("no slip") };
    assert!(copy.copy && copy.token == slip.token && copy.ticket == slip.ticket);
    stage.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Printed });
    assert_eq!(stage.view().slip_phase, SlipPhaseView::Printed);
}

#[test]
fn without_paper_number_and_qr_stay_and_new_paper_prints() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.obliging = false;
    stage.touch(Touch::Submit);
    let Some(KioskEffect::Keep { order, application }) = stage.take_effects().pop() else { panic!() };
    stage.kept(order, *application);
    let Some(KioskEffect::PrintSlip { order, .. }) = stage.take_effects().pop() else { panic!() };
    stage.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::NotPrinted(fault(FaultKind::PaperOut)) });
    let view = stage.view();
    assert_eq!(view.slip_phase, SlipPhaseView::NotPrinted);
    assert!(view.ticket == "A-001" && view.slip_qr.is_some() && view.slip_code.len() == 13);
    stage.printer(Health::MediaEmpty);
    assert!(stage.take_effects().is_empty());
    stage.printer(Health::Ready);
    let Some(KioskEffect::PrintSlip { content, .. }) = stage.take_effects().pop() else { panic!() };
    let Paper::Slip(slip) = *content else { panic!("no slip") };
    assert!(!slip.copy, "nothing was on paper, so this is the slip and no copy");
}

#[test]
fn delivery_and_place_in_the_queue_are_told() {
    let mut stage = Stage::lost_card(Screen::Slip);
    let own = stage.flow.session.receipt.clone().unwrap();
    assert!(!stage.view().slip_delivered);
    stage.event(KioskEvent::Delivered { case_id: some_case(), number: own.ticket });
    assert!(!stage.view().slip_delivered, "somebody else's delivery");
    stage.event(KioskEvent::Delivered { case_id: own.case_id.unwrap(), number: own.ticket });
    assert!(stage.view().slip_delivered);
    let number = |text: &str| text.parse::<TicketNumber>().unwrap();
    let waiting = vec![number("B-001"), number("B-002"), own.ticket, number("B-003")];
    stage.event(KioskEvent::HallSeen { waiting, wait_minutes: Some(9), no_numbers: None });
    assert_eq!((stage.view().waiting_ahead, stage.view().waiting_count, stage.view().wait_minutes), (2, 4, 9));
}

#[test]
fn a_scanner_that_cannot_is_no_dead_end() {
    let mut stage = Stage::lost_card(Screen::Scan);
    stage.obliging = false;
    stage.take_effects();
    let scan = |stage: &mut Stage| match stage.take_effects().pop() {
        Some(KioskEffect::StartScan { order, .. }) => order,
        other => panic!("{other:?}"),
    };
    stage.touch(Touch::Scan);
    let order = scan(&mut stage);
    stage.event(KioskEvent::ScanProgressed { order, part: 0.6 });
    stage.event(KioskEvent::ScanProgressed { order, part: f32::NAN });
    stage.event(KioskEvent::ScanProgressed { order, part: 0.2 });
    assert!((stage.view().scan_progress - 0.6).abs() < 0.01);
    stage.event(KioskEvent::ScanFailed { order, kind: ErrorKind::Jammed });
    assert_eq!(stage.view().scan_phase, ScanPhaseView::Failed);
    assert!(!stage.view().scan_failure.is_empty() && stage.view().can_next);
    stage.touch(Touch::Retake);
    let order = scan(&mut stage);
    stage.touch(Touch::CancelScan);
    assert!(matches!(stage.take_effects()[..], [KioskEffect::CancelScan { order: cancelled }] if cancelled == order));
    stage.event(KioskEvent::PageScanned { order });
    assert_eq!(stage.view().scan_phase, ScanPhaseView::Guide, "a page of a cancelled scan is not shown");
    stage.touch(Touch::Scan);
    let order = scan(&mut stage);
    stage.event(KioskEvent::ScanFailed { order, kind: ErrorKind::NotReachable });
    stage.touch(Touch::Next);
    stage.obliging = true;
    stage.walk_to(&Visitor::new(0), Screen::Slip);
    let Some(Application::New { documents, .. }) = stage.applications.last() else { panic!() };
    assert_eq!(documents[0].scan, None, "the document is shown at the counter instead");
}

fn status(stage: CaseStage, wanted: &[&str]) -> SlipStatus {
    let step = |title: &str, done| StatusStep { title: title.to_owned(), done, at: None };
    SlipStatus {
        case_id: some_case(),
        stage,
        ticket: "A-007".parse().unwrap(),
        title: "KK hilang".to_owned(),
        variant: "kk.hilang".parse().unwrap(),
        words: stage.plain_words().to_owned(),
        trail: vec![step("Permohonan", true), step("Dokumen diperiksa", false), step("Data diajukan", false)],
        wanted: wanted
            .iter()
            .map(|kind| WantedDocument {
                kind: Some(kind.parse().unwrap()),
                title: "Surat".to_owned(),
                what_to_do: "Pindai ulang.".to_owned(),
            })
            .collect(),
        pickup: None,
        slip_token: SlipDigest::try_from("ab".repeat(32)).unwrap(),
    }
}

fn show_slip(stage: &mut Stage, token: &SlipToken) -> u64 {
    stage.take_effects();
    stage.event(KioskEvent::SlipSeen(token.qr_text(None)));
    match stage.take_effects().pop() {
        Some(KioskEffect::AskStatus { ask, .. }) => ask,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slip_held_to_the_scanner_tells_where_the_case_is() {
    let mut stage = Stage::new();
    let token = SlipToken::from_random([9; 16]);
    let ask = show_slip(&mut stage, &token);
    assert_eq!((stage.screen(), stage.view().status_title.as_str()), (Screen::Status, ""));
    let result = Ok(Box::new(status(CaseStage::Submitted, &[])));
    stage.event(KioskEvent::StatusKnown { ask: ask + 7, result: result.clone() });
    assert_eq!(stage.view().status_title, "", "an answer to another question");
    stage.event(KioskEvent::StatusKnown { ask, result });
    let view = stage.view();
    assert_eq!(view.status_title, "Permohonan diterima");
    assert_eq!(
        view.status_path.iter().map(|line| (line.done, line.current)).collect::<Vec<_>>(),
        [(true, false), (false, true), (false, false)]
    );
    assert!(!view.status_can_correct);
    stage.touch(Touch::Correct);
    assert_eq!(stage.screen(), Screen::Status);
    stage.touch(Touch::Finish);
    assert_eq!(stage.screen(), Screen::Attract);
}

#[test]
fn returned_documents_are_scanned_again_on_the_same_slip() {
    let mut stage = Stage::new();
    let token = SlipToken::from_random([9; 16]);
    let ask = show_slip(&mut stage, &token);
    let returned = status(CaseStage::Returned, &["sk_hilang_polisi", "ktp_el"]);
    stage.event(KioskEvent::StatusKnown { ask, result: Ok(Box::new(returned)) });
    assert!(stage.view().status_can_correct);
    stage.touch(Touch::Correct);
    assert_eq!((stage.screen(), stage.view().scan_count), (Screen::Scan, 1), "a card is shown, not scanned");
    stage.touch(Touch::Back);
    assert_eq!(stage.screen(), Screen::Status);
    stage.touch(Touch::Correct);
    stage.walk_to(&Visitor::new(0), Screen::Review);
    stage.walk_to(&Visitor::new(0), Screen::Slip);
    let Some(Application::Correction { case_id, token: kept, documents, .. }) = stage.applications.last() else {
        panic!("not a correction");
    };
    assert_eq!((*case_id, kept, documents.len()), (some_case(), &token, 1));
    assert_eq!(stage.view().slip_qr, Some(token.qr_text(None)), "the same slip goes on");
    assert_eq!(stage.view().ticket, "A-001", "with a new number");
    let printed = stage.take_effects().into_iter().find_map(|effect| match effect {
        KioskEffect::PrintSlip { content, .. } => match *content {
            Paper::Slip(slip) => Some(slip),
            _ => None,
        },
        _ => None,
    });
    assert!(printed.is_some_and(|content| content.service.ends_with("KK hilang") && content.nik_last4.is_none()));
}

#[test]
fn what_is_no_slip_is_said_and_goes_away_by_itself() {
    for (text, failure) in [
        ("https://example.test/promo", Failure::SlipUnknown),
        ("https://kk.lain.test/s/00000000000000000000000000", Failure::SlipOtherOffice),
        (&"9".repeat(4096), Failure::SlipUnreadable),
        ("ANJ1:\u{7}", Failure::SlipUnreadable),
    ] {
        let mut stage = Stage::new();
        stage.event(KioskEvent::SlipSeen(text.to_owned()));
        assert_eq!((stage.screen(), stage.view().failure), (Screen::Attract, Some(failure)));
        stage.pass_s(20);
        assert_eq!(stage.view().failure, None);
    }
    let mut stage = Stage::lost_card(Screen::Nik);
    stage.event(KioskEvent::SlipSeen("ANJ1:whatever".to_owned()));
    stage.event(KioskEvent::SlipUnreadable);
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Nik, None), "a session is not disturbed");
}

#[test]
fn the_status_needs_the_hub_and_says_so() {
    let mut stage = Stage::new();
    let token = SlipToken::from_random([9; 16]);
    let ask = show_slip(&mut stage, &token);
    stage.event(KioskEvent::StatusKnown { ask, result: Err(Failure::SlipUnknown) });
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Attract, Some(Failure::SlipUnknown)));
    stage.touch(Touch::DismissFailure);
    stage.event(KioskEvent::HubOnline(false));
    stage.event(KioskEvent::SlipSeen(token.qr_text(None)));
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Attract, Some(Failure::HubUnreachable)));
    stage.touch(Touch::DismissFailure);
    stage.walk_to(&Visitor::new(1), Screen::Slip);
}
