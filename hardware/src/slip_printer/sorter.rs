//! The bytes a printer sends, sorted by their fixed bits.
//!
//! Three kinds share one wire: answers to `DLE EOT` (asked, at once), answers to `GS r` (asked, in turn) and automatic
//! status ("ASB", four bytes, unasked). Epson fixes bits so that a host can tell them apart:
//!
//! | kind | bits 7, 4, 1, 0 |
//! |---|---|
//! | DLE EOT | 0 1 1 0 |
//! | ASB, first byte | 0 1 0 0 |
//! | ASB, bytes 2 to 4, and GS r | 0 0 . . |
//!
//! So a byte of the last kind belongs to the packet that is open, and is an answer to `GS r` only when none is.

use super::PrinterStatus;
use super::status::{is_queued_status, is_realtime_status};

/// What a byte turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// An answer to `DLE EOT`.
    Realtime(u8),
    /// An answer to `GS r`.
    Queued(u8),
    /// A whole automatic status.
    Automatic([u8; 4]),
    /// Nothing a printer says.
    Garbage(u8),
}

/// Sorts bytes; keeps the automatic status that is not whole yet.
#[derive(Debug, Clone, Default)]
pub(super) struct StatusSorter {
    packet: [u8; 4],
    have: usize,
}

/// Bits of the first byte of an automatic status.
const fn opens_packet(byte: u8) -> bool {
    byte & 0x93 == 0x10
}

impl StatusSorter {
    /// Takes one byte; gives what is complete with it.
    pub(super) fn push(&mut self, byte: u8) -> Option<Said> {
        if is_realtime_status(byte) {
            // It may stand inside a packet: it is sent the moment it is asked for.
            return Some(Said::Realtime(byte));
        }
        if opens_packet(byte) {
            // A packet before it that lost its end is dropped: what it had to say is in this one.
            self.packet[0] = byte;
            self.have = 1;
            return None;
        }
        if !is_queued_status(byte) {
            self.have = 0;
            return Some(Said::Garbage(byte));
        }
        if self.have == 0 {
            return Some(Said::Queued(byte));
        }
        self.packet[self.have] = byte;
        self.have += 1;
        if self.have < self.packet.len() {
            return None;
        }
        self.have = 0;
        Some(Said::Automatic(self.packet))
    }

    /// Whether a packet began and did not end.
    pub(super) fn is_open(&self) -> bool {
        self.have > 0
    }

    /// Forgets an open packet, when nothing more came for long.
    pub(super) fn reset(&mut self) {
        self.have = 0;
    }
}

/// Feeds bytes from a device to everything that reads status bytes, for fuzzing.
pub(super) fn fuzz(bytes: &[u8]) {
    let mut sorter = StatusSorter::default();
    for byte in bytes {
        if let Some(Said::Automatic(packet)) = sorter.push(*byte) {
            let status = PrinterStatus::from_automatic(packet).map(|status| (status.fault(), status.health()));
            assert!(status.is_ok(), "a sorted packet is a status");
        }
    }
    for raw in bytes.windows(4) {
        let raw = [raw[0], raw[1], raw[2], raw[3]];
        let _ = PrinterStatus::from_bytes(raw).map(|status| (status.fault(), status.health()));
        let _ = PrinterStatus::from_automatic(raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(bytes: &[u8]) -> Vec<Said> {
        let mut sorter = StatusSorter::default();
        bytes.iter().filter_map(|byte| sorter.push(*byte)).collect()
    }

    #[test]
    fn the_three_kinds_are_told_apart_in_any_mixture() {
        use Said::{Automatic, Garbage, Queued, Realtime};
        assert_eq!(sort(&[0x16, 0x12, 0x12, 0x72]), [Realtime(0x16), Realtime(0x12), Realtime(0x12), Realtime(0x72)]);
        assert_eq!(sort(&[0x10, 0, 0, 0, 0]), [Automatic([0x10, 0, 0, 0]), Queued(0)]);
        assert_eq!(sort(&[0, 0x18, 0, 0x0c, 0x0f]), [Queued(0), Automatic([0x18, 0, 0x0c, 0x0f])]);
        // An answer that was asked for in the middle of a packet.
        assert_eq!(sort(&[0x10, 0, 0x12, 0, 0, 0x0c]), [Realtime(0x12), Automatic([0x10, 0, 0, 0]), Queued(0x0c)]);
        assert_eq!(sort(&[0xff, 0x10, 0, 0xff, 0]), [Garbage(0xff), Garbage(0xff), Queued(0)]);
        // Two packets, the first of which lost its last byte.
        assert_eq!(sort(&[0x10, 0, 0, 0x18, 0, 0, 0]), [Automatic([0x18, 0, 0, 0])]);
    }

    #[test]
    fn no_byte_is_two_things() {
        for byte in 0..=u8::MAX {
            let kinds = [is_realtime_status(byte), opens_packet(byte), is_queued_status(byte)];
            assert!(kinds.into_iter().filter(|kind| *kind).count() <= 1, "{byte:02x}");
        }
    }

    #[test]
    fn any_bytes_are_survived() {
        let mut seed = 0x9e37_79b9_u32;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed.to_be_bytes()[0]
            })
            .collect();
        fuzz(&noise);
    }
}
