//! The handover: cards, proxies, the ways beside the chip.

use super::*;
use crate::counter::flow::{CardTrouble, Collector, CounterEffect, HandoverPhase};
use crate::wire::case::{CollectorWire, HandOver, Proof};

fn ready() -> CaseDetail {
    detail(Stage::Received, 7)
}

fn with_proxy() -> CaseDetail {
    CaseDetail { proxy: Some(nik(PROXY)), ..ready() }
}

impl Desk {
    fn watch(&self) -> u64 {
        let watch = self.others.iter().rev().find_map(|effect| match effect {
            CounterEffect::WatchForCard { watch } => Some(*watch),
            _ => None,
        });
        watch.expect("a card is awaited")
    }

    fn lay(&mut self, number: &str) {
        let watch = self.watch();
        self.give(CounterEvent::CardPlaced { watch });
        assert_eq!(self.view().handover, HandoverPhase::Reading);
        self.give(CounterEvent::CardRead { watch, nik: nik(number), origin: "simulated".to_owned(), card_id: None });
    }

    fn fail_card(&mut self, why: CardTrouble) {
        let watch = self.watch();
        self.give(CounterEvent::CardFailed { watch, why });
    }

    fn fallback(&mut self, key: &str, typed: &str, note: &str) {
        self.give(CounterEvent::FallbackChosen {
            key: key.to_owned(),
            nik: Private(typed.to_owned()),
            note: note.to_owned(),
        });
    }

    fn handed(&self) -> &HandOver {
        match self.last_ask() {
            Ask::HandOver(_, body) => body,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_right_card_hands_over() {
    let mut desk = Desk::with(ready());
    assert_eq!(desk.view().handover, HandoverPhase::WaitCard);
    desk.lay(APPLICANT);
    let view = desk.view();
    assert_eq!((view.handover, view.card_nik.replace(' ', "").as_str()), (HandoverPhase::Matched, APPLICANT));
    desk.give(CounterEvent::HandOverAsked);
    desk.give(CounterEvent::HandOverAsked);
    assert_eq!(desk.view().handover, HandoverPhase::Committing);
    assert_eq!(desk.asks.len(), 3, "login, slip, handover");
    assert_eq!(desk.handed().proof, Proof::Card { nik: nik(APPLICANT), origin: "simulated".to_owned() });
    desk.done(Stage::HandedOver, 8);
    let view = desk.view();
    assert_eq!((view.mode, view.handover, view.card_nik.as_str()), (CaseMode::Done, HandoverPhase::Done, ""));
    assert!(view.notice.contains("Kembalikan KTP-el"));
}

#[test]
fn a_wrong_card_is_sent_to_be_written_down_and_refused() {
    let mut desk = Desk::with(ready());
    desk.lay(STRANGER);
    assert_eq!(desk.view().handover, HandoverPhase::Mismatch);
    assert_eq!(desk.handed().proof, Proof::Card { nik: nik(STRANGER), origin: "simulated".to_owned() });
    let first = desk.request_id();
    desk.refuse(Failure::HandoverNikMismatch);
    let view = desk.view();
    assert!(view.handover == HandoverPhase::Mismatch && !view.busy && !view.failure.visible);
    desk.give(CounterEvent::HandOverAsked);
    assert_eq!(desk.request_id(), first, "a mismatch offers no handover");
    desk.give(CounterEvent::CardAsked);
    desk.lay(STRANGER);
    assert_ne!(desk.request_id(), first, "a second attempt is a second attempt");
}

#[test]
fn the_hub_decides_also_when_the_counter_thinks_it_matches() {
    let mut desk = Desk::with(ready());
    desk.lay(APPLICANT);
    desk.give(CounterEvent::HandOverAsked);
    desk.refuse(Failure::HandoverNikMismatch);
    assert_eq!(desk.view().handover, HandoverPhase::Mismatch);
}

#[test]
fn a_lost_reply_of_a_handover_is_one_handover() {
    let mut desk = Desk::with(ready());
    desk.lay(APPLICANT);
    desk.give(CounterEvent::HandOverAsked);
    let first = desk.request_id();
    for _ in 0..5 {
        assert_eq!((desk.request_id(), desk.view().handover), (first, HandoverPhase::Committing));
        desk.refuse(Failure::HubUnreachable);
    }
    assert_eq!(desk.view().handover, HandoverPhase::Matched);
    desk.give(CounterEvent::HandOverAsked);
    assert_eq!(desk.request_id(), first);
    desk.done(Stage::HandedOver, 8);
    assert_eq!(desk.mode(), CaseMode::Done);
}

#[test]
fn an_unreadable_chip_leads_to_the_visual_check_and_never_silently() {
    let mut desk = Desk::with(ready());
    desk.fail_card(CardTrouble::Unreadable);
    assert_eq!(desk.view().handover, HandoverPhase::Unreadable);
    desk.give(CounterEvent::FallbackStarted);
    let keys: Vec<String> = desk.view().fallbacks.into_iter().map(|row| row.key).collect();
    assert_eq!(keys, ["retry", "visual", "ikd"]);
    let asked = desk.asks.len();
    for (typed, note, code) in [
        ("331513", "foto cocok", "NIK-MALFORMED"),
        (APPLICANT, "   ", "HANDOVER-PROOF-INVALID"),
        (APPLICANT, "NIK 3315 1301 0190 9001 cocok", "HANDOVER-PROOF-INVALID"),
    ] {
        desk.fallback("visual", typed, note);
        assert_eq!((desk.failure().as_str(), desk.asks.len()), (code, asked));
    }
    desk.fallback("visual", "3315 1301 0190 9001", " chip rusak,  foto cocok ");
    let proof = Proof::Visual { reason: "chip rusak, foto cocok".to_owned(), nik: nik(APPLICANT) };
    assert_eq!(desk.handed().proof, proof);
    assert!(desk.view().notice.contains("sebelum KK dilepas"));
    desk.done(Stage::HandedOver, 8);
    assert_eq!(desk.mode(), CaseMode::Done);
}

#[test]
fn ikd_is_seen_and_retry_goes_back_to_the_card() {
    let mut desk = Desk::with(ready());
    desk.give(CounterEvent::FallbackStarted);
    assert!(desk.others.contains(&CounterEffect::ForgetCard));
    desk.fallback("retry", "", "");
    assert_eq!(desk.view().handover, HandoverPhase::WaitCard);
    desk.give(CounterEvent::FallbackStarted);
    desk.fallback("ikd", STRANGER, "IKD di ponsel");
    desk.refuse(Failure::HandoverNikMismatch);
    assert_eq!(desk.view().handover, HandoverPhase::Mismatch);
}

#[test]
fn a_proxy_is_chosen_and_must_show_their_own_card() {
    let mut desk = Desk::with(with_proxy());
    assert_eq!(desk.view().handover, HandoverPhase::ChooseCollector);
    assert!(desk.others.iter().all(|effect| !matches!(effect, CounterEffect::WatchForCard { .. })));
    desk.give(CounterEvent::CollectorChosen(Collector::Proxy));
    desk.lay(APPLICANT);
    assert_eq!(desk.view().handover, HandoverPhase::Mismatch);
    desk.refuse(Failure::HandoverNikMismatch);
    // Perhaps the applicant stands here after all.
    desk.give(CounterEvent::CardAsked);
    assert_eq!(desk.view().handover, HandoverPhase::ChooseCollector);
    desk.give(CounterEvent::CollectorChosen(Collector::Proxy));
    desk.lay(PROXY);
    desk.give(CounterEvent::HandOverAsked);
    assert_eq!(desk.handed().collector, CollectorWire::Proxy);
}

#[test]
fn a_card_lifted_too_early_is_asked_for_again() {
    let mut desk = Desk::with(ready());
    let watch = desk.watch();
    desk.give(CounterEvent::CardPlaced { watch });
    desk.fail_card(CardTrouble::Removed);
    assert_eq!(desk.view().handover, HandoverPhase::WaitCard);
    assert!(desk.view().notice.contains("Letakkan sekali lagi"));
    assert_ne!(desk.watch(), watch);
}

#[test]
fn an_absent_reader_is_told_once_and_comes_back_by_itself() {
    let mut desk = Desk::with(ready());
    desk.fail_card(CardTrouble::ReaderAway);
    assert_eq!(desk.failure(), "READER-NOT-READY");
    desk.give(CounterEvent::FailureDismissed);
    desk.give(CounterEvent::Ticked);
    desk.fail_card(CardTrouble::ReaderAway);
    assert_eq!(desk.failure(), "");
    desk.give(CounterEvent::Ticked);
    desk.lay(APPLICANT);
    assert_eq!(desk.view().handover, HandoverPhase::Matched);
}

#[test]
fn a_card_that_nobody_awaits_any_more_is_not_heard() {
    let mut desk = Desk::with(ready());
    let watch = desk.watch();
    desk.give(CounterEvent::CaseClosed);
    desk.open(ready());
    desk.give(CounterEvent::CardRead { watch, nik: nik(STRANGER), origin: "chip".to_owned(), card_id: None });
    let view = desk.view();
    assert!(view.handover == HandoverPhase::WaitCard && view.card_nik.is_empty());
}

#[test]
fn other_desks_are_named() {
    for (stage, word) in [
        (Stage::Verified, "operator"),
        (Stage::Proposed, "Kepala Bidang"),
        (Stage::Endorsed, "Kepala Dinas"),
        (Stage::Signed, "operator"),
    ] {
        let desk = Desk::with(detail(stage, 3));
        assert_eq!(desk.mode(), CaseMode::WaitingElsewhere);
        assert!(desk.view().case_stage.contains(word));
    }
}

impl Desk {
    fn pass_s(&mut self, seconds: i64) {
        self.now += jiff::SignedDuration::from_secs(seconds);
        self.give(CounterEvent::Ticked);
    }

    fn see_card(&mut self, name: Option<&str>) {
        self.give(CounterEvent::CardSeen { present: name.is_some(), card_id: name.map(str::to_owned) });
    }
}

#[test]
fn a_card_that_is_swapped_after_the_match_is_read_anew() {
    let mut desk = Desk::with(ready());
    desk.lay(APPLICANT);
    desk.see_card(Some("card-1"));
    assert_eq!(desk.view().handover, HandoverPhase::Matched);
    let before = desk.watch();
    desk.see_card(Some("card-2"));
    let view = desk.view();
    assert_eq!((view.handover, view.card_nik.as_str()), (HandoverPhase::WaitCard, ""));
    assert!(view.notice.contains("berganti") && desk.watch() > before, "it is read by itself");
    desk.give(CounterEvent::HandOverAsked);
    assert_eq!(desk.asks.len(), 2, "login and slip: nothing is handed over");
    desk.lay(STRANGER);
    assert_eq!(desk.handed().proof, Proof::Card { nik: nik(STRANGER), origin: "simulated".to_owned() });
}

#[test]
fn a_card_that_is_lifted_after_the_match_proves_nothing_any_more() {
    let mut desk = Desk::with(ready());
    desk.lay(APPLICANT);
    desk.see_card(Some("card-1"));
    desk.see_card(None);
    assert_eq!(desk.view().handover, HandoverPhase::WaitCard);
    assert!(desk.view().notice.contains("terangkat"));
}

#[test]
fn a_forgotten_card_is_reminded_of_once_it_has_lain_a_while() {
    let mut desk = Desk::with(ready());
    desk.give(CounterEvent::CaseClosed);
    desk.see_card(Some("card-1"));
    assert!(!desk.view().card_forgotten);
    desk.pass_s(11);
    assert!(desk.view().card_forgotten);
    let chimes = |desk: &Desk| desk.others.iter().filter(|effect| **effect == CounterEffect::Chime).count();
    desk.pass_s(30);
    assert_eq!(chimes(&desk), 1, "it sounds once");
    desk.see_card(None);
    assert!(!desk.view().card_forgotten);
}
