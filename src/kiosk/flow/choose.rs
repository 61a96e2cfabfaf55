//! Need, variant, questions, checklist, and who applies.

use super::guide::GUIDE_CARD;
use super::{Flow, KioskEffect, Place, Purpose, Scope, Who};
use crate::domain::catalogue::{DocumentKey, GroupKey, Need, VariantKey};

impl Flow {
    pub(super) fn pick_card(&mut self, key: &str, effects: &mut Vec<KioskEffect>) {
        match self.place {
            Place::Need if key == GUIDE_CARD => self.enter_guide(),
            Place::Need => self.pick_group(key),
            Place::Unsure(at) => self.guide_answered(at, key),
            Place::Priority => self.pick_priority(key, effects),
            Place::Variant => {
                if let Ok(variant) = VariantKey::parse(key) {
                    self.pick_variant(variant);
                }
            }
            _ => {}
        }
    }

    fn pick_group(&mut self, key: &str) {
        let Ok(group) = GroupKey::parse(key) else { return };
        let variants: Vec<VariantKey> =
            self.session.catalogue.variants_in(&group).into_iter().map(|variant| variant.key.clone()).collect();
        match &variants[..] {
            [] => {}
            [only] => {
                self.session.group = Some(group);
                self.pick_variant(only.clone());
            }
            _ => {
                self.session.group = Some(group);
                self.go(Place::Variant);
            }
        }
    }

    pub(super) fn pick_variant(&mut self, variant: VariantKey) {
        if !self.session.group_variants().iter().any(|known| known.key == variant) {
            return;
        }
        self.session.variant = Some(variant);
        let next = if self.session.questions().is_empty() { self.checklist_start() } else { Place::Question(0) };
        self.advance(next);
    }

    pub(super) fn answer(&mut self, yes: bool) {
        let Place::Question(at) = self.place else { return };
        let questions = self.session.questions();
        let Some(key) = questions.get(at).map(|question| question.key.clone()) else { return };
        let last = at + 1 >= questions.len();
        self.session.answers.set(key, yes);
        let next = if last { self.checklist_start() } else { Place::Question(at + 1) };
        self.advance(next);
    }

    /// The checklist, or what follows it for a variant that asks for nothing.
    fn checklist_start(&self) -> Place {
        if self.session.requirements(Scope::Service).is_empty() {
            Place::Applicant
        } else {
            Place::Checklist(Scope::Service)
        }
    }

    pub(super) fn scope_applies(&self, scope: Scope) -> bool {
        scope == Scope::Service || self.session.needs_letter()
    }

    /// The first document, counted from 0, about which something is still to be said. A group of which one is enough is
    /// open at its last member, and only while none of it is there.
    pub(in crate::kiosk) fn first_undecided(&self, scope: Scope) -> Option<usize> {
        let all = self.session.requirements(scope);
        let open = |at: usize| {
            let later = all.iter().skip(at + 1).any(|other| other.need == all[at].need);
            let waits_for_later = later && matches!(all[at].need, Need::OneOf(_));
            !waits_for_later && !self.session.is_decided(&all[at], &all)
        };
        (0..all.len()).find(|at| open(*at))
    }

    pub(super) fn set_have(&mut self, key: &str, have: bool) {
        let Place::Checklist(scope) = self.place else { return };
        let Ok(document) = DocumentKey::parse(key) else { return };
        if self.session.requirements(scope).iter().any(|row| row.document == document) {
            self.session.have.insert(document, have);
        }
    }

    pub(super) fn checklist_next(&mut self, scope: Scope) {
        if self.first_undecided(scope).is_some() {
            return;
        }
        if !self.session.missing(scope).is_empty() {
            self.session.list = Default::default();
            self.go(Place::Incomplete(scope));
        } else {
            self.advance(match scope {
                Scope::Service => Place::Applicant,
                Scope::Proxy => Place::Nik(Purpose::Applicant),
            });
        }
    }

    /// Where the checklist of a scope still wants something.
    pub(super) fn checklist_gap(&self, scope: Scope) -> Option<Place> {
        if self.first_undecided(scope).is_some() {
            Some(Place::Checklist(scope))
        } else if self.session.missing(scope).is_empty() {
            None
        } else {
            Some(Place::Incomplete(scope))
        }
    }

    pub(super) fn pick_applicant(&mut self, who: Who) {
        if self.place != Place::Applicant {
            return;
        }
        self.session.who = Some(who);
        if who != Who::Proxy {
            self.session.proxy_nik = None;
            self.session.digits_mut(Purpose::Proxy).clear();
        }
        self.advance(if self.session.needs_letter() {
            Place::Checklist(Scope::Proxy)
        } else {
            Place::Nik(Purpose::Applicant)
        });
    }
}
