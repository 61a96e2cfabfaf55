//! The language of the windows' own words.

use crate::domain::language::Language;

/// Chooses the language of every window of this process; after the first one was made. Without a choice the system's
/// locale would make it.
pub fn speak(language: Language) {
    // The source's words are in no bundle: its name is empty there.
    let code = if language == Language::Indonesian { "" } else { language.code() };
    if let Err(error) = slint::select_bundled_translation(code) {
        tracing::warn!(%error, code, "the windows do not speak this language");
    }
}
