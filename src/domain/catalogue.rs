//! The service catalogue: steps, variants, documents, forms, questions and return reasons of one service, as data.
//!
//! The office edits the file (`assets/services/kk-wni.toml`, `docs/service-data.md`) without a release. A [`Catalogue`]
//! exists only after the whole file has been checked, also when it arrives as JSON at a station; so whoever holds one
//! never meets a key that leads nowhere. Entries have dates; [`Catalogue::in_force`] gives the catalogue of one day.

mod check;
mod entry;
mod guide;
mod key;
mod requirement;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use check::{
    BYTES_MAX, DETAIL_CHARS_MAX, ENTRIES_MAX, GROUPS_MAX, LABEL_CHARS_MAX, SHORT_CHARS_MAX, TITLE_CHARS_MAX,
    VARIANTS_PER_GROUP_MAX,
};
pub use entry::{
    ConditionalForm, Confidence, DocumentKind, FixBy, Form, FormEdition, FormKind, Group, Mode, Period, ProxyRule,
    Question, RequirementRule, ReturnReason, ReturnScope, RtRwLetter, Service, Step, Switches, Variant,
};
pub use guide::{GUIDE_ANSWERS_MAX, GUIDE_DEPTH_MAX, GuideAnswer, GuideQuestion, GuideStep};
pub use key::{
    DocumentKey, EditionKey, FormCode, GroupKey, IconKey, KeyError, OneOfKey, QuestionKey, ReturnReasonKey, RoleKey,
    ServiceKey, StageKey, VariantKey,
};
pub use requirement::{Answers, Missing, Need, Requirement};

/// A checked service file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CatalogueFile", into = "CatalogueFile")]
pub struct Catalogue {
    file: CatalogueFile,
}

/// Why a service file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file is larger than any real one.
    #[error("the service file has {bytes} bytes, more than {BYTES_MAX}")]
    TooLarge {
        /// Size found.
        bytes: usize,
    },
    /// The file is no TOML, or a key is unknown, missing or of the wrong kind. The text names line and column.
    #[error("the service file cannot be read: {0}")]
    Syntax(String),
    /// The file can be read but contradicts itself.
    #[error("the service file has {} fault(s): {}", .0.len(), join(.0))]
    Invalid(Vec<CatalogueFault>),
}

/// One fault in a service file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct CatalogueFault {
    /// Where, for example `variant kk.baru.pisah, requirement kk_lama`.
    pub place: String,
    /// What is wrong and what is expected.
    pub problem: String,
}

fn join(faults: &[CatalogueFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The file as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    format: u16,
    service: Service,
    #[serde(default)]
    switches: Switches,
    rt_rw_letter: RtRwLetter,
    proxy: ProxyRule,
    #[serde(rename = "step")]
    steps: Vec<Step>,
    #[serde(rename = "form_edition")]
    form_editions: Vec<FormEdition>,
    #[serde(rename = "form")]
    forms: Vec<Form>,
    #[serde(rename = "document")]
    documents: Vec<DocumentKind>,
    #[serde(rename = "question")]
    questions: Vec<Question>,
    #[serde(rename = "group")]
    groups: Vec<Group>,
    #[serde(default, rename = "guide", skip_serializing_if = "Vec::is_empty")]
    guide: Vec<GuideQuestion>,
    #[serde(rename = "variant")]
    variants: Vec<Variant>,
    #[serde(rename = "return_reason")]
    return_reasons: Vec<ReturnReason>,
}

impl TryFrom<CatalogueFile> for Catalogue {
    type Error = CatalogueError;

    fn try_from(file: CatalogueFile) -> Result<Self, CatalogueError> {
        let catalogue = Self { file };
        let faults = check::faults(&catalogue);
        if faults.is_empty() { Ok(catalogue) } else { Err(CatalogueError::Invalid(faults)) }
    }
}

impl From<Catalogue> for CatalogueFile {
    fn from(catalogue: Catalogue) -> Self {
        catalogue.file
    }
}

/// The version that counts among several of one key: confirmed before unconfirmed, then the latest.
fn newest<'a, T>(entries: impl Iterator<Item = &'a T>, period: impl Fn(&T) -> Period) -> Option<&'a T> {
    entries.max_by_key(|entry| (period(entry).confirmed, period(entry).from))
}

impl Catalogue {
    /// Reads and checks a service file.
    pub fn parse(toml: &str) -> Result<Self, CatalogueError> {
        if toml.len() > BYTES_MAX {
            return Err(CatalogueError::TooLarge { bytes: toml.len() });
        }
        let file: CatalogueFile = toml::from_str(toml).map_err(|error| CatalogueError::Syntax(error.to_string()))?;
        file.try_into()
    }

    /// The catalogue that ships with the program: SOP-DKC.IP-01. An office may load its own file instead.
    pub fn built_in() -> Self {
        Self::parse(include_str!("../../assets/services/kk-wni.toml")).expect("a test checks the built-in service file")
    }

    /// The catalogue of one day: only what is confirmed and in force, one version of each key. On a day outside the
    /// dates of the service itself nothing is left but the steps.
    pub fn in_force(&self, day: Date) -> Self {
        let mut file = self.file.clone();
        let open = file.service.period().contains(day);
        let counts = |period: Period| open && period.contains(day);
        file.variants.retain(|variant| counts(variant.period()));
        file.documents.retain(|document| counts(document.period()));
        file.form_editions.retain(|edition| counts(edition.period()));
        let newest_edition = |code: &FormCode| {
            let editions = file
                .form_editions
                .iter()
                .filter(|edition| self.file.forms.iter().any(|form| form.code == *code && form.edition == edition.key));
            newest(editions, FormEdition::period).map(|edition| &edition.key)
        };
        file.forms.retain(|form| newest_edition(&form.code) == Some(&form.edition));
        let variants: BTreeSet<&VariantKey> = file.variants.iter().map(|variant| &variant.key).collect();
        file.rt_rw_letter.variants.retain(|key| variants.contains(key));
        Self { file }
    }

    /// Whether the service itself is in force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.file.service.period().contains(day)
    }

    /// The days on which something changes, earliest first.
    pub fn change_days(&self) -> BTreeSet<Date> {
        let file = &self.file;
        let periods = std::iter::once(file.service.period())
            .chain(file.variants.iter().map(Variant::period))
            .chain(file.documents.iter().map(DocumentKind::period))
            .chain(file.form_editions.iter().map(FormEdition::period));
        periods.filter(|period| period.confirmed).flat_map(|period| [period.from, period.until]).flatten().collect()
    }

    /// The service as a whole.
    pub fn service(&self) -> &Service {
        &self.file.service
    }

    /// The local rules.
    pub fn switches(&self) -> Switches {
        self.file.switches
    }

    /// What a proxy needs.
    pub fn proxy(&self) -> &ProxyRule {
        &self.file.proxy
    }

    /// The eight steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.file.steps
    }

    /// The step that brings a case to a stage, by stage key (`verified`).
    pub fn step(&self, stage: &str) -> Option<&Step> {
        self.file.steps.iter().find(|step| step.stage.as_str() == stage)
    }

    /// The menu groups that lead somewhere, in order.
    pub fn groups(&self) -> Vec<&Group> {
        self.file.groups.iter().filter(|group| !self.variants_in(&group.key).is_empty()).collect()
    }

    /// A menu group.
    pub fn group(&self, key: &GroupKey) -> Option<&Group> {
        self.file.groups.iter().find(|group| group.key == *key)
    }

    /// All confirmed variants, one version of each, in the order of the file.
    pub fn variants(&self) -> Vec<&Variant> {
        let confirmed = self.file.variants.iter().filter(|variant| variant.confirmed);
        confirmed
            .filter(|variant| self.variant(&variant.key).is_some_and(|chosen| std::ptr::eq(chosen, *variant)))
            .collect()
    }

    /// The variants behind a card of the menu, in order.
    pub fn variants_in(&self, group: &GroupKey) -> Vec<&Variant> {
        self.variants().into_iter().filter(|variant| variant.group == *group).collect()
    }

    /// A confirmed variant. With several versions in the file the latest one; take [`Catalogue::in_force`] first to get
    /// the one of a day.
    pub fn variant(&self, key: &VariantKey) -> Option<&Variant> {
        newest(self.file.variants.iter().filter(|variant| variant.key == *key && variant.confirmed), Variant::period)
    }

    /// The document kinds in use, one version of each, in the order of the file. A local one only while switched on.
    pub fn documents(&self) -> Vec<&DocumentKind> {
        let letter_off = !self.file.switches.rt_rw_letter;
        let hidden = |kind: &DocumentKind| letter_off && kind.key == self.file.rt_rw_letter.document;
        let used = self.file.documents.iter().filter(|kind| kind.confirmed && !hidden(kind));
        used.filter(|kind| self.document(&kind.key).is_some_and(|chosen| std::ptr::eq(chosen, *kind))).collect()
    }

    /// A document kind.
    pub fn document(&self, key: &DocumentKey) -> Option<&DocumentKind> {
        newest(self.file.documents.iter().filter(|kind| kind.key == *key), DocumentKind::period)
    }

    /// The editions of the forms, also those not yet in force.
    pub fn form_editions(&self) -> &[FormEdition] {
        &self.file.form_editions
    }

    /// The forms that an edition brings.
    pub fn forms_of_edition(&self, edition: &EditionKey) -> Vec<&Form> {
        self.file.forms.iter().filter(|form| form.edition == *edition).collect()
    }

    /// The forms of all confirmed editions, one version of each code.
    pub fn forms(&self) -> Vec<&Form> {
        let confirmed = self.file.forms.iter().filter(|form| self.form_period(form).confirmed);
        confirmed.filter(|form| self.form(&form.code).is_some_and(|chosen| std::ptr::eq(chosen, *form))).collect()
    }

    /// A form by its code.
    pub fn form(&self, code: &FormCode) -> Option<&Form> {
        newest(self.file.forms.iter().filter(|form| form.code == *code), |form| self.form_period(form))
    }

    /// The form on which a document is written, if there is an official one in a confirmed edition.
    pub fn form_of(&self, document: &DocumentKey) -> Option<&Form> {
        let forms = self.file.forms.iter().filter(|form| form.document.as_ref() == Some(document));
        newest(forms.filter(|form| self.form_period(form).confirmed), |form| self.form_period(form))
    }

    fn form_period(&self, form: &Form) -> Period {
        let edition = self.file.form_editions.iter().find(|edition| edition.key == form.edition);
        edition.map_or(Period { from: None, until: None, confirmed: false }, FormEdition::period)
    }

    /// A question.
    pub fn question(&self, key: &QuestionKey) -> Option<&Question> {
        self.file.questions.iter().find(|question| question.key == *key)
    }

    /// All questions, in the order in which they are asked.
    pub fn questions(&self) -> &[Question] {
        &self.file.questions
    }

    /// The first question of the guide for whoever is not sure; none in a file without a guide.
    pub fn guide_start(&self) -> Option<&GuideQuestion> {
        self.file.guide.first()
    }

    /// A question of the guide.
    pub fn guide_question(&self, key: &QuestionKey) -> Option<&GuideQuestion> {
        self.file.guide.iter().find(|question| question.key == *key)
    }

    /// The answers to a question of the guide that lead to something in force.
    pub fn guide_answers<'a>(&'a self, question: &'a GuideQuestion) -> Vec<&'a GuideAnswer> {
        let leads = |answer: &&GuideAnswer| match &answer.leads_to {
            GuideStep::Variant(key) => self.variant(key).is_some(),
            GuideStep::Question(key) => {
                self.guide_question(key).is_some_and(|next| !self.guide_answers(next).is_empty())
            }
        };
        question.answers.iter().filter(leads).collect()
    }

    /// All return reasons, in order.
    pub fn return_reasons(&self) -> &[ReturnReason] {
        &self.file.return_reasons
    }

    /// A return reason.
    pub fn return_reason(&self, key: &ReturnReasonKey) -> Option<&ReturnReason> {
        self.file.return_reasons.iter().find(|reason| reason.key == *key)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
