//! What one person has said so far. Dropped as a whole when the session ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::typed::PhoneIssue;
use super::{Receipt, SeenDoubt, Who};
use crate::domain::catalogue::{
    Answers, Catalogue, DocumentKey, GroupKey, Missing, Need, Question, QuestionKey, Requirement, Variant, VariantKey,
};
use crate::domain::ids::CaseId;
use crate::domain::nik::Nik;
use crate::domain::phone::Phone;
use crate::domain::priority::Priority;
use crate::domain::slip_token::{SlipDigest, SlipToken};
use crate::failure::Failure;
use crate::wire::case::SlipStatus;

/// Which documents a checklist asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kiosk) enum Scope {
    /// Those of the service variant.
    Service,
    /// Those of a proxy.
    Proxy,
}

/// Whose NIK is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kiosk) enum Purpose {
    Applicant,
    Proxy,
}

/// What is to be said about the digits typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::kiosk) enum NikIssue {
    #[default]
    None,
    Incomplete,
    AllSame,
    SerialZero,
    UnknownProvince,
    DateDoubtful,
    LooksLikeNoKk,
    SameAsApplicant,
    CardUnreadable,
}

/// How far the scan of the present document has come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::kiosk) enum ScanState {
    #[default]
    Guide,
    Scanning {
        order: u64,
        part: f32,
    },
    Preview {
        order: u64,
    },
    Failed(Failure),
}

/// What is known of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::kiosk) enum SlipPhase {
    #[default]
    Printing,
    /// The print head is hot; the job waits for it.
    Cooling,
    Printed,
    /// Printed, but the cutter is stuck: the slip must be torn off by hand.
    TearOff,
    NotPrinted,
    Unknown,
}

/// An accepted NIK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kiosk) struct TypedNik {
    pub(in crate::kiosk) nik: Nik,
    /// The person insisted although it looked doubtful.
    pub(in crate::kiosk) doubtful: bool,
}

/// The slip of an earlier visit, held to the scanner.
#[derive(Debug, Clone)]
pub(in crate::kiosk) struct SlipSeen {
    /// None where the code was typed.
    pub(super) token: Option<SlipToken>,
    pub(super) ask: u64,
    pub(in crate::kiosk) status: Option<Box<SlipStatus>>,
}

/// The case whose returned documents are scanned again.
#[derive(Debug, Clone)]
pub(in crate::kiosk) struct Correcting {
    pub(super) case_id: CaseId,
    pub(super) token: SlipToken,
    pub(super) digest: SlipDigest,
    pub(super) kinds: Vec<DocumentKey>,
}

/// What somebody leaves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Errand {
    #[default]
    Application,
    /// A number to be helped in person.
    WalkIn,
    /// A number to collect a KK.
    Pickup,
}

/// The list of what to bring, on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum ListPhase {
    #[default]
    None,
    Printing,
    Printed,
    Failed,
}

/// One session.
#[derive(Debug, Clone)]
pub(in crate::kiosk) struct Session {
    pub(in crate::kiosk) catalogue: Arc<Catalogue>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) group: Option<GroupKey>,
    pub(super) variant: Option<VariantKey>,
    /// Questions of the guide behind the first one, as they were reached.
    pub(super) guide: Vec<QuestionKey>,
    pub(super) answers: Answers,
    pub(super) have: BTreeMap<DocumentKey, bool>,
    pub(in crate::kiosk) who: Option<Who>,
    digits: [String; 2],
    pub(in crate::kiosk) nik_issue: NikIssue,
    pub(in crate::kiosk) nik: Option<TypedNik>,
    pub(in crate::kiosk) proxy_nik: Option<TypedNik>,
    pub(in crate::kiosk) phone_digits: String,
    pub(in crate::kiosk) phone_issue: PhoneIssue,
    pub(in crate::kiosk) phone: Option<Phone>,
    pub(super) phone_asked: bool,
    pub(in crate::kiosk) priority: Option<Priority>,
    pub(super) priority_asked: bool,
    /// What is being applied for, or only a number.
    pub(in crate::kiosk) purpose: Errand,
    pub(in crate::kiosk) code: String,
    pub(in crate::kiosk) code_mistyped: bool,
    pub(in crate::kiosk) list: ListPhase,
    pub(super) list_order: Option<u64>,
    pub(in crate::kiosk) scan: ScanState,
    /// Accepted pages, by document.
    pub(super) pages: BTreeMap<DocumentKey, u64>,
    /// What was said about pages that are shown or accepted.
    pub(super) judged: BTreeMap<u64, Vec<SeenDoubt>>,
    /// Documents that the scanner could not take; they are shown at the counter.
    pub(super) skipped: BTreeSet<DocumentKey>,
    /// The person came from the review and wants to go back there.
    pub(super) editing: bool,
    pub(super) keeping: Option<u64>,
    pub(in crate::kiosk) receipt: Option<Receipt>,
    pub(in crate::kiosk) slip_phase: SlipPhase,
    pub(super) print_order: Option<u64>,
    /// Something may be on paper already: the next print is a copy.
    pub(super) may_be_on_paper: bool,
    pub(in crate::kiosk) delivered: bool,
    pub(super) slip_seen: Option<SlipSeen>,
    pub(in crate::kiosk) correcting: Option<Correcting>,
    /// For whom the hub was asked for a number, and under which order.
    pub(super) number_asked: Option<(u64, Nik)>,
    /// Why the hub gives the applicant none.
    pub(super) no_number: Option<Failure>,
}

impl Session {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> Self {
        Self {
            catalogue,
            started_at: None,
            group: None,
            variant: None,
            guide: Vec::new(),
            answers: Answers::new(),
            have: BTreeMap::new(),
            who: None,
            digits: [String::new(), String::new()],
            nik_issue: NikIssue::None,
            nik: None,
            proxy_nik: None,
            phone_digits: String::new(),
            phone_issue: PhoneIssue::None,
            phone: None,
            phone_asked: false,
            priority: None,
            priority_asked: false,
            purpose: Errand::Application,
            code: String::new(),
            code_mistyped: false,
            list: ListPhase::None,
            list_order: None,
            scan: ScanState::Guide,
            pages: BTreeMap::new(),
            judged: BTreeMap::new(),
            skipped: BTreeSet::new(),
            editing: false,
            keeping: None,
            receipt: None,
            slip_phase: SlipPhase::Printing,
            print_order: None,
            may_be_on_paper: false,
            delivered: false,
            slip_seen: None,
            correcting: None,
            number_asked: None,
            no_number: None,
        }
    }

    pub(in crate::kiosk) fn variant(&self) -> Option<&Variant> {
        self.catalogue.variant(self.variant.as_ref()?)
    }

    pub(in crate::kiosk) fn group_variants(&self) -> Vec<&Variant> {
        self.group.as_ref().map(|group| self.catalogue.variants_in(group)).unwrap_or_default()
    }

    pub(in crate::kiosk) fn group_title(&self) -> &str {
        let group = self.group.as_ref().and_then(|group| self.catalogue.group(group));
        group.map_or("", |group| group.title.as_str())
    }

    pub(in crate::kiosk) fn questions(&self) -> Vec<&Question> {
        self.variant.as_ref().map(|variant| self.catalogue.questions_for(variant)).unwrap_or_default()
    }

    pub(super) fn first_unanswered(&self) -> Option<usize> {
        self.questions().iter().position(|question| self.answers.get(&question.key).is_none())
    }

    /// The answers that count for the variant; an edited choice may have left others behind.
    pub(super) fn answers_of_variant(&self) -> Answers {
        let asked = self.questions().into_iter();
        asked.filter_map(|question| Some((question.key.clone(), self.answers.get(&question.key)?))).collect()
    }

    /// What is asked for, in the order of the service file.
    pub(in crate::kiosk) fn requirements(&self, scope: Scope) -> Vec<Requirement> {
        match scope {
            Scope::Service => self
                .variant()
                .map(|variant| self.catalogue.requirements_for(variant, &self.answers_of_variant(), false))
                .unwrap_or_default(),
            Scope::Proxy => {
                let documents = self.catalogue.proxy().documents.iter();
                documents
                    .map(|document| Requirement {
                        document: document.clone(),
                        need: Need::Mandatory,
                        note: String::new(),
                    })
                    .collect()
            }
        }
    }

    /// Everything asked of this person.
    pub(super) fn all_requirements(&self) -> Vec<Requirement> {
        let mut all = self.requirements(Scope::Service);
        if self.needs_letter() {
            for requirement in self.requirements(Scope::Proxy) {
                if !all.iter().any(|known| known.document == requirement.document) {
                    all.push(requirement);
                }
            }
        }
        all
    }

    /// Whether the letter of authority is asked for: of a proxy, and of a family member where the office says so.
    pub(super) fn needs_letter(&self) -> bool {
        match self.who {
            Some(Who::Proxy) => true,
            Some(Who::Family) => self.catalogue.proxy().same_family_needs_letter,
            Some(Who::InPerson) | None => false,
        }
    }

    pub(in crate::kiosk) fn has(&self, document: &DocumentKey) -> Option<bool> {
        self.have.get(document).copied()
    }

    /// Whether enough is said about a requirement to go on.
    pub(super) fn is_decided(&self, requirement: &Requirement, all: &[Requirement]) -> bool {
        match &requirement.need {
            Need::Mandatory => self.has(&requirement.document).is_some(),
            Need::Practice => true,
            // One that is there settles the group; otherwise each must be denied.
            Need::OneOf(_) => {
                let members = || all.iter().filter(|other| other.need == requirement.need);
                members().any(|member| self.has(&member.document) == Some(true))
                    || members().all(|member| self.has(&member.document).is_some())
            }
        }
    }

    pub(in crate::kiosk) fn missing(&self, scope: Scope) -> Vec<Missing> {
        let held = self.have.iter().filter(|(_, have)| **have).map(|(document, _)| document.clone()).collect();
        self.catalogue.missing(&self.requirements(scope), &held)
    }

    pub(in crate::kiosk) fn digits(&self, purpose: Purpose) -> &str {
        &self.digits[purpose as usize]
    }

    pub(super) fn digits_mut(&mut self, purpose: Purpose) -> &mut String {
        &mut self.digits[purpose as usize]
    }

    /// Leaving the keypad without going on keeps the number that was accepted before.
    pub(super) fn restore_digits(&mut self, purpose: Purpose) {
        self.nik_issue = NikIssue::None;
        let accepted = match purpose {
            Purpose::Applicant => self.nik,
            Purpose::Proxy => self.proxy_nik,
        };
        if let Some(typed) = accepted {
            *self.digits_mut(purpose) = typed.nik.as_str().to_owned();
        }
    }

    pub(super) fn is_scan_done(&self, kind: &DocumentKey) -> bool {
        self.pages.contains_key(kind) || self.skipped.contains(kind)
    }

    pub(in crate::kiosk) fn status(&self) -> Option<&SlipStatus> {
        self.slip_seen.as_ref()?.status.as_deref()
    }
}
