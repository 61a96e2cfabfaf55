//! Who may do what: the roles of SOP-DKC.IP-01 and the office's administrator.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role of a person with a login. The applicant has none: the slip is their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Petugas Loket: checks documents, receives the KK, hands it over (steps 2, 7, 8).
    PetugasLoket,
    /// Operator: enters data in SIAK, proposes, prints (steps 3, 6).
    Operator,
    /// Kepala Bidang or Sub Koordinator: endorses (step 4).
    Kabid,
    /// Kepala Dinas: signs electronically (step 5).
    Kadis,
    /// Keeps users, stations and backups; handles no case.
    Admin,
}

impl Role {
    /// Every role, in the order of the SOP.
    pub const ALL: [Self; 5] = [Self::PetugasLoket, Self::Operator, Self::Kabid, Self::Kadis, Self::Admin];

    /// Returns the stable key, e.g. `petugas_loket`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PetugasLoket => "petugas_loket",
            Self::Operator => "operator",
            Self::Kabid => "kabid",
            Self::Kadis => "kadis",
            Self::Admin => "admin",
        }
    }

    /// Returns the office's word for the role.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PetugasLoket => "Petugas Loket",
            Self::Operator => "Operator",
            Self::Kabid => "Kepala Bidang",
            Self::Kadis => "Kepala Dinas",
            Self::Admin => "Admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.key() == text).ok_or(UnknownRole)
    }
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role: use petugas_loket, operator, kabid, kadis or admin")]
pub struct UnknownRole;

/// What kind of enrolled machine a station is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationKind {
    /// Touchscreen in the lobby.
    Kiosk,
    /// Desk of a Petugas Loket.
    Counter,
    /// Screen that shows called numbers.
    Board,
}

impl StationKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Kiosk, Self::Counter, Self::Board];

    /// Returns the stable key, e.g. `kiosk`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Counter => "counter",
            Self::Board => "board",
        }
    }
}

impl FromStr for StationKind {
    type Err = UnknownStationKind;

    fn from_str(text: &str) -> Result<Self, UnknownStationKind> {
        Self::ALL.into_iter().find(|kind| kind.key() == text).ok_or(UnknownStationKind)
    }
}

/// A word that names no kind of station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of station: use kiosk, counter or board")]
pub struct UnknownStationKind;
