//! Everything that can be switched wrong on the rig, in one list.

use serde::Serialize;

use super::{Devices, EsclTrouble, PrinterFault, QrFault, ReaderFault, RigError, ScannerTrouble};

/// Faults of the document scanner behind a folder; one at a time.
const SCANNER: [ScannerTrouble; 9] = [
    ScannerTrouble::NoPaper,
    ScannerTrouble::Jam,
    ScannerTrouble::DoubleFeed,
    ScannerTrouble::CoverOpen,
    ScannerTrouble::Busy,
    ScannerTrouble::NotReachable,
    ScannerTrouble::Stuck,
    ScannerTrouble::CutOff,
    ScannerTrouble::Bomb,
];

/// Faults of the document scanner on the network; one at a time.
const ESCL: [EsclTrouble; 9] = [
    EsclTrouble::Jam,
    EsclTrouble::DoubleFeed,
    EsclTrouble::CoverOpen,
    EsclTrouble::Busy,
    EsclTrouble::Mute,
    EsclTrouble::Dropped,
    EsclTrouble::EmptyAnswer,
    EsclTrouble::CutOff,
    EsclTrouble::GarbageXml,
];

/// One fault of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Of the slip printer.
    Printer(PrinterFault),
    /// Of the counter's QR scanner.
    CounterScanner(QrFault),
    /// Of the kiosk's QR scanner.
    KioskScanner(QrFault),
    /// Of the KTP-el reader, its card or its finger.
    Reader(ReaderFault),
    /// Of the document scanner behind a folder.
    Scanner(ScannerTrouble),
    /// A page of that scanner takes 20 seconds.
    SlowScanner,
    /// Of the document scanner on the network.
    Escl(EsclTrouble),
    /// A page of that scanner takes 20 seconds.
    SlowEscl,
}

impl Fault {
    /// Every fault, device by device, in the order of the window.
    pub fn all() -> impl Iterator<Item = Self> {
        (PrinterFault::ALL.into_iter().map(Self::Printer))
            .chain(QrFault::ALL.into_iter().map(Self::CounterScanner))
            .chain(QrFault::ALL.into_iter().map(Self::KioskScanner))
            .chain(ReaderFault::ALL.into_iter().map(Self::Reader))
            .chain(SCANNER.into_iter().map(Self::Scanner))
            .chain([Self::SlowScanner])
            .chain(ESCL.into_iter().map(Self::Escl))
            .chain([Self::SlowEscl])
    }

    /// The key in the contract of the window: device and fault, e.g. `printer.paper_out`.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Printer(fault) => format!("printer.{}", fault.key()),
            Self::CounterScanner(fault) => format!("counter_scanner.{}", fault.key()),
            Self::KioskScanner(fault) => format!("kiosk_scanner.{}", fault.key()),
            Self::Reader(fault) => format!("reader.{}", fault.key()),
            Self::Scanner(fault) => format!("scanner.{}", word(fault)),
            Self::SlowScanner => "scanner.slow".to_owned(),
            Self::Escl(fault) => format!("escl.{}", word(fault)),
            Self::SlowEscl => "escl.slow".to_owned(),
        }
    }
}

/// The word of a fault in its simulator's state file.
fn word(fault: impl Serialize) -> String {
    let value = serde_json::to_value(fault).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

impl Devices {
    /// Whether a fault is on now, whoever switched it on.
    #[must_use]
    pub fn has_fault(&self, fault: Fault) -> bool {
        match fault {
            Fault::Printer(fault) => self.has_printer_fault(fault),
            Fault::CounterScanner(fault) => self.counter_scanner.has(fault),
            Fault::KioskScanner(fault) => self.kiosk_scanner.has(fault),
            Fault::Reader(fault) => self.reader.has(fault),
            Fault::Scanner(fault) => self.documents.trouble() == fault,
            Fault::SlowScanner => self.documents.is_slow(),
            Fault::Escl(fault) => self.documents.network_trouble() == fault,
            Fault::SlowEscl => self.documents.is_network_slow(),
        }
    }

    /// Switches a fault. A document scanner has one fault at a time besides its slowness: the newer one stays.
    ///
    /// # Errors
    /// When the device's state file cannot be written.
    pub fn set_fault(&self, fault: Fault, on: bool) -> Result<(), RigError> {
        match fault {
            Fault::Printer(fault) => self.set_printer_fault(fault, on),
            Fault::CounterScanner(fault) => self.counter_scanner.set(fault, on),
            Fault::KioskScanner(fault) => self.kiosk_scanner.set(fault, on),
            Fault::Reader(fault) => self.reader.set(fault, on),
            Fault::Scanner(fault) if on => self.documents.set_trouble(fault),
            Fault::Escl(fault) if on => self.documents.set_network_trouble(fault),
            Fault::Scanner(_) | Fault::Escl(_) if !self.has_fault(fault) => Ok(()),
            Fault::Scanner(_) => self.documents.set_trouble(ScannerTrouble::None),
            Fault::Escl(_) => self.documents.set_network_trouble(EsclTrouble::None),
            Fault::SlowScanner => self.documents.set_slow(on),
            Fault::SlowEscl => self.documents.set_network_slow(on),
        }
    }

    /// Makes every device sound again.
    ///
    /// # Errors
    /// When a state file cannot be written; the other devices are sound all the same.
    pub fn clear_faults(&self) -> Result<(), RigError> {
        let mended = Fault::all().filter(|fault| self.has_fault(*fault)).map(|fault| self.set_fault(fault, false));
        mended.fold(Ok(()), Result::and)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_fault_has_a_key_of_its_own() {
        let keys: Vec<String> = Fault::all().map(Fault::key).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:?}");
        assert!(keys.iter().all(|key| !key.ends_with('.')), "{keys:?}");
    }
}
