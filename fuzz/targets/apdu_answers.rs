//! Whatever a card, a SAM or the biodata on a card may hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::ektp_reader::fuzz::apdu_answer(bytes);
    anjungan_hardware::ektp_reader::fuzz::biodata(bytes);
    anjungan_hardware::ektp_reader::fuzz::card_conversation(bytes);
});
