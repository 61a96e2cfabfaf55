//! Need, variant, questions, checklist, and who applies.

use super::{CHECKLIST_ROWS, Flow, Place, Purpose, Scope, Who};
use crate::domain::catalogue::{DocumentKey, GroupKey, Requirement, VariantKey};

impl Flow {
    pub(super) fn pick_card(&mut self, key: &str) {
        match self.place {
            Place::Need => self.pick_group(key),
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

    fn pick_variant(&mut self, variant: VariantKey) {
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
            Place::Checklist { scope: Scope::Service, page: 0 }
        }
    }

    pub(in crate::kiosk) fn pages(&self, scope: Scope) -> usize {
        self.session.requirements(scope).len().div_ceil(CHECKLIST_ROWS)
    }

    pub(super) fn scope_applies(&self, scope: Scope) -> bool {
        scope == Scope::Service || self.session.who == Some(Who::Proxy)
    }

    /// The requirements on one page.
    pub(in crate::kiosk) fn page_rows(&self, scope: Scope, page: usize) -> Vec<Requirement> {
        let all = self.session.requirements(scope);
        all.into_iter().skip(page * CHECKLIST_ROWS).take(CHECKLIST_ROWS).collect()
    }

    pub(super) fn is_page_decided(&self, scope: Scope, page: usize) -> bool {
        let all = self.session.requirements(scope);
        // A group of which one is enough may reach over two pages: it is decided on its last one.
        let rows = all.iter().skip(page * CHECKLIST_ROWS).take(CHECKLIST_ROWS);
        let later = |row: &Requirement| {
            all.iter().skip((page + 1) * CHECKLIST_ROWS).any(|other| other.need == row.need)
                && matches!(row.need, crate::domain::catalogue::Need::OneOf(_))
        };
        rows.into_iter().all(|row| later(row) || self.session.is_decided(row, &all))
    }

    pub(super) fn set_have(&mut self, key: &str, have: bool) {
        let Place::Checklist { scope, page } = self.place else { return };
        let Ok(document) = DocumentKey::parse(key) else { return };
        if self.page_rows(scope, page).iter().any(|row| row.document == document) {
            self.session.have.insert(document, have);
        }
    }

    pub(super) fn turn_page(&mut self, step: i32) {
        let Place::Checklist { scope, page } = self.place else { return };
        let wanted = i64::try_from(page).unwrap_or(0) + i64::from(step.signum());
        if let Ok(page) = usize::try_from(wanted)
            && page < self.pages(scope)
        {
            self.place = Place::Checklist { scope, page };
        }
    }

    pub(super) fn checklist_next(&mut self, scope: Scope, page: usize) {
        if !self.is_page_decided(scope, page) {
            return;
        }
        let undecided = (0..self.pages(scope)).find(|page| !self.is_page_decided(scope, *page));
        if let Some(page) = undecided {
            self.go(Place::Checklist { scope, page });
        } else if !self.session.missing(scope).is_empty() {
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
        let undecided = (0..self.pages(scope)).find(|page| !self.is_page_decided(scope, *page));
        match undecided {
            Some(page) => Some(Place::Checklist { scope, page }),
            None if !self.session.missing(scope).is_empty() => Some(Place::Incomplete(scope)),
            None => None,
        }
    }

    pub(super) fn pick_applicant(&mut self, who: Who) {
        if self.place == Place::Applicant {
            self.session.who = Some(who);
        }
    }

    pub(super) fn applicant_next(&mut self) {
        match self.session.who {
            None => {}
            Some(Who::InPerson) => {
                self.session.proxy_nik = None;
                self.session.digits_mut(Purpose::Proxy).clear();
                self.advance(Place::Nik(Purpose::Applicant));
            }
            Some(Who::Proxy) => self.advance(Place::Checklist { scope: Scope::Proxy, page: 0 }),
        }
    }
}
