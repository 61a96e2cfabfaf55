//! A scanned page and the checks every page passes before anybody decodes it.

use std::fs::OpenOptions;
use std::io::{Cursor, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use image::{ImageFormat, ImageReader};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// Largest encoded page in bytes.
pub const MAX_PAGE_BYTES: u64 = 20 << 20;

/// Largest page in pixels: A4 at 600 dpi has 35 million.
pub const MAX_PAGE_PIXELS: u64 = 60_000_000;

/// Encoding of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageFormat {
    /// JPEG.
    #[default]
    Jpeg,
    /// PNG.
    Png,
}

/// One scanned page, encoded. It is whole (it has its end mark) and within the limits, but not decoded yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// Width in pixels, from the header.
    pub width_px: u32,
    /// Height in pixels, from the header.
    pub height_px: u32,
    /// Dots per inch: the value the device was asked for, where it names its own the nearest of them.
    pub dpi: u16,
    /// Encoding.
    pub format: PageFormat,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, width_px, height_px, dpi, format } = self;
        write!(f, "Page({width_px}x{height_px} {format:?} {dpi} dpi, {} bytes)", bytes.len())
    }
}

impl Page {
    /// Checks an encoded picture by its size, header and end, without decoding it.
    ///
    /// # Errors
    ///
    /// `TooLarge`, or `Garbled` when it is not a whole JPEG or PNG.
    pub fn from_bytes(bytes: Vec<u8>, dpi: u16) -> Result<Self, Error> {
        if bytes.len() as u64 > MAX_PAGE_BYTES {
            return Err(too_large(format!("the page has {} bytes", bytes.len())));
        }
        let garbled = |what: &str| Error::new(ErrorKind::Garbled, what);
        let reader = ImageReader::new(Cursor::new(&bytes))
            .with_guessed_format()
            .map_err(|error| Error::io("cannot read the page", error))?;
        let format = match reader.format() {
            Some(ImageFormat::Jpeg) => PageFormat::Jpeg,
            Some(ImageFormat::Png) => PageFormat::Png,
            _ => return Err(garbled("the page is neither JPEG nor PNG")),
        };
        if !ends_whole(&bytes, format) {
            return Err(garbled("the page has no end: it is cut off"));
        }
        let (width_px, height_px) =
            reader.into_dimensions().map_err(|error| garbled("the page has a broken header").with_source(error))?;
        let pixels = u64::from(width_px) * u64::from(height_px);
        if pixels > MAX_PAGE_PIXELS {
            return Err(too_large(format!("the page has {width_px} x {height_px} pixels")));
        }
        if pixels == 0 {
            return Err(garbled("the page is empty"));
        }
        Ok(Self { bytes, width_px, height_px, dpi, format })
    }
}

/// Reads a plain file up to one byte beyond `limit`. What is no plain file, or only a link to one, is not opened; a
/// file's name may hold somebody's name, so the error has only the folder.
pub(super) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let folder = path.parent().unwrap_or(path).display();
    let fail = |error| Error::io(format!("cannot read a file in {folder}"), error);
    // A pipe under a picture's name would block the opening for ever.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(fail)?;
    if !file.metadata().map_err(fail)?.is_file() {
        return Err(Error::new(ErrorKind::Garbled, "the page is no plain file"));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

fn ends_whole(bytes: &[u8], format: PageFormat) -> bool {
    const IEND: [u8; 12] = [0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82];
    match format {
        PageFormat::Png => bytes.ends_with(&IEND),
        // Some scanners pad the file to whole blocks.
        PageFormat::Jpeg => {
            let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            bytes[..end].ends_with(&[0xff, 0xd9])
        }
    }
}

pub(super) fn too_large(what: String) -> Error {
    Error::new(ErrorKind::TooLarge, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma};

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        GrayImage::from_fn(40, 30, |x, y| Luma([(x * y) as u8])).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn whole_pictures_pass_and_cut_ones_do_not() {
        for (format, ours) in [(ImageFormat::Jpeg, PageFormat::Jpeg), (ImageFormat::Png, PageFormat::Png)] {
            let bytes = encoded(format);
            let page = Page::from_bytes(bytes.clone(), 300).unwrap();
            assert_eq!((page.width_px, page.height_px, page.format), (40, 30, ours));
            for cut in 0..bytes.len() {
                let error = Page::from_bytes(bytes[..cut].to_vec(), 300).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Garbled, "{format:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut bytes = encoded(ImageFormat::Png);
        // The header chunk with 30000 x 30000 pixels and its checksum made right.
        bytes[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(Page::from_bytes(bytes, 300).unwrap_err().kind(), ErrorKind::TooLarge);
        let heavy = vec![0; usize::try_from(MAX_PAGE_BYTES).unwrap() + 1];
        assert_eq!(Page::from_bytes(heavy, 300).unwrap_err().kind(), ErrorKind::TooLarge);
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}
