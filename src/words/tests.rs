use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil;

use super::*;
use crate::domain::catalogue::{DETAIL_CHARS_MAX, LABEL_CHARS_MAX, SHORT_CHARS_MAX, TITLE_CHARS_MAX};
use crate::domain::office::long_date_text;
use crate::domain::page_doubt::PageDoubt;
use crate::domain::priority::Priority;
use crate::domain::stage::Stage;
use crate::domain::ticket::Queue;
use crate::failure::Failure;

const SERVICE: &str = include_str!("../../assets/services/kk-wni.toml");

fn translated(language: Language) -> &'static Table {
    match language {
        Language::Javanese => &JAVANESE,
        Language::English => &ENGLISH,
        Language::Indonesian => panic!("Indonesian is the source"),
    }
}

/// The texts that a citizen meets, each with the length that the check of the service file grants it.
fn service_texts() -> Vec<(String, usize)> {
    // Read as plain data: so an entry that is switched off or out of force is translated too.
    let file: toml::Table = SERVICE.parse().unwrap();
    let mut texts = Vec::new();
    let mut take = |entry: &toml::Value, keys: &[(&str, usize)]| {
        for (key, limit) in keys {
            if let Some(text) = entry.get(*key) {
                texts.push((text.as_str().unwrap().to_owned(), *limit));
            }
        }
    };
    take(
        &file["service"],
        &[
            ("title", LABEL_CHARS_MAX),
            ("short", TITLE_CHARS_MAX),
            ("product", TITLE_CHARS_MAX),
            ("fee", TITLE_CHARS_MAX),
        ],
    );
    let lists: [(&str, &[(&str, usize)]); 7] = [
        ("step", &[("name", DETAIL_CHARS_MAX)]),
        ("document", &[("label", LABEL_CHARS_MAX), ("short", SHORT_CHARS_MAX), ("hint", DETAIL_CHARS_MAX)]),
        ("question", &[("text", DETAIL_CHARS_MAX), ("help", DETAIL_CHARS_MAX)]),
        ("group", &[("title", TITLE_CHARS_MAX), ("detail", DETAIL_CHARS_MAX)]),
        ("variant", &[("title", TITLE_CHARS_MAX), ("detail", DETAIL_CHARS_MAX)]),
        ("return_reason", &[("label", TITLE_CHARS_MAX), ("citizen", DETAIL_CHARS_MAX)]),
        ("guide", &[("text", DETAIL_CHARS_MAX)]),
    ];
    for (list, keys) in lists {
        for entry in file[list].as_array().unwrap() {
            take(entry, keys);
            for requirement in entry.get("requirement").and_then(toml::Value::as_array).into_iter().flatten() {
                take(requirement, &[("note", DETAIL_CHARS_MAX)]);
            }
            for answer in entry.get("answer").and_then(toml::Value::as_array).into_iter().flatten() {
                take(answer, &[("title", TITLE_CHARS_MAX), ("detail", DETAIL_CHARS_MAX)]);
            }
        }
    }
    texts
}

fn other_texts() -> BTreeSet<&'static str> {
    let failures = Failure::ALL.iter().flat_map(|failure| [failure.title(), failure.cause(), failure.action()]);
    let stages = Stage::ALL.iter().flat_map(|stage| [stage.short_words(), stage.plain_words()]);
    let queues = [Queue::Verification.title(), Queue::Pickup.title()];
    let priorities = Priority::ALL.map(Priority::title);
    let doubts = PageDoubt::ALL.into_iter().filter(|doubt| doubt.is_for_citizen()).map(PageDoubt::plain_words);
    failures.chain(stages).chain(queues).chain(priorities).chain(doubts).collect()
}

#[test]
fn everything_the_service_file_says_to_a_citizen_is_said_in_each_language_and_fits() {
    let texts = service_texts();
    assert!(texts.len() > 200, "only {} texts were found", texts.len());
    for language in [Language::Javanese, Language::English] {
        let missing: Vec<_> = texts.iter().filter(|(text, _)| !translated(language).contains_key(text)).collect();
        assert!(missing.is_empty(), "{}: {missing:#?}", language.code());
        for (text, limit) in &texts {
            let words = of(language, text);
            assert!(words.chars().count() <= *limit, "{}: {words} is longer than {limit}", language.code());
        }
    }
}

#[test]
fn every_failure_stage_queue_and_priority_is_said_in_each_language() {
    for language in [Language::Javanese, Language::English] {
        let missing: Vec<_> =
            other_texts().into_iter().filter(|text| !translated(language).contains_key(*text)).collect();
        assert!(missing.is_empty(), "{}: {missing:#?}", language.code());
    }
    for failure in Failure::ALL {
        for language in Language::ALL {
            let title = of(language, failure.title());
            assert!(title.chars().count() <= 50, "{title}");
            for sentence in [of(language, failure.cause()), of(language, failure.action())] {
                assert!(sentence.ends_with('.'), "{sentence}");
            }
        }
    }
}

#[test]
fn a_stage_keeps_the_shape_that_the_status_screen_takes_apart() {
    for stage in Stage::ALL {
        for language in Language::ALL {
            let words = of(language, stage.plain_words());
            assert_eq!(words.matches(". ").count(), stage.plain_words().matches(". ").count(), "{words}");
            let short = of(language, stage.short_words());
            assert!(short.split(' ').count() <= 3, "{short}");
            assert!(short.split(' ').all(|word| word.chars().count() <= 12), "{short}");
        }
    }
}

#[test]
fn a_text_without_a_translation_is_said_in_indonesian() {
    for language in Language::ALL {
        assert_eq!(of(language, "Dokumen yang hanya kantor ini kenal"), "Dokumen yang hanya kantor ini kenal");
    }
    assert_eq!(of(Language::Indonesian, "KK hilang"), "KK hilang");
    assert_eq!(of(Language::Javanese, "KK hilang"), "KK ical");
    assert_eq!(of(Language::English, "KK hilang"), "Lost KK");
}

#[test]
fn values_go_into_their_places_and_are_never_read_as_places() {
    let fill = |template, values: &[&str]| fill(Language::Indonesian, template, values);
    assert_eq!(fill("Halaman {} dari {}.", &["2", "3"]), "Halaman 2 dari 3.");
    assert_eq!(fill("{}: {}", &["{}", "x"]), "{}: x");
    assert_eq!(fill("{} dan {}", &["satu"]), "satu dan {}");
    assert_eq!(fill("tanpa tempat", &["lebih"]), "tanpa tempat");
    assert_eq!(fill("", &[]), "");
}

#[test]
fn a_fuzzy_or_empty_entry_is_no_translation() {
    let po = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"satu\"\nmsgstr \"one\"\n\n\
              #, fuzzy\nmsgid \"dua\"\nmsgstr \"two?\"\n\nmsgid \"tiga\"\nmsgstr \"\"\n";
    let table = table(po);
    assert_eq!(table.keys().collect::<Vec<_>>(), ["satu"]);
}

#[test]
fn a_date_is_written_as_each_language_does() {
    let day = civil::date(2026, 11, 23);
    assert_eq!(date(Language::Indonesian, day), "Senin, 23 November 2026");
    assert_eq!(date(Language::Javanese, day), "Senèn, 23 November 2026");
    assert_eq!(date(Language::English, day), "Monday, 23 November 2026");
    assert_eq!(date(Language::Javanese, civil::date(2027, 8, 17)), "Selasa, 17 Agustus 2027");
    assert_eq!(date(Language::English, civil::date(2027, 8, 17)), "Tuesday, 17 August 2027");
}

#[test]
fn every_weekday_and_month_is_known() {
    for offset in 0..366 {
        let day = civil::date(2028, 1, 1).checked_add(offset.days()).unwrap();
        assert_eq!(date(Language::Indonesian, day), long_date_text(day));
        for language in [Language::Javanese, Language::English] {
            for name in [weekday_name(day), month_name(day)] {
                assert!(translated(language).contains_key(name), "{}: {name}", language.code());
            }
        }
    }
}
