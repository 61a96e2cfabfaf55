//! The readiness report on paper, for the board beside the kiosk's door.

use anjungan_hardware::{PrintJob, TextSize};
use jiff::Timestamp;

use super::layout::{Sheet, when_text};
use super::words;
use crate::domain::language::Language;
use crate::domain::office::Zone;
use crate::wire::health::{ReadinessLine, Verdict};

/// What the report says.
#[derive(Debug, Clone)]
pub struct ReadinessContent {
    /// Name of the office.
    pub office: String,
    /// Name of the station.
    pub station: String,
    /// Clock of the office.
    pub zone: Zone,
    /// When it was made.
    pub at: Timestamp,
    /// Its lines.
    pub lines: Vec<ReadinessLine>,
}

/// Lays the report out for paper of `columns` characters: the verdict first, then what needs somebody, then the rest.
#[must_use]
pub fn lay_out_readiness(content: &ReadinessContent, columns: u16) -> PrintJob {
    let sheet = Sheet::new(columns, Language::Indonesian);
    let mut job = sheet.centred(PrintJob::new(), &content.office, TextSize::NORMAL, true);
    job = sheet.centred(job, words::READINESS, TextSize { width: 1, height: 2 }, true);
    let when = when_text(Language::Indonesian, content.zone, content.at);
    job = sheet.centred(job, &format!("{} · {when}", content.station), TextSize::NORMAL, false).rule();
    let troubled = content.lines.iter().filter(|line| line.verdict != Verdict::Ok).count();
    let summary = if troubled == 0 { words::ALL_READY.to_owned() } else { format!("{troubled} {}", words::NEEDS_CARE) };
    job = sheet.centred(job, &summary, TextSize::DOUBLE, true).feed(1);
    let mut lines: Vec<&ReadinessLine> = content.lines.iter().collect();
    lines.sort_by_key(|line| match line.verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::Ok => 2,
    });
    for line in lines {
        let mark = match line.verdict {
            Verdict::Ok => words::MARK_OK,
            Verdict::Warn => words::MARK_WARN,
            Verdict::Fail => words::MARK_FAIL,
        };
        job = sheet.left(job, &format!("{mark} {}", line.item), TextSize::NORMAL, true);
        job = sheet.indented(job, &line.detail);
    }
    job.feed(1).cut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anjungan_hardware::SlipLine;

    #[test]
    fn what_needs_somebody_stands_first_and_fits_the_narrow_paper() {
        let line =
            |item: &str, verdict| ReadinessLine::new(item, verdict, None, "kertas hampir habis, sekitar 12 slip lagi");
        let content = ReadinessContent {
            office: "Dispendukcapil Kabupaten Grobogan".to_owned(),
            station: "K1".to_owned(),
            zone: Zone::Wib,
            at: Timestamp::from_second(1_764_000_000).unwrap(),
            lines: vec![line("Disk", Verdict::Ok), line("Pencetak slip", Verdict::Fail), line("Jam", Verdict::Warn)],
        };
        let job = lay_out_readiness(&content, 32);
        let texts: Vec<&str> = job
            .lines
            .iter()
            .filter_map(|line| match line {
                SlipLine::Text { text, size, .. } => {
                    assert!(text.chars().count() * usize::from(size.width) <= 32, "{text}");
                    Some(text.as_str())
                }
                _ => None,
            })
            .collect();
        let at = |word: &str| texts.iter().position(|text| text.contains(word)).unwrap();
        assert!(at("2 perlu") < at("Pencetak slip") && at("Pencetak slip") < at("Jam") && at("Jam") < at("Disk"));
    }
}
