//! The languages a citizen can choose.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the kiosk. Source texts are Indonesian, the language of public service (UU 24/2009).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// Indonesian.
    #[default]
    #[serde(rename = "id")]
    Indonesian,
    /// Javanese, in the register in which an office addresses an elder (krama).
    #[serde(rename = "jv")]
    Javanese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Indonesian, Self::Javanese, Self::English];

    /// Returns the ISO 639-1 code: `id`, `jv` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::Javanese => "jv",
            Self::English => "en",
        }
    }

    /// Returns its name in itself, for whoever reads no other.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Indonesian => "Indonesia",
            Self::Javanese => "Jawa",
            Self::English => "English",
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == text).ok_or(UnknownLanguage)
    }
}

/// A text that is no code of a language of the kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language: use id, jv or en")]
pub struct UnknownLanguage;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_and_is_what_is_stored() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.code());
        }
        for wrong in ["", "ID", "id_ID", "su"] {
            assert_eq!(wrong.parse::<Language>(), Err(UnknownLanguage), "{wrong}");
        }
    }
}
