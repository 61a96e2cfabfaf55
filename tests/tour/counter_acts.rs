//! What the officer does at the counter.

use std::time::Duration;

use anjungan::rig::Slip;
use slint::platform::Key;

use crate::gestures::Gestures;
use crate::hands::{
    checkboxes, labels_starting, photograph, press, sees, strike, strike_with, type_text, until, until_sees,
};
use crate::office::{Office, PASSWORD};

impl Office {
    /// Photographs the counter.
    pub fn shoot_counter(&mut self, name: &str) {
        photograph(&mut self.counter, &self.album, &format!("counter-{name}"));
    }

    /// Signs the officer in.
    pub fn sign_in_at_counter(&mut self) {
        until_sees(&mut self.counter, "Masuk");
        self.shoot_counter("login");
        press(&mut self.counter, "Nama petugas");
        type_text(&mut self.counter, "petugas");
        press(&mut self.counter, "Kata sandi");
        type_text(&mut self.counter, PASSWORD);
        press(&mut self.counter, "Masuk");
        until_sees(&mut self.counter, "Panggil berikutnya");
    }

    /// Strikes a key at the counter, as hurried staff do.
    fn key(&mut self, key: Key) {
        self.gestures.key();
        strike(self.counter.window(), key.into());
        self.counter.pump(Duration::ZERO);
    }

    /// Strikes a letter with Ctrl at the counter.
    fn key_with(&mut self, held: Key, letter: &str) {
        self.gestures.key();
        strike_with(self.counter.window(), held, letter);
        self.counter.pump(Duration::ZERO);
    }

    /// Calls the next ticket and opens its case by the slip.
    pub fn call_and_open(&mut self, slip: &Slip, pictures: bool) {
        let row = format!("{}, ", slip.ticket);
        until(&mut self.counter, "the ticket waits", |counter| !labels_starting(counter, &row).is_empty());
        if pictures {
            self.shoot_counter("queue");
        }
        self.key(Key::F2);
        self.see_on_board(&slip.ticket, pictures.then_some("call"));
        self.scan_slip(slip);
    }

    /// Scans the slip at the counter.
    pub fn scan_slip(&mut self, slip: &Slip) {
        self.gestures = Gestures::default();
        self.gestures.scan();
        self.devices.scan_at_counter(&slip.qr).expect("the counter's scanner sends");
        until_sees(&mut self.counter, "Tutup berkas");
    }

    /// Waits until the board shows the call.
    pub fn see_on_board(&mut self, ticket: &str, picture: Option<&str>) {
        let words = format!("Nomor antrean {ticket} silakan menuju Loket 1");
        until_sees(&mut self.board, &words);
        if let Some(name) = picture {
            photograph(&mut self.board, &self.album, &format!("board-{name}"));
        }
    }

    /// Calls somebody who came without an application, and is done with them.
    pub fn help_in_person(&mut self, slip: &Slip) {
        let row = format!("{}, ", slip.ticket);
        until(&mut self.counter, "the number waits", |counter| !labels_starting(counter, &row).is_empty());
        press(&mut self.counter, "Panggil berikutnya");
        self.see_on_board(&slip.ticket, None);
        until_sees(&mut self.counter, "Selesai dilayani");
        self.shoot_counter("help");
        press(&mut self.counter, "Selesai dilayani");
        until(&mut self.counter, "the person is helped", |counter| !sees(counter, "Selesai dilayani"));
    }

    /// Lays a called number aside, lets it wait again, takes a break and comes back.
    pub fn set_aside_and_rest(&mut self, slip: &Slip) {
        let row = format!("{}, ", slip.ticket);
        until(&mut self.counter, "the number waits", |counter| !labels_starting(counter, &row).is_empty());
        self.key(Key::F2);
        self.see_on_board(&slip.ticket, None);
        self.key_with(Key::Control, "n");
        until_sees(&mut self.counter, "Tahan nomor ini");
        self.shoot_counter("hall-called");
        self.key_with(Key::Alt, "1");
        let again = format!("Antrekan lagi {}", slip.ticket);
        until_sees(&mut self.counter, &again);
        self.shoot_counter("hall-held");
        press(&mut self.counter, &again);
        self.key(Key::Escape);
        until(&mut self.counter, "the number waits again", |counter| !labels_starting(counter, &row).is_empty());
        self.key_with(Key::Control, "b");
        until_sees(&mut self.counter, "Loket ini istirahat. Nomor baru tidak dipanggil. Buka lagi dengan Ctrl+B.");
        self.shoot_counter("break");
        photograph(&mut self.board, &self.album, "board-break");
        self.look_at_hall();
        self.key_with(Key::Control, "b");
        until(&mut self.counter, "the counter calls again", |counter| sees(counter, "Panggil berikutnya"));
    }

    /// Finds a case of somebody who lost the slip by their NIK, and leaves a note on it.
    pub fn find_and_note(&mut self, nik: &str) {
        self.key(Key::F10);
        self.key(Key::F9);
        type_text(&mut self.counter, nik);
        self.key(Key::Return);
        until_sees(&mut self.counter, "Kembali tanpa membuka");
        self.shoot_counter("found");
        self.key(Key::Return);
        until_sees(&mut self.counter, "Tutup berkas");
        self.key_with(Key::Control, "t");
        until_sees(&mut self.counter, "Tempel catatan");
        type_text(&mut self.counter, "Datang lagi besok pagi");
        self.shoot_counter("note");
        self.key(Key::Return);
        until(&mut self.counter, "the note stands on the case", |counter| {
            !labels_starting(counter, "Datang lagi besok pagi").is_empty()
        });
        self.shoot_counter("noted");
    }

    /// Looks at every document and accepts the file; what that took since the slip was scanned.
    pub fn accept(&mut self, picture: Option<&str>) -> Gestures {
        // F11 marks the document on screen and goes on to the next.
        let gestures = &mut self.gestures;
        until(&mut self.counter, "every document is marked", |counter| {
            let loading = !labels_starting(counter, "Mengambil pindaian").is_empty();
            let marked = !labels_starting(counter, "Terima berkas").is_empty();
            if !loading && !marked {
                gestures.key();
                strike(counter.window(), Key::F11.into());
            }
            marked
        });
        if let Some(name) = picture {
            self.shoot_counter(name);
        }
        self.key(Key::F8);
        let done = std::mem::take(&mut self.gestures).of("verify");
        until(&mut self.counter, "the file is accepted", |counter| !sees(counter, "Terima berkas"));
        self.close_case();
        done
    }

    /// Looks at all documents at once, marks them with one key and accepts the file; what that took since the slip.
    pub fn accept_at_a_glance(&mut self, picture: &str) -> Gestures {
        let waiting = |counter: &_| !labels_starting(counter, "Mengambil pindaian").is_empty();
        self.key_with(Key::Control, "a");
        until(&mut self.counter, "all documents are shown", |counter| {
            sees(counter, "Tandai semua dokumen ada") && !waiting(counter)
        });
        self.shoot_counter(picture);
        self.key(Key::F11);
        until(&mut self.counter, "the file can be accepted", |counter| {
            !labels_starting(counter, "Terima berkas").is_empty()
        });
        self.key(Key::F8);
        let done = std::mem::take(&mut self.gestures).of("verify at a glance");
        until(&mut self.counter, "the file is accepted", |counter| !sees(counter, "Terima berkas"));
        self.close_case();
        done
    }

    /// Rejects the first document with its first reason and returns the file.
    pub fn reject(&mut self) {
        let first = labels_starting(&self.counter, "Tolak: ").remove(0);
        press(&mut self.counter, &first);
        if !sees(&self.counter, "Kembalikan permohonan sekarang") {
            press(&mut self.counter, "Kembalikan permohonan");
        }
        until_sees(&mut self.counter, "Kembalikan permohonan sekarang");
        until(&mut self.counter, "reasons are offered", |counter| !checkboxes(counter).is_empty());
        let reason = checkboxes(&self.counter).remove(0);
        press(&mut self.counter, &reason);
        self.shoot_counter("return");
        press(&mut self.counter, "Kembalikan permohonan sekarang");
        until(&mut self.counter, "the file is returned", |counter| !sees(counter, "Kembalikan permohonan sekarang"));
        self.close_case();
    }

    fn close_case(&mut self) {
        for label in ["Tutup berkas yang menunggu", "Tutup berkas yang selesai", "Tutup berkas"] {
            if sees(&self.counter, label) {
                press(&mut self.counter, label);
                break;
            }
        }
        until(&mut self.counter, "the case is closed", |counter| !sees(counter, "Tutup berkas"));
    }

    /// Takes the printed KK from the operator into the register.
    pub fn receive(&mut self, slip: &Slip, picture: bool) {
        let row = format!("{}, ", slip.ticket);
        until(&mut self.counter, "the printed KK is announced", |counter| !labels_starting(counter, &row).is_empty());
        let row = labels_starting(&self.counter, &row)[0].clone();
        press(&mut self.counter, &row);
        until_sees(&mut self.counter, "Terima KK dari operator");
        if picture {
            self.shoot_counter("receive");
        }
        press(&mut self.counter, "Terima KK dari operator");
        until(&mut self.counter, "the KK is in the register", |counter| !sees(counter, "Terima KK dari operator"));
    }

    /// Calls the applicant back and opens the case for the handover.
    pub fn call_for_pickup(&mut self, slip: &Slip, picture: bool) {
        self.close_case();
        self.key(Key::F6);
        self.see_on_board(&slip.ticket, picture.then_some("pickup"));
        self.scan_slip(slip);
    }

    /// Reads a card and waits for what the panel says.
    pub fn show_card(&mut self, card: &str, says: &str, picture: &str) {
        self.devices.place_card(card).expect("the rig has this card");
        let reread = "Baca ulang KTP-el";
        if sees(&self.counter, reread) {
            self.gestures.pointing();
            press(&mut self.counter, reread);
        }
        until(&mut self.counter, says, |counter| labels_starting(counter, "").iter().any(|label| label.contains(says)));
        self.shoot_counter(picture);
    }

    /// Gives the KK away; what that took since the slip was scanned.
    pub fn hand_over(&mut self, picture: Option<&str>) -> Gestures {
        self.key(Key::F8);
        let done = std::mem::take(&mut self.gestures).of("hand over");
        until_sees(&mut self.counter, "Tutup berkas yang selesai");
        if let Some(name) = picture {
            self.shoot_counter(name);
        }
        self.devices.remove_card();
        press(&mut self.counter, "Tutup berkas yang selesai");
        done
    }
}
