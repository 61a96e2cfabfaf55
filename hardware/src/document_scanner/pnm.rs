//! Raw pictures (PNM): what scanimage can write of a page whose height it does not know beforehand.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::page::too_large;
use super::{MAX_PAGE_PIXELS, Page, PageFormat};
use crate::{Error, ErrorKind};

/// Largest raw page: three bytes a pixel and a header.
pub(super) const MAX_PNM_BYTES: u64 = MAX_PAGE_PIXELS * 3 + 4096;

/// Quality of the JPEG made from it: letters of 6 points stay clean.
const QUALITY: u8 = 90;

/// The header of a grey (`P5`) or colour (`P6`) picture of eight bits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes of one pixel, 1 or 3.
    pub(super) channels: u8,
    /// Where the pixels begin.
    pub(super) start: usize,
}

impl Header {
    /// Reads the header and checks that all pixels are there.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let garbled = |what: &str| Error::new(ErrorKind::Garbled, what);
        let mut at = 2;
        let channels = match bytes.get(..2) {
            Some(b"P5") => 1,
            Some(b"P6") => 3,
            _ => return Err(garbled("the page is no grey or colour PNM picture")),
        };
        let mut number = || -> Option<u32> {
            loop {
                match bytes.get(at)? {
                    b'#' => at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?,
                    byte if byte.is_ascii_whitespace() => at += 1,
                    _ => break,
                }
            }
            let digits = bytes.get(at..)?.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            let value = std::str::from_utf8(bytes.get(at..at + digits)?).ok()?.parse().ok();
            at += digits;
            value
        };
        let (Some(width), Some(height), Some(255)) = (number(), number(), number()) else {
            return Err(garbled("the page has a broken PNM header"));
        };
        // One white-space character stands between the header and the pixels.
        let start = at + 1;
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_PAGE_PIXELS {
            return Err(too_large(format!("the page has {width} x {height} pixels")));
        }
        if pixels == 0 {
            return Err(garbled("the page is empty"));
        }
        let there = bytes.len().saturating_sub(start) as u64;
        if there < pixels * u64::from(channels) {
            return Err(garbled("the page has no end: it is cut off"));
        }
        Ok(Self { width, height, channels, start })
    }
}

/// Encodes a raw page.
pub(super) fn encode(bytes: &[u8], format: PageFormat, dpi: u16) -> Result<Page, Error> {
    let header = Header::parse(bytes)?;
    let count = header.width as usize * header.height as usize * usize::from(header.channels);
    let pixels = bytes.get(header.start..header.start + count).unwrap_or_default();
    let colour = if header.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut encoded = Cursor::new(Vec::new());
    match format {
        PageFormat::Jpeg => JpegEncoder::new_with_quality(&mut encoded, QUALITY).write_image(
            pixels,
            header.width,
            header.height,
            colour,
        ),
        PageFormat::Png => {
            image::codecs::png::PngEncoder::new(&mut encoded).write_image(pixels, header.width, header.height, colour)
        }
    }
    .map_err(|error| Error::new(ErrorKind::Garbled, "the page cannot be encoded").with_source(error))?;
    Page::from_bytes(encoded.into_inner(), dpi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_page_is_checked_to_its_last_byte() {
        let whole = [b"P6\n# SANE data follows\n2 2\n255\n".as_slice(), &[7; 12]].concat();
        let page = encode(&whole, PageFormat::Png, 75).unwrap();
        assert_eq!((page.width_px, page.height_px, page.format), (2, 2, PageFormat::Png));
        for cut in 0..whole.len() {
            assert_eq!(encode(&whole[..cut], PageFormat::Png, 75).unwrap_err().kind(), ErrorKind::Garbled, "{cut}");
        }
        let kind = |text: &[u8]| Header::parse(text).unwrap_err().kind();
        assert_eq!(kind(b"P5\n60000 60000\n255\n"), ErrorKind::TooLarge);
        assert_eq!(kind(b"P5\n0 4\n255\n"), ErrorKind::Garbled);
        assert_eq!(kind(b"P5\n99999999999999999999 4\n255\n"), ErrorKind::Garbled);
        assert_eq!(kind(b"P4\n8 1\n0"), ErrorKind::Garbled);
    }
}
