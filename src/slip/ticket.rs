//! A small slip that carries only a number: somebody wants help in person, or queues for a KK with the slip they have.

use anjungan_hardware::{PrintJob, TextSize};
use jiff::Timestamp;

use super::layout::{Sheet, number_size, when_text};
use super::words;
use crate::domain::language::Language;
use crate::domain::office::Zone;
use crate::domain::priority::Priority;
use crate::domain::ticket::TicketNumber;

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketFor {
    /// An officer helps in person.
    Help,
    /// To collect a KK.
    Pickup,
}

/// What the small slip says. Nothing of the person, except why they should not wait long.
#[derive(Debug, Clone)]
pub struct TicketContent {
    /// Name of the office.
    pub office: String,
    /// Clock of the office.
    pub zone: Zone,
    /// Number that is called.
    pub ticket: TicketNumber,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// What for.
    pub purpose: TicketFor,
    /// Why its holder should not wait long.
    pub priority: Option<Priority>,
    /// A second print of the same number.
    pub copy: bool,
}

/// Lays the small slip out for paper of `columns` characters, in a language.
#[must_use]
pub fn lay_out_ticket(content: &TicketContent, language: Language, columns: u16) -> PrintJob {
    let sheet = Sheet::new(columns, language);
    let (title, next) = match content.purpose {
        TicketFor::Help => (words::HELP, &words::HELP_NEXT),
        TicketFor::Pickup => (words::PICKUP, &words::PICKUP_NEXT),
    };
    let mut job = sheet.centred(PrintJob::new(), &content.office, TextSize::NORMAL, true);
    job = sheet.centred(job, title, TextSize { width: 1, height: 2 }, true);
    if content.copy {
        job = sheet.centred(job, words::COPY, TextSize::DOUBLE, true);
    }
    job = job.rule();
    job = sheet.centred(job, words::YOUR_NUMBER, TextSize::NORMAL, false);
    job = sheet.centred(job, &content.ticket.to_string(), number_size(columns), true);
    job = sheet.centred(job, &when_text(language, content.zone, content.issued_at), TextSize::NORMAL, false);
    if let Some(priority) = content.priority {
        job = sheet.centred(job, &words::priority(language, priority), TextSize { width: 1, height: 2 }, true);
    }
    job = job.rule();
    for line in next {
        job = sheet.bullet(job, line);
    }
    sheet.centred(job, words::FREE, TextSize::DOUBLE, true).feed(1).cut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slip::layout::tests::{all, printable_within};

    fn content(purpose: TicketFor) -> TicketContent {
        TicketContent {
            office: "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Grobogan".to_owned(),
            zone: Zone::Wib,
            ticket: "A-1024".parse().unwrap(),
            issued_at: "2026-11-23T01:31:00Z".parse().unwrap(),
            purpose,
            priority: Some(Priority::Pregnant),
            copy: false,
        }
    }

    #[test]
    fn it_says_number_time_and_why_and_fits_every_paper() {
        for columns in [32, 48] {
            let job = lay_out_ticket(&content(TicketFor::Help), Language::Indonesian, columns);
            printable_within(&job, columns);
            let text = all(&job);
            for wanted in [
                "A-1024",
                "08.31 WIB",
                "23 November 2026",
                "Bantuan petugas",
                "Prioritas: Hamil atau menyusui",
                "GRATIS",
            ] {
                assert!(text.contains(wanted), "{columns}: {wanted} is missing in {text}");
            }
            assert!(!text.contains("SALINAN"));
        }
    }

    #[test]
    fn whoever_collects_is_told_what_to_bring_and_a_copy_says_so() {
        let content = TicketContent { priority: None, copy: true, ..content(TicketFor::Pickup) };
        let job = lay_out_ticket(&content, Language::Indonesian, 32);
        printable_within(&job, 32);
        let text = all(&job);
        for wanted in ["Pengambilan KK", "KTP-el", "SALINAN"] {
            assert!(text.contains(wanted), "{wanted} is missing in {text}");
        }
        assert!(!text.contains("Prioritas") && !text.contains("Bantuan"));
    }
}
