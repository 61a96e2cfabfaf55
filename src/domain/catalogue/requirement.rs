//! What an applicant must bring: from a variant, the answers and the local rules to a list of documents and forms.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Catalogue, DocumentKey, FormCode, Mode, OneOfKey, Question, QuestionKey, Variant, VariantKey};

/// Answers of an applicant, by question. What was not asked counts as no.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<QuestionKey, bool>);

impl Answers {
    /// No answers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records or changes an answer.
    pub fn set(&mut self, question: QuestionKey, yes: bool) {
        self.0.insert(question, yes);
    }

    /// The answer, if the question was answered.
    pub fn get(&self, question: &QuestionKey) -> Option<bool> {
        self.0.get(question).copied()
    }

    /// Whether the answer is yes.
    pub fn is_yes(&self, question: &QuestionKey) -> bool {
        self.get(question) == Some(true)
    }

    /// All answers, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&QuestionKey, bool)> {
        self.0.iter().map(|(question, yes)| (question, *yes))
    }
}

impl FromIterator<(QuestionKey, bool)> for Answers {
    fn from_iter<T: IntoIterator<Item = (QuestionKey, bool)>>(answers: T) -> Self {
        Self(answers.into_iter().collect())
    }
}

impl From<BTreeMap<QuestionKey, bool>> for Answers {
    fn from(answers: BTreeMap<QuestionKey, bool>) -> Self {
        Self(answers)
    }
}

impl From<Answers> for BTreeMap<QuestionKey, bool> {
    fn from(answers: Answers) -> Self {
        answers.0
    }
}

/// A document for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The document.
    pub document: DocumentKey,
    /// How much it is needed.
    pub need: Need,
    /// Hint for the applicant, or empty.
    pub note: String,
}

/// How much a document is needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It must be there.
    Mandatory,
    /// One document of the group must be there.
    OneOf(OneOfKey),
    /// Better to bring it ("sebaiknya dibawa"); never missing.
    Practice,
}

impl Need {
    fn strength(&self) -> u8 {
        match self {
            Self::Practice => 0,
            Self::OneOf(_) => 1,
            Self::Mandatory => 2,
        }
    }
}

/// What is still missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A mandatory document.
    Document(DocumentKey),
    /// Any one of these documents.
    OneOf {
        /// The group.
        group: OneOfKey,
        /// Its documents, in order.
        documents: Vec<DocumentKey>,
    },
}

impl Catalogue {
    /// The questions that decide about documents or forms of a variant, in the order of `[[question]]`; none for an
    /// unknown variant.
    pub fn questions_for(&self, variant: &VariantKey) -> Vec<&Question> {
        let Some(variant) = self.variant(variant) else { return Vec::new() };
        let from_documents = variant.requirements.iter().filter_map(|rule| match &rule.mode {
            Mode::Conditional(question) => Some(question),
            _ => None,
        });
        let from_forms = variant.conditional_forms.iter().map(|form| &form.question);
        let asked: BTreeSet<&QuestionKey> = from_documents.chain(from_forms).collect();
        self.questions().iter().filter(|question| asked.contains(&question.key)).collect()
    }

    /// The questions of a variant that have no answer yet.
    pub fn unanswered(&self, variant: &VariantKey, answers: &Answers) -> Vec<&Question> {
        self.questions_for(variant).into_iter().filter(|question| answers.get(&question.key).is_none()).collect()
    }

    /// The documents for one case, in the order of the file, each once; `proxy` adds what a proxy needs.
    pub fn requirements_for(&self, variant: &Variant, answers: &Answers, proxy: bool) -> Vec<Requirement> {
        let mut requirements = Vec::new();
        for rule in &variant.requirements {
            let need = match &rule.mode {
                Mode::Mandatory => Need::Mandatory,
                Mode::OneOf(group) => Need::OneOf(group.clone()),
                Mode::Conditional(question) if answers.is_yes(question) => Need::Mandatory,
                Mode::Conditional(_) => continue,
                Mode::Practice if self.switches().practice_documents => Need::Mandatory,
                Mode::Practice => Need::Practice,
            };
            add(&mut requirements, &rule.document, need, &rule.note);
        }
        let letter = &self.file.rt_rw_letter;
        if self.switches().rt_rw_letter && letter.variants.contains(&variant.key) {
            add(&mut requirements, &letter.document, Need::Mandatory, "");
        }
        if proxy {
            for document in &self.proxy().documents {
                add(&mut requirements, document, Need::Mandatory, "");
            }
        }
        requirements
    }

    /// The forms for one case, by code, each once.
    pub fn forms_for(&self, variant: &Variant, answers: &Answers, proxy: bool) -> Vec<FormCode> {
        let conditional = variant.conditional_forms.iter().filter(|form| answers.is_yes(&form.question));
        let mut forms: BTreeSet<&FormCode> = variant.forms.iter().chain(conditional.map(|form| &form.form)).collect();
        if proxy {
            forms.insert(&self.proxy().form);
        }
        forms.into_iter().cloned().collect()
    }

    /// What of the requirements is not among the documents held. A group of which one is enough is reported once.
    pub fn missing(&self, requirements: &[Requirement], held: &BTreeSet<DocumentKey>) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut groups_seen = BTreeSet::new();
        for requirement in requirements {
            match &requirement.need {
                Need::Mandatory if !held.contains(&requirement.document) => {
                    missing.push(Missing::Document(requirement.document.clone()));
                }
                Need::OneOf(group) if groups_seen.insert(group) => {
                    let members = requirements.iter().filter(|other| other.need == requirement.need);
                    let documents: Vec<_> = members.map(|member| member.document.clone()).collect();
                    if !documents.iter().any(|document| held.contains(document)) {
                        missing.push(Missing::OneOf { group: group.clone(), documents });
                    }
                }
                _ => {}
            }
        }
        missing
    }
}

/// Adds a document, or strengthens the need of one that is already there.
fn add(requirements: &mut Vec<Requirement>, document: &DocumentKey, need: Need, note: &str) {
    match requirements.iter_mut().find(|known| known.document == *document) {
        Some(known) if need.strength() > known.need.strength() => {
            known.need = need;
            known.note = note.to_owned();
        }
        Some(_) => {}
        None => requirements.push(Requirement { document: document.clone(), need, note: note.to_owned() }),
    }
}
