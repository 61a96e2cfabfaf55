//! How much room a disk has.

use std::path::Path;

/// Below this the kiosk must soon refuse, in bytes: some hundred cases with their scans.
const FULL_BYTES: u64 = 200 << 20;
/// Below this somebody should make room, in bytes.
const LOW_BYTES: u64 = 2 << 30;
/// Below this part somebody should make room.
const LOW_PERCENT: u64 = 10;

/// The room on the disk of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Free for us, in bytes.
    pub free: u64,
    /// All of it, in bytes.
    pub size: u64,
}

impl Disk {
    /// Asks the system about the disk of a folder, or of the nearest one above it that exists.
    #[must_use]
    pub fn of(folder: &Path) -> Option<Self> {
        let absolute = std::path::absolute(folder).ok()?;
        let there = absolute.ancestors().find(|folder| folder.exists())?;
        let found = rustix::fs::statvfs(there).ok()?;
        let block = found.f_frsize;
        Some(Self { free: found.f_bavail.saturating_mul(block), size: found.f_blocks.saturating_mul(block) })
    }

    /// Whether writes will soon fail.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.free < FULL_BYTES
    }

    /// Whether somebody should make room.
    #[must_use]
    pub const fn is_low(self) -> bool {
        self.free < LOW_BYTES || self.free.saturating_mul(100) < self.size.saturating_mul(LOW_PERCENT)
    }

    /// In words for staff.
    #[must_use]
    pub fn text(self) -> String {
        let gigabytes = |bytes: u64| (bytes >> 20) as f64 / 1024.0;
        // A decimal comma, as the office writes it.
        format!("{:.1} GB bebas dari {:.1} GB", gigabytes(self.free), gigabytes(self.size)).replace('.', ",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_words() {
        let disk = |free_gb: u64| Disk { free: free_gb << 30, size: 100 << 30 };
        assert!(!disk(50).is_low() && !disk(50).is_full());
        assert!(disk(9).is_low() && !disk(9).is_full());
        assert!(disk(0).is_full());
        assert_eq!(disk(50).text(), "50,0 GB bebas dari 100,0 GB");
        assert!(Disk::of(Path::new("/nowhere/at/all")).is_some(), "the disk above is asked");
    }
}
