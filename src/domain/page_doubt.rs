//! Why a scanned page may be of no use. A doubt never blocks anybody: whoever holds the paper decides, the officer sees it.

use serde::{Deserialize, Serialize};

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageDoubt {
    /// The back of a page: its print only shines through.
    WrongSide,
    /// Nothing stands on it.
    Blank,
    /// More than one sheet.
    TwoPages,
    /// Too little light.
    TooDark,
    /// The print is hardly darker than the paper.
    TooBright,
    /// Print goes on beyond the picture.
    CutOff,
    /// A lamp is mirrored in it.
    Glare,
    /// Too few pixels for its letters.
    TooLowResolution,
    /// Out of focus, or moved.
    Blurred,
    /// Another document than the one that was asked for.
    OtherKind,
    /// A QR code on it leads somewhere else than to the ministry.
    ForeignQr,
}

impl PageDoubt {
    /// Every reason, the one that is told first at the front.
    pub const ALL: [Self; 11] = [
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
        Self::ForeignQr,
    ];

    /// Returns the stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::WrongSide => "wrong_side",
            Self::Blank => "blank",
            Self::TwoPages => "two_pages",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::CutOff => "cut_off",
            Self::Glare => "glare",
            Self::TooLowResolution => "too_low_resolution",
            Self::Blurred => "blurred",
            Self::OtherKind => "other_kind",
            Self::ForeignQr => "foreign_qr",
        }
    }

    /// Whether a new scan may mend it, so that the person at the kiosk is told. A strange QR code is for the officer.
    #[must_use]
    pub const fn is_for_citizen(self) -> bool {
        !matches!(self, Self::ForeignQr)
    }

    /// What a citizen reads: what is seen and what to do, in two sentences.
    #[must_use]
    pub const fn plain_words(self) -> &'static str {
        match self {
            Self::WrongSide => "Ini tampaknya sisi belakang. Silakan balik kertasnya, lalu pindai lagi.",
            Self::Blank => "Halaman ini tampak kosong. Silakan periksa kertasnya, lalu pindai lagi.",
            Self::TwoPages => "Tampaknya ada dua lembar. Silakan pindai satu per satu.",
            Self::TooDark => "Gambar terlalu gelap untuk dibaca. Silakan pindai lagi.",
            Self::TooBright => "Tulisan terlalu pucat untuk dibaca. Silakan pindai lagi.",
            Self::CutOff => "Sebagian halaman terpotong. Silakan letakkan seluruh kertas di dalam batas.",
            Self::Glare => "Ada pantulan cahaya di atas tulisan. Silakan geser kertas sedikit.",
            Self::TooLowResolution => "Tulisan terlalu kecil untuk dibaca. Silakan dekatkan kertasnya.",
            Self::Blurred => "Tulisan tampak kabur. Silakan ratakan kertas dan jangan digerakkan.",
            Self::OtherKind => "Ini tampaknya dokumen lain. Silakan periksa dokumen yang diminta.",
            Self::ForeignQr => "Kode QR pada dokumen ini tidak dikenal. Petugas akan memeriksanya.",
        }
    }

    /// What an officer reads, in few words.
    #[must_use]
    pub const fn short_words(self) -> &'static str {
        match self {
            Self::WrongSide => "sisi belakang?",
            Self::Blank => "kosong?",
            Self::TwoPages => "dua lembar?",
            Self::TooDark => "terlalu gelap?",
            Self::TooBright => "terlalu pucat?",
            Self::CutOff => "terpotong?",
            Self::Glare => "silau?",
            Self::TooLowResolution => "kurang rinci?",
            Self::Blurred => "kabur?",
            Self::OtherKind => "dokumen lain?",
            Self::ForeignQr => "QR tidak dikenal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_is_stored_and_each_has_words_of_its_own() {
        for doubt in PageDoubt::ALL {
            assert_eq!(serde_json::to_value(doubt).unwrap(), doubt.key());
            for sentence in doubt.plain_words().split_inclusive('.').map(str::trim) {
                assert!(sentence.ends_with('.') && sentence.split(' ').count() <= 12, "{sentence}");
            }
        }
        let words: std::collections::BTreeSet<_> = PageDoubt::ALL.map(PageDoubt::short_words).into();
        assert_eq!(words.len(), PageDoubt::ALL.len());
    }
}
