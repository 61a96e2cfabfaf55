//! How the kiosk looks and speaks for the person in front of it. Gone with the session.

use super::{Flow, Place};
use crate::domain::device::DeviceKind;
use crate::domain::language::Language;

/// Height of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum TextSize {
    Small,
    #[default]
    Normal,
    Large,
    Largest,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Contrast {
    #[default]
    Standard,
    Dark,
    Light,
    Soft,
}

/// What a person may turn at any time, without losing the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Comfort {
    /// Language of screens, slip and voice.
    pub language: Language,
    /// Height of the letters.
    pub text_size: TextSize,
    /// Colours.
    pub contrast: Contrast,
    /// Every control in the lower half.
    pub low_reach: bool,
    /// The person hears the screens and presses five keys.
    pub by_ear: bool,
}

/// One thing turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Turn {
    Language(Language),
    TextSize(TextSize),
    Contrast(Contrast),
    LowReach(bool),
    ByEar(bool),
}

impl Flow {
    /// Turns one thing. Staff's screens stay as they are.
    pub(super) fn turn(&mut self, turn: Turn) {
        if matches!(self.place, Place::Staff | Place::StaffPin) {
            return;
        }
        match turn {
            Turn::Language(language) => self.comfort.language = language,
            Turn::TextSize(text_size) => self.comfort.text_size = text_size,
            Turn::Contrast(contrast) => self.comfort.contrast = contrast,
            Turn::LowReach(low_reach) => self.comfort.low_reach = low_reach,
            // Without a voice nobody is left in the dark.
            Turn::ByEar(by_ear) => self.comfort.by_ear = by_ear && self.is_ready(DeviceKind::Speaker),
        }
    }
}
