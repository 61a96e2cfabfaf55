//! What is said when the contents of a screen changed: only the difference.

use super::words::*;
use super::{ByEar, Heard, HeardRole, Translate, digit_count, is_number};
use crate::words::put;

/// Changes of one moment that are said; more is a new screen in all but name.
const CHANGES_MAX: usize = 6;
/// Choices that become possible at once and are still named. The keys of a keypad are more.
const ENABLED_NAMED_MAX: usize = 2;
/// A progress in percent is said at each quarter.
const PERCENT_STEP: u32 = 25;

impl ByEar {
    /// Takes the new contents and gives what is to be said of them; empty when nothing that is heard changed.
    pub(super) fn changed(&mut self, elements: Vec<Heard>, translate: Translate<'_>) -> String {
        let here = self.current().map(|element| element.id.clone());
        let old = std::mem::replace(&mut self.elements, elements);
        let kept = here.as_deref().and_then(|id| self.position(id));
        let last = self.elements.len().saturating_sub(1);
        self.cursor = kept.unwrap_or(self.cursor.min(last));
        let before = |element: &Heard| old.iter().find(|old| old.id == element.id);
        let mut said: Vec<String> = Vec::new();
        for element in &self.elements {
            let news = match before(element) {
                Some(old) => self.difference(old, element, translate),
                // A new choice is found by walking; new words are news.
                None if element.role.is_choice() || element.role == HeardRole::Group => String::new(),
                None => self.read(element, translate),
            };
            said.extend(Some(news).filter(|news| !news.is_empty()));
        }
        said.extend(self.enabled(&old, translate));
        said.truncate(CHANGES_MAX);
        // Choose was pressed on something that is gone now, or under the cursor stands another thing.
        if here.is_some() && kept.is_none() && self.menu.is_none() {
            said.push(self.here(translate));
        }
        join(said)
    }

    /// Choices that can be chosen from now on.
    fn enabled(&self, old: &[Heard], translate: Translate<'_>) -> Vec<String> {
        let was_blocked = |element: &Heard| old.iter().any(|old| old.id == element.id && !old.enabled);
        let enabled = self.elements.iter().filter(|element| element.role.is_choice() && element.enabled);
        let enabled: Vec<_> = enabled.filter(|element| was_blocked(element)).collect();
        if enabled.len() > ENABLED_NAMED_MAX {
            return Vec::new();
        }
        enabled.iter().map(|element| sentence(&put(&translate(NOW), &[&element.label]))).collect()
    }

    fn difference(&self, old: &Heard, new: &Heard, translate: Translate<'_>) -> String {
        if let (HeardRole::Progress, Some(from), Some(to)) = (new.role, percent(&old.value), percent(&new.value))
            && old.label == new.label
        {
            let crossed = from / PERCENT_STEP != to / PERCENT_STEP;
            return if crossed { sentence(&new.value) } else { String::new() };
        }
        // Seconds that run down are heard by whoever asks, or nothing else could be.
        if new.role == HeardRole::Progress && is_number(&old.value) && is_number(&new.value) {
            return String::new();
        }
        let state_changed = old.role != new.role;
        // Words that only count (a clock, seconds left, angka terisi) are heard by whoever asks.
        let counts_on = !state_changed && without_digits(&old.label) == without_digits(&new.label);
        if !counts_on && (old.label != new.label || state_changed) {
            // A key whose words change (Nyala, Mati) is news only to who stands on it.
            let other_choice = new.role.is_choice() && !state_changed && !self.is_here(new);
            return if other_choice { String::new() } else { self.read(new, translate) };
        }
        let value = if old.value == new.value { String::new() } else { value_change(old, new, translate) };
        let description = if old.description == new.description { String::new() } else { sentence(&new.description) };
        join([value, description])
    }

    fn is_here(&self, element: &Heard) -> bool {
        self.current().is_some_and(|here| here.id == element.id)
    }
}

/// A typed digit is confirmed by itself, and so is a deleted one; a long number that came at once is not read out.
fn value_change(old: &Heard, new: &Heard, translate: Translate<'_>) -> String {
    if new.value.trim().is_empty() {
        return sentence(&put(&translate(CLEARED), &[&new.label]));
    }
    let number = |value: &str| is_number(value) || value.trim().is_empty();
    if !is_number(&new.value) || !number(&old.value) {
        return sentence(&new.value);
    }
    let (from, to) = (signs(&old.value), signs(&new.value));
    if let Some(added) =
        to.strip_prefix(from.as_str()).filter(|added| added.chars().count() < to.chars().count().max(2))
    {
        return sentence(&spaced(added));
    }
    if let Some(taken) = from.strip_prefix(to.as_str()) {
        return sentence(&put(&translate(DELETED), &[&spaced(taken)]));
    }
    if new.is_private() {
        let digits = digit_count(&new.value).to_string();
        return sentence(&put(&translate(FILLED), &[&new.label, &digits]));
    }
    sentence(&new.value)
}

/// The value without what only groups it.
fn signs(value: &str) -> String {
    value.chars().filter(|sign| !matches!(sign, ' ' | '-' | '_')).collect()
}

fn spaced(digits: &str) -> String {
    digits.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn percent(value: &str) -> Option<u32> {
    value.trim().strip_suffix('%')?.trim_end().parse().ok()
}
