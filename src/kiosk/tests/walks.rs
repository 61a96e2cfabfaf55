//! Whole sessions.

use super::*;
use crate::kiosk::flow::Who;

/// Walks a session and writes down every screen and effect.
fn record(visitor: &Visitor, first: &[Touch]) -> String {
    let mut stage = Stage::new();
    let mut text = tell(&stage.view());
    for at in 0..200 {
        let view = stage.view();
        if at > 0 && view.screen == Screen::Attract {
            return format!("{text}\n");
        }
        let touch = first.get(at).cloned().or_else(|| visitor.next_touch(&view)).unwrap();
        stage.take_effects();
        stage.touch(touch.clone());
        // Digits one by one say nothing new.
        if matches!(touch, Touch::Digit(_)) && !stage.view().nik_length.is_multiple_of(16) {
            continue;
        }
        let effects = stage.take_effects().iter().map(name).collect::<Vec<_>>().join(", ");
        text = format!("{text}\n> {touch:?}  {effects}\n{}", tell(&stage.view()));
    }
    panic!("the session never ends:\n{text}");
}

#[test]
fn a_lost_card_in_person() {
    let first = [Touch::Start, Touch::Next, Touch::PickCard("hilang".to_owned())];
    assert_golden("kiosk_flow_lost_card", &record(&Visitor::new(0), &first));
}

#[test]
fn a_new_family_with_a_proxy() {
    let first = [
        Touch::Start,
        Touch::Next,
        Touch::PickCard("baru".to_owned()),
        Touch::PickCard("kk.baru.keluarga_baru".to_owned()),
    ];
    assert_golden("kiosk_flow_new_family_proxy", &record(&Visitor::new(2), &first));
}

#[test]
fn every_variant_leads_to_a_slip() {
    let catalogue = Catalogue::built_in();
    for variant in catalogue.variants() {
        for number in 0..6 {
            let mut stage = Stage::new();
            stage.touch(Touch::Start);
            stage.touch(Touch::Next);
            stage.pick(variant.group.as_str());
            if stage.screen() == Screen::Variant {
                stage.pick(variant.key.as_str());
            }
            stage.walk_to(&Visitor::new(number), Screen::Slip);
            let Some(Application::New { variant: applied, documents, proxy, .. }) = stage.applications.last() else {
                panic!("nothing was applied for");
            };
            assert_eq!(applied, &variant.key);
            assert_eq!(proxy.is_some(), number % 3 == 2);
            for document in documents {
                let scanned = catalogue.document(&document.kind).unwrap().scan;
                assert_eq!(document.scan.is_some(), scanned, "{}: {}", variant.key, document.kind);
            }
        }
    }
}

#[test]
fn back_leads_to_the_start_from_everywhere() {
    let goals = [
        Screen::Notice,
        Screen::Need,
        Screen::Question,
        Screen::Checklist,
        Screen::Applicant,
        Screen::Nik,
        Screen::Scan,
        Screen::Review,
    ];
    for goal in goals {
        let mut stage = Stage::new();
        stage.walk_to(&Visitor::new(2), goal);
        for _ in 0..60 {
            if stage.screen() == Screen::Attract {
                break;
            }
            assert!(stage.view().can_back);
            stage.touch(Touch::Back);
        }
        assert_eq!(stage.screen(), Screen::Attract, "from {goal:?}");
        assert_eq!(stage.view(), Stage { now: stage.now, ..Stage::new() }.view(), "something is left over");
    }
}

#[test]
fn an_edit_returns_to_the_review() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.touch(Touch::Edit("nik".to_owned()));
    assert_eq!((stage.screen(), stage.view().nik_length), (Screen::Nik, 16));
    stage.touch(Touch::Back);
    assert_eq!(stage.screen(), Screen::Review);

    stage.touch(Touch::Edit("nik".to_owned()));
    stage.touch(Touch::Clear);
    stage.digits("3315135208909777");
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Review, "what is complete is not asked again");
    assert!(stage.view().review.iter().any(|line| line.value.ends_with("77")));

    stage.touch(Touch::Edit("applicant".to_owned()));
    stage.touch(Touch::PickApplicant(Who::Proxy));
    assert_eq!(stage.screen(), Screen::Checklist, "a proxy's papers are asked for");
    stage.have("surat_kuasa", true);
    stage.have("ktp_penerima_kuasa", true);
    stage.touch(Touch::Next);
    assert!(stage.view().nik_for_proxy);
    stage.digits("3315141102859001");
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Scan, "the letter is scanned");
}

#[test]
fn another_service_asks_only_what_is_new() {
    let mut stage = Stage::lost_card(Screen::Review);
    stage.touch(Touch::Edit("variant".to_owned()));
    stage.pick("rusak");
    assert_eq!(stage.screen(), Screen::Checklist);
    stage.have("kk_rusak", true);
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Scan);
    stage.touch(Touch::Scan);
    stage.touch(Touch::AcceptScan);
    assert_eq!(stage.screen(), Screen::Review);
    stage.touch(Touch::Submit);
    let Some(Application::New { documents, .. }) = stage.applications.last() else { panic!() };
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["kk_rusak", "ktp_el"], "papers of the other service do not travel");
}

#[test]
fn a_missing_document_is_said_before_anybody_queues() {
    let mut stage = Stage::lost_card(Screen::Checklist);
    assert!(!stage.view().can_next);
    stage.have("sk_hilang_polisi", false);
    stage.have("ktp_el", true);
    assert!(stage.view().can_next, "what is only practice need not be answered");
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Incomplete);
    let rows: Vec<_> = stage.view().checklist.into_iter().map(|row| row.key).collect();
    assert_eq!(rows, ["sk_hilang_polisi"]);
    stage.touch(Touch::Back);
    assert_eq!(stage.screen(), Screen::Checklist);
    stage.touch(Touch::Next);
    stage.touch(Touch::Finish);
    assert_eq!(stage.screen(), Screen::Attract);
}

#[test]
fn impossible_numbers_block_and_doubtful_ones_ask() {
    let mut stage = Stage::lost_card(Screen::Nik);
    stage.digits("331513520890");
    assert!(!stage.view().can_next);
    stage.touch(Touch::Next);
    assert_eq!(stage.view().nik_issue, NikIssueView::Incomplete);
    stage.digits("00005");
    assert_eq!(stage.view().nik_length, 16, "a seventeenth digit is not taken");
    assert_eq!(stage.view().nik_issue, NikIssueView::SerialZero);
    assert!(!stage.view().can_next);
    stage.touch(Touch::Clear);
    stage.digits("1111111111111111");
    assert_eq!(stage.view().nik_issue, NikIssueView::AllSame);
    stage.touch(Touch::Clear);
    stage.digits("0015135208909001");
    assert!(stage.view().can_next);
    stage.touch(Touch::Next);
    assert_eq!((stage.screen(), stage.view().nik_issue), (Screen::NikConfirm, NikIssueView::UnknownProvince));
    stage.touch(Touch::Back);
    assert_eq!((stage.screen(), stage.view().nik_length), (Screen::Nik, 16));
    stage.touch(Touch::Next);
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Phone);
    stage.walk_to(&Visitor::new(0), Screen::Slip);
    let Some(Application::New { applicant_doubtful, .. }) = stage.applications.last() else { panic!() };
    assert!(applicant_doubtful, "the officer is told that the person insisted");
}

#[test]
fn a_proxy_is_somebody_else() {
    let visitor = Visitor::new(2);
    let mut stage = Stage::new();
    stage.walk_to(&visitor, Screen::Nik);
    stage.digits(&visitor.nik);
    stage.touch(Touch::Next);
    assert!(stage.view().nik_for_proxy);
    stage.digits(&visitor.nik);
    assert_eq!(stage.view().nik_issue, NikIssueView::SameAsApplicant);
    assert!(!stage.view().can_next);
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Nik);
}

#[test]
fn a_scan_is_seen_taken_again_and_accepted() {
    let mut stage = Stage::lost_card(Screen::Scan);
    stage.touch(Touch::Scan);
    assert_eq!(stage.view().scan_phase, ScanPhaseView::Preview);
    let first = stage.view().scan_preview;
    stage.take_effects();
    stage.touch(Touch::Retake);
    assert_ne!(stage.view().scan_preview, first);
    let names: Vec<_> = stage.take_effects().iter().map(name).collect();
    assert_eq!(names, ["forget page", "scan sk_hilang_polisi"]);
    stage.touch(Touch::AcceptScan);
    assert_eq!(stage.view().scan_number, 2);
    stage.touch(Touch::Back);
    assert_eq!(stage.view().scan_phase, ScanPhaseView::Preview, "an accepted page is shown again");
}
