//! Checks that bytes are a WAV sound before a decoder sees them.

use std::ops::RangeInclusive;

use crate::{Error, ErrorKind};

/// Largest sound in bytes.
pub(super) const MAX_BYTES: usize = 20 << 20;

/// Samples a second that sound cards and their converters know.
pub(super) const RATES_HZ: RangeInclusive<u32> = 8_000..=192_000;

/// Checks the container, the format and that the samples are there.
pub(super) fn check(wav: &[u8]) -> Result<(), Error> {
    let bad = |what: &str| Error::new(ErrorKind::Garbled, format!("not a playable WAV: {what}"));
    if wav.len() > MAX_BYTES {
        return Err(Error::new(ErrorKind::TooLarge, format!("the sound has {} bytes", wav.len())));
    }
    if wav.get(..4) != Some(b"RIFF") || wav.get(8..12) != Some(b"WAVE") {
        return Err(bad("no RIFF header"));
    }
    let mut chunks = &wav[12..];
    let mut format_seen = false;
    while let Some((name, size)) = chunk_header(chunks) {
        let body = &chunks[8..];
        match name {
            b"fmt " => {
                check_format(body.get(..size).ok_or_else(|| bad("cut off"))?).map_err(bad)?;
                format_seen = true;
            }
            b"data" if !format_seen => return Err(bad("no format before the samples")),
            b"data" if size == 0 => return Err(bad("no samples")),
            b"data" if body.len() < size => return Err(bad("cut off")),
            b"data" => return Ok(()),
            _ => {}
        }
        // Chunks are padded to even sizes.
        chunks = body.get(size + size % 2..).unwrap_or_default();
    }
    Err(bad("no samples"))
}

fn chunk_header(bytes: &[u8]) -> Option<(&[u8; 4], usize)> {
    let name = bytes.first_chunk::<4>()?;
    let size = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    // The check above bounds the whole sound, so a size beyond it is a lie that body.get finds out.
    Some((name, usize::try_from(size).ok()?.min(MAX_BYTES + 1)))
}

fn check_format(body: &[u8]) -> Result<(), &'static str> {
    let short = |at: usize| body.get(at..at + 2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes);
    let rate = body.get(4..8).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    match (short(0), short(2), rate, short(14)) {
        // 1 PCM, 3 float, 0xfffe extensible.
        (Some(1 | 3 | 0xfffe), Some(1..=8), Some(rate), Some(8 | 16 | 24 | 32)) if RATES_HZ.contains(&rate) => Ok(()),
        _ => Err("a sound format that is not supported"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn tone(samples: u32) -> Vec<u8> {
        let data = samples * 2;
        let mut wav = [&b"RIFF"[..], &(36 + data).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
        wav.extend([1_u16, 1].iter().flat_map(|n| n.to_le_bytes()));
        wav.extend([22_050_u32, 44_100].iter().flat_map(|n| n.to_le_bytes()));
        wav.extend([2_u16, 16].iter().flat_map(|n| n.to_le_bytes()));
        wav.extend(b"data");
        wav.extend(data.to_le_bytes());
        wav.extend((0..samples).flat_map(|n| ((n % 50 * 400) as u16).to_le_bytes()));
        wav
    }

    #[test]
    fn a_whole_sound_passes_and_every_part_of_it_does_not() {
        let wav = tone(100);
        check(&wav).unwrap();
        for cut in 0..wav.len() {
            assert_eq!(check(&wav[..cut]).unwrap_err().kind(), ErrorKind::Garbled, "cut at {cut}");
        }
    }

    #[test]
    fn other_chunks_are_skipped_and_lies_are_found() {
        let mut wav = tone(10);
        let chunk = [b"LIST", &3_u32.to_le_bytes()[..], b"abc\0"].concat();
        wav.splice(12..12, chunk);
        check(&wav).unwrap();
        let mut lying = tone(10);
        lying[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(check(&lying).is_err());
        assert!(check(&tone(0)).is_err());
        assert_eq!(check(&tone(11 << 20)).unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
