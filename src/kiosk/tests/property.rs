//! Anything may be touched and anything may happen at any time: the kiosk never panics and never traps anybody.

use anjungan_hardware::{ErrorKind, FaultKind, PrintFault};
use proptest::prelude::*;

use super::*;
use crate::domain::language::Language;
use crate::failure::Failure;
use crate::kiosk::flow::{PhoneIssue, TextSize, Turn, Who};

/// One happening; keys are drawn from what the screen offers at that moment.
#[derive(Debug, Clone)]
enum Happening {
    Sensible(u32),
    Touch(u8, u8),
    Device(u8, u8),
    Pass(i32),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => any::<u32>().prop_map(Happening::Sensible),
        6 => any::<(u8, u8)>().prop_map(|(what, pick)| Happening::Touch(what, pick)),
        2 => any::<(u8, u8)>().prop_map(|(what, pick)| Happening::Device(what, pick)),
        1 => (-200_000_i32..200_000).prop_map(Happening::Pass),
    ]
}

fn any_touch(view: &KioskView, what: u8, pick: u8) -> Touch {
    let at = usize::from(pick);
    let card = |view: &KioskView| view.cards.get(at % view.cards.len().max(1)).map_or("x".into(), |c| c.key.clone());
    let row = |view: &KioskView| {
        view.checklist.get(at % view.checklist.len().max(1)).map_or("ktp_el".into(), |row| row.key.clone())
    };
    let edits = ["variant", "applicant", "nik", "proxy-nik", "phone", "priority", "documents", "scans", ""];
    match what % 32 {
        0 => Touch::Start,
        1 => Touch::Back,
        2 | 3 => Touch::Next,
        4 => Touch::Restart,
        5 => Touch::PickCard(card(view)),
        6 => Touch::Answer(pick.is_multiple_of(2)),
        7 | 8 => Touch::SetHave { key: row(view), have: !pick.is_multiple_of(3) },
        9 => Touch::PickCard(["none", "elderly", "?", "0", "1", "self"][at % 6].to_owned()),
        10 => Touch::PickApplicant([Who::InPerson, Who::Family, Who::Proxy][at % 3]),
        11 => Touch::Digit(char::from(b'0' + pick % 12)),
        12 => Touch::Erase,
        13 => Touch::Clear,
        14 => Touch::Scan,
        15 => Touch::CancelScan,
        16 => Touch::Retake,
        17 => Touch::AcceptScan,
        18 => Touch::Edit(edits[at % edits.len()].to_owned()),
        19 => Touch::Submit,
        20 => Touch::Reprint,
        21 => Touch::Finish,
        22 => Touch::OpenStaff,
        23 => Touch::CloseStaff,
        24 => Touch::WalkIn,
        25 => Touch::TypeCode,
        26 => Touch::Turn(Turn::Language(Language::ALL[at % 3])),
        27 => Touch::Turn(Turn::TextSize(TextSize::Largest)),
        28 => Touch::PrintList,
        29 => Touch::Collect,
        30 => Touch::Sign(char::from(b'0' + pick % 43)),
        _ => Touch::DismissFailure,
    }
}

fn any_event(stage: &Stage, what: u8, pick: u8) -> KioskEvent {
    let order = stage.flow.last_order().saturating_sub(u64::from(pick % 3));
    let fault = PrintFault { kind: FaultKind::PaperOut, detail: String::new() };
    match what % 12 {
        0 => KioskEvent::PageScanned { order },
        1 => KioskEvent::ScanFailed { order, kind: ErrorKind::Jammed },
        2 => KioskEvent::ScanProgressed { order, part: f32::from(pick) / 99.0 },
        3 => KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Unknown(fault) },
        4 => KioskEvent::SlipPrinted { order, outcome: PrintOutcome::NotPrinted(fault) },
        5 => KioskEvent::SlipSeen(SlipToken::from_random([pick; 16]).qr_text(None)),
        6 => KioskEvent::KeepFailed { order },
        7 => KioskEvent::HubOnline(pick.is_multiple_of(2)),
        8 => KioskEvent::StorageUsable(!pick.is_multiple_of(4)),
        9 => KioskEvent::StatusKnown { ask: order, result: Err(Failure::SlipUnknown) },
        10 => KioskEvent::SlipUnreadable,
        _ => KioskEvent::Ticked,
    }
}

/// From here a person who only wants out gets out.
fn assert_way_out(stage: &Stage) {
    let mut leaving = stage.clone();
    if leaving.screen() == Screen::Submitting {
        return;
    }
    leaving.touch(Touch::DismissFailure);
    leaving.touch(Touch::Restart);
    assert!(matches!(leaving.screen(), Screen::Attract | Screen::OutOfService));
    let clean = leaving.view();
    assert!(clean.ticket.is_empty() && clean.nik_length == 0 && clean.review.is_empty());
    assert!(clean.applicant.is_none() && clean.variant_title.is_empty() && clean.scan_preview.is_none());
}

/// From here a person who wants a slip gets one, or an honest refusal.
fn assert_way_on(stage: &Stage) {
    let mut going = stage.clone();
    going.obliging = true;
    going.event(KioskEvent::StorageUsable(true));
    if going.screen() == Screen::Submitting {
        return;
    }
    going.touch(Touch::CancelScan);
    // One who can answer for a proxy too, in case somebody chose that before.
    let visitor = Visitor::new(2);
    for _ in 0..300 {
        let view = going.view();
        if matches!(view.screen, Screen::Slip | Screen::Incomplete) {
            return;
        }
        let Some(touch) = visitor.next_touch(&view) else { panic!("stuck on {:?}", view.screen) };
        // A wrong number typed before is corrected, as a person would.
        let wrong = (view.screen == Screen::Nik && !view.can_next && view.nik_length == 16)
            || (view.screen == Screen::Phone && view.phone_issue != PhoneIssue::None);
        going.touch(if wrong { Touch::Clear } else { touch });
    }
    panic!("no way on from {:?}", stage.screen());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_trapped_and_nothing_panics(happenings in prop::collection::vec(happening(), 1..120)) {
        let mut stage = Stage::new();
        for (at, happening) in happenings.into_iter().enumerate() {
            let mut view = stage.view();
            match happening {
                Happening::Sensible(number) => {
                    if let Some(touch) = Visitor::new(number).next_touch(&view) {
                        stage.touch(touch);
                    }
                }
                Happening::Touch(what, pick) => stage.touch(any_touch(&view, what, pick)),
                Happening::Device(what, pick) => {
                    stage.obliging = pick % 5 > 0;
                    stage.event(any_event(&stage, what, pick));
                }
                Happening::Pass(ms) => {
                    stage.pass_ms(i64::from(ms));
                    stage.event(KioskEvent::Ticked);
                }
            }
            view = stage.view();
            prop_assert!(view.nik_length <= 16 && view.step <= 5);
            prop_assert!(view.checklist.len() <= 8 && view.cards.len() <= 8);
            prop_assert_eq!(view.screen == Screen::Slip, !view.ticket.is_empty());
            if at % 8 == 0 {
                assert_way_out(&stage);
                assert_way_on(&stage);
            }
        }
        assert_way_out(&stage);
    }
}
