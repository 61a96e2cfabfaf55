//! Login, queue, documents, return.

use super::*;
use crate::counter::flow::CounterEffect;
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::priority::Priority;
use crate::domain::role::StationKind;
use crate::wire::case::ShownPhone;
use crate::wire::health::{DeviceReport, StationState};
use crate::wire::queue::Called;
use crate::wire::session::ChangePassword;

fn mark_all(desk: &mut Desk) {
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    desk.give(CounterEvent::DocumentMarked { index: 0, ok: true });
    desk.give(CounterEvent::DocumentMarked { index: 1, ok: true });
    desk.give(CounterEvent::ScanLoaded(document_id(3)));
    desk.give(CounterEvent::DocumentMarked { index: 2, ok: true });
}

#[test]
fn a_password_is_asked_anew_until_it_is_right_and_kept_nowhere() {
    let mut desk = Desk::new();
    let password = "rahasia-sekali".to_owned();
    desk.give(CounterEvent::LogInAsked(SignIn { name: "petugas1".to_owned(), password: password.clone() }));
    // A second press while the hub thinks is nothing.
    desk.give(CounterEvent::LogInAsked(SignIn { name: "petugas1".to_owned(), password }));
    assert_eq!(desk.asks.len(), 1);
    assert!(desk.view().busy);
    desk.refuse(Failure::LoginRefused);
    let view = desk.view();
    assert!(view.login_message.contains("tidak cocok") && !view.busy && view.screen == CounterScreen::Login);
    assert!(!format!("{:?} {:?}", desk.flow, desk.asks).contains("rahasia"));
    desk.log_in("petugas1", Role::PetugasLoket, false);
    assert_eq!(desk.view().officer, "petugas1");
}

#[test]
fn a_one_time_password_must_be_changed_first() {
    let mut desk = Desk::new();
    desk.log_in("petugas1", Role::PetugasLoket, true);
    assert!(desk.view().must_change_password && desk.view().screen == CounterScreen::Login);
    desk.give(CounterEvent::NewPasswordGiven(ChangePassword { new_password: "pendek".to_owned() }));
    desk.refuse(Failure::PasswordWeak);
    assert!(desk.view().must_change_password && desk.view().login_message.contains("10 sampai 128"));
    desk.give(CounterEvent::NewPasswordGiven(ChangePassword { new_password: "cukup-panjang".to_owned() }));
    desk.answer(Ok(Reply::SignedIn(Officer {
        name: "petugas1".to_owned(),
        role: Role::PetugasLoket,
        must_change_password: false,
    })));
    assert_eq!(desk.view().screen, CounterScreen::Desk);
}

#[test]
fn only_a_petugas_loket_works_here() {
    let mut desk = Desk::new();
    desk.log_in("kadis", Role::Kadis, false);
    assert_eq!(desk.view().screen, CounterScreen::Login);
    assert!(matches!(desk.last_ask(), Ask::SignOut));
}

#[test]
fn an_ended_session_keeps_the_case_for_its_officer_only() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    mark_all(&mut desk);
    desk.give(CounterEvent::CaseAccepted);
    let first = desk.request_id();
    desk.refuse(Failure::NotSignedIn);
    let view = desk.view();
    assert!(view.screen == CounterScreen::Login && !view.has_case && view.applicant_nik.is_empty());
    desk.log_in("petugas1", Role::PetugasLoket, false);
    assert!(desk.view().has_case && desk.view().can_accept, "the marks are there");
    desk.give(CounterEvent::CaseAccepted);
    assert_eq!(desk.request_id(), first, "the same decision has the same name");
    desk.refuse(Failure::NotSignedIn);
    desk.log_in("petugas2", Role::PetugasLoket, false);
    assert!(!desk.view().has_case);
}

#[test]
fn the_waiting_list_is_live_and_ours_stands_first() {
    let mut desk = Desk::signed_in();
    let waiting = vec![row("A-003", 3, Queue::Verification, None, None), row("B-001", 4, Queue::Pickup, None, None)];
    let called = vec![
        row("A-005", 5, Queue::Verification, Some("Loket 2"), Some(9)),
        row("A-002", 2, Queue::Verification, Some("Loket 1"), Some(8)),
    ];
    desk.give(hall(9, waiting, called));
    let view = desk.view();
    let tickets: Vec<(&str, bool)> = view.waiting.iter().map(|line| (line.ticket.as_str(), line.called_here)).collect();
    assert_eq!(tickets, [("A-002", true), ("A-003", false), ("B-001", false)]);
    assert_eq!((view.called_ticket.as_str(), view.ready_count, view.printed.len()), ("A-002", 1, 1));
    desk.give(CounterEvent::RowOpened(view.waiting[1].key.clone()));
    assert_eq!(*desk.last_ask(), Ask::OpenCase(case_id(3)));
    desk.refuse(Failure::CaseUnknown);
    desk.give(CounterEvent::RowOpened(view.printed[0].key.clone()));
    assert_eq!(*desk.last_ask(), Ask::OpenCase(case_id(7)));
}

#[test]
fn calling_is_once_per_press_and_an_old_snapshot_does_not_hide_it() {
    let mut desk = Desk::signed_in();
    desk.give(CounterEvent::NextAsked);
    desk.give(CounterEvent::NextAsked);
    desk.give(CounterEvent::PickupAsked);
    assert_eq!(desk.asks.len(), 2, "login and one call");
    let called = row("A-003", 3, Queue::Verification, Some("Loket 1"), Some(4));
    desk.answer(Ok(Reply::Called(Called { ticket: Some(called) })));
    assert_eq!(desk.view().called_ticket, "A-003");
    desk.give(hall(3, vec![row("A-003", 3, Queue::Verification, None, None)], vec![]));
    assert_eq!(desk.view().called_ticket, "A-003");
    assert_eq!(desk.view().waiting.len(), 1);
    desk.give(CounterEvent::RecallAsked);
    assert!(matches!(desk.last_ask(), Ask::Step(TicketStep::Recall, ticket, _) if *ticket == ticket_id(3)));
    desk.refuse(Failure::TicketTaken);
    assert_eq!(desk.failure(), "TICKET-TAKEN");
    desk.give(CounterEvent::NoShowAsked);
    assert!(desk.view().failure.code.is_empty());
    desk.answer(Ok(Reply::Called(Called { ticket: None })));
    assert_eq!(desk.view().called_ticket, "");
    desk.give(CounterEvent::NextAsked);
    desk.answer(Ok(Reply::Called(Called { ticket: None })));
    assert!(desk.view().notice.contains("Tidak ada"));
}

#[test]
fn a_lost_reply_is_asked_for_again_under_the_same_name() {
    let mut desk = Desk::signed_in();
    desk.give(CounterEvent::NextAsked);
    let first = desk.request_id();
    for _ in 0..4 {
        desk.refuse(Failure::HubUnreachable);
        assert_eq!(desk.request_id(), first);
        assert!(desk.view().busy && desk.failure().is_empty());
    }
    assert_eq!(desk.asks.len(), 6, "login and five tries");
    desk.refuse(Failure::HubUnreachable);
    let view = desk.view();
    assert!(!view.busy && !view.hub_online && view.failure.code == "HUB-UNREACHABLE");
    // The officer asks for the same thing: it is still the same decision.
    desk.give(CounterEvent::NextAsked);
    assert_eq!(desk.request_id(), first);
    let called = row("A-003", 3, Queue::Verification, Some("Loket 1"), Some(4));
    desk.answer(Ok(Reply::Called(Called { ticket: Some(called) })));
    assert!(desk.view().hub_online);
    desk.give(CounterEvent::NextAsked);
    assert_ne!(desk.request_id(), first, "answered: the next press is a new decision");
}

#[test]
fn what_is_no_slip_is_refused_before_it_is_sent() {
    let mut desk = Desk::signed_in();
    let asked = desk.asks.len();
    for wrong in ["9".repeat(4096), "ANJ1:\u{7}abc".to_owned(), "  ".to_owned(), "a\nb".to_owned()] {
        desk.give(CounterEvent::SlipScanned(Private(wrong)));
        assert_eq!(desk.failure(), "SLIP-UNREADABLE");
        desk.give(CounterEvent::FailureDismissed);
    }
    desk.give(CounterEvent::SlipGarbled);
    assert_eq!(desk.failure(), "SLIP-UNREADABLE");
    assert_eq!(desk.asks.len(), asked);
    desk.give(CounterEvent::CodeTyped(Private(" k7f2-9xqm-3hr \n".to_owned())));
    assert_eq!(*desk.last_ask(), Ask::OpenSlip(Private("k7f2-9xqm-3hr".to_owned())));
    assert!(!format!("{:?}", desk.asks).contains("9xqm"), "a slip's secret shows in no log");
}

#[test]
fn a_slip_scanned_while_the_hub_is_asked_opens_as_soon_as_it_has_answered() {
    let slip = |text: &str| CounterEvent::SlipScanned(Private(text.to_owned()));
    let mut desk = Desk::signed_in();
    desk.give(CounterEvent::NextAsked);
    desk.give(slip("ANJ1:first"));
    desk.give(slip("ANJ1:second"));
    assert!(matches!(desk.last_ask(), Ask::Call(_)), "one question at a time");
    desk.answer(Ok(Reply::Called(Called { ticket: None })));
    assert_eq!(*desk.last_ask(), Ask::OpenSlip(Private("ANJ1:second".to_owned())), "the later one is meant");
    // Read twice by the scanner, it is opened once.
    desk.give(slip("ANJ1:second"));
    let asked = desk.asks.len();
    desk.answer(Ok(Reply::Case(Box::new(detail(Stage::Submitted, 1)))));
    assert_eq!(desk.asks.len(), asked);
    assert!(desk.view().has_case);
    // Whoever signs out leaves no slip behind.
    desk.give(CounterEvent::NextAsked);
    desk.give(slip("ANJ1:third"));
    desk.give(CounterEvent::LogOutAsked);
    assert!(desk.asks.iter().all(|(_, ask)| *ask != Ask::OpenSlip(Private("ANJ1:third".to_owned()))));
}

#[test]
fn used_and_foreign_slips_say_so() {
    let mut desk = Desk::signed_in();
    for (failure, fact) in [(Failure::SlipUsed, Some("sudah dilayani 09.12")), (Failure::SlipOtherOffice, None)] {
        desk.give(CounterEvent::SlipScanned(Private("ANJ1:x".to_owned())));
        let mut refused = refusal(failure);
        refused.problem.fact = fact.map(ToOwned::to_owned);
        desk.answer(Err(refused));
        let view = desk.view();
        assert_eq!(view.failure.code, failure.code());
        assert!(!view.has_case && fact.is_none_or(|fact| view.failure.cause.contains(fact)));
    }
}

#[test]
fn documents_are_looked_at_before_they_are_accepted() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    assert!(desk.others.contains(&CounterEffect::LoadScan { case: case_id(7), document: document_id(1) }));
    assert!(desk.view().scan_loading && !desk.view().can_accept);
    desk.give(CounterEvent::DocumentMarked { index: 0, ok: true });
    assert_eq!(desk.view().documents[0].state, DocumentMood::Scanned, "not seen yet");
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    assert_eq!(desk.view().scan, Some(document_id(1)));
    desk.give(CounterEvent::DocumentMarked { index: 0, ok: true });
    let view = desk.view();
    assert_eq!((view.documents[0].state, view.selected_document), (DocumentMood::Accepted, 1));
    desk.give(CounterEvent::DocumentMarked { index: 1, ok: true });
    assert_eq!(desk.view().documents[1].state, DocumentMood::Shown);
    assert!(!desk.view().can_accept, "one of the group is missing");
    // A scan that has not arrived: the original on the desk is enough.
    desk.give(CounterEvent::ScanFailed(document_id(3)));
    desk.give(CounterEvent::DocumentMarked { index: 2, ok: true });
    assert!(desk.view().can_accept);
    desk.give(CounterEvent::CaseAccepted);
    let Ask::Verify(_, body) = desk.last_ask() else { panic!("not verified") };
    let accepted: Vec<&str> = body.accepted.iter().map(|kind| kind.as_str()).collect();
    assert_eq!((accepted, body.write.version), (vec!["sk_hilang_polisi", "ktp_el", "buku_nikah"], 1));
    desk.done(Stage::Verified, 2);
    assert_eq!(desk.mode(), CaseMode::WaitingElsewhere);
    assert!(desk.view().case_stage.contains("operator") && desk.view().notice.contains("A-002"));
    assert_eq!(*desk.last_ask(), Ask::OpenCase(case_id(7)), "the trail is fetched");
}

#[test]
fn an_incomplete_file_is_not_sent() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    let asked = desk.asks.len();
    desk.give(CounterEvent::CaseAccepted);
    assert_eq!((desk.failure().as_str(), desk.asks.len()), ("CASE-INCOMPLETE", asked));
}

#[test]
fn a_case_goes_back_with_a_reason_for_each_document() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    desk.give(CounterEvent::DocumentMarked { index: 2, ok: false });
    desk.give(CounterEvent::ReturnStarted);
    let view = desk.view();
    assert!(view.return_panel && !view.can_return);
    assert_eq!(view.selected_document, 2, "the rejected one is shown");
    assert!(view.reasons.iter().any(|reason| reason.key == "buku_nikah/tidak_terbaca"));
    assert!(!view.reasons.iter().any(|reason| reason.key.ends_with("/salah_input")));
    desk.give(CounterEvent::ReasonToggled("*/salah_layanan".to_owned()));
    assert!(!desk.view().can_return, "the rejected document has no reason yet");
    desk.give(CounterEvent::ReasonToggled("buku_nikah/tidak_terbaca".to_owned()));
    desk.give(CounterEvent::ReasonToggled("buku_nikah/tidak_ada_alasan_ini".to_owned()));
    assert_eq!(desk.view().documents[2].reason, "tidak terbaca");
    desk.give(CounterEvent::ReturnConfirmed { note: "  ".to_owned() });
    let Ask::Return(_, body) = desk.last_ask() else { panic!("not returned") };
    let reasons: Vec<_> =
        body.reasons.iter().map(|r| (r.document.as_ref().map(|d| d.as_str()), r.reason.as_str())).collect();
    assert_eq!(reasons, [(None, "salah_layanan"), (Some("buku_nikah"), "tidak_terbaca")]);
    assert_eq!(body.note, None);
    desk.done(Stage::Returned, 2);
    assert!(!desk.view().return_panel);
    assert_eq!(desk.mode(), CaseMode::Verify, "the missing paper may be seen at the counter");
}

#[test]
fn another_reason_goes_with_a_note_that_names_nobody() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    desk.give(CounterEvent::ReturnStarted);
    assert!(!desk.view().return_needs_note);
    desk.give(CounterEvent::ReasonToggled("*/lainnya".to_owned()));
    assert!(desk.view().return_needs_note && desk.view().can_return);
    let asked = desk.asks.len();
    for unfit in ["  ".to_owned(), "NIK 3315 1301 0190 9001 berbeda".to_owned(), "x".repeat(201)] {
        desk.give(CounterEvent::ReturnConfirmed { note: unfit });
        assert_eq!((desk.failure().as_str(), desk.asks.len()), ("RETURN-NOTE-INVALID", asked));
        assert!(desk.view().return_panel, "nothing ticked is lost");
    }
    desk.give(CounterEvent::ReturnConfirmed { note: " Cap\tkantor desa  belum ada ".to_owned() });
    let Ask::Return(_, body) = desk.last_ask() else { panic!("not returned") };
    assert_eq!(body.note.as_deref(), Some("Cap kantor desa belum ada"));
}

#[test]
fn a_missing_mandatory_document_is_ticked_by_itself() {
    let mut detail = detail(Stage::Submitted, 1);
    detail.documents[0].document_id = None;
    detail.documents[0].has_scan = false;
    let mut desk = Desk::with(detail);
    desk.give(CounterEvent::ReturnStarted);
    assert_eq!(desk.view().documents[0].reason, "dokumen kurang");
    assert!(desk.view().can_return);
    desk.give(CounterEvent::ReturnCancelled);
    assert!(!desk.view().return_panel);
}

#[test]
fn of_two_officers_one_wins_and_the_other_is_told() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    mark_all(&mut desk);
    desk.give(CounterEvent::CaseAccepted);
    desk.refuse(Failure::CaseChanged);
    assert_eq!(desk.failure(), "CASE-CHANGED");
    assert_eq!(*desk.last_ask(), Ask::OpenCase(case_id(7)));
    desk.answer(Ok(Reply::Case(Box::new(detail(Stage::Verified, 2)))));
    assert_eq!(desk.mode(), CaseMode::WaitingElsewhere);
    assert_eq!(desk.failure(), "CASE-CHANGED", "it stays until it was read");
}

#[test]
fn a_touched_case_is_fetched_and_an_old_copy_is_not_believed() {
    let mut desk = Desk::with(detail(Stage::Printed, 6));
    assert_eq!(desk.mode(), CaseMode::Receive);
    desk.give(CounterEvent::CaseTouched(case_id(8)));
    let asked = desk.asks.len();
    desk.give(CounterEvent::CaseTouched(case_id(7)));
    assert_eq!(desk.asks.len(), asked + 1);
    desk.answer(Ok(Reply::Case(Box::new(detail(Stage::Signed, 5)))));
    assert_eq!(desk.mode(), CaseMode::Receive);
    desk.give(CounterEvent::KkReceived);
    let state = CaseState { case_id: case_id(7), version: 7, stage: Stage::Received, register_number: Some(12) };
    desk.answer(Ok(Reply::Done(state)));
    assert_eq!(desk.mode(), CaseMode::HandOver);
    assert!(desk.view().notice.contains("register 12"));
}

#[test]
fn closing_forgets_scans_and_person() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    desk.give(CounterEvent::CaseClosed);
    assert!(desk.others.contains(&CounterEffect::DropScans));
    let view = desk.view();
    assert!(!view.has_case && view.applicant_nik.is_empty() && view.documents.is_empty());
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    assert_eq!(desk.view().scan, None);
}

#[test]
fn a_notice_goes_away_by_itself_even_when_the_clock_jumps() {
    for jump_s in [9, -3600] {
        let mut desk = Desk::signed_in();
        assert!(!desk.view().notice.is_empty());
        desk.now = Timestamp::from_second(start().as_second() + jump_s).expect("in range");
        desk.give(CounterEvent::Ticked);
        assert_eq!(desk.view().notice, "");
    }
}

fn station(name: &str, kind: StationKind, silent: bool, devices: &[(DeviceKind, DeviceHealth)]) -> StationState {
    let report = |&(device, health): &(DeviceKind, DeviceHealth)| {
        let slips_left = (health == DeviceHealth::MediaLow).then_some(12);
        DeviceReport { device, health, since: start(), slips_left, simulated: false }
    };
    let seen_at = "2026-11-23T01:31:00Z".parse().expect("a timestamp");
    StationState { name: name.to_owned(), kind, seen_at, silent, devices: devices.iter().map(report).collect() }
}

fn needs(desk: &mut Desk, stations: Vec<StationState>) -> (Vec<(String, bool)>, usize) {
    let CounterEvent::HallChanged(mut hall) = hall(9, vec![], vec![]) else { panic!("a hall") };
    hall.stations = stations;
    desk.give(CounterEvent::HallChanged(hall));
    let view = desk.view();
    let lines = view.station_lines.into_iter().map(|line| (line.text, line.urgent)).collect();
    (lines, view.station_lines_more)
}

#[test]
fn the_desk_sees_which_kiosk_needs_what_and_the_worst_first() {
    use DeviceHealth as H;
    use DeviceKind as D;
    let mut desk = Desk::signed_in();
    let line = |text: &str, urgent| (text.to_owned(), urgent);
    let kiosk = |name, devices: &[(D, H)]| station(name, StationKind::Kiosk, false, devices);
    let empty = vec![kiosk("K1", &[(D::Printer, H::MediaEmpty), (D::DocumentScanner, H::MediaAbsent)])];
    assert_eq!(needs(&mut desk, empty), (vec![line("K1: kertas slip habis", true)], 0));
    let low = vec![kiosk("K1", &[(D::Printer, H::MediaLow), (D::EktpReader, H::MediaAbsent)])];
    assert_eq!(needs(&mut desk, low), (vec![line("K1: kertas hampir habis, sekitar 12 slip lagi", false)], 0));
    let many = vec![
        kiosk("K1", &[(D::Printer, H::MediaLow), (D::DocumentScanner, H::Jammed), (D::Speaker, H::NotReachable)]),
        station("K2", StationKind::Kiosk, true, &[(D::Printer, H::MediaEmpty)]),
    ];
    let worst = vec![line("K2: tidak ada kabar sejak 08.31", true), line("K1: pemindai dokumen macet", true)];
    assert_eq!(needs(&mut desk, many), (worst, 2));
    assert_eq!(needs(&mut desk, vec![]), (vec![], 0), "everything is well again");
}

#[test]
fn another_counter_looks_after_its_own_devices() {
    let mut desk = Desk::signed_in();
    let reader = [(DeviceKind::EktpReader, DeviceHealth::NotReachable)];
    let printers = [(DeviceKind::Printer, DeviceHealth::Misplaced), (DeviceKind::Printer, DeviceHealth::Misplaced)];
    let stations = vec![
        station("Loket 1", StationKind::Counter, false, &reader),
        station("Loket 2", StationKind::Counter, false, &reader),
        station("K1", StationKind::Kiosk, false, &printers),
    ];
    let (lines, more) = needs(&mut desk, stations);
    let texts: Vec<&str> = lines.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!((texts, more), (vec!["Loket 1: pembaca KTP-el tidak tersambung", "K1: tutup pencetak slip terbuka"], 0));
}

/// Somebody who wants help in person: a ticket without a case.
fn help(number: &str, id: u128, counter: Option<&str>, serial: Option<u64>) -> TicketRow {
    TicketRow {
        case_id: None,
        title: Some("Bantuan petugas".to_owned()),
        priority: Some(Priority::Elderly),
        ..row(number, id, Queue::Verification, counter, serial)
    }
}

#[test]
fn whoever_wants_help_is_called_helped_and_ended_without_a_case() {
    let mut desk = Desk::signed_in();
    desk.give(hall(0, vec![help("A-003", 3, None, None)], vec![]));
    let line = desk.view().waiting[0].clone();
    assert_eq!((line.service.as_str(), line.priority.as_str()), ("Bantuan petugas", "Lansia"));
    assert!(!desk.view().called_for_help);
    let asked = desk.asks.len();
    desk.give(CounterEvent::RowOpened(line.key));
    desk.give(CounterEvent::HelpFinished);
    assert_eq!((desk.asks.len(), desk.failure().as_str()), (asked, ""), "nothing to open, nobody to end");
    assert!(desk.view().notice.contains("A-003"));

    desk.give(CounterEvent::NextAsked);
    desk.answer(Ok(Reply::Called(Called { ticket: Some(help("A-003", 3, Some("Loket 1"), Some(1))) })));
    let view = desk.view();
    assert!(view.called_for_help);
    assert_eq!(view.called_queue, "Bantuan petugas · Lansia");
    desk.give(CounterEvent::HelpFinished);
    desk.give(CounterEvent::HelpFinished);
    assert!(matches!(desk.last_ask(), Ask::Step(TicketStep::Finish, ticket, _) if *ticket == ticket_id(3)));
    assert_eq!(desk.asks.len(), asked + 2, "once per press");
    desk.answer(Ok(Reply::Called(Called { ticket: None })));
    let view = desk.view();
    assert_eq!((view.called_ticket.as_str(), view.called_for_help), ("", false));
    assert!(view.notice.contains("A-003 selesai dilayani"));
}

#[test]
fn a_ticket_with_a_case_is_not_ended_by_hand() {
    let mut desk = Desk::signed_in();
    let called = row("A-002", 2, Queue::Verification, Some("Loket 1"), Some(8));
    desk.give(hall(8, vec![], vec![called]));
    let asked = desk.asks.len();
    desk.give(CounterEvent::HelpFinished);
    assert_eq!(desk.asks.len(), asked);
}

#[test]
fn the_phone_number_stands_with_the_case_and_goes_with_it() {
    let phone = "084000009001".parse().expect("a number");
    let mut desk = Desk::with(CaseDetail { phone: Some(ShownPhone::Whole(phone)), ..detail(Stage::Submitted, 1) });
    assert_eq!(desk.view().applicant_phone, "0840 0000 9001");
    desk.give(CounterEvent::CaseClosed);
    assert_eq!(desk.view().applicant_phone, "");
}
