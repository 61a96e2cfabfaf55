//! The speaker on a machine that may or may not have a sound card.

use anjungan_hardware::{ErrorKind, Health, open_speaker};

use crate::support::url;

/// A short silent WAV: 22050 Hz, mono, 16 bit.
fn silence() -> Vec<u8> {
    let samples = [0; 2 * 441];
    let mut wav = [&b"RIFF"[..], &(36 + samples.len() as u32).to_le_bytes(), b"WAVEfmt "].concat();
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16, 1].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend([22_050_u32, 44_100].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend([2_u16, 16].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend(b"data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    wav
}

#[test]
fn the_silent_speaker_checks_what_it_is_given() {
    let mut speaker = open_speaker(&url("none:")).unwrap();
    assert_eq!(speaker.health(), Health::Ready);
    speaker.play(&silence()).unwrap();
    assert_eq!(speaker.play(b"not a sound").unwrap_err().kind(), ErrorKind::Garbled);
    let mut stream = speaker.stream(22_050).unwrap();
    stream.write(vec![0; 441]).unwrap();
    assert_eq!(speaker.stream(0).unwrap_err().kind(), ErrorKind::InvalidRequest);
    speaker.set_volume(6);
    assert!(speaker.simulated() && !speaker.is_playing());
}

#[test]
fn no_sound_card_is_a_state_and_not_a_crash() {
    let mut speaker = open_speaker(&url("default")).unwrap();
    assert_eq!(speaker.play(b"not a sound").unwrap_err().kind(), ErrorKind::Garbled);
    match speaker.health() {
        Health::Ready => speaker.play(&silence()).unwrap(),
        health => {
            assert_eq!(health, Health::NotReachable);
            assert_eq!(speaker.play(&silence()).unwrap_err().kind(), ErrorKind::NotReachable);
            assert_eq!(speaker.stream(22_050).unwrap_err().kind(), ErrorKind::NotReachable);
        }
    }
    speaker.stop();
}

#[test]
fn other_schemes_are_refused() {
    let error = open_speaker(&url("tcp://somewhere:1")).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnsupportedScheme);
}
