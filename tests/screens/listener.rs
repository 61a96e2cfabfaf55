//! Somebody who only hears: what is said is all they know, and five keys are all they have.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anjungan::domain::catalogue::Catalogue;
use anjungan::domain::language::Language;
use anjungan::kiosk::by_ear::{EarEffect, EarKey};
use anjungan::kiosk::flow::{KioskEvent, Touch, Turn};
use anjungan::kiosk::{Binding, Ear, Pictures};
use anjungan::station::voice::Volume;
use anjungan_ui::slint::ComponentHandle as _;
use anjungan_ui::{KioskState, KioskWindow};
use jiff::SignedDuration;

use crate::states::Walk;
use crate::walker::touchable_window;

/// Far more keys than any screen has things to hear.
const KEYS_MAX: usize = 120;

pub struct Listener {
    window: KioskWindow,
    binding: Binding,
    touches: Rc<RefCell<Vec<Touch>>>,
    ear: Ear,
    pub walk: Walk,
    /// What was said when the present screen came.
    pub screen: String,
    /// What was said last.
    pub said: String,
    /// Everything that was said and pressed, a line each.
    pub script: String,
    pub keys: usize,
}

impl Listener {
    /// Once a thread: the windows of a test share one platform.
    fn platform() {
        i_slint_backend_testing::init_no_event_loop();
    }

    pub fn new() -> Self {
        let (window, binding, touches) = touchable_window();
        let walk = Walk::new();
        let (ear, screen, said, script) = (Ear::default(), String::new(), String::new(), String::new());
        let mut listener = Self { window, binding, touches, ear, walk, screen, said, script, keys: 0 };
        listener.walk.touch(Touch::Turn(Turn::ByEar(true)));
        listener.look();
        listener
    }

    /// The window shows what the kiosk wants, and the ear hears what is new.
    pub fn look(&mut self) {
        self.binding.apply(&self.window, self.walk.view(), Pictures::default);
        // Changes within the window are told a moment later, as in the program.
        for _ in 0..2 {
            i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
            let effects = self.ear.look(&self.window, self.walk.view().comfort.language, Volume::default());
            // News of a screen that stays are few words; a new one says how much there is to choose.
            let mut screens = effects.iter().filter_map(|effect| match effect {
                EarEffect::Say(text) if text.contains(" pilihan") => Some(text.clone()),
                _ => None,
            });
            self.screen = screens.next_back().unwrap_or_else(|| std::mem::take(&mut self.screen));
            self.carry_out(effects);
        }
    }

    pub fn press(&mut self, key: EarKey) {
        self.keys += 1;
        self.walk.touch(Touch::MoreTime);
        self.look();
        let _ = writeln!(self.script, "{key:?}");
        let effects = self.ear.press(key, self.walk.view().comfort.language);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<EarEffect>) {
        for effect in effects {
            match effect {
                EarEffect::Say(text) => {
                    let _ = writeln!(self.script, "    {text}");
                    self.said = text;
                }
                EarEffect::Activate { id, .. } => {
                    let element = self.ear.take(&id).unwrap_or_else(|| panic!("{id} is gone"));
                    assert!(element.press());
                    for touch in std::mem::take(&mut *self.touches.borrow_mut()) {
                        self.walk.touch(touch);
                    }
                    self.look();
                }
                EarEffect::Mask(on) => self.window.global::<KioskState<'_>>().set_masked(on),
                EarEffect::Leave => {
                    self.walk.touch(Touch::Turn(Turn::ByEar(false)));
                    self.look();
                }
                EarEffect::SetPace(_) | EarEffect::SetVolume(_) => {}
            }
        }
    }

    /// Time goes by without a key.
    pub fn pass(&mut self, time: SignedDuration) {
        self.walk.now += time;
        self.walk.event(KioskEvent::Ticked);
        self.look();
    }

    pub fn is_masked(&self) -> bool {
        self.window.global::<KioskState<'_>>().get_masked()
    }

    /// Walks over the screen until a choice is heard that begins with the words, and takes it.
    pub fn choose(&mut self, words: &str) {
        // Forward to the end, then back to the start: nothing is farther away.
        for direction in [EarKey::Next, EarKey::Previous] {
            for _ in 0..KEYS_MAX {
                if self.stands_on(words) {
                    return self.press(EarKey::Choose);
                }
                self.press(direction);
                let end = ["Ini yang terakhir", "Ini yang pertama"].into_iter().any(|end| self.said.starts_with(end));
                if end && !self.stands_on(words) {
                    break;
                }
            }
        }
        panic!("no choice {words:?}; heard so far:\n{}", self.script);
    }

    /// What is heard of a thing comes first; on a new screen it comes last, behind the number of choices.
    fn stands_on(&self, words: &str) -> bool {
        let here = self.said.rsplit(" pilihan. ").next().unwrap_or_default();
        let here = here.trim_start_matches("Ini yang terakhir. ").trim_start_matches("Ini yang pertama. ");
        here.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ',', ' ', '/']))
    }

    /// Types digits on the pad, key by key.
    fn type_digits(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.choose(&digit.to_string());
        }
    }

    /// Says yes to every document, page by page.
    fn has_every_document(&mut self) {
        for _ in 0..KEYS_MAX {
            if self.stands_on("Lanjut") && !self.said.contains("Tidak dapat dipilih") {
                self.press(EarKey::Choose);
                if !self.screen.starts_with("Dokumen apa yang Anda bawa?") {
                    return;
                }
            } else if self.said.contains("Ada: ") && self.said.contains("belum terpilih") {
                self.press(EarKey::Choose);
            }
            self.press(EarKey::Next);
        }
        panic!("the list of documents has no end; heard so far:\n{}", self.script);
    }

    /// Does what somebody does who wants this service and hears these words.
    fn answer(&mut self, group: &str, variant: &str) {
        let screen = self.screen.clone();
        let asked = |words: &str| screen.starts_with(words);
        match () {
            () if screen.contains("Layar awal.") => self.choose("Sentuh untuk mulai"),
            () if asked("Tentang data Anda.") => self.choose("Saya mengerti"),
            () if asked("Apa yang Anda perlukan?") => self.choose(group),
            () if asked("Pilih keadaan Anda.") => self.choose(variant),
            () if asked("Dokumen apa yang Anda bawa?") => self.has_every_document(),
            () if asked("Siapa yang mengurus hari ini?") => self.choose("Saya sendiri"),
            () if screen.contains(" 0 dari 16 angka") => {
                self.type_digits("3315135208909001");
                self.choose("Lanjut");
            }
            () if asked("Nomor telepon") => self.choose("Lewati"),
            () if asked("Apakah Anda perlu didahulukan?") => self.choose("Tidak perlu"),
            () if asked("Periksa jawaban Anda.") => self.choose("Kirim"),
            () if screen.contains("Apakah tulisannya terbaca") => self.choose("Gunakan"),
            () if screen.contains("Letakkan dokumen asli") => self.choose("Pindai"),
            () => self.choose("Ya"),
        }
    }
}

fn walk(group: &str, variant: &str) -> Listener {
    let mut person = Listener::new();
    for _ in 0..40 {
        if person.screen.contains("Nomor antrean Anda") {
            return person;
        }
        person.answer(group, variant);
    }
    panic!("{variant} has no end; heard so far:\n{}", person.script);
}

/// Only hearing and five keys: every variant of the service file, from the first word to the number.
#[test]
fn whoever_hears_the_screens_gets_a_number_for_every_variant() {
    Listener::platform();
    let catalogue = Catalogue::built_in();
    let mut variants = 0;
    for group in catalogue.groups() {
        for variant in catalogue.variants_in(&group.key) {
            let mut person = walk(&group.title, &variant.title);
            variants += 1;
            println!("{}: {} keys", variant.key, person.keys);
            // The slip, spoken: the number, who is before, the code, what to do with it.
            let heard = person.script.clone();
            for words in ["A-1001", "12 orang di depan Anda", "Kode slip", "Ambil slip", "Bawa slip"] {
                assert!(heard.contains(words), "{}: {words:?} is not said:\n{heard}", variant.key);
            }
            // Nobody else hears the NIK: it is said only when it is asked for.
            assert!(!heard.contains("3315 1352") && !heard.contains("3315135208909001"), "{heard}");
            person.choose("Selesai");
            assert!(person.said.contains("Selesai. Mode suara mati"), "{}", person.script);
        }
    }
    assert_eq!(variants, 15);
}

#[test]
fn whoever_hears_the_screens_can_ask_for_help_type_a_code_and_go_back() {
    Listener::platform();
    let mut person = Listener::new();
    person.choose("Ambil nomor, dibantu petugas");
    person.choose("Lansia");
    assert!(person.screen.contains("Nomor antrean Anda"), "{}", person.script);
    assert!(person.screen.contains("Didahulukan: Lansia"), "{}", person.script);
    let mut person = Listener::new();
    person.choose("Ketik kode");
    person.choose("7");
    person.choose("K");
    assert_eq!(person.walk.view().code_length, 2);
    person.choose("Kembali");
    assert!(person.screen.contains("Layar awal"), "{}", person.script);
}

#[test]
fn the_sheet_that_lies_on_top_is_all_that_is_heard() {
    Listener::platform();
    let mut person = Listener::new();
    person.choose("Sentuh untuk mulai");
    person.choose("Bantuan");
    assert!(person.said.starts_with("Bantuan. Sentuh kartu atau tombol yang sesuai."), "{}", person.said);
    assert!(person.said.contains("Ada 1 pilihan. Tutup bantuan."), "{}", person.said);
    person.press(EarKey::Choose);
    assert!(person.said.starts_with("Tentang data Anda."), "{}", person.said);
    person.choose("Saya mengerti");
    person.choose("Mulai dari awal");
    assert!(person.said.contains("Ada 2 pilihan."), "{}", person.said);
}

#[test]
fn whoever_listens_has_three_times_as_long_and_is_warned_once() {
    Listener::platform();
    let mut person = Listener::new();
    person.choose("Sentuh untuk mulai");
    person.pass(SignedDuration::from_secs(359));
    assert!(person.said.starts_with("Tentang data Anda."), "{}", person.said);
    person.pass(SignedDuration::from_secs(2));
    assert!(person.said.starts_with("Masih memerlukan waktu?"), "{}", person.said);
    // The seconds that go by are not read out, or nothing else could be heard.
    person.said.clear();
    person.pass(SignedDuration::from_secs(1));
    person.pass(SignedDuration::from_secs(60));
    assert_eq!(person.said, "");
    // Any key is a sign of life.
    person.press(EarKey::Repeat);
    assert!(!person.walk.view().idle_warning);
    person.pass(SignedDuration::from_secs(361));
    person.pass(SignedDuration::from_secs(91));
    assert!(person.said.contains("Mode suara mati"), "{}", person.said);
    assert!(!person.walk.view().comfort.by_ear);
}

#[test]
fn the_screen_goes_dark_for_others_and_comes_back_with_the_end() {
    Listener::platform();
    let mut person = Listener::new();
    person.choose("Sentuh untuk mulai");
    person.press(EarKey::Help);
    while !person.said.starts_with("Gelapkan layar") {
        person.press(EarKey::Next);
    }
    person.press(EarKey::Choose);
    assert!(person.is_masked());
    person.press(EarKey::Help);
    person.choose("Saya mengerti");
    assert!(person.is_masked() && person.screen.starts_with("Apa yang Anda perlukan?"), "{}", person.script);
    person.press(EarKey::Help);
    while !person.said.starts_with("Keluar dari mode suara") {
        person.press(EarKey::Next);
    }
    person.press(EarKey::Choose);
    person.press(EarKey::Choose);
    assert!(!person.is_masked() && !person.walk.view().comfort.by_ear);
    assert!(person.said.contains("Mode suara"), "{}", person.said);
}

#[test]
fn every_language_is_heard_as_itself() {
    Listener::platform();
    for (language, words) in
        [(Language::Javanese, "Sampun rampung. Panuntun swanten pejah"), (Language::English, "Voice guide is off")]
    {
        let mut person = Listener::new();
        person.walk.touch(Touch::Turn(Turn::Language(language)));
        person.look();
        let heard = person.said.clone();
        assert!(!heard.contains("pilihan. Sentuh") && !heard.contains("Layar awal"), "{heard}");
        person.walk.touch(Touch::Turn(Turn::ByEar(false)));
        person.look();
        assert!(person.said.contains(words), "{}", person.said);
    }
}
