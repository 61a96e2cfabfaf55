//! Scripted people who hear, as text, and the promise that every press says something.

use std::cell::RefCell;

use proptest::prelude::*;

use super::*;

fn indonesian(text: &str) -> String {
    text.to_owned()
}

fn heard(id: &str, role: HeardRole, label: &str) -> Heard {
    Heard {
        id: id.into(),
        role,
        label: label.into(),
        description: String::new(),
        value: String::new(),
        enabled: true,
        always: false,
    }
}

fn services() -> Vec<Heard> {
    let mut moved = heard("moved", HeardRole::Button, "Pindah alamat");
    moved.description = "Bawa surat pindah.".into();
    let mut next = heard("next", HeardRole::Button, "Lanjut");
    next.enabled = false;
    vec![
        heard("title", HeardRole::Heading, "Apa keperluan Anda?"),
        heard("help", HeardRole::Text, "Pilih satu layanan"),
        heard("frame", HeardRole::Group, ""),
        heard("birth", HeardRole::Button, "Tambah anak"),
        moved,
        heard("priority", HeardRole::Checkbox { checked: false }, "Saya perlu didahulukan"),
        next,
    ]
}

fn keypad(nik: &str) -> Vec<Heard> {
    let full = nik.chars().filter(char::is_ascii_digit).count() == 16;
    let mut screen = vec![heard("title", HeardRole::Heading, "Ketik NIK Anda"), heard("nik", HeardRole::Text, "NIK")];
    screen[1].value = nik.into();
    for digit in ["1", "2", "3"] {
        let mut key = heard(digit, HeardRole::Button, digit);
        key.enabled = !full;
        screen.push(key);
    }
    let mut next = heard("next", HeardRole::Button, "Lanjut");
    next.enabled = full;
    screen.push(next);
    screen
}

/// What a person hears and does, a line for each.
fn script(effects: Vec<EarEffect>) -> String {
    let line = |effect| match effect {
        EarEffect::Say(text) => text,
        other => format!("{other:?}"),
    };
    effects.into_iter().map(line).collect::<Vec<_>>().join(" | ")
}

struct Walk {
    reader: ByEar,
    heard: Vec<String>,
}

impl Walk {
    fn on(screen: Vec<Heard>) -> Self {
        let mut walk = Self { reader: ByEar::new(Pace::Normal, Volume::default()), heard: Vec::new() };
        walk.shows(screen, "first");
        walk.heard[0] = walk.heard[0].replace(KEYS, "<keys>");
        walk
    }

    fn shows(&mut self, screen: Vec<Heard>, key: &str) {
        let said = self.reader.on_screen(screen, key, &indonesian);
        self.heard.push(format!("# {}", script(said)).trim_end().to_owned());
    }

    fn presses(&mut self, keys: &[EarKey]) {
        for key in keys {
            let said = self.reader.press(*key, &indonesian);
            self.heard.push(format!("{key:?}: {}", script(said)));
        }
    }

    fn is(&self, expected: &str) {
        let expected: Vec<_> = expected.trim().lines().map(str::trim).collect();
        assert_eq!(self.heard, expected, "heard:\n{}", self.heard.join("\n"));
    }
}

use EarKey::{Choose, Help, Next, Previous, Repeat};

#[test]
fn a_person_walks_over_a_screen_and_chooses() {
    let mut walk = Walk::on(services());
    walk.presses(&[Next, Choose, Next, Choose]);
    let mut screen = services();
    screen[5].role = HeardRole::Checkbox { checked: true };
    screen[6].enabled = true;
    walk.shows(screen, "first");
    walk.presses(&[Next, Next, Previous, Previous, Previous, Previous, Previous, Previous, Choose]);
    walk.is("
        # <keys> Apa keperluan Anda? Pilih satu layanan. Ada 4 pilihan. Tambah anak. 1 dari 4.
        Next: Pindah alamat. 2 dari 4. Bawa surat pindah.
        Choose: Pindah alamat. | Activate { id: \"moved\", label: \"Pindah alamat\" }
        Next: Saya perlu didahulukan, belum terpilih. 3 dari 4.
        Choose: Saya perlu didahulukan. | Activate { id: \"priority\", label: \"Saya perlu didahulukan\" }
        # Saya perlu didahulukan, terpilih. Lanjut dapat dipilih sekarang.
        Next: Lanjut. 4 dari 4.
        Next: Ini yang terakhir. Lanjut. 4 dari 4.
        Previous: Saya perlu didahulukan, terpilih. 3 dari 4.
        Previous: Pindah alamat. 2 dari 4. Bawa surat pindah.
        Previous: Tambah anak. 1 dari 4.
        Previous: Pilih satu layanan.
        Previous: Apa keperluan Anda?
        Previous: Ini yang pertama. Apa keperluan Anda?
        Choose: Apa keperluan Anda? Ini bukan pilihan. Tekan Berikutnya untuk mencari pilihan.
    ");
}

#[test]
fn what_cannot_be_chosen_says_so_and_does_nothing() {
    let mut walk = Walk::on(services());
    walk.presses(&[Next, Next, Next, Choose]);
    walk.heard.drain(..3);
    walk.is("
        Next: Lanjut. Tidak dapat dipilih sekarang. 4 dari 4.
        Choose: Lanjut. Tidak dapat dipilih sekarang.
    ");
}

#[test]
fn typed_digits_are_confirmed_and_a_nik_is_read_only_on_demand() {
    let mut walk = Walk::on(keypad(""));
    for nik in ["3", "33", "3315", "331", "3315 1301 0190 900", "3315 1301 0190 9001"] {
        walk.shows(keypad(nik), "first");
    }
    walk.presses(&[Previous, Repeat, Repeat]);
    walk.shows(keypad(""), "first");
    walk.is("
        # <keys> Ketik NIK Anda. NIK. Ada 4 pilihan. 1.
        # 3.
        # 3.
        # 1 5.
        # 5 dihapus.
        # 5 1 3 0 1 0 1 9 0 9 0 0.
        # 1. Lanjut dapat dipilih sekarang.
        Previous: NIK. terisi 16 angka. Tekan Ulangi untuk mendengarnya.
        Repeat: NIK. 3315 1301 0190 9001.
        Repeat: Ketik NIK Anda. Ada 4 pilihan. NIK. terisi 16 angka. Tekan Ulangi untuk mendengarnya.
        # NIK kosong.
    ");
    // A card fills it at once: nobody else hears it.
    walk.heard.clear();
    walk.shows(keypad("3315 1301 0190 9001"), "first");
    walk.is("# NIK terisi 16 angka. Lanjut dapat dipilih sekarang.");
}

#[test]
fn an_overlay_is_a_screen_of_its_own_and_gives_the_place_back() {
    let mut walk = Walk::on(services());
    walk.presses(&[Next]);
    let overlay = vec![
        heard("ask", HeardRole::Heading, "Masih di sini?"),
        heard("stay", HeardRole::Button, "Ya, lanjutkan"),
        heard("end", HeardRole::Button, "Selesai"),
    ];
    walk.shows(overlay, "idle");
    walk.presses(&[Choose]);
    walk.shows(services(), "first");
    walk.heard.drain(..2);
    walk.is("
        # Masih di sini? Ada 2 pilihan. Ya, lanjutkan. 1 dari 2.
        Choose: Ya, lanjutkan. | Activate { id: \"stay\", label: \"Ya, lanjutkan\" }
        # Apa keperluan Anda? Pilih satu layanan. Ada 4 pilihan. Pindah alamat. 2 dari 4. Bawa surat pindah.
    ");
}

#[test]
fn progress_and_news_are_said_once_and_not_at_every_percent() {
    let scan = |value: &str, pages: &str, banner: bool| {
        let mut screen =
            vec![heard("bar", HeardRole::Progress, "Memindai"), heard("pages", HeardRole::Progress, "Halaman")];
        screen[0].value = value.into();
        screen[1].value = pages.into();
        if banner {
            screen.insert(0, heard("paper", HeardRole::Banner, "Kertas hampir habis"));
        }
        screen
    };
    let mut walk = Walk::on(scan("0%", "1 dari 3", false));
    for (value, pages, banner) in
        [("10%", "1 dari 3", false), ("26%", "1 dari 3", false), ("30%", "2 dari 3", true), ("30%", "2 dari 3", true)]
    {
        walk.shows(scan(value, pages, banner), "first");
    }
    walk.is("
        # <keys> Tidak ada pilihan di layar ini. Memindai. 0%.
        #
        # 26%.
        # Pemberitahuan: Kertas hampir habis. 2 dari 3.
        #
    ");
}

#[test]
fn help_changes_voice_and_screen_and_asks_before_leaving() {
    let mut walk = Walk::on(services());
    walk.presses(&[Help, Choose, Choose, Choose, Next, Next, Choose, Choose, Choose]);
    walk.presses(&[Next, Next, Choose, Repeat, Next, Choose, Previous, Next, Choose, Choose]);
    walk.heard.remove(0);
    walk.heard[0] = walk.heard[0].replace(HELP, "<help>");
    walk.is("
        Help: <help>. Lebih lambat. 1 dari 7.
        Choose: SetPace(Slow) | Lebih lambat.
        Choose: SetPace(Slower) | Lebih lambat.
        Choose: Ini yang paling lambat.
        Next: Lebih cepat. 2 dari 7.
        Next: Lebih keras. 3 dari 7.
        Choose: SetVolume(Volume(3)) | Lebih keras.
        Choose: SetVolume(Volume(4)) | Lebih keras.
        Choose: Ini yang paling keras.
        Next: Lebih pelan. 4 dari 7.
        Next: Gelapkan layar. 5 dari 7.
        Choose: Mask(true) | Layar gelap. Orang lain tidak dapat membaca.
        Repeat: Tampilkan layar. 5 dari 7.
        Next: Keluar dari mode suara. 6 dari 7.
        Choose: Tekan Pilih sekali lagi untuk keluar dari mode suara.
        Previous: Tampilkan layar. 5 dari 7.
        Next: Keluar dari mode suara. 6 dari 7.
        Choose: Tekan Pilih sekali lagi untuk keluar dari mode suara.
        Choose: Mode suara selesai. | Leave
    ");
}

#[test]
fn help_closes_where_the_person_was_and_a_new_screen_closes_it_too() {
    let mut walk = Walk::on(services());
    walk.presses(&[Next, Help, Help, Help]);
    walk.shows(keypad(""), "second");
    walk.presses(&[Next]);
    walk.heard.drain(..3);
    walk.heard[1] = walk.heard[1].replace(HELP, "<help>");
    walk.is("
        Help: Kembali ke layar. Pindah alamat. 2 dari 4. Bawa surat pindah.
        Help: <help>. Lebih lambat. 1 dari 7.
        # Ketik NIK Anda. NIK. Ada 4 pilihan. 1.
        Next: 2.
    ");
}

#[test]
fn what_is_gone_is_left_for_what_stands_there_now() {
    let mut walk = Walk::on(services());
    let mut screen = services();
    screen.retain(|element| element.id != "birth");
    walk.shows(screen, "first");
    walk.heard.remove(0);
    walk.is("# Pindah alamat. 1 dari 3. Bawa surat pindah.");
}

#[test]
fn the_words_are_those_of_the_session_and_all_of_them_are_listed() {
    let asked = RefCell::new(Vec::new());
    let english = |text: &str| {
        assert!(ALL.contains(&text), "{text} is not listed");
        asked.borrow_mut().push(text.to_owned());
        if text == CHOICES { "There are {} choices".to_owned() } else { text.to_owned() }
    };
    let mut reader = ByEar::default();
    let said = script(reader.on_screen(services(), "first", &english));
    assert!(said.contains("There are 4 choices."), "{said}");
    assert!(!asked.borrow().is_empty());
}

#[test]
fn a_sentence_has_at_most_twelve_words() {
    for text in ALL {
        for sentence in text.split(['.', '!', '?']) {
            assert!(sentence.split_whitespace().count() <= 12, "{sentence}");
        }
    }
}

#[test]
fn values_are_put_in_once() {
    assert_eq!(put("{} dari {}", &["{}", "b"]), "{} dari b");
    assert_eq!(put("{x} {", &["a"]), "{x} {");
}

fn any_element() -> impl Strategy<Value = Heard> {
    let role = prop_oneof![
        Just(HeardRole::Heading),
        Just(HeardRole::Text),
        Just(HeardRole::Button),
        any::<bool>().prop_map(|checked| HeardRole::Checkbox { checked }),
        Just(HeardRole::Progress),
        Just(HeardRole::Image),
        Just(HeardRole::Banner),
        Just(HeardRole::Group),
    ];
    // Few names and values, so that they meet each other; also twice on one screen.
    let value = prop_oneof![Just(String::new()), "[0-9 •%]{0,18}", "\\PC{0,6}"];
    ("[a-f]", role, "[a-c]?|\\PC{0,4}", "|x", value, any::<bool>()).prop_map(
        |(id, role, label, description, value, enabled)| Heard {
            always: false,
            id,
            role,
            label,
            description: description.to_owned(),
            value,
            enabled,
        },
    )
}

#[derive(Debug, Clone)]
enum Happens {
    Press(EarKey),
    Shows(Vec<Heard>, &'static str),
}

fn anything() -> impl Strategy<Value = Happens> {
    let keys = prop_oneof![Just(Previous), Just(Next), Just(Choose), Just(Repeat), Just(Help)];
    let screens = (prop::collection::vec(any_element(), 0..8), prop_oneof![Just("first"), Just("second")]);
    prop_oneof![
        4 => keys.prop_map(Happens::Press),
        1 => screens.prop_map(|(elements, key)| Happens::Shows(elements, key)),
    ]
}

proptest! {
    #[test]
    fn no_keys_on_any_screens_panic_and_every_press_says_something(
        life in prop::collection::vec(anything(), 1..60)
    ) {
        let mut reader = ByEar::default();
        let mut shown: Option<(Vec<Heard>, &str)> = None;
        for happens in life {
            match happens {
                Happens::Press(key) => {
                    let effects = reader.press(key, &indonesian);
                    let said = |effect: &EarEffect| matches!(effect, EarEffect::Say(text) if !text.trim().is_empty());
                    prop_assert_eq!(effects.iter().filter(|effect| said(effect)).count(), 1, "{:?} {:?}", key, effects);
                    for effect in effects {
                        if let EarEffect::Activate { id, .. } = effect {
                            let elements = &shown.as_ref().unwrap().0;
                            let may = |element: &Heard| element.id == id && element.enabled && element.role.is_choice();
                            prop_assert!(elements.iter().any(may), "{} cannot be chosen", id);
                        }
                    }
                }
                Happens::Shows(elements, key) => {
                    let effects = reader.on_screen(elements.clone(), key, &indonesian);
                    let new = shown.as_ref().is_none_or(|(_, before)| *before != key);
                    let same = shown.as_ref().is_some_and(|(before, at)| *at == key && *before == elements);
                    prop_assert!(!new || effects.len() == 1, "a new screen is read");
                    prop_assert!(!same || distinct(&elements) > effects.len(), "nothing changed: {:?}", effects);
                    shown = Some((elements, key));
                }
            }
        }
    }
}

/// Zero for a screen with an id twice, which is compared with its first and may say something; one for a good screen.
fn distinct(elements: &[Heard]) -> usize {
    let twice =
        elements.iter().enumerate().any(|(at, element)| elements[..at].iter().any(|other| other.id == element.id));
    if twice { usize::MAX } else { 1 }
}
