//! The list to take home (Daftar yang perlu dibawa): which documents a service asks for. Nothing of any person.

use anjungan_hardware::{PrintJob, TextSize};

use super::layout::Sheet;
use super::words;
use crate::domain::language::Language;

/// What the list says.
#[derive(Debug, Clone)]
pub struct ListContent {
    /// Name of the office.
    pub office: String,
    /// Title of the service, e.g. `Kartu Keluarga: KK hilang`.
    pub service: String,
    /// What to bring, in the order of the service.
    pub entries: Vec<ListEntry>,
    /// Where people complain.
    pub complaints: String,
}

/// One thing to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// Label of the document.
    pub label: String,
    /// How to get or prepare it; may be empty.
    pub hint: String,
}

/// Lays the list out for paper of `columns` characters in a language, each entry behind a box to tick.
#[must_use]
pub fn lay_out_list(content: &ListContent, language: Language, columns: u16) -> PrintJob {
    let sheet = Sheet::new(columns, language);
    let mut job = sheet.centred(PrintJob::new(), &content.office, TextSize::NORMAL, true);
    job = sheet.centred(job, words::LIST, TextSize { width: 1, height: 2 }, true).rule();
    job = sheet.left(job, &content.service, TextSize { width: 1, height: 2 }, true).feed(1);
    for entry in &content.entries {
        job = sheet.hanging(job, words::BOX, &entry.label, true);
        if !entry.hint.is_empty() {
            job = sheet.hanging(job, "", &entry.hint, false);
        }
    }
    job = job.rule();
    for line in words::LIST_NEXT {
        job = sheet.bullet(job, line);
    }
    job = sheet.centred(job.feed(1), words::FREE, TextSize::DOUBLE, true);
    job = sheet.centred(job, words::FREE_LAW, TextSize::NORMAL, false);
    job = sheet.centred(job, words::COMPLAINTS, TextSize::NORMAL, false);
    sheet.centred(job, &content.complaints, TextSize::NORMAL, true).feed(1).cut()
}

#[cfg(test)]
mod tests {
    use anjungan_hardware::SlipLine;

    use super::*;
    use crate::domain::catalogue::Catalogue;
    use crate::slip::layout::tests::{all, printable_within};

    fn content() -> ListContent {
        let catalogue = Catalogue::built_in();
        ListContent {
            office: "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Grobogan".to_owned(),
            service: "Kartu Keluarga: KK hilang".to_owned(),
            entries: catalogue
                .documents()
                .iter()
                .map(|kind| ListEntry { label: kind.label.clone(), hint: "Asli, bukan fotokopi.".to_owned() })
                .collect(),
            complaints: "SP4N-LAPOR! SMS 1708".to_owned(),
        }
    }

    #[test]
    fn every_document_has_a_box_and_its_hint_and_fits_every_paper() {
        let content = content();
        for columns in [32, 48] {
            let job = lay_out_list(&content, Language::Indonesian, columns);
            printable_within(&job, columns);
            let text = all(&job);
            assert_eq!(text.matches(words::BOX).count(), content.entries.len());
            assert_eq!(text.matches("Asli, bukan fotokopi.").count(), content.entries.len());
            for entry in &content.entries {
                assert!(text.contains(&entry.label), "{columns}: {} is missing", entry.label);
            }
            for wanted in ["Daftar yang perlu dibawa", "KK hilang", "GRATIS", "79A", "SP4N-LAPOR!"] {
                assert!(text.contains(wanted), "{columns}: {wanted} is missing in {text}");
            }
        }
    }

    #[test]
    fn further_lines_stand_under_the_first_and_an_empty_hint_takes_no_line() {
        let label = "Surat keterangan hilang dari kepolisian setempat".to_owned();
        let entries = vec![ListEntry { label, hint: String::new() }];
        let job = lay_out_list(&ListContent { entries, ..content() }, Language::Indonesian, 32);
        let texts: Vec<&str> = job
            .lines
            .iter()
            .filter_map(|line| match line {
                SlipLine::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let first = texts.iter().position(|text| text.starts_with(words::BOX)).unwrap();
        assert!(texts[first + 1].starts_with("    ") && texts[first + 1].contains("setempat"), "{texts:?}");
        assert!(texts[first + 2].starts_with('-'), "{texts:?}");
    }
}
