//! Why somebody should not have to wait long. The person says so; nobody asks for proof.
//!
//! It may tell of a disability or an illness, so it goes no further than the ticket, the slip and the counter.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
    use super::*;

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
