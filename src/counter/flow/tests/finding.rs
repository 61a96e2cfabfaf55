//! Finding a case without its slip, and notes.

use super::*;
use crate::wire::find::{CaseNote, FindCases, FoundCases};

fn typed(desk: &mut Desk, text: &str) {
    desk.give(CounterEvent::CodeTyped(Private(text.to_owned())));
}

fn found(numbers: &[u128]) -> Reply {
    let row = |number: &u128| CaseRow { case_id: case_id(*number), ..detail(Stage::Received, 7).row };
    Reply::Found(FoundCases { cases: numbers.iter().map(row).collect(), more: false })
}

#[test]
fn what_is_typed_is_looked_for_as_what_it_is() {
    let mut desk = Desk::signed_in();
    for (text, by) in [("a7", "ticket"), ("2026-000042", "archive"), (APPLICANT, "nik")] {
        typed(&mut desk, text);
        assert!(matches!(desk.last_ask(), Ask::Find(find) if find.by() == by), "{text}: {:?}", desk.last_ask());
        desk.answer(Err(refusal(Failure::HubUnreachable)));
    }
    typed(&mut desk, "7K4M-2XQ9-PDT");
    assert!(matches!(desk.last_ask(), Ask::OpenSlip(_)), "a slip's code");
}

#[test]
fn sixteen_digits_are_looked_for_twice_and_one_case_opens_by_itself() {
    let mut desk = Desk::signed_in();
    typed(&mut desk, APPLICANT);
    desk.answer(Ok(found(&[7])));
    assert!(matches!(desk.last_ask(), Ask::Find(FindCases::NoKk { .. })));
    desk.answer(Ok(found(&[7])));
    assert!(matches!(desk.last_ask(), Ask::OpenCase(case) if *case == case_id(7)), "one case, found twice");
    desk.answer(Ok(Reply::Case(Box::new(detail(Stage::Received, 7)))));
    assert!(desk.view().has_case);
}

#[test]
fn of_several_cases_one_is_chosen_and_of_none_it_is_said() {
    let mut desk = Desk::signed_in();
    typed(&mut desk, "A-007");
    desk.answer(Ok(found(&[])));
    assert_eq!(desk.failure(), "CASE-NOT-FOUND");
    typed(&mut desk, "A-007");
    desk.answer(Ok(found(&[7, 8, 9])));
    assert_eq!(desk.view().found.len(), 3);
    desk.give(CounterEvent::FoundOpened(5));
    assert!(!desk.view().busy);
    desk.give(CounterEvent::FoundOpened(1));
    assert!(matches!(desk.last_ask(), Ask::OpenCase(case) if *case == case_id(8)));
    assert!(desk.view().found.is_empty());
    desk.answer(Err(refusal(Failure::NotSignedIn)));
    assert!(desk.view().found.is_empty());
}

#[test]
fn a_note_is_stuck_to_the_open_case_once_and_read_with_it() {
    let mut desk = Desk::signed_in();
    desk.give(CounterEvent::NoteToggled);
    assert!(!desk.view().note_open, "no case, no note");
    let note = CaseNote { at: start(), by: "lia.loket".to_owned(), text: "Datang lagi besok".to_owned() };
    desk.open(CaseDetail { notes: vec![note], ..detail(Stage::Submitted, 1) });
    assert!(desk.view().notes[0].starts_with("Datang lagi besok · lia.loket"), "{:?}", desk.view().notes);
    desk.give(CounterEvent::NoteToggled);
    assert!(desk.view().note_open);
    desk.give(CounterEvent::NoteWritten("  ".to_owned()));
    assert!(!desk.view().busy);
    desk.give(CounterEvent::NoteWritten(" Akta  asli menyusul ".to_owned()));
    desk.give(CounterEvent::NoteWritten(" Akta  asli menyusul ".to_owned()));
    let Ask::Note(case, body) = desk.last_ask().clone() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((case, body.text.as_str()), (case_id(7), "Akta asli menyusul"));
    desk.refuse(Failure::HubUnreachable);
    assert!(matches!(desk.last_ask(), Ask::Note(_, again) if again.request_id == body.request_id), "the same note");
    desk.answer(Ok(Reply::Noted));
    assert!(!desk.view().note_open);
    assert!(matches!(desk.last_ask(), Ask::OpenCase(_)), "read anew, with the note on it");
}
