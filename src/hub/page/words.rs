//! Words and numbers as the office writes them.

use jiff::Timestamp;

use crate::domain::office::{Zone, date_text};
use crate::domain::stage::Stage;
use crate::hub::page_model::{DeskVerb, Frame};

/// A length of time in at most two units: `45 detik`, `1 menit 35 detik`, `12 menit`, `1 jam 5 menit`, `2 hari 3 jam`.
pub(super) fn length(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |first: String, rest: i64, unit: &str| if rest == 0 { first } else { format!("{first} {rest} {unit}") };
    if seconds < 60 {
        format!("{seconds} detik")
    } else if minutes < 10 {
        with(format!("{minutes} menit"), seconds % 60, "detik")
    } else if minutes < 60 {
        format!("{minutes} menit")
    } else if hours < 24 {
        with(format!("{hours} jam"), minutes % 60, "menit")
    } else {
        with(format!("{days} hari"), hours % 24, "jam")
    }
}

/// How long ago something was, in whole minutes and more.
pub(super) fn waited(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs();
    if seconds < 60 { "baru saja".to_owned() } else { format!("menunggu {}", length(seconds - seconds % 60)) }
}

/// A time of today as `08.31`, any other as `21 November 2026 08.31`.
pub(super) fn moment(frame: &Frame, at: Timestamp) -> String {
    let Frame { zone, now, .. } = frame;
    if zone.day(at) == zone.day(*now) {
        pukul(*zone, at)
    } else {
        format!("{} {}", date_text(zone.day(at)), zone.clock_text(at))
    }
}

fn pukul(zone: Zone, at: Timestamp) -> String {
    format!("{} {}", zone.clock_text(at), zone.abbreviation())
}

/// What a stage is called on a desk.
pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Submitted => "Menunggu diperiksa di loket",
        Stage::Verified => "Perlu diajukan",
        Stage::Proposed => "Perlu diperiksa",
        Stage::Endorsed => "Perlu ditandatangani",
        Stage::Signed => "Perlu dicetak",
        Stage::Printed => "Sudah dicetak",
        Stage::Received => "Siap diambil",
        Stage::HandedOver => "Sudah diserahkan",
        Stage::Returned => "Dikembalikan kepada pemohon",
        Stage::Cancelled => "Dibatalkan",
        Stage::Unclaimed => "Tidak diambil",
    }
}

/// What a verb has brought about, for the desk after it.
pub(super) const fn done(verb: DeskVerb) -> &'static str {
    match verb {
        DeskVerb::Propose => "Permohonan sudah diajukan kepada Kepala Bidang.",
        DeskVerb::Endorse => "Permohonan disetujui dan diteruskan kepada Kepala Dinas.",
        DeskVerb::Sign => "Tanda tangan elektronik sudah dicatat. KK dapat dicetak.",
        DeskVerb::Defer => "TTE ditandai tertunda. Permohonan tetap ada di daftar ini.",
        DeskVerb::MarkPrinted => "KK ditandai sudah dicetak. Silakan bawa KK ke loket.",
        DeskVerb::Return => "Permohonan sudah dikembalikan.",
    }
}

/// A day and a time, also today: the archive is read in years from now.
pub(super) fn dated(frame: &Frame, at: Timestamp) -> String {
    format!("{} pukul {}", date_text(frame.zone.day(at)), pukul(frame.zone, at))
}

/// The size of a file: `24 kB`, `1,3 MB`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_with_a_comma() {
        for (bytes, words) in [(1, "1 kB"), (23_001, "24 kB"), (999_000, "999 kB"), (1_350_000, "1,3 MB")] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn lengths_have_at_most_two_units() {
        let cases = [
            (-5, "0 detik"),
            (59, "59 detik"),
            (60, "1 menit"),
            (95, "1 menit 35 detik"),
            (3599, "59 menit"),
            (3600, "1 jam"),
            (3900, "1 jam 5 menit"),
            (86_400, "1 hari"),
            (180_000, "2 hari 2 jam"),
        ];
        for (seconds, words) in cases {
            assert_eq!(length(seconds), words);
        }
    }
}
