//! The stages of a case: the eight outputs of SOP-DKC.IP-01 and the exits beside them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Step 1: applied for at the kiosk, slip issued.
    Submitted,
    /// Step 2: documents checked at the counter.
    Verified,
    /// Step 3: entered in SIAK and proposed.
    Proposed,
    /// Step 4: checked by the section head.
    Endorsed,
    /// Step 5: signed electronically by the head of office.
    Signed,
    /// Step 6: the KK is printed.
    Printed,
    /// Step 7: the KK is back at the counter, in the register.
    Received,
    /// Step 8: the KK was given against a proof of identity.
    HandedOver,
    /// Sent back to the applicant with reasons; the same slip goes on.
    Returned,
    /// Ended at the applicant's wish or by the office.
    Cancelled,
    /// Never collected in time.
    Unclaimed,
}

impl Stage {
    /// The eight stages of the SOP in order.
    pub const PATH: [Self; 8] = [
        Self::Submitted,
        Self::Verified,
        Self::Proposed,
        Self::Endorsed,
        Self::Signed,
        Self::Printed,
        Self::Received,
        Self::HandedOver,
    ];

    /// Every stage.
    pub const ALL: [Self; 11] = [
        Self::Submitted,
        Self::Verified,
        Self::Proposed,
        Self::Endorsed,
        Self::Signed,
        Self::Printed,
        Self::Received,
        Self::HandedOver,
        Self::Returned,
        Self::Cancelled,
        Self::Unclaimed,
    ];

    /// Returns the stable key, e.g. `handed_over`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Verified => "verified",
            Self::Proposed => "proposed",
            Self::Endorsed => "endorsed",
            Self::Signed => "signed",
            Self::Printed => "printed",
            Self::Received => "received",
            Self::HandedOver => "handed_over",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Unclaimed => "unclaimed",
        }
    }

    /// Returns the step of the SOP whose output this stage is, 1 to 8.
    #[must_use]
    pub fn sop_step(self) -> Option<u8> {
        Self::PATH.iter().position(|stage| *stage == self).and_then(|at| u8::try_from(at + 1).ok())
    }

    /// Tells whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::HandedOver | Self::Cancelled | Self::Unclaimed)
    }

    /// Names in at most three words what is done once this stage is reached: a line of a path, where the name of the
    /// SOP's step is too long.
    #[must_use]
    pub const fn short_words(self) -> &'static str {
        match self {
            Self::Submitted => "Permohonan",
            Self::Verified => "Dokumen diperiksa",
            Self::Proposed => "Data diajukan",
            Self::Endorsed => "Diperiksa Kepala Bidang",
            Self::Signed => "Disetujui Kepala Dinas",
            Self::Printed => "KK dicetak",
            Self::Received => "KK di loket",
            Self::HandedOver => "KK diserahkan",
            Self::Returned => "Dikembalikan",
            Self::Cancelled => "Dibatalkan",
            Self::Unclaimed => "Tidak diambil",
        }
    }

    /// Says in plain Indonesian where the case is, for the applicant.
    #[must_use]
    pub const fn plain_words(self) -> &'static str {
        match self {
            Self::Submitted => "Permohonan diterima. Menunggu pemeriksaan dokumen di loket.",
            Self::Verified => "Dokumen lengkap. Data sedang dimasukkan oleh operator.",
            Self::Proposed => "Data sudah diajukan. Menunggu pemeriksaan Kepala Bidang.",
            Self::Endorsed => "Sudah diperiksa. Menunggu persetujuan Kepala Dinas.",
            Self::Signed => "Sudah disetujui. KK akan dicetak.",
            Self::Printed => "KK sudah dicetak dan sedang dibawa ke loket.",
            Self::Received => "KK siap diambil. Bawa slip ini dan KTP-el Anda.",
            Self::HandedOver => "KK sudah diserahkan.",
            Self::Returned => "Berkas dikembalikan. Silakan lengkapi dokumen Anda.",
            Self::Cancelled => "Permohonan dibatalkan.",
            Self::Unclaimed => "Batas waktu pengambilan lewat. Silakan hubungi loket.",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A word that names no stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stage")]
pub struct UnknownStage;

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, UnknownStage> {
        Self::ALL.into_iter().find(|stage| stage.key() == text).ok_or(UnknownStage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_fit_a_path() {
        for stage in Stage::ALL {
            let words = stage.short_words();
            assert!(words.split(' ').count() <= 3, "{words}");
            // The narrowest path gives a word 84 pixels.
            assert!(words.split(' ').all(|word| word.len() <= 12), "{words}");
        }
    }
}
