//! All papers at one glance.

use super::*;
use crate::domain::page_doubt::PageDoubt;
use crate::wire::case::PageSeen;

fn overview(documents: Vec<CaseDocument>) -> Desk {
    let mut desk = Desk::with(CaseDetail { documents, ..detail(Stage::Submitted, 1) });
    desk.give(CounterEvent::OverviewToggled);
    desk
}

fn states(desk: &Desk) -> Vec<DocumentMood> {
    desk.view().documents.iter().map(|document| document.state).collect()
}

#[test]
fn all_papers_are_fetched_shown_and_marked_with_one_key() {
    let mut desk = overview(detail(Stage::Submitted, 1).documents);
    for number in [1, 3] {
        let load = CounterEffect::LoadScan { case: case_id(7), document: document_id(number) };
        assert!(desk.others.contains(&load), "scan {number} is fetched");
    }
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    desk.give(CounterEvent::AllMarked);
    assert!(desk.view().notice.contains("Tunggu") && desk.view().overview, "one scan is still on its way");
    desk.give(CounterEvent::ScanLoaded(document_id(3)));
    let shown: Vec<_> = desk.view().tiles.iter().map(|tile| tile.scan).collect();
    assert_eq!(shown, [Some(document_id(1)), None, Some(document_id(3)), None, None]);
    desk.give(CounterEvent::AllMarked);
    let expected = [
        DocumentMood::Accepted,
        DocumentMood::Shown,
        DocumentMood::Accepted,
        DocumentMood::Missing,
        DocumentMood::Missing,
    ];
    assert_eq!(states(&desk), expected, "what nobody brought is not there");
    assert!(desk.view().can_accept && !desk.view().overview);
}

#[test]
fn what_is_doubted_or_has_no_picture_is_looked_at_by_itself() {
    let mut documents = detail(Stage::Submitted, 1).documents;
    documents[0].seen = Some(PageSeen { doubts: vec![PageDoubt::Blurred], ..PageSeen::default() });
    let mut desk = overview(documents);
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    desk.give(CounterEvent::ScanFailed(document_id(3)));
    desk.give(CounterEvent::AllMarked);
    let view = desk.view();
    assert_eq!(states(&desk)[..3], [DocumentMood::Scanned, DocumentMood::Shown, DocumentMood::Scanned]);
    assert_eq!(view.selected_document, 0, "the first one left is on the screen");
    assert!(view.notice.contains("satu per satu") && !view.can_accept);
}

#[test]
fn a_refused_paper_stays_refused_and_one_that_returns_is_alone_again() {
    let mut desk = Desk::with(detail(Stage::Submitted, 1));
    desk.give(CounterEvent::DocumentMarked { index: 1, ok: false });
    desk.give(CounterEvent::OverviewToggled);
    desk.give(CounterEvent::ScanLoaded(document_id(1)));
    desk.give(CounterEvent::ScanLoaded(document_id(3)));
    desk.give(CounterEvent::AllMarked);
    assert_eq!(states(&desk)[1], DocumentMood::Rejected);
    desk.give(CounterEvent::OverviewToggled);
    desk.give(CounterEvent::ReturnStarted);
    assert!(!desk.view().overview && desk.view().return_panel);
    desk.give(CounterEvent::OverviewToggled);
    assert!(!desk.view().overview, "reasons belong to one paper");
}

#[test]
fn only_papers_that_are_checked_are_laid_out() {
    let mut desk = overview(Vec::new());
    assert!(!desk.view().overview, "no papers");
    desk = Desk::with(detail(Stage::Received, 7));
    desk.give(CounterEvent::OverviewToggled);
    desk.give(CounterEvent::AllMarked);
    assert!(!desk.view().overview);
    assert!(!states(&desk).contains(&DocumentMood::Accepted), "a checked case is not checked again");
}
