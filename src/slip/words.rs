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
pub(super) const HELP: &str = "Bantuan petugas";
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
