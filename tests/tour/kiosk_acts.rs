//! What applicants do at the kiosk.

use std::time::Duration;

use anjungan::rig::Slip;

use crate::hands::{labels_starting, photograph, press, press_each, until, until_sees};
use crate::office::Office;

/// NIK of the applicant whose card the rig has.
pub const APPLICANT: &str = "3315130101909001";
/// NIK of the proxy whose card the rig has.
pub const PROXY: &str = "3315017112859003";

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
        until_sees(&mut self.kiosk, "Sentuh layar untuk mulai");
        self.shoot_kiosk(visit, "attract");
        press(&mut self.kiosk, "Sentuh layar untuk mulai");
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
        until(&mut self.kiosk, "the checklist is shown", |kiosk| !labels_starting(kiosk, "Ada: ").is_empty());
        press_each(&mut self.kiosk, "Ada: ");
        self.shoot_kiosk(visit, "checklist");
        press(&mut self.kiosk, "Lanjut");
        let who = if visit.by_proxy { "Saya mewakili orang lain" } else { "Saya sendiri" };
        press(&mut self.kiosk, who);
        self.shoot_kiosk(visit, "applicant");
        press(&mut self.kiosk, "Lanjut");
        if visit.by_proxy {
            until(&mut self.kiosk, "the proxy's papers are asked for", |kiosk| {
                !labels_starting(kiosk, "Ada: Surat kuasa").is_empty()
            });
            press_each(&mut self.kiosk, "Ada: ");
            self.shoot_kiosk(visit, "papers");
            press(&mut self.kiosk, "Lanjut");
        }
        self.type_nik(APPLICANT);
        self.shoot_kiosk(visit, "nik");
        press(&mut self.kiosk, "Lanjut");
        if visit.by_proxy {
            self.type_nik(PROXY);
            self.shoot_kiosk(visit, "nik-proxy");
            press(&mut self.kiosk, "Lanjut");
        }
        self.scan_all(visit);
        self.shoot_kiosk(visit, "review");
        self.send(visit)
    }

    fn type_nik(&mut self, nik: &str) {
        until_sees(&mut self.kiosk, "Hapus");
        for digit in nik.chars() {
            press(&mut self.kiosk, &digit.to_string());
        }
    }

    /// Scans until the review or, for a correction, until there is nothing more to scan.
    fn scan_all(&mut self, visit: &Visit<'_>) {
        let mut page = 1;
        loop {
            until(&mut self.kiosk, "a scan or the review is asked for", |kiosk| {
                !labels_starting(kiosk, "Pindai").is_empty() || !labels_starting(kiosk, "Kirim").is_empty()
            });
            if !labels_starting(&self.kiosk, "Kirim").is_empty() {
                return;
            }
            if page == 1 {
                self.shoot_kiosk(visit, "scan-guide");
            }
            press(&mut self.kiosk, "Pindai");
            until_sees(&mut self.kiosk, "Gunakan");
            if page == 1 {
                self.shoot_kiosk(visit, "scan-preview");
            }
            press(&mut self.kiosk, "Gunakan");
            page += 1;
        }
    }

    /// Sends, waits for the paper, and lets the next person come.
    fn send(&mut self, visit: &Visit<'_>) -> Slip {
        let number = self.devices.slip_count() + 1;
        press(&mut self.kiosk, "Kirim");
        until(&mut self.kiosk, "the slip is printed", |kiosk| {
            !labels_starting(kiosk, "Ambil slip di bawah layar").is_empty()
        });
        let slip = self.devices.wait_for_slip(number, Duration::from_secs(10)).expect("a slip comes out");
        self.shoot_kiosk(visit, "slip");
        press(&mut self.kiosk, "Selesai");
        until_sees(&mut self.kiosk, "Sentuh layar untuk mulai");
        slip
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
