//! What applicants do at the kiosk.

use std::time::Duration;

use anjungan::rig::Slip;
use slint::platform::Key;

use crate::hands::{
    can_press, labels_starting, photograph, press, press_each, press_hidden, sees, strike, until, until_sees,
};
use crate::office::{Office, STAFF_PIN};

/// What the screen says between two people.
const BEGIN: &str = "Sentuh untuk mulai";

/// NIK of the applicant whose card the rig has.
pub const APPLICANT: &str = "3315130101909001";
/// NIK of the proxy whose card the rig has.
pub const PROXY: &str = "3315017112859003";
/// A telephone number that no operator has.
const PHONE: &str = "084000009003";

/// How one applicant goes through.
pub struct Visit<'a> {
    /// Cards to touch, one after the other: group and, where there is more than one, variant.
    pub cards: &'a [&'a str],
    /// Answers to the questions.
    pub answers: &'a [&'a str],
    /// Somebody else applies with F-1.07.
    pub by_proxy: bool,
    /// Take a picture of every screen, named with this prefix.
    pub pictures: Option<&'a str>,
}

impl Office {
    fn shoot_kiosk(&mut self, visit: &Visit<'_>, name: &str) {
        if let Some(prefix) = visit.pictures {
            photograph(&mut self.kiosk, &self.album, &format!("kiosk-{prefix}{name}"));
        }
    }

    /// Applies for a case and returns its slip.
    pub fn apply(&mut self, visit: &Visit<'_>) -> Slip {
        until_sees(&mut self.kiosk, BEGIN);
        self.shoot_kiosk(visit, "attract");
        press(&mut self.kiosk, BEGIN);
        until_sees(&mut self.kiosk, "Saya mengerti");
        self.shoot_kiosk(visit, "notice");
        press(&mut self.kiosk, "Saya mengerti");
        for (at, card) in visit.cards.iter().enumerate() {
            until_sees(&mut self.kiosk, card);
            self.shoot_kiosk(visit, if at == 0 { "need" } else { "variant" });
            press(&mut self.kiosk, card);
        }
        for answer in visit.answers {
            until_sees(&mut self.kiosk, answer);
            self.shoot_kiosk(visit, "question");
            press(&mut self.kiosk, answer);
        }
        self.tick_off("Ada: ");
        self.shoot_kiosk(visit, "checklist");
        press(&mut self.kiosk, "Lanjut");
        let who = if visit.by_proxy { "Saya mewakili orang lain" } else { "Saya sendiri" };
        until_sees(&mut self.kiosk, who);
        self.shoot_kiosk(visit, "applicant");
        press(&mut self.kiosk, who);
        if visit.by_proxy {
            self.tick_off("Ada: ");
            self.shoot_kiosk(visit, "papers");
            press(&mut self.kiosk, "Lanjut");
        }
        self.type_number(APPLICANT);
        self.shoot_kiosk(visit, "nik");
        press(&mut self.kiosk, "Lanjut");
        if visit.by_proxy {
            until_sees(&mut self.kiosk, "Ketik NIK Anda (penerima kuasa)");
            self.type_number(PROXY);
            self.shoot_kiosk(visit, "nik-proxy");
            press(&mut self.kiosk, "Lanjut");
        }
        until_sees(&mut self.kiosk, "Nomor telepon (boleh dilewati)");
        if visit.by_proxy {
            self.type_number(PHONE);
        }
        self.shoot_kiosk(visit, "phone");
        press(&mut self.kiosk, if visit.by_proxy { "Lanjut" } else { "Lewati" });
        until_sees(&mut self.kiosk, "Apakah Anda perlu didahulukan?");
        self.shoot_kiosk(visit, "priority");
        press(&mut self.kiosk, "Tidak perlu");
        self.scan_all(visit);
        self.shoot_kiosk(visit, "review");
        self.send(visit)
    }

    /// Gives every document the same answer.
    fn tick_off(&mut self, answer: &str) {
        until(&mut self.kiosk, "documents are asked for", |kiosk| !labels_starting(kiosk, answer).is_empty());
        press_each(&mut self.kiosk, answer);
    }

    fn type_number(&mut self, number: &str) {
        until_sees(&mut self.kiosk, "Hapus satu angka");
        for digit in number.chars() {
            press(&mut self.kiosk, &digit.to_string());
        }
    }

    /// Scans until the review or, for a correction, until there is nothing more to scan.
    fn scan_all(&mut self, visit: &Visit<'_>) {
        let mut page = 1;
        loop {
            until(&mut self.kiosk, "a scan or the review is asked for", |kiosk| {
                can_press(kiosk, "Pindai") || sees(kiosk, "Periksa jawaban Anda")
            });
            if sees(&self.kiosk, "Periksa jawaban Anda") {
                return;
            }
            if page == 1 {
                self.shoot_kiosk(visit, "scan-guide");
            }
            if page == 1 && visit.pictures == Some("") {
                self.scan_badly_first();
            } else {
                press(&mut self.kiosk, "Pindai");
            }
            until(&mut self.kiosk, "the page is shown", |kiosk| {
                can_press(kiosk, "Gunakan") || can_press(kiosk, "Gunakan saja")
            });
            if page == 1 {
                self.shoot_kiosk(visit, "scan-preview");
            }
            let keep = if can_press(&self.kiosk, "Gunakan") { "Gunakan" } else { "Gunakan saja" };
            press(&mut self.kiosk, keep);
            page += 1;
        }
    }

    /// The lamp of the scanner hardly shines: the kiosk says so, and the page is scanned again.
    fn scan_badly_first(&mut self) {
        let page = self.pages.join("sk_hilang_polisi.jpg");
        let good = std::fs::read(&page).expect("a page of the rig");
        let dark = image::load_from_memory(&good).expect("a picture").brighten(-190);
        dark.to_rgb8().save(&page).expect("the page can be written");
        press(&mut self.kiosk, "Pindai");
        until_sees(&mut self.kiosk, "Gunakan saja");
        self.shoot_screen("scan-doubt");
        std::fs::write(&page, good).expect("the page can be written");
        press(&mut self.kiosk, "Pindai ulang");
        until_sees(&mut self.kiosk, "Gunakan");
    }

    /// Sends, waits for the paper, and lets the next person come.
    fn send(&mut self, visit: &Visit<'_>) -> Slip {
        let number = self.devices.slip_count() + 1;
        // What does not fit is on a further page, and is read before anything is sent.
        while let Some(more) =
            labels_starting(&self.kiosk, "Lihat sisanya").into_iter().find(|label| can_press(&self.kiosk, label))
        {
            press(&mut self.kiosk, &more);
        }
        press(&mut self.kiosk, "Kirim");
        let slip = self.paper(number);
        self.shoot_kiosk(visit, "slip");
        self.leave();
        slip
    }

    /// Waits for the paper of a number.
    fn paper(&mut self, number: usize) -> Slip {
        until(&mut self.kiosk, "the slip is printed", |kiosk| {
            !labels_starting(kiosk, "Ambil slip di bawah layar").is_empty()
        });
        self.devices.wait_for_slip(number, Duration::from_secs(10)).expect("a slip comes out")
    }

    /// Is done, and lets the next person come.
    fn leave(&mut self) {
        press(&mut self.kiosk, "Selesai");
        until_sees(&mut self.kiosk, BEGIN);
    }

    fn shoot_screen(&mut self, name: &str) {
        photograph(&mut self.kiosk, &self.album, &format!("kiosk-{name}"));
    }

    /// Turns what a person may turn: three languages, large letters, black and white, everything within reach.
    pub fn turn_everything(&mut self) {
        for (language, monday, name) in
            [("English", "Monday, ", "attract-english"), ("Jawa", "Senèn, ", "attract-javanese")]
        {
            press(&mut self.kiosk, language);
            until(&mut self.kiosk, "the day is said so", |kiosk| !labels_starting(kiosk, monday).is_empty());
            self.shoot_screen(name);
        }
        press(&mut self.kiosk, "Indonesia");
        press(&mut self.kiosk, BEGIN);
        press(&mut self.kiosk, "Saya mengerti");
        press(&mut self.kiosk, "Tampilan");
        self.shoot_screen("display");
        for choice in ["Huruf terbesar", "Putih di atas hitam", "Selesai"] {
            press(&mut self.kiosk, choice);
        }
        self.shoot_screen("need-largest-dark");
        press(&mut self.kiosk, "Tampilan");
        for choice in ["Huruf biasa", "Warna biasa", "Tombol di bawah", "Selesai"] {
            press(&mut self.kiosk, choice);
        }
        self.shoot_screen("need-low-reach");
        press(&mut self.kiosk, "Tampilan");
        press(&mut self.kiosk, "Tombol di tempat biasa");
        press(&mut self.kiosk, "Selesai");
    }

    /// Is guided by ear: begun under "Tampilan", the screen hidden with the keys' own menu, and ended there.
    pub fn be_guided_by_ear(&mut self) {
        until(&mut self.kiosk, "there is a voice", |kiosk| sees(kiosk, "Tampilan"));
        press(&mut self.kiosk, "Tampilan");
        press(&mut self.kiosk, "Pandu dengan suara");
        self.shoot_screen("by-ear");
        // Help opens the menu of the keys; it stays open until something leaves it.
        self.strike_all(&[Key::F1, Key::DownArrow, Key::DownArrow, Key::DownArrow, Key::DownArrow, Key::Return]);
        self.shoot_screen("by-ear-hidden");
        self.strike_all(&[Key::Return, Key::DownArrow, Key::Return, Key::Return]);
        until_sees(&mut self.kiosk, "Saya belum yakin");
    }

    fn strike_all(&self, keys: &[Key]) {
        for key in keys {
            strike(self.kiosk.window(), (*key).into());
        }
    }

    /// Is led by the guide, lacks every document, takes the list home, and asks an officer all the same.
    pub fn be_led_and_turned_away(&mut self) -> Slip {
        press(&mut self.kiosk, "Saya belum yakin");
        for (at, answer) in ["KK hilang atau rusak", "Tidak tahu, hilang"].iter().enumerate() {
            until_sees(&mut self.kiosk, answer);
            self.shoot_screen(&format!("guide-{}", at + 1));
            press(&mut self.kiosk, answer);
        }
        self.tick_off("Belum ada: ");
        press(&mut self.kiosk, "Lanjut");
        until_sees(&mut self.kiosk, "Cetak daftar ini");
        self.shoot_screen("incomplete");
        let number = self.devices.slip_count() + 1;
        press(&mut self.kiosk, "Cetak daftar ini");
        until_sees(&mut self.kiosk, "Daftar tercetak");
        self.shoot_screen("incomplete-printed");
        let list = self.devices.wait_for_slip(number, Duration::from_secs(10)).expect("the list comes out");
        self.keep_paper(&list, "slip-list");
        press(&mut self.kiosk, "Tanya petugas loket");
        self.number_for_help(number + 1)
    }

    /// The second touch of a number for help: this one may go first.
    fn number_for_help(&mut self, number: usize) -> Slip {
        until_sees(&mut self.kiosk, "Lansia");
        self.shoot_screen("help-priority");
        press(&mut self.kiosk, "Lansia");
        let slip = self.paper(number);
        self.shoot_screen("slip-help");
        self.keep_paper(&slip, "slip-help");
        self.leave();
        slip
    }

    /// Looks up a case by the code under the QR.
    pub fn look_up_code(&mut self, slip: &Slip) {
        let is_code = |line: &&str| line.len() == 13 && line.matches('-').count() == 2;
        let code = slip.lines.iter().map(|line| line.trim()).find(is_code).expect("a code on the slip").to_owned();
        press(&mut self.kiosk, "Ketik kode");
        until_sees(&mut self.kiosk, "Ketik kode pada slip Anda");
        for sign in code.chars().filter(char::is_ascii_alphanumeric) {
            press(&mut self.kiosk, &sign.to_string());
        }
        self.shoot_screen("code");
        press(&mut self.kiosk, "Cari");
        until_sees(&mut self.kiosk, "Permohonan Anda");
        until_sees(&mut self.kiosk, "Permohonan, selesai");
        self.shoot_screen("status");
        self.leave();
    }

    /// Holds the slip of a KK that is ready to the scanner: one touch gives a number to collect it.
    pub fn number_for_pickup(&mut self, slip: &Slip) {
        let number = self.devices.slip_count() + 1;
        self.devices.scan_at_kiosk(&slip.qr).expect("the kiosk's scanner sends");
        until_sees(&mut self.kiosk, "Ambil nomor pengambilan");
        self.shoot_screen("status-ready");
        press(&mut self.kiosk, "Ambil nomor pengambilan");
        let paper = self.paper(number);
        self.shoot_screen("slip-pickup");
        self.keep_paper(&paper, "slip-pickup");
        self.leave();
    }

    /// Staff come in by the hidden door.
    pub fn let_staff_in(&mut self) {
        press_hidden(&mut self.kiosk, "HiddenDoor", 5);
        until_sees(&mut self.kiosk, "Masukkan PIN petugas");
        self.type_number(STAFF_PIN);
        self.shoot_screen("staff-pin");
        press(&mut self.kiosk, "Buka");
        until_sees(&mut self.kiosk, "Keadaan perangkat");
        self.shoot_screen("staff");
        press(&mut self.kiosk, "Tutup");
        until_sees(&mut self.kiosk, BEGIN);
    }

    /// Comes after hours.
    pub fn find_it_closed(&mut self) {
        until_sees(&mut self.kiosk, "Layanan sudah tutup");
        self.shoot_screen("closed");
    }

    /// Waits until the office opens.
    pub fn wait_until_open(&mut self) {
        until_sees(&mut self.kiosk, BEGIN);
    }

    /// Comes back with a slip whose documents were returned, and scans them again.
    pub fn correct(&mut self, slip: &Slip) -> Slip {
        let visit = Visit { cards: &[], answers: &[], by_proxy: false, pictures: Some("correction-") };
        self.devices.scan_at_kiosk(&slip.qr).expect("the kiosk's scanner sends");
        until_sees(&mut self.kiosk, "Pindai ulang dokumen");
        self.shoot_kiosk(&visit, "status");
        press(&mut self.kiosk, "Pindai ulang dokumen");
        self.scan_all(&visit);
        self.send(&visit)
    }
}
