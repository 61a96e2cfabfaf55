//! The reading of a card, with every fault at every command.

use serde_json::{Map, Value};

use super::apdu::{Port, must, read_binary, select};
use super::card::Sam;
use super::licence::Licence;
use super::worker::read_chip;
use super::{BIODATA, CONTROL, PHOTO, SIGNATURE};
use crate::ektp_reader::chip::Loose;
use crate::ektp_reader::{CardFile, ChipFile, Misbehaviour, SIMULATED_LICENCE};
use crate::{Error, ErrorKind};

const NIK: &str = "3315136808909001";

impl Port for Loose {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.answer(command))
    }
}

fn person() -> CardFile {
    let mut card = CardFile::new(NIK, "CONTOH PEMOHON");
    // Long enough for several reads of the biodata file.
    card.fields.insert("address".into(), "JL. CONTOH ".repeat(18).trim().into());
    card.fields.insert("province".into(), "JAWA TENGAH".into());
    card
}

fn photo() -> Vec<u8> {
    [&[0xFF, 0xD8, 0xFF][..], &[7; 900]].concat()
}

fn card(chip: ChipFile) -> Loose {
    Loose::card(&person(), chip, Some(photo()))
}

fn licence() -> Licence {
    Licence::parse(SIMULATED_LICENCE.as_bytes()).unwrap()
}

fn read(card: &mut Loose, sam: &mut Loose) -> Result<Map<String, Value>, Error> {
    let mut sam = Sam::open(sam, &licence())?;
    read_chip(card, &mut sam, true).map(|(_, fields)| fields)
}

/// Commands that a sound reading takes: of the card, of the SAM.
fn lengths() -> (u32, u32) {
    let (mut card, mut sam) = (card(ChipFile::default()), Loose::sam(ChipFile::default()));
    read(&mut card, &mut sam).unwrap();
    (card.commands, sam.commands)
}

#[test]
fn card_and_sam_agree_and_the_fields_come_out() {
    for type_b in [false, true] {
        let chip = ChipFile { type_b, ..ChipFile::default() };
        let fields = read(&mut card(chip), &mut Loose::sam(ChipFile::default())).unwrap();
        assert_eq!((&fields["nik"], &fields["province"]), (&Value::from(NIK), &Value::from("JAWA TENGAH")));
        assert_eq!(fields["photo"], data_encoding::BASE64.encode(&photo()));
    }
}

#[test]
fn a_card_that_leaves_at_any_command_is_removed() {
    for at in 0..lengths().0 {
        let mut card = card(ChipFile::failing(at, Misbehaviour::Remove));
        let error = read(&mut card, &mut Loose::sam(ChipFile::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Removed, "at {at}: {error}");
        assert_eq!(card.commands, at + 1, "the reading ends at once");
    }
}

#[test]
fn a_card_that_answers_badly_at_any_command_cannot_be_read() {
    let faults = [
        Misbehaviour::OneByte,
        Misbehaviour::Oversized,
        Misbehaviour::Status("6982".into()),
        Misbehaviour::Status("6A82".into()),
        Misbehaviour::Status("6F00".into()),
        Misbehaviour::Status("6100".into()),
        Misbehaviour::Status("6C10".into()),
        Misbehaviour::Status("1234".into()),
        Misbehaviour::Status("9000".into()),
        Misbehaviour::Truncated,
    ];
    for at in 0..lengths().0 {
        for fault in &faults {
            let mut card = card(ChipFile::failing(at, fault.clone()));
            match read(&mut card, &mut Loose::sam(ChipFile::default())) {
                // Some commands may fail: the number of a type B chip, a photo that is not there; a short read is
                // continued. What is read is right all the same.
                Ok(fields) => assert_eq!(fields["nik"], NIK, "{fault:?} at {at}"),
                Err(error) => {
                    let fits = [ErrorKind::Unreadable, ErrorKind::Removed, ErrorKind::TooLarge, ErrorKind::Device];
                    assert!(fits.contains(&error.kind()), "{fault:?} at {at}: {error:?}");
                    assert!(!error.to_string().contains("3315"), "{error}");
                }
            }
        }
    }
}

#[test]
fn another_card_under_the_reading_is_never_taken_for_the_first() {
    for at in 1..lengths().0 {
        let mut card = card(ChipFile::failing(at, Misbehaviour::Swap));
        let error = read(&mut card, &mut Loose::sam(ChipFile::default())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Removed, "at {at}");
    }
    // Of two cards that answer by turns, the proof fails, or the number at the end is another one.
    for at in [0, 1] {
        let mut card = card(ChipFile::failing(at, Misbehaviour::TwoCards));
        let error = read(&mut card, &mut Loose::sam(ChipFile::default())).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Removed | ErrorKind::Unreadable), "{error}");
    }
}

#[test]
fn a_sam_that_fails_at_any_command_is_the_readers_fault_not_the_cards() {
    for at in 0..lengths().1 {
        for (fault, expected) in [
            (Misbehaviour::Remove, ErrorKind::NotReachable),
            (Misbehaviour::OneByte, ErrorKind::Device),
            (Misbehaviour::Status("6F00".into()), ErrorKind::Device),
        ] {
            let mut sam = Loose::sam(ChipFile::failing(at, fault.clone()));
            let error = read(&mut card(ChipFile::default()), &mut sam).unwrap_err();
            assert_eq!(error.kind(), expected, "{fault:?} at {at}: {error}");
        }
    }
    let mut sam = Loose::sam(ChipFile::failing(0, Misbehaviour::Status("6982".into())));
    let error = read(&mut card(ChipFile::default()), &mut sam).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

#[test]
fn a_wrong_licence_is_refused_by_the_sam() {
    let mut sam = Loose::sam(ChipFile::default());
    let error = Sam::open(&mut sam, &Licence::of_fuzz()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

#[test]
fn the_simulated_card_guards_its_files_as_the_real_one() {
    let mut chip = card(ChipFile::default());
    let status = |error: Error| error.to_string();
    // A file before its application is not found.
    assert!(status(must(&mut chip, "test", &select(CONTROL)).unwrap_err()).contains("6A 82"));
    must(&mut chip, "test", &select(super::APPLICATION)).unwrap();
    for (file, open) in [(CONTROL, true), (PHOTO, true), (BIODATA, false), (SIGNATURE, false)] {
        must(&mut chip, "test", &select(file)).unwrap();
        let result = must(&mut chip, "test", &read_binary(0, 8).unwrap());
        assert_eq!(result.is_ok(), open, "{file:04X}");
        assert!(result.map_or_else(status, |_| "69 82".into()).contains("69 82"));
    }
}

#[test]
fn fuzzed_conversations_do_not_panic() {
    let mut state = 0x1234_5678_u32;
    for length in 0..400 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        super::fuzz_conversation(&bytes);
        super::fuzz_answer(&bytes);
        super::fuzz_biodata(&bytes);
        crate::ektp_reader::fuzz::gateway_line(&bytes);
    }
}
