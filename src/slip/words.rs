//! The fixed words of everything on paper, in Indonesian, short enough for 32 columns. No other file has any.

use crate::domain::language::Language;
use crate::domain::priority::Priority;
use crate::words;

/// Heading.
pub(super) const TITLE: &str = "BUKTI PENGAMBILAN";
/// Mark of every print after the first.
pub(super) const COPY: &str = "SALINAN";
/// Above the number.
pub(super) const YOUR_NUMBER: &str = "Nomor antrean Anda";
/// Above the code.
pub(super) const CODE: &str = "Kode";
/// What to do, one line each.
pub(super) const NEXT: [&str; 3] = [
    "Silakan menunggu nomor Anda dipanggil.",
    "Siapkan KTP-el dan dokumen asli.",
    "Simpan slip ini sampai KK Anda terima.",
];
/// Heading of what to do.
pub(super) const NEXT_TITLE: &str = "Langkah berikutnya";
/// Heading of the documents.
pub(super) const DOCUMENTS: &str = "Dokumen";
/// Mark of a scanned document.
pub(super) const SCANNED: &str = "dipindai";
/// Mark of a document to be shown.
pub(super) const SHOW: &str = "tunjukkan di loket";
/// Promise of the time. Permendagri 19/2018 Pasal 3: at most 24 working hours once the file is complete.
pub(super) const PROMISE: &str = "Selesai hari ini bila berkas lengkap; maks. 24 jam kerja sejak berkas lengkap.";
/// UU 24/2013 Pasal 79A: no fee.
pub(super) const FREE: &str = "GRATIS";
/// The law behind it.
pub(super) const FREE_LAW: &str = "Tanpa biaya (UU 24/2013 Pasal 79A).";
/// Before the complaint channel.
pub(super) const COMPLAINTS: &str = "Ada pungutan? Lapor:";
/// Before the last digits of the NIK.
pub(super) const NIK_LAST4: &str = "NIK pemohon: ************";
/// Says why the holder should not wait long.
pub(super) fn priority(language: Language, priority: Priority) -> String {
    words::fill(language, "Prioritas: {}", &[words::of(language, priority.title())])
}
/// Heading of a number for help in person.
pub(super) const HELP: &str = crate::domain::ticket::HELP_TITLE;
/// What to do with it.
pub(super) const HELP_NEXT: [&str; 2] =
    ["Silakan menunggu nomor Anda dipanggil.", "Petugas akan membantu Anda secara langsung."];
/// Heading of a number for collecting a KK.
pub(super) const PICKUP: &str = "Pengambilan KK";
/// What to do with it.
pub(super) const PICKUP_NEXT: [&str; 2] =
    ["Silakan menunggu nomor Anda dipanggil.", "Siapkan Bukti Pengambilan dan KTP-el."];
/// Heading of the list of documents.
pub(super) const LIST: &str = "Daftar yang perlu dibawa";
/// Before each thing on it.
pub(super) const BOX: &str = "[ ]";
/// What to do with it.
pub(super) const LIST_NEXT: [&str; 2] =
    ["Beri tanda pada dokumen yang sudah siap.", "Bawa dokumen asli ke kantor ini."];
/// Heading of the readiness report.
pub(super) const READINESS: &str = "LAPORAN KESIAPAN";
/// Everything works.
pub(super) const ALL_READY: &str = "SEMUA SIAP";
/// After the number of things that need somebody.
pub(super) const NEEDS_CARE: &str = "perlu ditangani";
/// Before a line that is good.
pub(super) const MARK_OK: &str = "[v]";
/// Before a line that somebody should look at.
pub(super) const MARK_WARN: &str = "[!]";
/// Before a line that will not work.
pub(super) const MARK_FAIL: &str = "[X]";

#[cfg(test)]
mod tests {
    use anjungan_hardware::PrinterProfile;

    use super::*;
    use crate::domain::catalogue::Catalogue;
    use crate::domain::language::Language;
    use crate::words::of;

    /// Columns of the narrow paper.
    const NARROW: usize = 32;
    /// What one line must hold, and how wide its letters are.
    const LINES: [(&str, usize); 12] = [
        (TITLE, 1),
        (COPY, 2),
        (YOUR_NUMBER, 1),
        (CODE, 1),
        (NEXT_TITLE, 1),
        (DOCUMENTS, 1),
        (FREE, 2),
        (COMPLAINTS, 1),
        (NIK_LAST4, 1),
        (HELP, 1),
        (PICKUP, 1),
        (LIST, 1),
    ];
    /// What may take a second line.
    const SENTENCES: [&str; 11] = [
        NEXT[0],
        NEXT[1],
        NEXT[2],
        HELP_NEXT[1],
        PICKUP_NEXT[1],
        LIST_NEXT[0],
        LIST_NEXT[1],
        SCANNED,
        SHOW,
        PROMISE,
        FREE_LAW,
    ];

    #[test]
    fn a_slip_is_as_narrow_in_every_language() {
        for language in Language::ALL {
            for (source, width) in LINES {
                let words = of(language, source);
                let last4 = if source == NIK_LAST4 { 4 } else { 0 };
                assert!((words.chars().count() + last4) * width <= NARROW, "{words}");
            }
            for reason in Priority::ALL {
                let words = priority(language, reason);
                assert!(words.chars().count() <= NARROW, "{words}");
            }
            for source in NEXT.into_iter().chain(HELP_NEXT).chain(PICKUP_NEXT).chain(LIST_NEXT) {
                assert!(of(language, source).chars().count() <= 2 * (NARROW - 2), "{source}");
            }
            assert!(of(language, PROMISE).chars().count() <= 3 * NARROW, "{}", of(language, PROMISE));
            assert!(of(language, FREE_LAW).chars().count() <= 2 * NARROW, "{}", of(language, FREE_LAW));
        }
    }

    #[test]
    fn a_slip_is_translated_and_its_letters_can_be_printed() {
        let catalogue = Catalogue::built_in();
        let documents = catalogue.documents();
        let page = PrinterProfile::for_columns(32).unwrap().code_page;
        for language in [Language::Javanese, Language::English] {
            let own = LINES.iter().map(|(source, _)| *source).chain(SENTENCES);
            for source in own.clone() {
                // These two are the same words in Javanese.
                let same = language == Language::Javanese && [COPY, FREE].contains(&source);
                assert_eq!(of(language, source) == source, same, "{}: {source}", language.code());
            }
            for source in own.chain(documents.iter().map(|kind| kind.short.as_str())) {
                let words = of(language, source);
                assert!(words.chars().all(|letter| page.encode(letter).is_some()), "{words}");
            }
            for reason in Priority::ALL {
                let words = priority(language, reason);
                assert!(words.chars().all(|letter| page.encode(letter).is_some()), "{words}");
                assert_ne!(of(language, reason.title()), reason.title(), "{}", language.code());
            }
        }
    }
}
