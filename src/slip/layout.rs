//! From what a slip says to the lines of a print job. Pure: the same content gives the same lines.

use anjungan_hardware::{Align, PrintJob, TextSize};
use jiff::Timestamp;

use super::{SlipContent, words};
use crate::domain::language::Language;
use crate::domain::office::Zone;
use crate::words::of;

/// Edge of the QR code. Printers round down to whole dots a module: of this, 30 mm remain for
/// any address up to 60 letters.
const QR_MM: f32 = 33.1;
/// Columns of 80 mm paper; anything narrower is laid out for 58 mm.
const WIDE_COLUMNS: u16 = 48;

/// Lays a slip out for paper of `columns` characters, in a language.
#[must_use]
pub fn lay_out(content: &SlipContent, language: Language, columns: u16) -> PrintJob {
    let sheet = Sheet::new(columns, language);
    let job = head(&sheet, PrintJob::new(), content, columns);
    let job = facts(&sheet, job, content);
    foot(&sheet, job, content).feed(1).cut()
}

/// How large a ticket number is printed: as large as the paper takes.
pub(super) const fn number_size(columns: u16) -> TextSize {
    if columns >= WIDE_COLUMNS { TextSize { width: 6, height: 6 } } else { TextSize { width: 4, height: 4 } }
}

/// Day and time by the office's clock.
pub(super) fn when_text(language: Language, zone: Zone, at: Timestamp) -> String {
    format!("{}, {} {}", crate::words::date(language, zone.day(at)), zone.clock_text(at), zone.abbreviation())
}

/// Number and QR first: what a person needs when called, and what a scanner needs.
fn head(sheet: &Sheet, job: PrintJob, content: &SlipContent, columns: u16) -> PrintJob {
    let mut job = sheet.centred(job, &content.office, TextSize::NORMAL, true);
    job = sheet.centred(job, words::TITLE, TextSize { width: 1, height: 2 }, true);
    if content.copy {
        job = sheet.centred(job, words::COPY, TextSize::DOUBLE, true);
    }
    job = job.rule();
    job = sheet.centred(job, words::YOUR_NUMBER, TextSize::NORMAL, false);
    job = sheet.centred(job, &content.ticket.to_string(), number_size(columns), true);
    if let Some(priority) = content.priority {
        job = sheet.centred(job, &words::priority(sheet.language, priority), TextSize { width: 1, height: 2 }, true);
    }
    job = job.feed(1).qr(content.qr_text(), QR_MM).feed(1);
    job = sheet.centred(job, words::CODE, TextSize::NORMAL, false);
    sheet.centred(job, &content.token.manual_code().to_string(), TextSize::DOUBLE, true)
}

fn facts(sheet: &Sheet, job: PrintJob, content: &SlipContent) -> PrintJob {
    let mut job = job.rule();
    job = sheet.left(job, &content.service, TextSize { width: 1, height: 2 }, true);
    job = sheet.left(job, &when_text(sheet.language, content.zone, content.issued_at), TextSize::NORMAL, false);
    if let Some(last4) = &content.nik_last4 {
        job = sheet.left(job, &format!("{}{last4}", of(sheet.language, words::NIK_LAST4)), TextSize::NORMAL, false);
    }
    job = sheet.left(job.feed(1), words::NEXT_TITLE, TextSize { width: 1, height: 2 }, true);
    for line in words::NEXT {
        job = sheet.bullet(job, line);
    }
    if !content.documents.is_empty() {
        job = sheet.left(job.feed(1), words::DOCUMENTS, TextSize::NORMAL, true);
        for document in &content.documents {
            let mark = if document.scanned { words::SCANNED } else { words::SHOW };
            job = sheet.bullet(job, &format!("{} ({})", of(sheet.language, &document.label), of(sheet.language, mark)));
        }
    }
    job
}

fn foot(sheet: &Sheet, job: PrintJob, content: &SlipContent) -> PrintJob {
    let mut job = job.rule();
    job = sheet.left(job, words::PROMISE, TextSize::NORMAL, false);
    job = sheet.centred(job.feed(1), words::FREE, TextSize::DOUBLE, true);
    job = sheet.centred(job, words::FREE_LAW, TextSize::NORMAL, false);
    job = sheet.centred(job, words::COMPLAINTS, TextSize::NORMAL, false);
    sheet.centred(job, &content.complaints, TextSize::NORMAL, true)
}

/// The paper's width, text that fits it, and its language: whatever is put on it as it stands in the source is
/// translated here.
pub(super) struct Sheet {
    columns: usize,
    pub(super) language: Language,
}

impl Sheet {
    pub(super) fn new(columns: u16, language: Language) -> Self {
        Self { columns: usize::from(columns), language }
    }

    pub(super) fn centred(&self, job: PrintJob, text: &str, size: TextSize, bold: bool) -> PrintJob {
        self.lines(job, text, Align::Center, size, bold)
    }

    pub(super) fn left(&self, job: PrintJob, text: &str, size: TextSize, bold: bool) -> PrintJob {
        self.lines(job, text, Align::Left, size, bold)
    }

    fn lines(&self, mut job: PrintJob, text: &str, align: Align, size: TextSize, bold: bool) -> PrintJob {
        let width = self.columns / usize::from(size.width.max(1));
        for line in wrap(of(self.language, text), width) {
            job = job.styled(line, align, size, bold);
        }
        job
    }

    pub(super) fn indented(&self, mut job: PrintJob, text: &str) -> PrintJob {
        for line in wrap(of(self.language, text), self.columns - 2) {
            job = job.text(format!("  {line}"));
        }
        job
    }

    pub(super) fn bullet(&self, mut job: PrintJob, text: &str) -> PrintJob {
        for (at, line) in wrap(of(self.language, text), self.columns - 2).into_iter().enumerate() {
            job = job.text(format!("{} {line}", if at == 0 { "-" } else { " " }));
        }
        job
    }

    /// A text behind a mark as wide as a box; further lines stand under the first.
    pub(super) fn hanging(&self, mut job: PrintJob, mark: &str, text: &str, bold: bool) -> PrintJob {
        let indent = words::BOX.len() + 1;
        for (at, line) in wrap(of(self.language, text), self.columns - indent).into_iter().enumerate() {
            let line = format!("{:indent$}{line}", if at == 0 { mark } else { "" });
            job = job.styled(line, Align::Left, TextSize::NORMAL, bold);
        }
        job
    }
}

/// Breaks a text between words into lines of at most `width` characters; a longer word is cut.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        let used = line.chars().count();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
pub(super) mod tests {
    use anjungan_hardware::{PrinterProfile, SlipLine};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::catalogue::Catalogue;
    use crate::domain::priority::Priority;
    use crate::domain::slip_token::SlipToken;
    use crate::slip::SlipDocument;

    fn content(copy: bool) -> SlipContent {
        let catalogue = Catalogue::built_in();
        let longest = catalogue.variants().iter().map(|v| v.title.clone()).max_by_key(|t| t.chars().count()).unwrap();
        SlipContent {
            office: "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Grobogan".to_owned(),
            zone: Zone::Wib,
            ticket: "A-1024".parse().unwrap(),
            priority: copy.then_some(Priority::Pregnant),
            issued_at: "2026-11-23T01:31:00Z".parse().unwrap(),
            service: format!("{}: {longest}", catalogue.service().short),
            token: SlipToken::from_random([7; 16]),
            url_base: Some("https://dispendukcapil.grobogan.go.id/antrean".to_owned()),
            nik_last4: Some("9001".to_owned()),
            documents: catalogue
                .documents()
                .iter()
                .map(|kind| SlipDocument { label: kind.short.clone(), scanned: kind.scan })
                .collect(),
            complaints: "SP4N-LAPOR! SMS 1708".to_owned(),
            copy,
        }
    }

    fn texts(job: &PrintJob) -> Vec<(String, usize)> {
        let text = |line: &SlipLine| match line {
            SlipLine::Text { text, size, .. } => Some((text.clone(), text.chars().count() * usize::from(size.width))),
            _ => None,
        };
        job.lines.iter().filter_map(text).collect()
    }

    /// Everything on the paper as one line of words.
    pub(in crate::slip) fn all(job: &PrintJob) -> String {
        let words = texts(job).into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// No line is wider than the paper, and every character of it can be printed.
    #[track_caller]
    pub(in crate::slip) fn printable_within(job: &PrintJob, columns: u16) {
        let page = PrinterProfile::for_columns(columns).unwrap().code_page;
        for (text, width) in texts(job) {
            assert!(width <= usize::from(columns), "{columns}: {text}");
            assert!(text.chars().all(|c| page.encode(c).is_some()), "{text}");
        }
        assert_eq!(job.lines.last(), Some(&SlipLine::Cut));
    }

    #[test]
    fn every_line_fits_the_paper_and_can_be_printed() {
        for columns in [32, 48] {
            printable_within(&lay_out(&content(true), Language::Indonesian, columns), columns);
        }
    }

    #[test]
    fn a_priority_stands_under_the_number_and_only_where_there_is_one() {
        let job = lay_out(&content(true), Language::Indonesian, 32);
        let place = |wanted: &str| texts(&job).iter().position(|(text, _)| text == wanted).unwrap();
        assert_eq!(place("Prioritas: Hamil atau menyusui"), place("A-1024") + 1);
        assert!(!all(&lay_out(&content(false), Language::Indonesian, 32)).contains("Prioritas"));
    }

    #[test]
    fn number_and_qr_come_before_everything_else() {
        let job = lay_out(&content(false), Language::Indonesian, 48);
        let place = |wanted: &dyn Fn(&SlipLine) -> bool| job.lines.iter().position(wanted).unwrap();
        let number = place(&|line| matches!(line, SlipLine::Text { text, .. } if text == "A-1024"));
        let qr = place(&|line| matches!(line, SlipLine::Qr { size_mm, .. } if *size_mm >= 30.0));
        let service = place(&|line| matches!(line, SlipLine::Text { text, .. } if text.starts_with("Kartu Keluarga")));
        assert!(number < qr && qr < service);
        assert_eq!(job.lines.last(), Some(&SlipLine::Cut));
    }

    #[test]
    fn the_paper_says_what_the_law_and_the_person_need() {
        for columns in [32, 48] {
            let job = lay_out(&content(false), Language::Indonesian, columns);
            let all = all(&job);
            for wanted in [
                "BUKTI PENGAMBILAN",
                "A-1024",
                "08.31 WIB",
                "23 November 2026",
                "nomor Anda dipanggil",
                "KTP-el",
                "24 jam kerja",
                "GRATIS",
                "79A",
                "SP4N-LAPOR!",
                "9001",
                "dipindai",
                "tunjukkan",
            ] {
                assert!(all.contains(wanted), "{columns}: {wanted} is missing in {all}");
            }
            assert!(!all.contains("SALINAN"));
            let copy = lay_out(&content(true), Language::Indonesian, columns);
            assert!(texts(&copy).iter().any(|(text, _)| text == "SALINAN"));
        }
    }

    #[test]
    fn sentences_stay_short() {
        for sentence in words::NEXT
            .iter()
            .chain(&words::HELP_NEXT)
            .chain(&words::PICKUP_NEXT)
            .chain(&words::LIST_NEXT)
            .chain([&words::FREE_LAW])
        {
            assert!(sentence.split_whitespace().count() <= 12, "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_word_and_no_line_overflows(text in "\\PC{0,200}", width in 1_usize..60) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }
    }
}
