//! The check of a service file: everything that serde cannot see. Finds all faults, so that the office fixes them in one
//! go, and names the place of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use super::{Catalogue, CatalogueFault, CatalogueFile, DocumentKey, Mode, OneOfKey, Period, QuestionKey};
use crate::domain::role::Role;
use crate::domain::stage::Stage;

/// Version of the file format that this program reads.
const FORMAT: u16 = 1;
/// Largest service file.
pub const BYTES_MAX: usize = 256 * 1024;
/// Most entries of any list.
pub const ENTRIES_MAX: usize = 200;
/// Most cards on the first menu.
pub const GROUPS_MAX: usize = 6;
/// Most cards on the second menu, per group and day.
pub const VARIANTS_PER_GROUP_MAX: usize = 6;
/// Longest short label: what fits a line of the narrow slip beside its mark.
pub const SHORT_CHARS_MAX: usize = 28;
/// Longest title on a card.
pub const TITLE_CHARS_MAX: usize = 32;
/// Longest sentence for citizens: hints, questions, notes.
pub const DETAIL_CHARS_MAX: usize = 120;
/// Longest official label or legal line.
pub const LABEL_CHARS_MAX: usize = 200;
/// Longest standard time of one step.
const STEP_MINUTES_MAX: u16 = 480;
/// Longest legal limit: 31 days.
const LEGAL_HOURS_MAX: u16 = 744;
/// Most faults reported at once.
const FAULTS_MAX: usize = 20;

/// Who does step 1; the other steps are done by people with a role.
const APPLICANT: &str = "pemohon";

/// All faults of a file, at most twenty.
pub(super) fn faults(catalogue: &Catalogue) -> Vec<CatalogueFault> {
    let file = &catalogue.file;
    let mut faults = Faults(Vec::new());
    if file.format != FORMAT {
        faults.add("format", format!("is {}, this program reads {FORMAT}", file.format));
    }
    faults.sizes(file);
    faults.service(file);
    faults.steps(file);
    faults.texts(file);
    faults.duplicates(file);
    faults.references(file, "");
    faults.form_codes(file);
    super::guide::check(&mut faults, file);
    for day in catalogue.change_days() {
        if catalogue.is_in_force(day) {
            let file = catalogue.in_force(day).file;
            faults.references(&file, &format!(" (on {day})"));
            faults.menu(&file, &format!(" (on {day})"));
        }
    }
    faults.0.truncate(FAULTS_MAX);
    faults.0
}

/// Faults found so far.
pub(super) struct Faults(Vec<CatalogueFault>);

impl Faults {
    pub(super) fn add(&mut self, place: impl Display, problem: impl Display) {
        let fault = CatalogueFault { place: place.to_string(), problem: problem.to_string() };
        // A fault of the whole file shows again on every day.
        let undated = |place: &str| place.split(" (on ").next().map(str::to_owned);
        let known =
            |other: &CatalogueFault| fault.problem == other.problem && undated(&fault.place) == undated(&other.place);
        if self.0.len() < FAULTS_MAX && !self.0.iter().any(known) {
            self.0.push(fault);
        }
    }

    fn sizes(&mut self, file: &CatalogueFile) {
        for (place, count, min) in [
            ("form_edition", file.form_editions.len(), 0),
            ("form", file.forms.len(), 0),
            ("document", file.documents.len(), 1),
            ("question", file.questions.len(), 0),
            ("guide", file.guide.len(), 0),
            ("variant", file.variants.len(), 0),
            ("return_reason", file.return_reasons.len(), 1),
        ] {
            if !(min..=ENTRIES_MAX).contains(&count) {
                self.add(place, format!("has {count} entries, expected {min} to {ENTRIES_MAX}"));
            }
        }
        if !(1..=GROUPS_MAX).contains(&file.groups.len()) {
            self.add("group", format!("has {} entries, the menu shows 1 to {GROUPS_MAX}", file.groups.len()));
        }
    }

    fn service(&mut self, file: &CatalogueFile) {
        let service = &file.service;
        if service.effective_from.is_none() {
            self.add("service", "effective_from is missing");
        }
        self.period("service", service.period());
        if !(1..=LEGAL_HOURS_MAX).contains(&service.legal_limit_hours) {
            self.add("service", format!("legal_limit_hours is not 1 to {LEGAL_HOURS_MAX}"));
        }
        let sum: u32 = file.steps.iter().map(|step| u32::from(step.standard_minutes)).sum();
        if sum != u32::from(service.standard_minutes) {
            self.add(
                "service",
                format!("standard_minutes is {}, but the steps add up to {sum}", service.standard_minutes),
            );
        }
    }

    fn steps(&mut self, file: &CatalogueFile) {
        let path = Stage::PATH.map(Stage::key);
        for stage in path {
            if !file.steps.iter().any(|step| step.stage.as_str() == stage) {
                self.add("step", format!("there is no step for stage {stage}"));
            }
        }
        for (index, step) in file.steps.iter().enumerate() {
            let place = format!("step {}", step.stage);
            if path.get(index) != Some(&step.stage.as_str()) || usize::from(step.number) != index + 1 {
                self.add(&place, format!("is out of order; the steps are 1 to 8: {}", path.join(", ")));
            }
            let by = step.by.as_str();
            if by != APPLICANT && Role::from_str(by).ok().is_none_or(|role| role == Role::Admin) {
                self.add(&place, format!("by = \"{by}\" does no step; use {APPLICANT} or a role of the office"));
            }
            if !(1..=STEP_MINUTES_MAX).contains(&step.standard_minutes) {
                self.add(&place, format!("standard_minutes is not 1 to {STEP_MINUTES_MAX}"));
            }
            self.period(&place, step.period());
        }
    }

    fn period(&mut self, place: &str, period: Period) {
        if let (Some(from), Some(until)) = (period.from, period.until)
            && until <= from
        {
            self.add(place, format!("effective_until {until} is not after effective_from {from}"));
        }
    }

    pub(super) fn text(&mut self, place: &str, key: &str, text: &str, chars_max: usize) {
        let chars = text.chars().count();
        if text.trim().is_empty() {
            self.add(place, format!("{key} is empty"));
        } else if chars > chars_max {
            self.add(place, format!("{key} has {chars} characters, at most {chars_max} fit"));
        } else if text.chars().any(char::is_control) {
            self.add(place, format!("{key} has a line break or another control character"));
        }
    }

    fn texts(&mut self, file: &CatalogueFile) {
        let service = &file.service;
        for (key, text) in [("title", &service.title), ("sop", &service.sop), ("product", &service.product)] {
            self.text("service", key, text, LABEL_CHARS_MAX);
        }
        for (key, text) in [("short", &service.short), ("version", &service.version), ("fee", &service.fee)] {
            self.text("service", key, text, TITLE_CHARS_MAX);
        }
        for line in &service.legal {
            self.text("service", "legal", line, LABEL_CHARS_MAX);
        }
        for step in &file.steps {
            let place = format!("step {}", step.stage);
            self.text(&place, "name", &step.name, DETAIL_CHARS_MAX);
            self.text(&place, "output", &step.output, DETAIL_CHARS_MAX);
            for material in &step.materials {
                self.text(&place, "materials", material, DETAIL_CHARS_MAX);
            }
        }
        for edition in &file.form_editions {
            let place = format!("form_edition {}", edition.key);
            self.text(&place, "legal", &edition.legal, LABEL_CHARS_MAX);
            if edition.confirmed && edition.effective_from.is_none() {
                self.add(&place, "is confirmed but has no effective_from");
            }
            self.period(&place, edition.period());
        }
        for form in &file.forms {
            self.text(&format!("form {}", form.code), "name", &form.name, LABEL_CHARS_MAX);
        }
        for document in &file.documents {
            let place = format!("document {}", document.key);
            self.text(&place, "label", &document.label, LABEL_CHARS_MAX);
            self.text(&place, "short", &document.short, SHORT_CHARS_MAX);
            self.text(&place, "hint", &document.hint, DETAIL_CHARS_MAX);
            for mark in &document.marks {
                self.text(&place, "marks", mark, DETAIL_CHARS_MAX);
            }
            self.period(&place, document.period());
        }
        for question in &file.questions {
            let place = format!("question {}", question.key);
            self.text(&place, "text", &question.text, DETAIL_CHARS_MAX);
            self.text(&place, "help", &question.help, DETAIL_CHARS_MAX);
        }
        for group in &file.groups {
            let place = format!("group {}", group.key);
            self.text(&place, "title", &group.title, TITLE_CHARS_MAX);
            self.text(&place, "detail", &group.detail, DETAIL_CHARS_MAX);
        }
        for variant in &file.variants {
            let place = format!("variant {}", variant.key);
            self.text(&place, "title", &variant.title, TITLE_CHARS_MAX);
            self.text(&place, "detail", &variant.detail, DETAIL_CHARS_MAX);
            self.text(&place, "f102", &variant.f102, TITLE_CHARS_MAX);
            self.text(&place, "official", &variant.official, LABEL_CHARS_MAX);
            self.text(&place, "result", &variant.result, LABEL_CHARS_MAX);
            for line in &variant.legal {
                self.text(&place, "legal", line, LABEL_CHARS_MAX);
            }
            for note in variant.requirements.iter().map(|rule| &rule.note).chain([&variant.note]) {
                if !note.is_empty() {
                    self.text(&place, "note", note, DETAIL_CHARS_MAX);
                }
            }
            self.period(&place, variant.period());
        }
        for reason in &file.return_reasons {
            let place = format!("return_reason {}", reason.key);
            self.text(&place, "label", &reason.label, TITLE_CHARS_MAX);
            self.text(&place, "citizen", &reason.citizen, DETAIL_CHARS_MAX);
        }
    }

    fn duplicates(&mut self, file: &CatalogueFile) {
        self.once("form_edition", file.form_editions.iter().map(|edition| &edition.key));
        self.once("form", file.forms.iter().map(|form| format!("{} in {}", form.code, form.edition)));
        self.once("question", file.questions.iter().map(|question| &question.key));
        self.once("group", file.groups.iter().map(|group| &group.key));
        self.once("return_reason", file.return_reasons.iter().map(|reason| &reason.key));
        self.once_at_a_time("document", file.documents.iter().map(|document| (&document.key, document.period())));
        self.once_at_a_time("variant", file.variants.iter().map(|variant| (&variant.key, variant.period())));
    }

    fn once<K: Ord + Display>(&mut self, kind: &str, keys: impl Iterator<Item = K>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            if seen.contains(&key) {
                self.add(format!("{kind} {key}"), "is there twice");
            }
            seen.insert(key);
        }
    }

    fn once_at_a_time<K: Ord + Display>(&mut self, kind: &str, entries: impl Iterator<Item = (K, Period)>) {
        let mut seen: BTreeMap<K, Vec<Period>> = BTreeMap::new();
        for (key, period) in entries {
            if seen.get(&key).is_some_and(|others| others.iter().any(|other| other.overlaps(&period))) {
                self.add(
                    format!("{kind} {key}"),
                    "is there twice for the same days; end the first with effective_until",
                );
            }
            seen.entry(key).or_default().push(period);
        }
    }

    /// Every key that an entry names must exist among the entries of the same file or day.
    fn references(&mut self, file: &CatalogueFile, when: &str) {
        let documents: BTreeSet<&DocumentKey> = file.documents.iter().map(|document| &document.key).collect();
        let forms: BTreeSet<_> = file.forms.iter().map(|form| &form.code).collect();
        let questions: BTreeSet<&QuestionKey> = file.questions.iter().map(|question| &question.key).collect();

        for key in &file.proxy.documents {
            if !documents.contains(key) {
                self.add(format!("proxy{when}"), format!("document {key} does not exist"));
            }
        }
        if !forms.contains(&file.proxy.form) {
            self.add(format!("proxy{when}"), format!("form {} does not exist", file.proxy.form));
        }
        if !documents.contains(&file.rt_rw_letter.document) {
            self.add(format!("rt_rw_letter{when}"), format!("document {} does not exist", file.rt_rw_letter.document));
        }
        for key in &file.rt_rw_letter.variants {
            if !file.variants.iter().any(|variant| variant.key == *key) {
                self.add(format!("rt_rw_letter{when}"), format!("variant {key} does not exist"));
            }
        }
        for form in &file.forms {
            let place = format!("form {}{when}", form.code);
            if !file.form_editions.iter().any(|edition| edition.key == form.edition) {
                self.add(&place, format!("form_edition {} does not exist", form.edition));
            }
            if let Some(document) = form.document.as_ref().filter(|document| !documents.contains(document)) {
                self.add(&place, format!("document {document} does not exist"));
            }
        }
        for variant in &file.variants {
            let place = format!("variant {}{when}", variant.key);
            if !file.groups.iter().any(|group| group.key == variant.group) {
                self.add(&place, format!("group {} does not exist", variant.group));
            }
            if variant.forms.is_empty() {
                self.add(&place, "forms is empty");
            }
            for code in variant.forms.iter().chain(variant.conditional_forms.iter().map(|form| &form.form)) {
                if !forms.contains(code) {
                    self.add(&place, format!("form {code} does not exist"));
                }
            }
            for form in &variant.conditional_forms {
                if !questions.contains(&form.question) {
                    self.add(&place, format!("question {} does not exist", form.question));
                }
            }
            if variant.requirements.is_empty() {
                self.add(&place, "has no requirement");
            }
            let mut groups: BTreeMap<&OneOfKey, usize> = BTreeMap::new();
            for (index, rule) in variant.requirements.iter().enumerate() {
                let place = format!("variant {}, requirement {}{when}", variant.key, rule.document);
                if !documents.contains(&rule.document) {
                    self.add(&place, "there is no such document");
                }
                match &rule.mode {
                    Mode::OneOf(group) => *groups.entry(group).or_default() += 1,
                    Mode::Conditional(question) if !questions.contains(question) => {
                        self.add(&place, format!("question {question} does not exist"));
                    }
                    _ => {}
                }
                let twice = variant.requirements[..index].iter().any(|other| {
                    let two_reasons = matches!((&other.mode, &rule.mode),
                        (Mode::Conditional(one), Mode::Conditional(two)) if one != two);
                    other.document == rule.document && !two_reasons
                });
                if twice {
                    self.add(&place, "is there twice");
                }
            }
            for (group, _) in groups.iter().filter(|(_, members)| **members < 2) {
                self.add(&place, format!("one_of group {group} has one document; use mode mandatory"));
            }
        }
    }

    /// A code names one form per edition; an official document is written on one form per edition.
    fn form_codes(&mut self, file: &CatalogueFile) {
        let documents = file.forms.iter().filter_map(|form| form.document.as_ref().map(|key| (key, &form.edition)));
        self.once("form", documents.map(|(key, edition)| format!("of document {key} in {edition}")));
        let letter = &file.rt_rw_letter.document;
        if file.documents.iter().any(|document| document.key == *letter && !document.local) {
            self.add("rt_rw_letter", format!("document {letter} must be local = true"));
        }
    }

    /// Two taps reach every variant: no group may have more cards than fit.
    fn menu(&mut self, file: &CatalogueFile, when: &str) {
        for group in &file.groups {
            let count = file.variants.iter().filter(|variant| variant.group == group.key).count();
            if count > VARIANTS_PER_GROUP_MAX {
                self.add(
                    format!("group {}{when}", group.key),
                    format!("has {count} variants, at most {VARIANTS_PER_GROUP_MAX} fit"),
                );
            }
        }
    }
}
