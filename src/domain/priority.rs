//! Why somebody should not have to wait long. The person says so; nobody asks for proof.
//!
//! It may tell of a disability or an illness, so it goes no further than the ticket, the slip and the counter.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::hall::Line;

/// A self-declared reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Sixty years or older.
    Elderly,
    /// With a disability.
    Disability,
    /// Pregnant or nursing.
    Pregnant,
    /// With a small child.
    Toddler,
    /// Ill.
    Ill,
}

impl Priority {
    /// Every reason, in the order of the screens.
    pub const ALL: [Self; 5] = [Self::Elderly, Self::Disability, Self::Pregnant, Self::Toddler, Self::Ill];

    /// Returns the stable key, e.g. `elderly`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Elderly => "elderly",
            Self::Disability => "disability",
            Self::Pregnant => "pregnant",
            Self::Toddler => "toddler",
            Self::Ill => "ill",
        }
    }

    /// Returns the words for screens and paper.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Elderly => "Lansia",
            Self::Disability => "Disabilitas",
            Self::Pregnant => "Hamil atau menyusui",
            Self::Toddler => "Membawa balita",
            Self::Ill => "Sakit",
        }
    }
}

/// Puts those who wait, longest first, into the order in which they are called: by [`turn`](super::hall::turn), over and over. Whoever
/// should not wait long goes first; but after each of them the one who has waited longest goes, so that nobody waits
/// for ever. `last_went_first` tells of the latest call.
#[must_use]
pub fn call_order<T>(waiting: Vec<T>, goes_first: impl Fn(&T) -> bool, last_went_first: bool) -> Vec<T> {
    let mut line = Line::new(last_went_first);
    for who in waiting {
        let first = goes_first(&who);
        line.enter(who, first);
    }
    std::iter::from_fn(|| line.call()).collect()
}

/// A word that names no priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a priority: use elderly, disability, pregnant, toddler or ill")]
pub struct UnknownPriority;

impl FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        Self::ALL.into_iter().find(|priority| priority.key() == text).ok_or(UnknownPriority)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(waiting: &str, last_had_priority: bool) -> String {
        call_order(waiting.chars().collect(), |letter| letter.is_ascii_uppercase(), last_had_priority)
            .into_iter()
            .collect()
    }

    #[test]
    fn whoever_should_not_wait_goes_first_and_nobody_waits_for_ever() {
        assert_eq!(order("abcde", false), "abcde");
        assert_eq!(order("abCde", false), "Cabde");
        assert_eq!(order("abCDE", false), "CaDbE");
        assert_eq!(order("abCDE", true), "aCbDE");
        assert_eq!(order("ABcD", false), "ABcD");
        assert_eq!(order("", true), "");
    }

    proptest! {
        #[test]
        fn the_order_that_is_shown_is_the_order_in_which_they_are_called(
            waiting in "[a-c]{0,4}[A-C]{0,4}[a-c]{0,4}", last in any::<bool>()
        ) {
            let shown = order(&waiting, last);
            let Some(first) = shown.chars().next() else { return Ok(()) };
            let left = waiting.replacen(first, "", 1);
            prop_assert_eq!(&shown[1..], order(&left, first.is_ascii_uppercase()));
        }
    }

    #[test]
    fn a_key_reads_back_and_is_what_json_says() {
        for priority in Priority::ALL {
            assert_eq!(priority.key().parse(), Ok(priority));
            let json = serde_json::to_value(priority).expect("JSON");
            assert_eq!(json, priority.key());
        }
        assert_eq!("Lansia".parse::<Priority>(), Err(UnknownPriority));
    }
}
