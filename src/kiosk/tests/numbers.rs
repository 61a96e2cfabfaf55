//! Whether a number may be given: the queue as a whole, and one person's number of numbers.

use super::*;
use crate::failure::Failure;

fn hall(no_numbers: Option<Failure>) -> KioskEvent {
    KioskEvent::HallSeen { waiting: Vec::new(), wait_minutes: None, no_numbers }
}

/// The question about a number among what the kiosk asked for.
fn asked(stage: &mut Stage) -> Option<u64> {
    stage.take_effects().iter().rev().find_map(|effect| match effect {
        KioskEffect::AskNumber { ask, .. } => Some(*ask),
        _ => None,
    })
}

#[test]
fn a_closed_queue_and_a_full_day_are_said_before_anybody_begins() {
    for failure in [Failure::QueueClosed, Failure::QuotaReached] {
        let mut stage = Stage::new();
        stage.event(hall(Some(failure)));
        for touch in [Touch::Start, Touch::WalkIn] {
            stage.touch(touch);
            assert_eq!((stage.screen(), stage.view().failure), (Screen::Attract, Some(failure)));
            stage.touch(Touch::DismissFailure);
        }
        stage.event(KioskEvent::HubOnline(false));
        stage.touch(Touch::Start);
        assert_eq!(stage.screen(), Screen::Notice, "without its hub a kiosk gives numbers as ever");
        stage.touch(Touch::Restart);
        stage.event(KioskEvent::HubOnline(true));
        stage.event(hall(None));
        stage.touch(Touch::WalkIn);
        assert_eq!(stage.screen(), Screen::Priority, "it opened again");
    }
}

#[test]
fn whoever_has_enough_numbers_hears_it_before_scanning_and_gets_none() {
    let mut stage = Stage::lost_card(Screen::Phone);
    let ask = asked(&mut stage).unwrap();
    stage.event(KioskEvent::NumberAllowed { ask: ask + 7, refused: Some(Failure::TicketLimit) });
    assert_eq!(stage.view().failure, None, "an answer about somebody else");
    stage.event(KioskEvent::NumberAllowed { ask, refused: Some(Failure::TicketLimit) });
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Phone, Some(Failure::TicketLimit)));
    stage.walk_to(&Visitor::new(0), Screen::Review);
    stage.touch(Touch::Submit);
    assert_eq!((stage.screen(), stage.view().failure), (Screen::Review, Some(Failure::TicketLimit)));
    assert!(stage.applications.is_empty());
    stage.touch(Touch::DismissFailure);
    // Another NIK is another person.
    stage.touch(Touch::Edit("nik".to_owned()));
    stage.touch(Touch::Clear);
    stage.take_effects();
    stage.walk_to(&Visitor::new(3), Screen::Review);
    assert!(asked(&mut stage).is_some(), "asked anew");
    stage.walk_to(&Visitor::new(3), Screen::Slip);
    assert_eq!(stage.applications.len(), 1);
}

#[test]
fn what_the_hub_cannot_say_and_the_end_of_the_day_stop_nobody() {
    for failure in [Failure::HubUnreachable, Failure::HubFault, Failure::OfficeClosed] {
        let mut stage = Stage::lost_card(Screen::Phone);
        let ask = asked(&mut stage).unwrap();
        stage.event(KioskEvent::NumberAllowed { ask, refused: Some(failure) });
        assert_eq!(stage.view().failure, None);
        stage.walk_to(&Visitor::new(0), Screen::Slip);
        assert_eq!(stage.applications.len(), 1);
    }
}
