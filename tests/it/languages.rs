//! The words in the other languages: none missing, none left over, each fit for a screen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anjungan::domain::language::Language;
use polib::catalog::Catalog;

use super::tidy::{files, name, root, text};

const OTHERS: [Language; 2] = [Language::Javanese, Language::English];
const DOMAINS: [&str; 2] = ["anjungan-ui", "anjungan"];
/// The longest sentence of a screen.
const WORDS_MAX: usize = 12;

/// What is the same word in both languages, or the name of a thing.
const SAME: [(Language, &[&str]); 2] = [
    (
        Language::Javanese,
        &[
            "Kartu Keluarga",
            "GRATIS",
            "Anjungan {}",
            "Anjungan {} · {}",
            "Slip",
            "Tutup",
            "loket",
            "simulasi",
            "Mode simulasi",
            "Tampilan",
            "Papan angka",
            "Prioritas: {}",
            // What stands on the paper itself.
            "Akta kematian",
            "Akta kelahiran",
            "SALINAN",
            "Gambar",
            "Selasa",
            "Minggu",
            "Januari",
            "Februari",
            "Maret",
            "April",
            "Mei",
            "Juni",
            "Juli",
            "Agustus",
            "September",
            "Oktober",
            "November",
            "Desember",
        ],
    ),
    (Language::English, &["Slip", "April", "September", "November"]),
];

fn po(language: Language, domain: &str) -> String {
    text(&root().join(format!("assets/lang/{}/LC_MESSAGES/{domain}.po", language.code())))
}

fn catalogue(language: Language, domain: &str) -> Catalog {
    polib::po_file::parse_from_reader(po(language, domain).as_bytes())
        .unwrap_or_else(|e| panic!("{} {domain}: {e}", language.code()))
}

fn each_file(mut look: impl FnMut(Language, &str, &Catalog)) {
    for language in OTHERS {
        for domain in DOMAINS {
            look(language, domain, &catalogue(language, domain));
        }
    }
}

fn sources(catalogue: &Catalog) -> BTreeSet<String> {
    catalogue.messages().map(|message| message.msgid().to_owned()).collect()
}

/// The text of a string literal that starts behind its quote, and what follows it.
fn literal(code: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = code.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((text, &code[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => text.push('\n'),
                other => text.push(other),
            },
            _ => text.push(letter),
        }
    }
    None
}

/// What the windows of the kiosk, and the controls they share with others, say.
fn window_texts() -> BTreeMap<String, String> {
    let mut paths = files("ui/kiosk", "slint");
    paths.extend(files("ui/widgets", "slint"));
    paths.push(root().join("ui/api/kiosk.slint"));
    let mut texts = BTreeMap::new();
    for path in paths {
        let code = text(&path);
        for call in code.split("@tr(").skip(1) {
            let found = call.trim_start().strip_prefix('"').and_then(literal);
            let (text, rest) = found.unwrap_or_else(|| panic!("{}: @tr without a text", name(&path)));
            // A context or a plural would need an entry of another kind.
            let next = rest.trim_start().chars().next();
            assert!(matches!(next, Some(')' | ',')), "{}: {text:?} has a context or a plural", name(&path));
            texts.insert(text, name(&path));
        }
    }
    texts
}

#[test]
fn every_text_of_the_kiosks_windows_has_its_words_and_no_words_are_left_over() {
    let texts = window_texts();
    assert!(texts.len() > 100, "only {} texts were found", texts.len());
    for language in OTHERS {
        let known = sources(&catalogue(language, "anjungan-ui"));
        let missing: Vec<_> = texts.iter().filter(|(text, _)| !known.contains(*text)).collect();
        assert!(missing.is_empty(), "{} lacks {missing:#?}", language.code());
        let dead: Vec<_> = known.iter().filter(|text| !texts.contains_key(*text)).collect();
        assert!(dead.is_empty(), "{} has words for what nobody says: {dead:#?}", language.code());
    }
}

#[test]
fn what_the_kiosk_says_in_its_windows_from_rust_has_its_words() {
    let code = text(&root().join("src/kiosk/view/parts.rs"));
    // Keys and icons are small letters; whatever starts with a capital is for the person.
    let literals = code.split('"').skip(1).step_by(2);
    let mut said: Vec<&str> = literals.filter(|text| text.starts_with(|letter: char| letter.is_uppercase())).collect();
    said.extend(["{}, pukul {}"]);
    assert!(said.len() > 20, "only {} texts were found", said.len());
    for language in OTHERS {
        let known = sources(&catalogue(language, "anjungan"));
        let missing: Vec<_> = said.iter().filter(|text| !known.contains(**text)).collect();
        assert!(missing.is_empty(), "{} lacks {missing:#?}", language.code());
    }
}

#[test]
fn what_kiosk_and_hall_say_aloud_has_its_words() {
    for language in OTHERS {
        let known = sources(&catalogue(language, "anjungan"));
        let aloud = anjungan::kiosk::by_ear::words::ALL.iter().chain(anjungan::board::words::ALL);
        let missing: Vec<_> = aloud.filter(|text| !known.contains(**text)).collect();
        assert!(missing.is_empty(), "{} lacks {missing:#?}", language.code());
    }
}

#[test]
fn no_words_are_left_over_for_what_rust_and_the_service_file_say() {
    let mut said = text(&root().join("assets/services/kk-wni.toml"));
    for path in files("src", "rs").iter().filter(|path| !name(path).starts_with("src/words")) {
        said.push_str(&text(path));
    }
    for language in OTHERS {
        let known = sources(&catalogue(language, "anjungan"));
        assert!(known.len() > 300, "only {} texts were found", known.len());
        let dead: Vec<_> = known.iter().filter(|text| !said.contains(&format!("\"{text}\""))).collect();
        assert!(dead.is_empty(), "{} has words for what nobody says: {dead:#?}", language.code());
    }
}

#[test]
fn all_files_have_the_same_entries_once_and_none_is_unfinished() {
    each_file(|language, domain, catalogue| {
        let place = format!("{} {domain}", language.code());
        assert_eq!(catalogue.metadata.language, language.code(), "{place}");
        assert_eq!(catalogue.metadata.content_type, "text/plain; charset=UTF-8", "{place}");
        // The parser keeps the last of two, and passes over lines that it does not know.
        let lines = po(language, domain);
        let entries = lines.lines().filter(|line| line.starts_with("msgid ")).count();
        assert_eq!(entries, catalogue.count() + 1, "{place}: an entry stands twice");
        for line in lines.lines() {
            let known = ["#", "msgid \"", "msgstr \"", "\""].iter().any(|start| line.starts_with(start));
            assert!((known && !line.starts_with("#~")) || line.is_empty(), "{place}: {line}");
        }
        for message in catalogue.messages() {
            let id = message.msgid();
            assert!(message.is_translated() && !message.is_fuzzy() && message.msgctxt().is_none(), "{place}: {id}");
        }
    });
    for domain in DOMAINS {
        let [first, second] = OTHERS.map(|language| sources(&catalogue(language, domain)));
        assert_eq!(first, second, "{domain}");
    }
}

#[test]
fn a_translation_keeps_the_places_for_values() {
    each_file(|language, _, catalogue| {
        for message in catalogue.messages() {
            let (source, words) = (message.msgid(), message.msgstr().unwrap());
            assert_eq!(source.matches("{}").count(), words.matches("{}").count(), "{}: {words}", language.code());
            assert_eq!(words.matches(['{', '}']).count(), 2 * words.matches("{}").count(), "{words}");
        }
    });
}

#[test]
fn a_translation_is_another_text_unless_the_word_is_the_same() {
    for (language, same) in SAME {
        let mut found = BTreeSet::new();
        for domain in DOMAINS {
            let catalogue = catalogue(language, domain);
            let equal = catalogue.messages().filter(|message| message.msgid() == message.msgstr().unwrap());
            found.extend(equal.map(|message| message.msgid().to_owned()));
        }
        assert_eq!(found, same.iter().map(|text| (*text).to_owned()).collect(), "{}", language.code());
    }
}

#[test]
fn sentences_stay_as_short_as_a_screen_needs() {
    let words_of =
        |sentence: &str| sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    each_file(|language, _, catalogue| {
        for message in catalogue.messages() {
            let words = message.msgstr().unwrap();
            assert_eq!(words, words.split_whitespace().collect::<Vec<_>>().join(" "), "spaces");
            for sentence in words.split(". ").flat_map(|part| part.split(['?', ';'])) {
                assert!(words_of(sentence) <= WORDS_MAX, "{}: {sentence}", language.code());
            }
            // Krama is longer than Indonesian, but a screen has no room for twice as much.
            let (source, limit) = (message.msgid(), message.msgid().chars().count() * 7 / 4 + 8);
            assert!(words.chars().count() <= limit, "{}: {source} became {words}", language.code());
        }
    });
}

#[test]
fn javanese_uses_the_words_of_the_office() {
    for domain in DOMAINS {
        for message in catalogue(Language::Javanese, domain).messages() {
            let words = message.msgstr().unwrap().to_lowercase();
            for wrong in ["antrian", "dipun ", "nomor", "monggo", "sampeyan", "kowe", "punika"] {
                assert!(!words.contains(wrong), "{words} says {wrong}");
            }
        }
    }
}

#[test]
fn every_folder_is_a_language_of_the_kiosk() {
    for entry in fs::read_dir(root().join("assets/lang")).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        let language: Language = folder.parse().unwrap_or_else(|e| panic!("{folder}: {e}"));
        assert!(OTHERS.contains(&language), "{folder} is the source");
    }
}
