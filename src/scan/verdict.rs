//! What is wrong with a page, in words that a citizen understands.

use crate::domain::language::Language;
use crate::words;

use super::geometry::Region;

/// Why a page may be of no use. Each is a doubt and never a block: whoever holds the paper decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Nothing stands on it.
    Blank,
    /// The back of a page: its print only shines through.
    WrongSide,
    /// Too little light.
    TooDark,
    /// The print is hardly darker than the paper.
    TooBright,
    /// A lamp is mirrored in it.
    Glare,
    /// Out of focus, or moved.
    Blurred,
    /// Print goes on beyond the picture.
    CutOff,
    /// Too few pixels for its letters.
    TooLowResolution,
    /// More than one sheet.
    TwoPages,
    /// Another document than the one that was asked for.
    OtherKind,
}

impl Reason {
    /// Every reason, the one that is told first at the front.
    pub const ALL: [Self; 10] = [
        Self::WrongSide,
        Self::Blank,
        Self::TwoPages,
        Self::TooDark,
        Self::TooBright,
        Self::CutOff,
        Self::Glare,
        Self::TooLowResolution,
        Self::Blurred,
        Self::OtherKind,
    ];

    /// Name for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::WrongSide => "wrong_side",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::Glare => "glare",
            Self::Blurred => "blurred",
            Self::CutOff => "cut_off",
            Self::TooLowResolution => "too_low_resolution",
            Self::TwoPages => "two_pages",
            Self::OtherKind => "other_kind",
        }
    }

    /// What is seen and what to do, in Indonesian: two sentences.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Blank => "Halaman ini tampak kosong. Silakan periksa kertasnya, lalu pindai lagi.",
            Self::WrongSide => "Ini tampaknya sisi belakang. Silakan balik kertasnya, lalu pindai lagi.",
            Self::TooDark => "Gambar terlalu gelap. Silakan cari tempat yang lebih terang.",
            Self::TooBright => "Tulisan terlalu pucat untuk dibaca. Silakan pindai lagi.",
            Self::Glare => "Ada pantulan cahaya di atas tulisan. Silakan geser kertas sedikit.",
            Self::Blurred => "Tulisan tampak kabur. Silakan ratakan kertas dan jangan digerakkan.",
            Self::CutOff => "Sebagian halaman terpotong. Silakan letakkan seluruh kertas di dalam batas.",
            Self::TooLowResolution => "Tulisan terlalu kecil untuk dibaca. Silakan dekatkan kertasnya.",
            Self::TwoPages => "Tampaknya ada dua lembar. Silakan pindai satu per satu.",
            Self::OtherKind => "Ini tampaknya dokumen lain. Silakan periksa dokumen yang diminta.",
        }
    }

    /// The same in a language.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        words::of(language, self.source())
    }
}

/// One thing that may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// What.
    pub reason: Reason,
    /// Where, in the picture as it was delivered.
    pub region: Region,
}

/// What was found wrong with a page, the most important first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// All doubts, one for each reason at most.
    pub doubts: Vec<Doubt>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn good(&self) -> bool {
        self.doubts.is_empty()
    }

    /// Whether a reason was found.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.doubts.iter().any(|doubt| doubt.reason == reason)
    }

    /// Adds a doubt in its place; a second one of the same reason is left out.
    pub fn doubt(&mut self, reason: Reason, region: Region) {
        if !self.has(reason) {
            self.doubts.push(Doubt { reason, region });
            let place = |doubt: &Doubt| Reason::ALL.iter().position(|reason| *reason == doubt.reason);
            self.doubts.sort_by_key(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words_in_each_language_and_short_sentences() {
        for reason in Reason::ALL {
            for language in Language::ALL {
                let text = reason.words(language);
                assert!(language == Language::Indonesian || text != reason.source(), "{} {language:?}", reason.code());
                for sentence in text.split_inclusive('.').map(str::trim).filter(|text| !text.is_empty()) {
                    assert!(sentence.ends_with('.') && sentence.split(' ').count() <= 12, "{sentence}");
                }
            }
        }
    }

    #[test]
    fn doubts_stand_in_their_order_and_once() {
        let region = Region { left: 0, top: 0, width: 1, height: 1 };
        let mut verdict = Verdict::default();
        for reason in [Reason::Blurred, Reason::TooDark, Reason::Blurred] {
            verdict.doubt(reason, region);
        }
        let order: Vec<_> = verdict.doubts.iter().map(|doubt| doubt.reason).collect();
        assert_eq!(order, [Reason::TooDark, Reason::Blurred]);
        assert!(!verdict.good() && Verdict::default().good());
    }
}
