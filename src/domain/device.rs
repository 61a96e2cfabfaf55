//! Devices of a station and the words for how they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of device it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Prints slips.
    Printer,
    /// Reads the QR of slips.
    QrScanner,
    /// Scans documents.
    DocumentScanner,
    /// Reads the chip of a KTP-el.
    EktpReader,
    /// Speaks and sounds.
    Speaker,
    /// The panel that citizens touch.
    Touchscreen,
}

impl DeviceKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Printer, Self::QrScanner, Self::DocumentScanner, Self::EktpReader, Self::Speaker, Self::Touchscreen];

    /// Returns the stable key, e.g. `qr_scanner`: also the section of the configuration that names such a device.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Printer => "printer",
            Self::QrScanner => "qr_scanner",
            Self::DocumentScanner => "document_scanner",
            Self::EktpReader => "ektp_reader",
            Self::Speaker => "speaker",
            Self::Touchscreen => "touchscreen",
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for DeviceKind {
    type Err = UnknownDeviceWord;

    fn from_str(text: &str) -> Result<Self, UnknownDeviceWord> {
        Self::ALL.into_iter().find(|kind| kind.key() == text).ok_or(UnknownDeviceWord)
    }
}

/// How a device is, in the words of IATA CUSS (common-use self-service). The crate `hardware` uses the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceHealth {
    /// Works.
    Ready,
    /// No media where the device expects one: no page on the glass, no card on the reader.
    MediaAbsent,
    /// The supply ran out.
    MediaEmpty,
    /// The supply is about to run out; the device still works.
    MediaLow,
    /// An output place is full.
    MediaFull,
    /// Media is stuck.
    Jammed,
    /// A part is not where it belongs, e.g. an open cover.
    Misplaced,
    /// The device reports a defect, or answers with bytes that make no sense.
    Damaged,
    /// There is no connection: unplugged, switched off, wrong address.
    NotReachable,
    /// There is a connection, but no answer in time.
    NotResponding,
}

impl DeviceHealth {
    /// Every word.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::MediaAbsent,
        Self::MediaEmpty,
        Self::MediaLow,
        Self::MediaFull,
        Self::Jammed,
        Self::Misplaced,
        Self::Damaged,
        Self::NotReachable,
        Self::NotResponding,
    ];

    /// Returns the stable key, e.g. `media_low`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::MediaAbsent => "media_absent",
            Self::MediaEmpty => "media_empty",
            Self::MediaLow => "media_low",
            Self::MediaFull => "media_full",
            Self::Jammed => "jammed",
            Self::Misplaced => "misplaced",
            Self::Damaged => "damaged",
            Self::NotReachable => "not_reachable",
            Self::NotResponding => "not_responding",
        }
    }

    /// Tells whether the device can do its work now.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Ready | Self::MediaLow)
    }

    /// Tells whether somebody has to go to a device of this kind. An empty glass or an empty card reader is nobody's
    /// task: it waits for the applicant.
    #[must_use]
    pub const fn needs_staff(self, device: DeviceKind) -> bool {
        match self {
            Self::Ready => false,
            Self::MediaAbsent => !matches!(device, DeviceKind::DocumentScanner | DeviceKind::EktpReader),
            _ => true,
        }
    }
}

impl fmt::Display for DeviceHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for DeviceHealth {
    type Err = UnknownDeviceWord;

    fn from_str(text: &str) -> Result<Self, UnknownDeviceWord> {
        Self::ALL.into_iter().find(|health| health.key() == text).ok_or(UnknownDeviceWord)
    }
}

/// A word that names no kind of device and no health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of device or a word of health")]
pub struct UnknownDeviceWord;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_is_the_same_on_the_wire() {
        for kind in DeviceKind::ALL {
            assert_eq!(kind.key().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.key());
        }
        for health in DeviceHealth::ALL {
            assert_eq!(health.key().parse(), Ok(health));
            assert_eq!(serde_json::to_value(health).expect("a word"), health.key());
        }
        assert_eq!("toaster".parse::<DeviceKind>(), Err(UnknownDeviceWord));
        assert_eq!("".parse::<DeviceHealth>(), Err(UnknownDeviceWord));
    }

    #[test]
    fn an_empty_glass_is_nobodys_task_but_an_empty_roll_is() {
        use DeviceHealth as H;
        for device in DeviceKind::ALL {
            let waits = matches!(device, DeviceKind::DocumentScanner | DeviceKind::EktpReader);
            assert_eq!(H::MediaAbsent.needs_staff(device), !waits, "{device}");
            assert!(!H::Ready.needs_staff(device));
            assert!(H::ALL[2..].iter().all(|health| health.needs_staff(device)), "{device}");
        }
        assert_eq!(H::ALL.into_iter().filter(|health| health.is_usable()).count(), 2);
    }
}
