//! Step 8: the KK is given against a proof of identity. The hub decides; the counter shows and sends.

use super::CounterFlow;
use super::asking::Decision;
use super::case::Next;
use super::messages::{CardTrouble, Collector, CounterEffect, Private};
use crate::domain::nik::Nik;
use crate::failure::Failure;
use crate::wire::case::{CollectorWire, Proof};
use crate::wire::{NOTE_LENGTH_MAX, one_paragraph};

/// So many digits in a row are a number of a person, which no reason may hold.
const DIGITS_OF_A_PERSON: usize = 16;

/// How far the handover is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverPhase {
    /// A proxy is recorded: who stands here?
    ChooseCollector,
    /// A card is awaited.
    WaitCard,
    /// A card is being read.
    Reading,
    /// The card is the collector's.
    Matched,
    /// The card is somebody else's.
    Mismatch,
    /// The chip did not answer.
    Unreadable,
    /// Another way is being chosen.
    Fallback,
    /// The hub is being told.
    Committing,
    /// The KK is handed over.
    Done,
}

/// The handover of the open case.
#[derive(Debug, Clone)]
pub struct Handover {
    /// How far.
    pub phase: HandoverPhase,
    /// Who collects.
    pub collector: Collector,
    /// The NIK that was read or typed, and where it came from.
    pub card: Option<(Nik, String)>,
    /// Opaque name of the card that was read.
    pub card_id: Option<String>,
    watch: Option<u64>,
    reader_away: bool,
}

impl Handover {
    pub(super) const fn new(has_proxy: bool) -> Self {
        let phase = if has_proxy { HandoverPhase::ChooseCollector } else { HandoverPhase::WaitCard };
        Self { phase, collector: Collector::Applicant, card: None, card_id: None, watch: None, reader_away: false }
    }

    /// Forgets what a card said.
    pub(super) fn forget_card(&mut self) {
        self.card = None;
        self.card_id = None;
    }
}

impl CounterFlow {
    fn handover(&mut self) -> Option<&mut Handover> {
        self.case.as_mut().filter(|case| case.next() == Next::HandOver).map(|case| &mut case.handover)
    }

    fn phase(&self) -> Option<HandoverPhase> {
        self.case.as_ref().filter(|case| case.next() == Next::HandOver).map(|case| case.handover.phase)
    }

    /// Whether the open case is at its handover.
    pub(super) fn is_handing_over(&self) -> bool {
        self.phase().is_some()
    }

    /// Called whenever a case came to the desk or to another stage.
    pub(super) fn begin_handover(&mut self) {
        if self.phase() == Some(HandoverPhase::WaitCard) {
            self.watch_for_card();
        }
    }

    /// Waits for a card, unless a watch is already out.
    pub(super) fn watch_for_card(&mut self) {
        let has_reader = self.facts.has_reader;
        let watch = self.watches + 1;
        let Some(handover) = self.handover() else { return };
        handover.phase = HandoverPhase::WaitCard;
        handover.forget_card();
        if !has_reader {
            handover.reader_away = true;
            return;
        }
        if handover.watch.is_none() {
            handover.watch = Some(watch);
            self.watches = watch;
            self.effects.push(CounterEffect::WatchForCard { watch });
        }
    }

    /// A reader that was away is asked again with every tick.
    pub(super) fn keep_watching(&mut self) {
        let lost_watch = self.handover().is_some_and(|handover| handover.watch.is_none());
        if self.screen == super::Screen::Desk && self.phase() == Some(HandoverPhase::WaitCard) && lost_watch {
            self.watch_for_card();
        }
    }

    /// Nobody may lay down a card now; what was read is forgotten.
    pub(super) fn pause_card(&mut self) {
        let Some(case) = &mut self.case else { return };
        case.handover.forget_card();
        if matches!(case.handover.phase, HandoverPhase::Reading | HandoverPhase::Matched | HandoverPhase::Committing) {
            case.handover.phase = HandoverPhase::WaitCard;
        }
        if case.handover.watch.take().is_some() {
            self.effects.push(CounterEffect::ForgetCard);
        }
    }

    pub(super) fn resume_card(&mut self) {
        self.begin_handover();
    }

    pub(super) fn choose_collector(&mut self, who: Collector) {
        let has_proxy = self.case.as_ref().is_some_and(|case| case.detail.proxy.is_some());
        if self.phase() != Some(HandoverPhase::ChooseCollector) {
            return;
        }
        if who == Collector::Proxy && !has_proxy {
            self.fail(Failure::HandoverNoProxy);
            return;
        }
        if let Some(handover) = self.handover() {
            handover.collector = who;
        }
        self.failing = None;
        self.watch_for_card();
    }

    /// The officer wants the card read, again.
    pub(super) fn ask_card(&mut self) {
        let has_proxy = self.case.as_ref().is_some_and(|case| case.detail.proxy.is_some());
        match self.phase() {
            // Perhaps the other one of the two stands here.
            Some(HandoverPhase::Mismatch) if has_proxy => {
                if let Some(handover) = self.handover() {
                    handover.phase = HandoverPhase::ChooseCollector;
                    handover.forget_card();
                }
            }
            Some(
                HandoverPhase::WaitCard
                | HandoverPhase::Matched
                | HandoverPhase::Mismatch
                | HandoverPhase::Unreadable
                | HandoverPhase::Fallback,
            ) => {
                self.failing = None;
                if !self.facts.has_reader {
                    self.fail(Failure::ReaderNotReady);
                }
                self.watch_for_card();
            }
            _ => {}
        }
    }

    fn watched(&mut self, watch: u64) -> Option<&mut Handover> {
        self.handover().filter(|handover| handover.watch == Some(watch))
    }

    pub(super) fn card_placed(&mut self, watch: u64) {
        let Some(handover) = self.watched(watch) else { return };
        handover.phase = HandoverPhase::Reading;
        handover.reader_away = false;
        if self.failing.as_ref().is_some_and(|failing| failing.code == Failure::ReaderNotReady.code()) {
            self.failing = None;
        }
    }

    pub(super) fn card_read(&mut self, watch: u64, nik: Nik, origin: String, card_id: Option<String>) {
        let expected = self.expected();
        let Some(handover) = self.watched(watch) else { return };
        handover.watch = None;
        handover.reader_away = false;
        let matched = expected.as_ref() == Some(&nik);
        handover.card = Some((nik, origin.clone()));
        handover.card_id = card_id;
        if matched {
            handover.phase = HandoverPhase::Matched;
        } else {
            handover.phase = HandoverPhase::Mismatch;
            // The hub refuses and writes it down: an attempt with a wrong card is a thing an auditor asks for.
            self.commit(Proof::Card { nik, origin });
        }
    }

    /// Whose NIK must be on the card.
    fn expected(&self) -> Option<Nik> {
        let case = self.case.as_ref()?;
        match case.handover.collector {
            Collector::Applicant => Some(case.detail.applicant),
            Collector::Proxy => case.detail.proxy,
        }
    }

    pub(super) fn card_failed(&mut self, watch: u64, why: CardTrouble) {
        let Some(handover) = self.watched(watch) else { return };
        handover.watch = None;
        match why {
            CardTrouble::Unreadable => handover.phase = HandoverPhase::Unreadable,
            CardTrouble::Removed => {
                self.tell("Kartu terangkat sebelum selesai dibaca. Letakkan sekali lagi.");
                self.watch_for_card();
            }
            CardTrouble::NoCard => self.watch_for_card(),
            CardTrouble::ReaderAway => {
                handover.phase = HandoverPhase::WaitCard;
                // Told once; the next tick asks the reader again.
                if !std::mem::replace(&mut handover.reader_away, true) {
                    self.fail(Failure::ReaderNotReady);
                }
            }
        }
    }

    pub(super) fn hand_over(&mut self) {
        if self.phase() != Some(HandoverPhase::Matched) {
            return;
        }
        let Some((nik, origin)) = self.handover().and_then(|handover| handover.card.clone()) else { return };
        if let Some(handover) = self.handover() {
            handover.phase = HandoverPhase::Committing;
        }
        self.commit(Proof::Card { nik, origin });
    }

    pub(super) fn start_fallback(&mut self) {
        let free =
            matches!(self.phase(), Some(HandoverPhase::WaitCard | HandoverPhase::Mismatch | HandoverPhase::Unreadable));
        if !free {
            return;
        }
        self.pause_card();
        if let Some(handover) = self.handover() {
            handover.phase = HandoverPhase::Fallback;
        }
        self.failing = None;
    }

    pub(super) fn choose_fallback(&mut self, key: &str, nik: &Private, note: &str) {
        if self.phase() != Some(HandoverPhase::Fallback) {
            return;
        }
        if key == "retry" {
            self.ask_card();
            return;
        }
        let typed: String = nik.0.chars().filter(|c| !c.is_whitespace()).collect();
        let Ok(nik) = Nik::parse(&typed) else {
            self.fail(Failure::NikMalformed);
            return;
        };
        let reason = one_paragraph(note);
        if reason.is_empty() || reason.chars().count() > NOTE_LENGTH_MAX || names_somebody(&reason) {
            self.fail(Failure::HandoverProofInvalid);
            return;
        }
        let proof = match key {
            "visual" => Proof::Visual { reason, nik },
            "ikd" => Proof::Ikd { reason, nik },
            _ => return,
        };
        if let Some(handover) = self.handover() {
            handover.card = Some((nik, "typed".to_owned()));
        }
        self.commit(proof);
        self.tell("Mencatat penyerahan. Tunggu sampai tercatat sebelum KK dilepas.");
    }

    fn commit(&mut self, proof: Proof) {
        let Some(case) = &self.case else { return };
        let collector = match case.handover.collector {
            Collector::Applicant => CollectorWire::Applicant,
            Collector::Proxy => CollectorWire::Proxy,
        };
        let (id, version) = (case.detail.row.case_id, case.detail.row.version);
        self.decide(Decision::HandOver { case: id, version, collector, proof });
    }

    pub(super) fn handed_over(&mut self) {
        if let Some(case) = &mut self.case {
            case.handover.phase = HandoverPhase::Done;
            case.handover.forget_card();
            case.handover.watch = None;
        }
    }

    /// Not recorded: the officer may press again, which repeats the same request.
    pub(super) fn handover_failed(&mut self) {
        if let Some(handover) = self.handover()
            && handover.phase == HandoverPhase::Committing
        {
            handover.phase = HandoverPhase::Matched;
        }
    }

    /// The hub says it is not the collector's NIK.
    pub(super) fn mismatch_confirmed(&mut self, decision: &Decision) {
        let Decision::HandOver { proof, .. } = decision else { return };
        let card = match proof {
            Proof::Card { nik, origin } => (*nik, origin.clone()),
            Proof::Visual { nik, .. } | Proof::Ikd { nik, .. } => (*nik, "typed".to_owned()),
        };
        self.notice = None;
        if let Some(handover) = self.handover() {
            handover.phase = HandoverPhase::Mismatch;
            handover.card = Some(card);
        }
    }
}

/// Whether a reason holds a number of a person.
pub(super) fn names_somebody(reason: &str) -> bool {
    let mut run = 0;
    reason.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).any(|c| {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        run >= DIGITS_OF_A_PERSON
    })
}
