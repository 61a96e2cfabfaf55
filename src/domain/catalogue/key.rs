//! Keys of the service file: short lower-case names that are parsed once and travel as text.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest key, in characters.
pub const KEY_CHARS_MAX: usize = 64;
/// Longest form code, in characters.
pub const FORM_CODE_CHARS_MAX: usize = 16;

/// A text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {kind}: {rule}")]
pub struct KeyError {
    text: String,
    kind: &'static str,
    rule: &'static str,
}

fn plain(text: &str) -> bool {
    (1..=KEY_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-'))
}

fn strict(text: &str) -> bool {
    plain(text) && !text.contains('-')
}

fn form_code(text: &str) -> bool {
    (1..=FORM_CODE_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $accepts:ident, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses a key; there is no other way to make one.
            pub fn parse(text: &str) -> Result<Self, KeyError> {
                if $accepts(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    let text = text.chars().take(KEY_CHARS_MAX).collect();
                    Err(KeyError { text, kind: $kind, rule: $rule })
                }
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;
            fn from_str(text: &str) -> Result<Self, KeyError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        key!($(#[$doc])* $name, $kind, strict, "1 to 64 of a-z, 0-9, _ and .");
    };
}

key!(
    /// Names a service variant, for example `kk.baru.pisah`. Follows the tick-boxes of form F-1.02.
    VariantKey,
    "variant key"
);
key!(
    /// Names a kind of document, for example `kk_lama`.
    DocumentKey,
    "document key"
);
key!(
    /// Names a yes/no question of the kiosk.
    QuestionKey,
    "question key"
);
key!(
    /// Names a reason for returning a document or a case.
    ReturnReasonKey,
    "return reason key"
);
key!(
    /// Names a menu group of the kiosk.
    GroupKey,
    "group key"
);
key!(
    /// Names a set of documents of which one is enough, for example `dasar`. Unique within a variant.
    OneOfKey,
    "one_of group key"
);
key!(
    /// Names a stage of a case, for example `verified`.
    StageKey,
    "stage key"
);
key!(
    /// Names who does a step, for example `petugas_loket`.
    RoleKey,
    "role key"
);
key!(
    /// Names a service, for example `kk-wni`.
    ServiceKey,
    "service key",
    plain,
    "1 to 64 of a-z, 0-9, _, . and -"
);
key!(
    /// Names an edition of the forms, for example `permendagri-109-2019`.
    EditionKey,
    "edition key",
    plain,
    "1 to 64 of a-z, 0-9, _, . and -"
);
key!(
    /// Names an icon of `assets/icons`, without its ending.
    IconKey,
    "icon key",
    plain,
    "1 to 64 of a-z, 0-9, _, . and -"
);
key!(
    /// Code of an official form, for example `F-1.02`.
    FormCode,
    "form code",
    form_code,
    "1 to 16 of A-Z, 0-9, - and ."
);
