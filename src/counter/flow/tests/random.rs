//! Whatever comes, in whatever order: no panic, one question at a time, one name per decision.
#![allow(clippy::result_large_err, reason = "a reply is made once per random event; its size does not matter here")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::counter::flow::{CardTrouble, Collector};
use crate::domain::hall::DeskState;
use crate::wire::find::FoundCases;
use crate::wire::queue::Called;
use crate::wire::session::ChangePassword;

fn stage() -> impl Strategy<Value = Stage> {
    prop::sample::select(Stage::ALL.to_vec())
}

fn answer() -> impl Strategy<Value = Result<Reply, Refusal>> {
    let officer =
        |must_change_password| Officer { name: "petugas1".to_owned(), role: Role::PetugasLoket, must_change_password };
    prop_oneof![
        3 => Just(Ok(Reply::SignedIn(officer(false)))),
        1 => Just(Ok(Reply::SignedIn(officer(true)))),
        4 => (stage(), 0_u32..9, any::<bool>()).prop_map(|(stage, version, proxy)| {
            let proxy = proxy.then(|| nik(PROXY));
            Ok(Reply::Case(Box::new(CaseDetail { proxy, ..detail(stage, version) })))
        }),
        3 => (stage(), 0_u32..9).prop_map(|(stage, version)| {
            Ok(Reply::Done(CaseState { case_id: case_id(7), version, stage, register_number: None }))
        }),
        2 => any::<(bool, bool)>().prop_map(|(some, help)| {
            let row = row("A-003", 3, Queue::Verification, Some("Loket 1"), Some(4));
            let row = TicketRow { case_id: row.case_id.filter(|_| !help), ..row };
            Ok(Reply::Called(Called { ticket: some.then_some(row) }))
        }),
        1 => Just(Ok(Reply::Decided)),
        1 => Just(Ok(Reply::Noted)),
        1 => (0_usize..3).prop_map(|count| {
            let cases = (0..count as u128).map(|at| CaseRow { case_id: case_id(7 + at), ..detail(Stage::Received, 3).row });
            Ok(Reply::Found(FoundCases { cases: cases.collect(), more: false }))
        }),
        3 => prop::sample::select(Failure::ALL.to_vec()).prop_map(|failure| Err(refusal(failure))),
    ]
}

fn event() -> impl Strategy<Value = CounterEvent> {
    let text = prop_oneof!["\\PC{0,20}", Just("ANJ1:x".to_owned()), Just("x".repeat(300))];
    let press = prop::sample::select(vec![
        CounterEvent::LogOutAsked,
        CounterEvent::NextAsked,
        CounterEvent::PickupAsked,
        CounterEvent::RecallAsked,
        CounterEvent::NoShowAsked,
        CounterEvent::HelpFinished,
        CounterEvent::HallToggled,
        CounterEvent::HoldAsked,
        CounterEvent::SkipAsked,
        CounterEvent::TransferAsked("q:pickup".to_owned()),
        CounterEvent::NumberTyped("a3".to_owned()),
        CounterEvent::AsideCalled(format!("t:{}", ticket_id(9))),
        CounterEvent::AsideRestored(format!("t:{}", ticket_id(9))),
        CounterEvent::DeskAsked(DeskState::Closed),
        CounterEvent::BreakToggled,
        CounterEvent::NoteToggled,
        CounterEvent::NoteWritten("Datang lagi".to_owned()),
        CounterEvent::FoundOpened(0),
        CounterEvent::FoundClosed,
        CounterEvent::CodeTyped(Private("A-003".to_owned())),
        CounterEvent::CaseAccepted,
        CounterEvent::ReturnStarted,
        CounterEvent::ReturnCancelled,
        CounterEvent::ReturnConfirmed { note: String::new() },
        CounterEvent::ReturnConfirmed { note: "Surat belum dicap".to_owned() },
        CounterEvent::ReasonToggled("*/lainnya".to_owned()),
        CounterEvent::KkReceived,
        CounterEvent::CollectorChosen(Collector::Applicant),
        CounterEvent::CollectorChosen(Collector::Proxy),
        CounterEvent::CardAsked,
        CounterEvent::HandOverAsked,
        CounterEvent::FallbackStarted,
        CounterEvent::CaseClosed,
        CounterEvent::FailureDismissed,
        CounterEvent::SlipGarbled,
        CounterEvent::Ticked,
        CounterEvent::HubOnline(false),
        CounterEvent::CaseTouched(case_id(7)),
        CounterEvent::LogInAsked(SignIn { name: "petugas1".to_owned(), password: "x".to_owned() }),
        CounterEvent::NewPasswordGiven(ChangePassword { new_password: "x".to_owned() }),
        hall(3, vec![row("A-003", 3, Queue::Verification, None, None)], vec![]),
        CounterEvent::ReasonToggled("buku_nikah/tidak_terbaca".to_owned()),
    ]);
    let trouble = prop::sample::select(vec![
        CardTrouble::Unreadable,
        CardTrouble::Removed,
        CardTrouble::NoCard,
        CardTrouble::ReaderAway,
    ]);
    prop_oneof![
        12 => press,
        2 => text.clone().prop_map(|text| CounterEvent::SlipScanned(Private(text))),
        1 => text.clone().prop_map(CounterEvent::RowOpened),
        1 => text.clone().prop_map(CounterEvent::NumberTyped),
        1 => text.clone().prop_map(CounterEvent::TransferAsked),
        1 => text.prop_map(CounterEvent::AsideCalled),
        3 => (0_usize..9, any::<bool>()).prop_map(|(index, ok)| CounterEvent::DocumentMarked { index, ok }),
        2 => (0_usize..9).prop_map(CounterEvent::DocumentSelected),
        2 => (0_u128..5).prop_map(|id| CounterEvent::ScanLoaded(document_id(id))),
        1 => (0_u128..5).prop_map(|id| CounterEvent::ScanFailed(document_id(id))),
        2 => (0_u64..9).prop_map(|watch| CounterEvent::CardPlaced { watch }),
        2 => (0_u64..9, any::<bool>()).prop_map(|(watch, right)| CounterEvent::CardRead {
            watch,
            nik: nik(if right { APPLICANT } else { STRANGER }),
            origin: "chip".to_owned(),
            card_id: None,
        }),
        2 => (0_u64..9, trouble).prop_map(|(watch, why)| CounterEvent::CardFailed { watch, why }),
        1 => prop::sample::select(vec!["visual", "ikd", "retry", "x"]).prop_map(|key| CounterEvent::FallbackChosen {
            key: key.to_owned(),
            nik: Private(APPLICANT.to_owned()),
            note: "foto cocok".to_owned(),
        }),
    ]
}

/// An event, or an answer to one of the questions that are open.
fn happening() -> impl Strategy<Value = Result<CounterEvent, (usize, Result<Reply, Refusal>)>> {
    prop_oneof![3 => event().prop_map(Ok), 2 => (0_usize..4, answer()).prop_map(Err)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_nothing_is_decided_twice(happenings in prop::collection::vec(happening(), 1..120)) {
        let mut desk = Desk::signed_in();
        desk.asks.clear();
        let mut named: BTreeMap<RequestId, String> = BTreeMap::new();
        for happening in happenings {
            let before = desk.asks.len();
            let was_busy = desk.view().busy;
            match happening {
                Ok(event) => desk.give(event),
                Err((which, answer)) => {
                    if let Some((number, _)) = desk.asks.iter().rev().nth(which) {
                        let number = *number;
                        desk.give(CounterEvent::HubAnswered { number, answer });
                    }
                    continue;
                }
            }
            let new = desk.asks.get(before..).unwrap_or_default();
            let writes = new.iter().filter(|(_, ask)| request_id(ask).is_some()).count();
            prop_assert!(writes <= 1 && !(was_busy && writes > 0), "a press while busy was sent");
            for (_, ask) in new {
                if let Some(id) = request_id(ask) {
                    let body = format!("{ask:?}");
                    let known = named.entry(id).or_insert_with(|| body.clone());
                    prop_assert_eq!(&*known, &body, "one name for two decisions");
                }
            }
            let view = desk.view();
            if view.screen == CounterScreen::Login {
                prop_assert!(!view.has_case && view.card_nik.is_empty(), "personal data on the login screen");
            }
        }
    }
}
