//! What a process holds, as the system counts it.

use std::fs;

/// Names of the station's workers, as the system shows them (15 characters).
const WORKERS: [&str; 6] =
    ["slip-printer", "qr-scanner", "ektp-reader", "document-scann", "speaker", "health-reporter"];

/// Memory, handles and threads of this process.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// Resident memory, in kB.
    pub rss_kb: u64,
    /// What was allocated and not freed, of Rust and of the C libraries alike, in kB: a leak shows here, whatever the
    /// allocator keeps for later or cannot give back.
    pub heap_kb: u64,
    /// Open file handles.
    pub handles: usize,
    /// Threads.
    pub threads: u64,
}

impl Use {
    pub(super) fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        let handles = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        Self { rss_kb: field("VmRSS:"), heap_kb: heap_in_use() / 1024, handles, threads: field("Threads:") }
    }

    /// What must be the same whenever nothing goes on.
    #[must_use]
    pub const fn counts(self) -> (usize, u64) {
        (self.handles, self.threads)
    }
}

/// Bytes in use in all arenas of glibc's allocator, and in blocks that have a mapping of their own (`mallinfo2(3)`).
#[allow(unsafe_code)]
fn heap_in_use() -> u64 {
    // SAFETY: takes no argument, writes nothing of ours, and locks each arena while it counts.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}

/// The slope of a straight line through the values of successive hours, by least squares.
#[must_use]
pub fn growth_per_hour(values: &[u64]) -> f64 {
    let count = values.len() as f64;
    let mean_x = (count - 1.0) / 2.0;
    let mean_y = values.iter().map(|value| *value as f64).sum::<f64>() / count;
    let (mut above, mut below) = (0.0, 0.0);
    for (x, y) in values.iter().enumerate() {
        let from_middle = x as f64 - mean_x;
        above += from_middle * (*y as f64 - mean_y);
        below += from_middle * from_middle;
    }
    if below == 0.0 { 0.0 } else { above / below }
}

/// Threads of workers that are still there.
pub(super) fn threads_of_workers() -> Vec<String> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let names = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.map(|name| name.trim().to_owned()).filter(|name| WORKERS.iter().any(|own| name.starts_with(own))).collect()
}
