//! The synthetic numbers here have serials from 9000 on, to stay away from real people.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 23);

fn nik(text: &str) -> Nik {
    Nik::parse(text).unwrap()
}

fn findings(text: &str) -> NikFindings {
    nik(text).examine(TODAY)
}

#[test]
fn man_born_in_purwodadi_is_certain_but_for_nothing() {
    let found = findings("3315130101909001");
    assert!(found.province_known && found.in_grobogan && !found.date_doubtful && !found.date_ambiguous);
    assert_eq!(found.province, Some("Jawa Tengah"));
    assert_eq!(found.district, Some("Purwodadi"));
    assert_eq!(found.sex, Some(Sex::Male));
    assert_eq!(found.birth_dates, [date(1990, 1, 1)]);
    assert!(!found.certainly_not_no_kk, "day 01 could also be the recording date of a KK");
    assert!(found.doubts.is_empty());
    assert_eq!(found.applicant_birth_date(), BirthDate::Certain(date(1990, 1, 1)));
}

#[test]
fn day_above_forty_is_a_woman_and_surely_a_nik() {
    let found = findings("3315134101909002");
    assert_eq!(found.sex, Some(Sex::Female));
    assert_eq!(found.birth_dates, [date(1990, 1, 1)]);
    assert!(found.certainly_not_no_kk);

    let found = findings("3315017112859003");
    assert_eq!((found.sex, found.district), (Some(Sex::Female), Some("Kedungjati")));
    assert_eq!(found.birth_dates, [date(1985, 12, 31)]);
}

#[test]
fn nik_of_another_regency_has_no_doubt() {
    let found = findings("3374015708019004");
    assert!(!found.in_grobogan);
    assert_eq!(found.district, None);
    assert_eq!(found.birth_dates, [date(2001, 8, 17)], "1901 would be 125 years old");
    assert!(found.doubts.is_empty());
}

#[test]
fn old_papua_codes_are_never_rejected() {
    for (text, born) in [
        ("9171011502889005", date(1988, 2, 15)),
        ("9101012003709006", date(1970, 3, 20)),
        ("9201014511759010", date(1975, 11, 5)),
    ] {
        let found = findings(text);
        assert_eq!((found.province_known, found.birth_dates.as_slice()), (true, &[born][..]));
        assert!(found.doubts.is_empty());
    }
}

#[test]
fn leap_day_exists_only_in_leap_years() {
    let found = findings("3315132902009007");
    assert_eq!(found.birth_dates, [date(2000, 2, 29)], "1900 was no leap year");
    assert!(!found.date_ambiguous);

    let found = findings("3315132902019007");
    assert!(found.date_doubtful);
    assert_eq!(found.doubts, [NikDoubt::ImpossibleDate]);
    assert_eq!(found.applicant_birth_date(), BirthDate::Unknown);

    let found = findings("3315132902249007");
    assert_eq!(found.birth_dates, [date(1924, 2, 29), date(2024, 2, 29)], "both are leap years");
}

#[test]
fn impossible_date_warns_and_never_blocks() {
    let found = findings("3315130000009008");
    assert_eq!((found.sex, found.date_doubtful), (None, true));
    assert_eq!(found.doubts, [NikDoubt::ImpossibleDate]);
    for text in ["3315133201909001", "3315137201909001", "3315130113909001", "3315133104909001"] {
        assert!(findings(text).date_doubtful, "{text}");
    }
}

#[test]
fn wrong_length_blocks() {
    assert_eq!(Nik::parse("331513010190900"), Err(NikError::WrongLength { digits: 15 }));
    assert_eq!(Nik::parse("33151301019090012"), Err(NikError::WrongLength { digits: 17 }));
    assert_eq!(Nik::parse(""), Err(NikError::WrongLength { digits: 0 }));
}

#[test]
fn hard_checks_block() {
    assert_eq!(Nik::parse("331513010190900A"), Err(NikError::NotADigit));
    assert_eq!(Nik::parse("٣٣١٥١٣٠١٠١٩٠٩٠٠١"), Err(NikError::NotADigit), "ASCII digits only");
    assert_eq!(Nik::parse("1111111111111111"), Err(NikError::AllSame));
    assert_eq!(Nik::parse("0000000000000000"), Err(NikError::AllSame));
    assert_eq!(Nik::parse("3315130101900000"), Err(NikError::SerialZero));
}

#[test]
fn legacy_province_is_known_and_an_unknown_one_is_only_a_doubt() {
    let legacy = findings("5415130101909009");
    assert_eq!(legacy.province, Some("Timor Timur"));
    assert!(legacy.doubts.is_empty());
    assert_eq!(findings("9900010101909009").province, Some("Luar negeri"));
    let unknown = findings("3715130101909009");
    assert_eq!(unknown.doubts, [NikDoubt::UnknownProvince]);
    assert!(NikDoubt::UnknownProvince.asks_applicant());
}

#[test]
fn unknown_district_is_a_note_for_the_officer() {
    let found = findings("3315200101909001");
    assert_eq!(found.doubts, [NikDoubt::UnknownDistrict]);
    assert!(!NikDoubt::UnknownDistrict.asks_applicant());
    assert!(findings("3374990101909001").doubts.is_empty(), "districts elsewhere are not ours to judge");
}

#[test]
fn baby_of_this_year_is_not_taken_for_a_hundred_years_old() {
    let found = findings("3315130111269011");
    assert_eq!(found.birth_dates, [date(1926, 11, 1), date(2026, 11, 1)]);
    assert!(found.date_ambiguous);
    let birth = found.applicant_birth_date();
    assert_eq!(birth, BirthDate::Likely { older: date(1926, 11, 1), younger: date(2026, 11, 1) });
    assert_eq!(birth.best(), Some(date(1926, 11, 1)), "only an applicant is taken for the older");

    assert_eq!(findings("3315132411269011").birth_dates, [date(1926, 11, 24)], "tomorrow is no birth date");
    assert_eq!(findings("3315132311269011").birth_dates.len(), 2, "today is");
}

#[test]
fn oldest_age_is_120_complete_years() {
    assert_eq!(findings("3315132311069011").birth_dates, [date(1906, 11, 23), date(2006, 11, 23)]);
    assert_eq!(findings("3315132311059011").birth_dates, [date(2005, 11, 23)], "121 years on this day");
    assert_eq!(findings("3315132411059011").birth_dates.len(), 2, "121 only tomorrow");
}

#[test]
fn an_applicants_number_that_reads_like_a_recording_date_is_asked_about() {
    let recorded_2015 = nik("3315131406159012");
    assert_eq!(recorded_2015.applicant_doubts(TODAY, None), [NikDoubt::LooksLikeNoKk]);
    assert!(recorded_2015.examine(TODAY).doubts.is_empty(), "a child's NIK is nothing odd");
    assert!(nik("3315135406159012").applicant_doubts(TODAY, None).is_empty(), "day 54: surely a NIK");
    assert!(nik("3315130101909001").applicant_doubts(TODAY, None).is_empty());

    let same = NoKk::parse("3315130101909001").unwrap();
    assert_eq!(nik("3315130101909001").applicant_doubts(TODAY, Some(&same)), [NikDoubt::SameAsNoKk]);
}

#[test]
fn strips_what_people_type_between_digits() {
    for text in ["3315 1301 0190 9001", "33.15.13.010190.9001", " 331513-010190-9001\r\n"] {
        assert_eq!(nik(text).as_str(), "3315130101909001");
    }
}

#[test]
fn shows_only_what_it_is_asked_for() {
    let nik = nik("3315130101909035");
    assert_eq!(nik.grouped(), "3315 1301 0190 9035");
    assert_eq!(nik.masked(), "3315 13•• •••• ••35");
    assert_eq!(nik.last4(), "9035");
    assert_eq!(format!("{nik:?}"), "Nik(************9035)");
    let findings = format!("{:?}", nik.examine(TODAY));
    assert!(!findings.contains("1990"), "{findings}");
    assert!(nik.issued_in("3315") && !nik.issued_in("3374"));
}

#[test]
fn travels_as_text_and_errors_keep_the_number_secret() {
    let nik = nik("3315130101909001");
    let json = serde_json::to_string(&nik).unwrap();
    assert_eq!(json, "\"3315130101909001\"");
    assert_eq!(serde_json::from_str::<Nik>(&json).unwrap(), nik);
    for bad in ["3315130101909001", "-3315130101909001", "3.315e15", "\"331513010190900\"", "\"33151301019090X1\""] {
        let error = serde_json::from_str::<Nik>(bad).unwrap_err().to_string();
        assert!(!error.contains("3315"), "{error}");
    }
}

proptest! {
    #[test]
    fn parse_never_panics(text in ".{0,40}") {
        if let Ok(nik) = Nik::parse(&text) {
            prop_assert_eq!(Nik::parse(nik.as_str()), Ok(nik));
        }
    }

    #[test]
    fn sixteen_digits_round_trip_and_can_be_examined(text in "[0-9]{12}[0-9]{3}[1-9]", days in 0..80_000i32) {
        let today = date(1900, 1, 1).saturating_add(jiff::Span::new().days(days));
        if let Ok(nik) = Nik::parse(&text) {
            prop_assert_eq!(nik.as_str(), &text);
            prop_assert_eq!(Nik::parse(&nik.grouped()), Ok(nik));
            prop_assert_eq!(serde_json::from_value::<Nik>(serde_json::to_value(nik).unwrap()).unwrap(), nik);
            let shown = format!("{nik:?} {}", nik.masked());
            prop_assert!(!shown.contains(&text[6..14]));
            let found = nik.examine(today);
            prop_assert!(found.birth_dates.len() <= 2);
            prop_assert!(found.birth_dates.iter().all(|born| *born <= today && age_years(*born, today) <= AGE_MAX_YEARS));
            prop_assert_eq!(found.date_doubtful, found.applicant_birth_date() == BirthDate::Unknown);
            nik.applicant_doubts(today, None);
        }
    }
}
