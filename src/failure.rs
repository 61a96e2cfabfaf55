//! The catalogue of failures that a person meets: code, who must act, what happened, what to do.
//!
//! Words are Indonesian, for the person there; logs carry the code in English context.
//! `docs/failure-codes.md` lists the same codes; a test compares the two.

use serde::{Deserialize, Serialize};

/// Who can end the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoActs {
    /// The applicant at the kiosk or counter.
    Applicant,
    /// The person with the login.
    Officer,
    /// The IT officer.
    Technician,
}

macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $who:ident, $title:literal, $cause:literal, $action:literal;)+) => {
        /// A failure a person can meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Failure { $($(#[$doc])* $name,)+ }

        impl Failure {
            /// Every failure.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the stable code, the same on screens, in answers and in logs.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }
            /// Returns who can end it.
            #[must_use]
            pub const fn who(self) -> WhoActs { match self { $(Self::$name => WhoActs::$who,)+ } }
            /// Returns the heading.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Self::$name => $title,)+ } }
            /// Returns what happened.
            #[must_use]
            pub const fn cause(self) -> &'static str { match self { $(Self::$name => $cause,)+ } }
            /// Returns what to do.
            #[must_use]
            pub const fn action(self) -> &'static str { match self { $(Self::$name => $action,)+ } }

            /// Finds a failure by its code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|failure| failure.code() == code)
            }
        }
    };
}

failures! {
    // Slips
    /// Any other QR, or a text that is not a slip.
    SlipUnknown = "SLIP-UNKNOWN", Officer, "Slip tidak dikenal", "Kode ini bukan slip permohonan yang tercatat di kantor ini.", "Pastikan yang dipindai adalah Bukti Pengambilan. Jika slip dari kantor lain, arahkan pemohon ke kantor tersebut.";
    /// A slip whose status page is another office's.
    SlipOtherOffice = "SLIP-OTHER-OFFICE", Applicant, "Slip dari kantor lain", "Slip ini diterbitkan oleh kantor lain.", "Silakan bawa slip ke kantor yang menerbitkannya.";
    /// The case behind the slip is finished.
    SlipUsed = "SLIP-USED", Officer, "Slip sudah selesai dipakai", "Permohonan dengan slip ini sudah selesai dilayani.", "Jika pemohon merasa belum menerima KK, hubungi atasan loket.";
    /// A typing error in the code.
    SlipMistyped = "SLIP-MISTYPED", Officer, "Kode salah ketik", "Huruf atau angka terakhir tidak cocok dengan kode.", "Periksa kode pada slip, lalu ketik ulang.";
    /// Too long, or control characters.
    SlipUnreadable = "SLIP-UNREADABLE", Officer, "Kode tidak terbaca", "Pemindai mengirim data yang bukan kode slip.", "Pindai sekali lagi. Jika tetap gagal, ketik kode di bawah QR.";
    /// The kiosk's case is still on its way to the hub.
    SlipNotArrived = "SLIP-NOT-ARRIVED", Officer, "Data permohonan belum sampai", "Slip ini sah, tetapi datanya belum dikirim oleh anjungan.", "Tunggu sebentar, lalu pindai lagi.";

    // Numbers of identity
    /// Not 16 digits.
    NikMalformed = "NIK-MALFORMED", Applicant, "NIK belum benar", "NIK harus 16 angka.", "Periksa NIK pada KTP-el, lalu masukkan lagi.";
    /// Not 16 digits.
    NoKkMalformed = "NO-KK-MALFORMED", Applicant, "Nomor KK belum benar", "Nomor KK harus 16 angka.", "Periksa nomor pada KK, lalu masukkan lagi.";

    // Cases
    /// No such case.
    CaseUnknown = "CASE-UNKNOWN", Officer, "Permohonan tidak ditemukan", "Permohonan ini tidak tercatat di kantor ini.", "Buka kembali daftar, lalu pilih permohonan.";
    /// Nothing was found by what was typed.
    CaseNotFound = "CASE-NOT-FOUND", Officer, "Tidak ada permohonan dengan nomor ini", "Nomor antrean hari ini, NIK, nomor KK, atau nomor arsip ini tidak ditemukan.", "Periksa angkanya bersama pemohon, lalu cari lagi.";
    /// Somebody else changed the case in between.
    CaseChanged = "CASE-CHANGED", Officer, "Permohonan sudah berubah", "Petugas lain mengubah permohonan ini lebih dahulu.", "Data terbaru sudah dimuat. Periksa, lalu ulangi bila masih perlu.";
    /// Not possible at this stage.
    CaseWrongStage = "CASE-WRONG-STAGE", Officer, "Langkah ini tidak sesuai tahap", "Permohonan berada pada tahap lain.", "Muat ulang permohonan dan lihat tahapnya.";
    /// The same person may not check their own work.
    CaseFourEyes = "CASE-FOUR-EYES", Officer, "Perlu petugas lain", "Orang yang mengajukan tidak boleh memeriksa sendiri.", "Minta pejabat lain memeriksa permohonan ini.";
    /// Mandatory documents are neither scanned nor seen.
    CaseIncomplete = "CASE-INCOMPLETE", Officer, "Dokumen belum lengkap", "Masih ada dokumen wajib yang belum diterima.", "Terima semua dokumen wajib, atau kembalikan berkas dengan alasan.";
    /// Same identifier, other content.
    CaseConflict = "CASE-CONFLICT", Technician, "Permohonan ganda berbeda isi", "Nomor permohonan ini sudah dipakai untuk isi yang lain.", "Catat kode ini dan hubungi petugas TI.";
    /// The submission breaks a rule of the service.
    CaseInvalid = "CASE-INVALID", Technician, "Isi permohonan tidak sah", "Data permohonan tidak sesuai aturan layanan.", "Ulangi permohonan. Jika tetap gagal, hubungi petugas.";
    /// A return without any reason.
    ReturnReasonMissing = "RETURN-REASON-MISSING", Officer, "Alasan belum dipilih", "Berkas hanya dikembalikan dengan sedikitnya satu alasan.", "Centang alasan yang sesuai, lalu kembalikan lagi.";
    /// The note of a return is missing where it must be, too long, or holds a number of a person.
    ReturnNoteInvalid = "RETURN-NOTE-INVALID", Officer, "Catatan belum sesuai", "Catatan wajib untuk alasan ini, paling banyak 200 huruf, tanpa nomor pribadi.", "Tulis catatan singkat tanpa NIK dan nomor KK, lalu kembalikan lagi.";
    /// The note for a case is empty, too long, or holds a number of a person.
    CaseNoteInvalid = "CASE-NOTE-INVALID", Officer, "Catatan belum sesuai", "Catatan berisi 1 sampai 200 huruf tanpa nomor pribadi.", "Tulis singkat tanpa nama, NIK, nomor KK, dan nomor HP, lalu simpan lagi.";
    /// As many notes as a case may have.
    CaseNotesFull = "CASE-NOTES-FULL", Officer, "Tempat catatan sudah penuh", "Satu permohonan memuat paling banyak 20 catatan.", "Baca catatan yang ada. Sampaikan hal baru langsung kepada petugas berikutnya.";
    /// An officer searches more often than work at a counter asks for.
    SearchTooOften = "SEARCH-TOO-OFTEN", Officer, "Terlalu sering mencari", "Jumlah pencarian permohonan dibatasi untuk setiap petugas.", "Tunggu satu menit, lalu cari lagi.";
    /// A scan is larger than allowed or not a picture.
    ScanRejected = "SCAN-REJECTED", Applicant, "Hasil pindai ditolak", "Berkas bukan gambar atau terlalu besar.", "Pindai ulang dokumen.";
    /// The bytes differ from what the kiosk announced.
    ScanMismatch = "SCAN-MISMATCH", Technician, "Hasil pindai rusak di jalan", "Isi berkas tidak sama dengan yang dikirim anjungan.", "Pengiriman diulang sendiri. Jika menetap, hubungi petugas TI.";
    /// The scan has not arrived yet.
    ScanMissing = "SCAN-MISSING", Officer, "Hasil pindai belum ada", "Gambar dokumen ini belum dikirim oleh anjungan.", "Tunggu sebentar, atau periksa dokumen aslinya.";
    /// The SIAK number is not usable.
    SiakNumberInvalid = "SIAK-NUMBER-INVALID", Officer, "Nomor pengajuan SIAK belum benar", "Nomor berisi 4 sampai 40 huruf, angka, garis miring, titik, atau garis datar.", "Salin nomor dari layar SIAK, lalu simpan lagi.";

    // Tickets
    /// Another ticket of the day has this number.
    TicketDuplicate = "TICKET-DUPLICATE", Technician, "Nomor antrean sudah terpakai", "Dua anjungan memakai huruf seri yang sama.", "Periksa huruf seri pada pengaturan setiap anjungan.";
    /// No such ticket today.
    TicketUnknown = "TICKET-UNKNOWN", Officer, "Nomor antrean tidak ditemukan", "Nomor ini tidak ada dalam antrean hari ini.", "Muat ulang antrean.";
    /// Another counter has it.
    TicketTaken = "TICKET-TAKEN", Officer, "Nomor sudah dipanggil loket lain", "Loket lain lebih dahulu memanggil nomor ini.", "Panggil nomor berikutnya.";
    /// The KK of this case does not lie at the counter: not yet, or no more.
    PickupNotReady = "PICKUP-NOT-READY", Applicant, "KK belum dapat diambil", "KK untuk permohonan ini tidak ada di loket.", "Lihat tahap permohonan Anda. Kembali setelah KK siap diambil.";
    /// A ticket with a case is not finished by hand.
    TicketHasCase = "TICKET-HAS-CASE", Officer, "Nomor ini milik permohonan", "Nomor dengan permohonan selesai bersama permohonannya.", "Buka permohonan dengan slip, lalu kerjakan langkahnya.";

    // Hall
    /// A step was decided on a ticket as it no longer is.
    TicketChanged = "TICKET-CHANGED", Officer, "Nomor antrean sudah berubah", "Nomor ini sudah diubah dari loket lain atau jendela lain.", "Antrean terbaru sudah dimuat. Periksa, lalu ulangi bila masih perlu.";
    /// Given up before it was called often enough.
    TicketCallAgain = "TICKET-CALL-AGAIN", Officer, "Panggil sekali lagi dahulu", "Nomor ini belum cukup sering dipanggil.", "Panggil ulang, tunggu sebentar, lalu catat tidak datang.";
    /// A ticket cannot go to that queue or counter.
    TransferRefused = "TRANSFER-REFUSED", Officer, "Nomor tidak dapat dialihkan", "Antrean atau loket tujuan tidak menerima nomor ini.", "Pilih antrean atau loket lain.";
    /// The officer or the counter still has a ticket.
    OfficerBusy = "OFFICER-BUSY", Officer, "Masih ada nomor yang dilayani", "Satu petugas melayani satu nomor pada satu waktu.", "Selesaikan, tunda, atau alihkan nomor itu, lalu panggil lagi.";
    /// The officer was sent to another counter.
    OfficerPosted = "OFFICER-POSTED", Officer, "Anda ditugaskan di loket lain", "Atasan memindahkan Anda ke loket lain untuk hari ini.", "Masuk di loket tersebut, lalu panggil nomor di sana.";
    /// The counter is closed or on a break.
    CounterNotOpen = "COUNTER-NOT-OPEN", Officer, "Loket sedang tidak buka", "Loket ini tutup atau istirahat.", "Buka loket dahulu, lalu panggil nomor.";
    /// The counter does not serve that queue.
    CounterSkill = "COUNTER-SKILL", Officer, "Loket tidak melayani antrean ini", "Loket ini tidak ditugaskan untuk antrean tersebut.", "Panggil dari antrean lain, atau minta atasan mengubah tugas loket.";
    /// The counter or the queue was changed in between.
    HallChanged = "HALL-CHANGED", Officer, "Keadaan ruang layanan sudah berubah", "Orang lain mengubah loket, antrean, atau pengumuman lebih dahulu.", "Muat ulang, periksa, lalu ulangi bila masih perlu.";
    /// A name that no counter, or no officer, has.
    HallUnknown = "HALL-UNKNOWN", Officer, "Loket atau petugas tidak dikenal", "Nama ini tidak terdaftar di kantor ini.", "Muat ulang, lalu pilih dari daftar.";
    /// The line of text for the boards cannot be shown.
    NoticeInvalid = "NOTICE-INVALID", Officer, "Pengumuman belum sesuai", "Pengumuman paling banyak 160 huruf, satu baris, tanpa nomor pribadi.", "Ringkas kalimatnya, tanpa NIK dan nama orang.";
    /// A supervisor has closed the queue.
    QueueClosed = "QUEUE-CLOSED", Applicant, "Antrean sedang ditutup", "Kantor untuk sementara tidak memberi nomor antrean ini.", "Silakan tanya petugas, atau datang lagi nanti.";
    /// The numbers of the day are given out.
    QuotaReached = "QUOTA-REACHED", Applicant, "Nomor antrean hari ini habis", "Semua nomor antrean untuk hari ini sudah diberikan.", "Silakan datang lagi pada hari kerja berikutnya.";
    /// Somebody has enough numbers today.
    TicketLimit = "TICKET-LIMIT", Applicant, "Anda sudah mengambil nomor", "Jumlah nomor antrean untuk satu orang hari ini sudah tercapai.", "Pakai nomor yang sudah Anda punya, atau tanya petugas.";
    /// Outside the hours in which numbers are given.
    OfficeClosed = "OFFICE-CLOSED", Applicant, "Nomor antrean belum diberikan", "Kantor sedang tidak memberi nomor antrean.", "Lihat jam layanan, lalu datang pada jam tersebut.";

    // Handover
    /// Card and applicant differ.
    HandoverNikMismatch = "HANDOVER-NIK-MISMATCH", Officer, "KTP-el bukan milik penerima yang tercatat", "NIK pada KTP-el berbeda dengan NIK penerima.", "Jangan serahkan KK. Minta KTP-el pemohon, atau surat kuasa F-1.07 bila diwakilkan.";
    /// No proxy was recorded.
    HandoverNoProxy = "HANDOVER-NO-PROXY", Officer, "Tidak ada penerima kuasa", "Permohonan ini tidak mencatat surat kuasa F-1.07.", "Serahkan hanya kepada pemohon.";
    /// The proof lacks its reason.
    HandoverProofInvalid = "HANDOVER-PROOF-INVALID", Officer, "Alasan belum ditulis", "Pemeriksaan tanpa kartu harus disertai alasan.", "Tulis alasan singkat, tanpa data pribadi, lalu ulangi.";

    // Archive
    /// No such archived case.
    ArchiveUnknown = "ARCHIVE-UNKNOWN", Officer, "Arsip tidak ditemukan", "Permohonan ini belum atau tidak ada di arsip kantor ini.", "Periksa nomor arsip, atau cari dengan tanggal buku register.";
    /// The case is not finished.
    ArchiveNotFinished = "ARCHIVE-NOT-FINISHED", Officer, "Permohonan belum selesai", "Hanya permohonan yang sudah selesai yang diarsipkan.", "Selesaikan permohonan dahulu. Pengarsipan berjalan sendiri.";
    /// Its key was destroyed.
    ArchiveDestroyed = "ARCHIVE-DESTROYED", Officer, "Arsip sudah dimusnahkan", "Masa simpan arsip ini habis dan kuncinya sudah dimusnahkan.", "Arsip ini tidak dapat dibuka lagi. Jurnal mencatat kapan dan menurut aturan apa.";
    /// A sealed file is missing or changed.
    ArchiveDamaged = "ARCHIVE-DAMAGED", Technician, "Arsip rusak", "Berkas arsip hilang atau isinya berubah.", "Jalankan `anjungan archive check`, lalu pulihkan berkas dari cadangan.";
    /// The office's key cannot be used.
    ArchiveKeyFault = "ARCHIVE-KEY-FAULT", Technician, "Kunci arsip tidak dapat dipakai", "Kunci kantor hilang, salah, atau dapat dibaca orang lain.", "Jalankan `anjungan archive check` untuk melihat sebabnya. Arsip tidak berubah.";
    /// A scan cannot become a PDF.
    ArchiveScanUnfit = "ARCHIVE-SCAN-UNFIT", Technician, "Hasil pindai tidak dapat diarsipkan", "Gambar rusak atau jenisnya tidak dapat disimpan sebagai PDF/A.", "Catat kode ini dan hubungi petugas TI. Gambar aslinya tetap tersimpan.";

    // People and machines
    /// Wrong name or password.
    LoginRefused = "LOGIN-REFUSED", Officer, "Nama atau kata sandi salah", "Pasangan nama dan kata sandi tidak cocok.", "Periksa, lalu coba lagi. Lupa kata sandi: hubungi admin.";
    /// Too many wrong passwords.
    LoginLocked = "LOGIN-LOCKED", Officer, "Masuk dihentikan sementara", "Terlalu banyak percobaan yang salah.", "Tunggu satu menit, lalu coba lagi.";
    /// No valid session or token.
    NotSignedIn = "NOT-SIGNED-IN", Officer, "Silakan masuk", "Sesi Anda belum ada atau sudah berakhir.", "Masuk dengan nama dan kata sandi Anda.";
    /// The role may not do that.
    NotAllowed = "NOT-ALLOWED", Officer, "Tidak berwenang", "Peran Anda tidak melakukan langkah ini.", "Minta petugas yang berwenang.";
    /// A one-time password must be changed first.
    PasswordChangeRequired = "PASSWORD-CHANGE-REQUIRED", Officer, "Ganti kata sandi dahulu", "Kata sandi sekali pakai hanya untuk masuk pertama.", "Buat kata sandi baru, sedikitnya 10 karakter.";
    /// The new password is too weak.
    PasswordWeak = "PASSWORD-WEAK", Officer, "Kata sandi terlalu lemah", "Kata sandi harus 10 sampai 128 karakter dan bukan nama Anda.", "Pilih kata sandi lain.";
    /// The station is not enrolled.
    StationUnknown = "STATION-UNKNOWN", Technician, "Perangkat belum terdaftar", "Token perangkat tidak dikenal oleh server.", "Daftarkan perangkat dengan `anjungan admin station add`.";

    // Requests
    /// The body or a parameter cannot be read.
    RequestMalformed = "REQUEST-MALFORMED", Technician, "Permintaan tidak dapat dibaca", "Isi permintaan tidak sesuai dengan uraian antarmuka.", "Perbarui program, lalu coba lagi.";
    /// The body is above the limit.
    RequestTooLarge = "REQUEST-TOO-LARGE", Technician, "Permintaan terlalu besar", "Isi permintaan melampaui batas.", "Perkecil berkas, lalu coba lagi.";
    /// Asked too often from one machine.
    TooManyRequests = "TOO-MANY-REQUESTS", Applicant, "Terlalu banyak permintaan", "Alamat ini dibuka terlalu sering dari tempat yang sama.", "Tunggu satu menit, lalu coba lagi.";
    /// The same identifier came with other content.
    RequestReused = "REQUEST-REUSED", Technician, "Nomor permintaan dipakai ulang", "Nomor permintaan ini sudah dipakai untuk isi yang lain.", "Ulangi tindakan dari awal.";
    /// No such address.
    NotFound = "NOT-FOUND", Officer, "Halaman tidak ada", "Alamat ini tidak ada pada server.", "Kembali ke halaman utama.";
    /// The page of a form was left open too long, or came from elsewhere.
    FormExpired = "FORM-EXPIRED", Officer, "Formulir kedaluwarsa", "Halaman terlalu lama terbuka.", "Muat ulang halaman, lalu ulangi.";
    /// Something broke inside the hub.
    HubFault = "HUB-FAULT", Technician, "Server mengalami gangguan", "Server tidak dapat menyelesaikan permintaan. Tidak ada data yang berubah.", "Coba lagi. Jika menetap, hubungi petugas TI dengan kode ini.";
    /// The hub cannot be reached.
    HubUnreachable = "HUB-UNREACHABLE", Technician, "Jaringan kantor terputus", "Server kantor tidak dapat dihubungi.", "Tunggu sebentar. Jika menetap, periksa kabel jaringan dan server.";

    // Devices
    /// Paper out, cover open, or no printer.
    SlipNotPrinted = "SLIP-NOT-PRINTED", Applicant, "Slip belum tercetak", "Pencetak slip tidak siap. Permohonan Anda sudah tersimpan.", "Catat nomor dan kode di layar, atau foto layar ini.";
    /// The printer fell silent.
    SlipPrintUnknown = "SLIP-PRINT-UNKNOWN", Applicant, "Slip mungkin belum tercetak", "Pencetak tidak memberi kabar. Permohonan Anda sudah tersimpan.", "Jika slip tidak keluar, catat nomor dan kode di layar.";
    /// The document scanner cannot scan.
    ScannerNotReady = "SCANNER-NOT-READY", Applicant, "Pemindai dokumen belum siap", "Pemindai macet, terbuka, atau tidak menemukan kertas.", "Periksa kertas Anda, tutup pemindai, lalu pindai lagi.";
    /// The card reader is away.
    ReaderNotReady = "READER-NOT-READY", Officer, "Pembaca KTP-el tidak siap", "Pembaca tidak menjawab.", "Periksa kabel pembaca, atau gunakan cara lain.";
    /// The chip could not be read. That does not make the card a false one.
    CardUnreadable = "CARD-UNREADABLE", Officer, "Chip KTP-el tidak terbaca", "Chip tidak dapat dibaca. Kartu belum tentu bermasalah.", "Coba sekali lagi, lalu gunakan cara lain.";
    /// The kiosk's own disk refused.
    KioskDiskFault = "KIOSK-DISK-FAULT", Technician, "Anjungan tidak dapat menyimpan", "Penyimpanan anjungan penuh atau rusak. Nomor tidak diterbitkan.", "Silakan menuju loket. Petugas TI: periksa penyimpanan anjungan.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_reads_back() {
        for failure in Failure::ALL {
            assert_eq!(Failure::from_code(failure.code()), Some(*failure));
        }
    }

    #[test]
    fn words_follow_the_office_spelling() {
        for failure in Failure::ALL {
            let words = format!("{} {} {}", failure.title(), failure.cause(), failure.action()).to_lowercase();
            for wrong in ["antrian", "silahkan", "nomer", "e-ktp", "palsu"] {
                assert!(!words.contains(wrong), "{} says {wrong}", failure.code());
            }
            assert!(failure.title().len() <= 50 && failure.cause().ends_with('.') && failure.action().ends_with('.'));
        }
    }
}
