//! A KTP-el on the kiosk's reader.

use super::*;
use crate::domain::nik::Nik;

const OWN: &str = "3315135208909001";

fn at_nik(reader: bool) -> Stage {
    let mut stage = Stage::new();
    if reader {
        let state = DeviceState::of(Health::Ready, false);
        stage.event(KioskEvent::DeviceChanged { device: DeviceKind::EktpReader, state });
    }
    stage.touch(Touch::Start);
    let visitor = Visitor::new(1);
    for _ in 0..60 {
        if stage.screen() == Screen::Nik {
            return stage;
        }
        stage.pass_ms(1_000);
        let touch = visitor.next_touch(&stage.view()).unwrap();
        stage.touch(touch);
    }
    panic!("no way to the NIK");
}

/// The watch that was asked for last.
fn watch(stage: &Stage) -> Option<u64> {
    stage.effects.iter().rev().find_map(|effect| match effect {
        KioskEffect::WatchForCard { watch } => Some(*watch),
        _ => None,
    })
}

fn lay_card(stage: &mut Stage, result: Result<&str, bool>) {
    let watch = watch(stage).expect("somebody waits for a card");
    let result = result.map(|nik| Nik::parse(nik).unwrap());
    stage.event(KioskEvent::CardWatched { watch, result });
}

fn digits(stage: &Stage) -> String {
    stage.view().nik_groups.concat()
}

#[test]
fn a_card_types_its_number_once_and_not_over_a_correction() {
    let mut stage = at_nik(true);
    lay_card(&mut stage, Ok(OWN));
    assert_eq!(digits(&stage), OWN);
    stage.effects.clear();
    stage.touch(Touch::Erase);
    stage.event(KioskEvent::Ticked);
    assert_eq!(watch(&stage), None, "the same card lies there still");
    stage.event(KioskEvent::CardTaken);
    stage.event(KioskEvent::Ticked);
    lay_card(&mut stage, Ok(OWN));
    assert_eq!(digits(&stage), OWN);
    stage.pass_ms(1_000);
    stage.touch(Touch::Next);
    assert_ne!(stage.screen(), Screen::Nik);
}

#[test]
fn a_card_that_cannot_be_read_is_said_and_the_number_typed() {
    let mut stage = at_nik(true);
    lay_card(&mut stage, Err(false));
    assert_eq!(stage.view().nik_issue, NikIssueView::None, "nobody laid down a card");
    stage.event(KioskEvent::Ticked);
    lay_card(&mut stage, Err(true));
    assert_eq!(stage.view().nik_issue, NikIssueView::CardUnreadable);
    OWN.chars().for_each(|digit| stage.touch(Touch::Digit(digit)));
    assert_eq!((digits(&stage).as_str(), stage.view().nik_issue), (OWN, NikIssueView::None));
}

#[test]
fn nobody_waits_for_a_card_elsewhere_and_a_late_one_types_nothing() {
    let mut stage = at_nik(true);
    let watch_of_before = watch(&stage).unwrap();
    stage.pass_ms(1_000);
    stage.touch(Touch::Back);
    assert!(stage.effects.iter().any(|effect| matches!(effect, KioskEffect::ForgetCard)));
    stage.event(KioskEvent::CardWatched { watch: watch_of_before, result: Ok(Nik::parse(OWN).unwrap()) });
    stage.effects.clear();
    stage.event(KioskEvent::Ticked);
    assert_eq!(watch(&stage), None);
    let stage = at_nik(false);
    assert_eq!(watch(&stage), None, "without a reader nobody waits");
}
