//! Finding a case by what somebody holds instead of a slip: a number, a NIK, a No KK, an archive number. And the notes
//! that stick to a case.

use super::CounterFlow;
use super::asking::{Background, Decision};
use super::messages::Private;
use crate::domain::ids::CaseId;
use crate::failure::Failure;
use crate::wire::case::CaseRow;
use crate::wire::find::{FindCases, FoundCases};
use crate::wire::one_paragraph;

/// A search under way: sixteen digits are looked for as a NIK, then as a No KK.
#[derive(Debug, Clone)]
pub(super) struct Search {
    rest: Vec<FindCases>,
    so_far: FoundCases,
}

impl CounterFlow {
    /// Something was typed into the one field: a slip's code, or a number that somebody holds.
    pub(super) fn code_typed(&mut self, text: Private) {
        match FindCases::typed(&text.0) {
            Ok(mut searches) => {
                self.failing = None;
                searches.reverse();
                let so_far = FoundCases { cases: Vec::new(), more: false };
                self.search_on(Search { rest: searches, so_far });
            }
            Err(_) => self.slip_shown(text),
        }
    }

    fn search_on(&mut self, mut search: Search) {
        if let Some(next) = search.rest.pop() {
            self.ask_find(next, search);
            return;
        }
        match search.so_far.cases.as_slice() {
            [] => self.fail(Failure::CaseNotFound),
            [only] => {
                let case = only.case_id;
                self.ask_case(case);
            }
            _ => self.found = Some(search.so_far),
        }
    }

    pub(super) fn found(&mut self, mut search: Search, found: FoundCases) {
        for case in found.cases {
            // A NIK and a No KK of the same digits would name the same case twice.
            if search.so_far.cases.iter().all(|known| known.case_id != case.case_id) {
                search.so_far.cases.push(case);
            }
        }
        search.so_far.more |= found.more;
        self.search_on(search);
    }

    /// Cases to choose from, and whether there are more of them.
    pub(in crate::counter) fn found_cases(&self) -> (&[CaseRow], bool) {
        self.found.as_ref().map_or((&[], false), |found| (&found.cases, found.more))
    }

    pub(super) fn open_found(&mut self, index: usize) {
        let case = self.found_cases().0.get(index).map(|row| row.case_id);
        if let Some(case) = case {
            self.found = None;
            self.ask_case(case);
        }
    }

    pub(super) fn write_note(&mut self, text: &str) {
        let text = one_paragraph(text);
        let Some(case) = self.case.as_ref().map(|case| case.detail.row.case_id) else { return };
        if !text.is_empty() {
            self.decide(Decision::Note { case, text });
        }
    }

    pub(super) fn noted(&mut self, case: CaseId) {
        self.note_open = false;
        self.tell("Catatan ditempel pada permohonan ini.");
        self.ask_in_background(Background::Refresh(case));
    }
}
