//! The book of a station's devices: how each is now and since when, and which fault is open. Pure.

use jiff::Timestamp;

use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::ids::FaultId;
use crate::wire::health::{DeviceFault, DeviceReport, StationHealth};

/// A fault that began or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FaultNote {
    pub(super) id: FaultId,
    pub(super) fault: DeviceFault,
}

/// A fault that is not cleared yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenFault {
    pub(super) id: FaultId,
    pub(super) device: DeviceKind,
    pub(super) health: DeviceHealth,
    pub(super) began_at: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    reports: Vec<DeviceReport>,
    open: Vec<OpenFault>,
}

impl Book {
    /// Opens the book with the faults that were open when the program ended: a device that is still at fault goes on
    /// with the same one.
    pub(super) fn with_open(open: Vec<OpenFault>) -> Self {
        Self { reports: Vec::new(), open }
    }

    /// Notes how a device is, and gives what the journal should hear: the end of a fault, the beginning of one.
    pub(super) fn note(
        &mut self,
        seen: DeviceReport,
        now: Timestamp,
        draw: impl FnOnce() -> FaultId,
    ) -> Vec<FaultNote> {
        let (device, health) = (seen.device, seen.health);
        let mut notes = Vec::new();
        let ended = |fault: &OpenFault| fault.device == device && fault.health != health;
        for fault in self.open.iter().filter(|fault| ended(fault)) {
            notes.push(note_of(fault, Some(now)));
        }
        self.open.retain(|fault| !ended(fault));
        if health.needs_staff(device) && !self.open.iter().any(|fault| fault.device == device) {
            let fault = OpenFault { id: draw(), device, health, began_at: now };
            notes.push(note_of(&fault, None));
            self.open.push(fault);
        }
        let known = self.reports.iter().find(|report| report.device == device);
        let since = known.filter(|report| report.health == health).map_or(now, |report| report.since);
        self.reports.retain(|report| report.device != device);
        self.reports.push(DeviceReport { since, ..seen });
        self.reports.sort_by_key(|report| report.device);
        notes
    }

    pub(super) fn reports(&self) -> &[DeviceReport] {
        &self.reports
    }

    pub(super) fn health(&self) -> StationHealth {
        StationHealth { devices: self.reports.clone() }
    }
}

fn note_of(fault: &OpenFault, ended_at: Option<Timestamp>) -> FaultNote {
    let OpenFault { id, device, health, began_at } = *fault;
    FaultNote { id, fault: DeviceFault { device, health, began_at, ended_at } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(health: DeviceHealth) -> DeviceReport {
        DeviceReport { device: DeviceKind::Printer, health, since: at(0), slips_left: None, simulated: false }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).unwrap()
    }

    fn id(number: u8) -> FaultId {
        FaultId::from_parts(1, &[number; 10])
    }

    #[test]
    fn a_fault_and_its_clearing_are_one_pair() {
        let mut book = Book::default();
        assert!(book.note(seen(DeviceHealth::Ready), at(0), || id(1)).is_empty());
        let began = book.note(seen(DeviceHealth::MediaEmpty), at(5), || id(2));
        assert!(book.note(seen(DeviceHealth::MediaEmpty), at(6), || id(3)).is_empty(), "told twice, it is one");
        let ended = book.note(seen(DeviceHealth::Ready), at(9), || id(4));
        assert_eq!((began.len(), ended.len()), (1, 1));
        assert_eq!((began[0].id, ended[0].id), (id(2), id(2)));
        assert_eq!((began[0].fault.ended_at, ended[0].fault.ended_at), (None, Some(at(9))));
        assert_eq!(book.reports()[0].since, at(9));
    }

    #[test]
    fn one_fault_that_becomes_another_ends_first() {
        let mut book = Book::default();
        book.note(seen(DeviceHealth::Misplaced), at(0), || id(1));
        let notes = book.note(seen(DeviceHealth::MediaEmpty), at(3), || id(2));
        let told: Vec<_> = notes.iter().map(|note| (note.id, note.fault.ended_at)).collect();
        assert_eq!(told, [(id(1), Some(at(3))), (id(2), None)]);
    }

    #[test]
    fn a_fault_that_outlives_the_program_is_the_same_fault() {
        let open =
            OpenFault { id: id(7), device: DeviceKind::Printer, health: DeviceHealth::MediaEmpty, began_at: at(0) };
        let mut same = Book::with_open(vec![open]);
        assert!(same.note(seen(DeviceHealth::MediaEmpty), at(60), || id(8)).is_empty());
        let mut mended = Book::with_open(vec![open]);
        let notes = mended.note(seen(DeviceHealth::Ready), at(60), || id(8));
        assert_eq!((notes[0].id, notes[0].fault.began_at, notes[0].fault.ended_at), (id(7), at(0), Some(at(60))));
    }
}
