//! The entries of a service file, as written by the office and as served to the stations.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::key::{
    DocumentKey, EditionKey, FormCode, GroupKey, IconKey, OneOfKey, QuestionKey, ReturnReasonKey, RoleKey, ServiceKey,
    StageKey, VariantKey,
};

/// When an entry counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day in force; absent: since the service began.
    pub from: Option<Date>,
    /// First day no longer in force; absent: open end.
    pub until: Option<Date>,
    /// Whether the office stands behind the entry. What is not confirmed is never in force.
    pub confirmed: bool,
}

impl Period {
    /// Whether the entry counts on a day. The service's own beginning is the caller's concern.
    pub fn contains(&self, day: Date) -> bool {
        self.confirmed && self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether two confirmed periods share a day.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let begins_before_end = |a: &Self, b: &Self| match (a.from, b.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        self.confirmed && other.confirmed && begins_before_end(self, other) && begins_before_end(other, self)
    }
}

fn yes() -> bool {
    true
}

macro_rules! dated {
    ($($entry:ty),+) => {$(
        impl $entry {
            /// When this entry counts.
            pub fn period(&self) -> Period {
                Period { from: self.effective_from, until: self.effective_until, confirmed: self.confirmed }
            }
        }
    )+};
}
dated!(Service, Step, FormEdition, DocumentKind, Variant);

/// The service as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Key of the service.
    pub key: ServiceKey,
    /// Official title.
    pub title: String,
    /// Short name for slips and cards.
    pub short: String,
    /// Code of the standard operating procedure.
    pub sop: String,
    /// Version of this file, as the office numbers it.
    pub version: String,
    /// First day of the service under this SOP.
    pub effective_from: Option<Date>,
    /// First day on which the SOP no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Whether the office stands behind this file.
    #[serde(default = "yes")]
    pub confirmed: bool,
    /// What the applicant receives.
    pub product: String,
    /// What it costs: `GRATIS` by UU 24/2013 Pasal 79A.
    pub fee: String,
    /// Sum of the standard minutes of the steps.
    pub standard_minutes: u16,
    /// Legal ceiling in hours from the moment the file is complete (Permendagri 19/2018 Pasal 3).
    pub legal_limit_hours: u16,
    /// Legal basis, one line each.
    pub legal: Vec<String>,
}

/// Local rules that an office may switch on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Whether documents of mode `practice` are required. Off: they are listed as "sebaiknya dibawa".
    #[serde(default)]
    pub practice_documents: bool,
    /// Whether the letter of RT/RW is required for the variants listed under `[rt_rw_letter]`.
    #[serde(default)]
    pub rt_rw_letter: bool,
}

/// The letter of RT/RW, which the official lists do not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RtRwLetter {
    /// The document kind; a local one.
    pub document: DocumentKey,
    /// Variants for which it is required when switched on.
    pub variants: Vec<VariantKey>,
}

/// What is needed when somebody else applies or collects (form F-1.07).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyRule {
    /// Documents of the proxy, all mandatory.
    pub documents: Vec<DocumentKey>,
    /// Form of the power of attorney.
    pub form: FormCode,
    /// Whether a member of the same KK needs the letter as well. A rule of the office.
    pub same_family_needs_letter: bool,
}

/// One step of the SOP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Number in the SOP, from 1.
    pub number: u8,
    /// Stage that a case reaches with this step.
    pub stage: StageKey,
    /// What is done, as in the SOP.
    pub name: String,
    /// Who does it.
    pub by: RoleKey,
    /// Standard time.
    pub standard_minutes: u16,
    /// What comes out.
    pub output: String,
    /// What is used.
    pub materials: Vec<String>,
    /// First day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// First day no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Whether the office stands behind it.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

/// A numbering of the official forms. An edition amends the earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormEdition {
    /// Key of the edition.
    pub key: EditionKey,
    /// The regulation.
    pub legal: String,
    /// First day in force; an unconfirmed edition may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// First day no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Whether the office stands behind it.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Filled in by the applicant.
    Input,
    /// A statement or a power of attorney, signed.
    Statement,
    /// Made by the office.
    Output,
}

/// An official form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Official code.
    pub code: FormCode,
    /// Official name.
    pub name: String,
    /// What it is for.
    pub kind: FormKind,
    /// Edition it belongs to; its dates count for the form.
    pub edition: EditionKey,
    /// The document kind that this form is, once signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKey>,
}

/// A kind of document that an applicant shows or hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentKind {
    /// Key of the kind.
    pub key: DocumentKey,
    /// Official label.
    pub label: String,
    /// Label for the slip, at most 28 characters.
    pub short: String,
    /// What it is, in plain words.
    pub hint: String,
    /// Icon on the kiosk.
    pub icon: IconKey,
    /// Whether it is scanned. A KTP-el is only shown: the NIK is on F-1.02 (SE 470/13287/Dukcapil).
    pub scan: bool,
    /// Whether the paper stays at the counter.
    #[serde(default)]
    pub surrender: bool,
    /// Whether only this office asks for it.
    #[serde(default)]
    pub local: bool,
    /// Words that stand in the heading of this document and of no other; empty where there is no such word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// First day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// First day no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Whether the office stands behind it.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

/// A yes/no question of the kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Key of the question.
    pub key: QuestionKey,
    /// The question, one sentence.
    pub text: String,
    /// How to find the answer, one sentence.
    pub help: String,
}

/// A card of the first menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Key of the group.
    pub key: GroupKey,
    /// Words on the card.
    pub title: String,
    /// Line below.
    pub detail: String,
    /// Icon on the card.
    pub icon: IconKey,
}

/// How sure the rule of a variant is, until the office has confirmed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Found word for word in the national list.
    High,
    /// Found in law and in the practice of several offices.
    MediumHigh,
    /// Put together from law and forms.
    Medium,
    /// A guess.
    Low,
}

/// One of the fifteen things a family can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Key of the variant.
    pub key: VariantKey,
    /// Tick-box of form F-1.02, for example `I.A.3`.
    pub f102: String,
    /// Menu group.
    pub group: GroupKey,
    /// Words for citizens.
    pub title: String,
    /// Line below the title.
    pub detail: String,
    /// Icon on the card.
    pub icon: IconKey,
    /// Official label for officers and reports.
    pub official: String,
    /// What happens to the number of the card.
    pub result: String,
    /// Remark for officers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Legal basis.
    pub legal: Vec<String>,
    /// Forms that are always needed.
    pub forms: Vec<FormCode>,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// First day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// First day no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Date>,
    /// Whether the office stands behind it.
    #[serde(default = "yes")]
    pub confirmed: bool,
    /// Forms needed when a question is answered with yes.
    #[serde(default, rename = "conditional_form")]
    pub conditional_forms: Vec<ConditionalForm>,
    /// Documents.
    #[serde(rename = "requirement")]
    pub requirements: Vec<RequirementRule>,
}

/// A form that is needed when a question is answered with yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionalForm {
    /// The form.
    pub form: FormCode,
    /// The question.
    pub question: QuestionKey,
}

/// A document of a variant and when it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RequirementLine", into = "RequirementLine")]
pub struct RequirementRule {
    /// The document.
    pub document: DocumentKey,
    /// When it is needed.
    pub mode: Mode,
    /// Hint for the applicant, or empty.
    pub note: String,
}

/// When a document is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Always.
    Mandatory,
    /// At least one document of the group.
    OneOf(OneOfKey),
    /// When the question is answered with yes.
    Conditional(QuestionKey),
    /// Often asked by offices, not in the official list.
    Practice,
}

/// A requirement as written in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementLine {
    document: DocumentKey,
    mode: ModeWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<OneOfKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<QuestionKey>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeWord {
    Mandatory,
    OneOf,
    Conditional,
    Practice,
}

impl TryFrom<RequirementLine> for RequirementRule {
    type Error = String;

    fn try_from(line: RequirementLine) -> Result<Self, String> {
        let document = line.document;
        let mode = match (line.mode, line.group, line.question) {
            (ModeWord::Mandatory, None, None) => Mode::Mandatory,
            (ModeWord::OneOf, Some(group), None) => Mode::OneOf(group),
            (ModeWord::Conditional, None, Some(question)) => Mode::Conditional(question),
            (ModeWord::Practice, None, None) => Mode::Practice,
            _ => {
                return Err(format!(
                    "requirement {document}: `group` goes with mode one_of, `question` with mode conditional, and \
                     neither with mandatory or practice"
                ));
            }
        };
        Ok(Self { document, mode, note: line.note })
    }
}

impl From<RequirementRule> for RequirementLine {
    fn from(rule: RequirementRule) -> Self {
        let (mode, group, question) = match rule.mode {
            Mode::Mandatory => (ModeWord::Mandatory, None, None),
            Mode::OneOf(group) => (ModeWord::OneOf, Some(group), None),
            Mode::Conditional(question) => (ModeWord::Conditional, None, Some(question)),
            Mode::Practice => (ModeWord::Practice, None, None),
        };
        Self { document: rule.document, mode, group, question, note: rule.note }
    }
}

/// What a return reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnScope {
    /// One document.
    Document,
    /// The whole case.
    Case,
}

/// Who has to act on a returned case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixBy {
    /// The applicant brings or corrects something.
    Applicant,
    /// The office corrects its own work; the applicant need not come.
    Office,
}

/// Why a document or a case is returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnReason {
    /// Key of the reason.
    pub key: ReturnReasonKey,
    /// What it is about.
    pub scope: ReturnScope,
    /// Who has to act.
    pub fix_by: FixBy,
    /// Words for the officer.
    pub label: String,
    /// What the applicant is told to do.
    pub citizen: String,
    /// Whether the officer must add a line.
    #[serde(default)]
    pub needs_note: bool,
}
