//! The guide for whoever does not know the name of what they need: at most three questions lead to a variant.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::check::{Faults, TITLE_CHARS_MAX};
use super::{CatalogueFile, DETAIL_CHARS_MAX, IconKey, QuestionKey, VariantKey};

/// Most questions on any way through the guide.
pub const GUIDE_DEPTH_MAX: usize = 3;
/// Most answers to one question.
pub const GUIDE_ANSWERS_MAX: usize = 6;

/// A question of the guide. The first one in the file is asked first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideQuestion {
    /// Key of the question; a name of its own, apart from the yes/no questions.
    pub key: QuestionKey,
    /// The question, one sentence.
    pub text: String,
    /// Answers, in order.
    #[serde(rename = "answer")]
    pub answers: Vec<GuideAnswer>,
}

/// An answer: it names a variant, or the next question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AnswerLine", into = "AnswerLine")]
pub struct GuideAnswer {
    /// Words on the card.
    pub title: String,
    /// Line below, or empty.
    pub detail: String,
    /// Icon on the card.
    pub icon: IconKey,
    /// Where it leads.
    pub leads_to: GuideStep,
}

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuideStep {
    /// To what the person needs.
    Variant(VariantKey),
    /// To the next question.
    Question(QuestionKey),
}

/// An answer as written in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerLine {
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    icon: IconKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<VariantKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<QuestionKey>,
}

impl TryFrom<AnswerLine> for GuideAnswer {
    type Error = String;

    fn try_from(line: AnswerLine) -> Result<Self, String> {
        let leads_to = match (line.variant, line.question) {
            (Some(variant), None) => GuideStep::Variant(variant),
            (None, Some(question)) => GuideStep::Question(question),
            _ => return Err(format!("guide answer {:?}: has either `variant` or `question`", line.title)),
        };
        Ok(Self { title: line.title, detail: line.detail, icon: line.icon, leads_to })
    }
}

impl From<GuideAnswer> for AnswerLine {
    fn from(answer: GuideAnswer) -> Self {
        let (variant, question) = match answer.leads_to {
            GuideStep::Variant(variant) => (Some(variant), None),
            GuideStep::Question(question) => (None, Some(question)),
        };
        Self { title: answer.title, detail: answer.detail, icon: answer.icon, variant, question }
    }
}

/// What is wrong with the guide of a file.
pub(super) fn check(faults: &mut Faults, file: &CatalogueFile) {
    let guide = &file.guide;
    for question in guide {
        let place = format!("guide {}", question.key);
        faults.text(&place, "text", &question.text, DETAIL_CHARS_MAX);
        if !(2..=GUIDE_ANSWERS_MAX).contains(&question.answers.len()) {
            faults.add(&place, format!("has {} answers, expected 2 to {GUIDE_ANSWERS_MAX}", question.answers.len()));
        }
        for answer in &question.answers {
            faults.text(&place, "title", &answer.title, TITLE_CHARS_MAX);
            if answer.detail.chars().count() > DETAIL_CHARS_MAX {
                faults.add(&place, format!("detail has more than {DETAIL_CHARS_MAX} characters"));
            }
            match &answer.leads_to {
                GuideStep::Variant(key) if !file.variants.iter().any(|variant| variant.key == *key) => {
                    faults.add(&place, format!("variant {key} is unknown"));
                }
                GuideStep::Question(key) if !guide.iter().any(|other| other.key == *key) => {
                    faults.add(&place, format!("question {key} is unknown"));
                }
                _ => {}
            }
        }
    }
    if let Some(first) = guide.first() {
        let mut asked = BTreeSet::new();
        if depth(guide, &first.key, &mut asked) > GUIDE_DEPTH_MAX {
            faults.add("guide", format!("a way has more than {GUIDE_DEPTH_MAX} questions"));
        }
        for question in guide.iter().filter(|question| !asked.contains(&question.key)) {
            faults.add(format!("guide {}", question.key), "no answer leads here");
        }
    }
}

/// Questions on the longest way from a question; a circle counts as too long.
fn depth(guide: &[GuideQuestion], key: &QuestionKey, asked: &mut BTreeSet<QuestionKey>) -> usize {
    fn walk(guide: &[GuideQuestion], key: &QuestionKey, left: usize, asked: &mut BTreeSet<QuestionKey>) -> usize {
        let Some(question) = guide.iter().find(|question| question.key == *key) else { return 0 };
        asked.insert(key.clone());
        if left == 0 {
            return 1;
        }
        let next = question.answers.iter().map(|answer| match &answer.leads_to {
            GuideStep::Question(next) => walk(guide, next, left - 1, asked),
            GuideStep::Variant(_) => 0,
        });
        1 + next.max().unwrap_or(0)
    }
    walk(guide, key, GUIDE_DEPTH_MAX, asked)
}
