//! What the faults are called in the window, short enough for one line.

use super::devices::{EsclTrouble, Fault, PrinterFault, QrFault, ReaderFault, ScannerTrouble};

/// The list of the window in which a fault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    PrinterPaper,
    PrinterMachine,
    PrinterLine,
    CounterScanner,
    KioskScanner,
    Reader,
    Scanner,
    Escl,
}

impl Group {
    pub(super) const ALL: [Self; 8] = [
        Self::PrinterPaper,
        Self::PrinterMachine,
        Self::PrinterLine,
        Self::CounterScanner,
        Self::KioskScanner,
        Self::Reader,
        Self::Scanner,
        Self::Escl,
    ];

    pub(super) const fn of(fault: Fault) -> Self {
        use PrinterFault as P;
        match fault {
            Fault::Printer(P::PaperOut | P::NearEnd | P::PaperOutMidSlip) => Self::PrinterPaper,
            Fault::Printer(P::CoverOpen | P::Cutter | P::Jam | P::Overheated | P::Broken | P::Offline) => {
                Self::PrinterMachine
            }
            Fault::Printer(P::PowerOff | P::Unplugged | P::Mute | P::Stall | P::Garbage | P::Echo | P::Slow) => {
                Self::PrinterLine
            }
            Fault::CounterScanner(_) => Self::CounterScanner,
            Fault::KioskScanner(_) => Self::KioskScanner,
            Fault::Reader(_) => Self::Reader,
            Fault::Scanner(_) | Fault::SlowScanner => Self::Scanner,
            Fault::Escl(_) | Fault::SlowEscl => Self::Escl,
        }
    }
}

pub(super) const fn title(fault: Fault) -> &'static str {
    match fault {
        Fault::Printer(fault) => printer(fault),
        Fault::CounterScanner(fault) | Fault::KioskScanner(fault) => qr_scanner(fault),
        Fault::Reader(fault) => reader(fault),
        Fault::Scanner(fault) => scanner(fault),
        Fault::Escl(fault) => escl(fault),
        Fault::SlowScanner | Fault::SlowEscl => "Lambat, 20 detik",
    }
}

const fn printer(fault: PrinterFault) -> &'static str {
    match fault {
        PrinterFault::PaperOut => "Kertas habis",
        PrinterFault::NearEnd => "Kertas hampir habis",
        PrinterFault::PaperOutMidSlip => "Habis di tengah slip",
        PrinterFault::CoverOpen => "Penutup terbuka",
        PrinterFault::Cutter => "Pemotong macet",
        PrinterFault::Jam => "Kertas macet",
        PrinterFault::Overheated => "Kepala cetak panas",
        PrinterFault::Broken => "Rusak berat",
        PrinterFault::Offline => "Luring tanpa sebab",
        PrinterFault::PowerOff => "Listrik mati",
        PrinterFault::Unplugged => "Kabel dicabut",
        PrinterFault::Mute => "Tidak menjawab",
        PrinterFault::Stall => "Berhenti menerima",
        PrinterFault::Garbage => "Jawaban kacau",
        PrinterFault::Echo => "Memantulkan data",
        PrinterFault::Slow => "Lambat, 9600 baud",
    }
}

const fn qr_scanner(fault: QrFault) -> &'static str {
    match fault {
        QrFault::Unplugged => "Kabel dicabut",
        QrFault::StuckTrigger => "Pelatuk tersangkut",
        QrFault::Garbage => "Data kacau",
        QrFault::LosesBytes => "Huruf hilang",
        QrFault::Babbling => "Mengirim tanpa henti",
    }
}

const fn reader(fault: ReaderFault) -> &'static str {
    match fault {
        ReaderFault::Unplugged => "Kabel dicabut",
        ReaderFault::Mute => "Pembaca membisu",
        ReaderFault::Unreadable => "Chip tidak terbaca",
        ReaderFault::RemovedMidRead => "Diangkat saat dibaca",
        ReaderFault::FingerNotMatched => "Sidik jari berbeda",
        ReaderFault::NoFinger => "Jari tidak ditempel",
    }
}

const fn scanner(fault: ScannerTrouble) -> &'static str {
    match fault {
        ScannerTrouble::None => "Tidak ada",
        ScannerTrouble::NoPaper => "Tidak ada kertas",
        ScannerTrouble::Jam => "Kertas macet",
        ScannerTrouble::DoubleFeed => "Tertarik dua lembar",
        ScannerTrouble::CoverOpen => "Penutup terbuka",
        ScannerTrouble::Busy => "Dipakai program lain",
        ScannerTrouble::NotReachable => "Kabel dicabut",
        ScannerTrouble::Stuck => "Tidak kunjung selesai",
        ScannerTrouble::CutOff => "Gambar terpotong",
        ScannerTrouble::Bomb => "Gambar terlalu besar",
        ScannerTrouble::EndlessFeed => "Kertas tak berujung",
    }
}

const fn escl(fault: EsclTrouble) -> &'static str {
    match fault {
        EsclTrouble::None => "Tidak ada",
        EsclTrouble::Jam => "Kertas macet",
        EsclTrouble::DoubleFeed => "Tertarik dua lembar",
        EsclTrouble::CoverOpen => "Penutup terbuka",
        EsclTrouble::Busy => "Dipakai program lain",
        EsclTrouble::Mute => "Tidak menjawab",
        EsclTrouble::Dropped => "Sambungan putus",
        EsclTrouble::EmptyAnswer => "Halaman kosong",
        EsclTrouble::CutOff => "Gambar terpotong",
        EsclTrouble::GarbageXml => "Jawaban kacau",
        EsclTrouble::EndlessAnswer => "Jawaban tak berujung",
        EsclTrouble::EndlessFeed => "Kertas tak berujung",
        EsclTrouble::ForeignLocation | EsclTrouble::Redirect => "Dialihkan ke alat lain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_fits_on_its_line_and_is_there_once_in_its_list() {
        for group in Group::ALL {
            let titles: Vec<_> = Fault::all().filter(|fault| Group::of(*fault) == group).map(title).collect();
            assert!(!titles.is_empty(), "{group:?}");
            for (place, title) in titles.iter().enumerate() {
                assert!(title.chars().count() <= 21, "{title}");
                assert!(!titles[..place].contains(title), "{title}");
            }
        }
    }
}
