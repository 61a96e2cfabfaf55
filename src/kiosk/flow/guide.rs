//! For whoever is not sure what they need: the questions of the guide, one after the other.

use super::{Flow, Place};
use crate::domain::catalogue::{GuideAnswer, GuideQuestion, GuideStep};

/// The key of the card that leads into the guide.
pub(in crate::kiosk) const GUIDE_CARD: &str = "?";

impl Flow {
    /// The question of the guide that is asked now.
    pub(in crate::kiosk) fn guide_question(&self, at: usize) -> Option<&GuideQuestion> {
        let catalogue = &self.session.catalogue;
        match at.checked_sub(1) {
            None => catalogue.guide_start(),
            Some(before) => catalogue.guide_question(self.session.guide.get(before)?),
        }
    }

    /// The answers that lead somewhere today.
    pub(in crate::kiosk) fn guide_answers(&self, at: usize) -> Vec<&GuideAnswer> {
        self.guide_question(at).map(|question| self.session.catalogue.guide_answers(question)).unwrap_or_default()
    }

    /// Whether the first menu offers the guide.
    pub(in crate::kiosk) fn has_guide(&self) -> bool {
        !self.guide_answers(0).is_empty()
    }

    pub(super) fn enter_guide(&mut self) {
        if self.has_guide() {
            self.session.guide.clear();
            self.go(Place::Unsure(0));
        }
    }

    /// An answer, by its number among those that are offered.
    pub(super) fn guide_answered(&mut self, at: usize, key: &str) {
        let Some(answer) = key.parse().ok().and_then(|number: usize| self.guide_answers(at).get(number).copied())
        else {
            return;
        };
        match answer.leads_to.clone() {
            GuideStep::Question(question) => {
                self.session.guide.truncate(at);
                self.session.guide.push(question);
                self.go(Place::Unsure(at + 1));
            }
            GuideStep::Variant(variant) => {
                let group = self.session.catalogue.variant(&variant).map(|variant| variant.group.clone());
                self.session.group = group;
                self.pick_variant(variant);
            }
        }
    }
}
