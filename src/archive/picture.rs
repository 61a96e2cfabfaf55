//! Scans as a PDF takes them: the bytes of a JPEG as they are, the compressed rows of a PNG as they are.
//!
//! A PDF's own filters are JPEG and PNG's: nothing is decoded, so nothing can be lost. The few PNGs that a PDF cannot
//! take (interlaced, palette, transparent) are written anew, pixel for pixel.

use std::borrow::Cow;
use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// Longest side, in pixels: A3 at 1200 dpi is 19843.
const SIDE_MAX_PX: u32 = 30_000;
/// Pixels of a PNG that is written anew, in bytes: A4 at 600 dpi with transparency. About twice that is needed.
const REWRITE_BYTES_MAX: u64 = 160 * 1024 * 1024;
const PNG_MAGIC: &[u8] = &[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// Why a scan cannot be archived as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefused {
    /// Neither JPEG nor PNG.
    #[error("neither a JPEG nor a PNG")]
    Unknown,
    /// The file's structure is broken.
    #[error("the picture is broken")]
    Broken,
    /// A kind of JPEG that a PDF cannot show: arithmetic coding, lossless, 12 bits, four colours.
    #[error("a kind of JPEG that a PDF cannot show")]
    Unshowable,
    /// No pixels, or more than allowed.
    #[error("the picture is empty or too large")]
    Size,
}

/// How the pixels of an archived picture are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// A whole JPEG file.
    Jpeg,
    /// The compressed rows of a PNG: its joined `IDAT` chunks.
    Png {
        /// Three colours; else grey.
        colour: bool,
        /// Bits of each colour: 1, 2, 4, 8 or 16.
        depth: u8,
        /// Width, in pixels.
        width: u32,
        /// Height, in pixels.
        height: u32,
    },
}

/// A picture ready for a PDF.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    pub width: u32,
    pub height: u32,
    /// 1 or 3.
    pub colours: u8,
    pub depth: u8,
    pub coding: Coding,
    /// A JPEG whose three colours are red, green and blue as they stand.
    pub plain_rgb: bool,
    pub data: Cow<'a, [u8]>,
}

/// Tells whether a scan can be archived.
///
/// # Errors
/// Says why not.
pub fn fits(bytes: &[u8]) -> Result<(), PictureRefused> {
    read(bytes).map(drop)
}

/// Reads what a PDF must know of a picture.
pub(super) fn read(bytes: &[u8]) -> Result<Picture<'_>, PictureRefused> {
    let picture = if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        jpeg(bytes)?
    } else if bytes.starts_with(PNG_MAGIC) {
        png(bytes)?
    } else {
        return Err(PictureRefused::Unknown);
    };
    let sides = 1..=SIDE_MAX_PX;
    if sides.contains(&picture.width) && sides.contains(&picture.height) {
        Ok(picture)
    } else {
        Err(PictureRefused::Size)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Walks the markers up to the picture's data (ISO/IEC 10918-1, annex B).
fn jpeg(bytes: &[u8]) -> Result<Picture<'_>, PictureRefused> {
    use PictureRefused::{Broken, Unshowable};
    let mut at = 2;
    let mut frame = None;
    let mut says_colours = false;
    loop {
        if *bytes.get(at).ok_or(Broken)? != 0xFF {
            return Err(Broken);
        }
        let marker = *bytes.get(at + 1).ok_or(Broken)?;
        at += match marker {
            // Fill bytes, and markers that stand alone.
            0xFF => 1,
            0x01 | 0xD0..=0xD7 => 2,
            _ => {
                let length = usize::from(u16_at(bytes, at + 2).ok_or(Broken)?);
                let body = bytes.get(at + 4..at + 2 + length).filter(|_| length >= 2).ok_or(Broken)?;
                match marker {
                    0xC0..=0xC2 => frame = Some(body),
                    0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Err(Unshowable),
                    0xEE => says_colours |= body.starts_with(b"Adobe"),
                    0xD9 => return Err(Broken),
                    0xDA => break,
                    _ => {}
                }
                2 + length
            }
        };
    }
    let frame = frame.ok_or(Broken)?;
    let (depth, colours) = (*frame.first().ok_or(Broken)?, *frame.get(5).ok_or(Broken)?);
    if depth != 8 || !matches!(colours, 1 | 3) {
        return Err(Unshowable);
    }
    let names: Vec<u8> = frame.iter().skip(6).step_by(3).take(3).copied().collect();
    Ok(Picture {
        width: u16_at(frame, 3).ok_or(Broken)?.into(),
        height: u16_at(frame, 1).ok_or(Broken)?.into(),
        colours,
        depth,
        coding: Coding::Jpeg,
        plain_rgb: colours == 3 && !says_colours && names == *b"RGB",
        data: Cow::Borrowed(bytes),
    })
}

/// Reads a PNG; one that a PDF cannot take is written anew first.
fn png(bytes: &[u8]) -> Result<Picture<'_>, PictureRefused> {
    match png_rows(bytes)? {
        Some(picture) => Ok(picture),
        None => {
            let again = rewritten(bytes)?;
            let picture = png_rows(&again)?.ok_or(PictureRefused::Broken)?;
            Ok(Picture { data: Cow::Owned(picture.data.into_owned()), ..picture })
        }
    }
}

/// Joins the compressed rows (ISO/IEC 15948, clause 11). None for a kind that a PDF cannot take.
fn png_rows(bytes: &[u8]) -> Result<Option<Picture<'_>>, PictureRefused> {
    use PictureRefused::Broken;
    let mut at = PNG_MAGIC.len();
    let mut head = None;
    let mut rows = Vec::new();
    let mut transparent = false;
    loop {
        let length = usize::try_from(u32_at(bytes, at).ok_or(Broken)?).map_err(|_| Broken)?;
        let kind = bytes.get(at + 4..at + 8).ok_or(Broken)?;
        let end = (at + 8).checked_add(length).ok_or(Broken)?;
        let body = bytes.get(at + 8..end).ok_or(Broken)?;
        match kind {
            b"IHDR" => head = Some(body),
            b"IDAT" => rows.extend_from_slice(body),
            b"tRNS" => transparent = true,
            b"IEND" => break,
            _ => {}
        }
        at = end.checked_add(4).ok_or(Broken)?;
    }
    let head: &[u8; 13] = head.and_then(|head| head.try_into().ok()).ok_or(Broken)?;
    let (width, height) = (u32_at(head, 0).ok_or(Broken)?, u32_at(head, 4).ok_or(Broken)?);
    let [.., depth, colour_type, _, _, interlace] = *head;
    if rows.is_empty() || !matches!(depth, 1 | 2 | 4 | 8 | 16) {
        return Err(Broken);
    }
    if interlace != 0 || transparent || !matches!(colour_type, 0 | 2) {
        return Ok(None);
    }
    let colour = colour_type == 2;
    Ok(Some(Picture {
        width,
        height,
        colours: if colour { 3 } else { 1 },
        depth,
        coding: Coding::Png { colour, depth, width, height },
        plain_rgb: false,
        data: Cow::Owned(rows),
    }))
}

/// Writes a PNG anew without palette, interlace and transparency. What shows through is white: paper.
fn rewritten(bytes: &[u8]) -> Result<Vec<u8>, PictureRefused> {
    use PictureRefused::Broken;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(REWRITE_BYTES_MAX);
    limits.max_image_width = Some(SIDE_MAX_PX);
    limits.max_image_height = Some(SIDE_MAX_PX);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| PictureRefused::Size)?;
    if decoder.total_bytes() > REWRITE_BYTES_MAX {
        return Err(PictureRefused::Size);
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|_| Broken)?;
    let image = match image {
        opaque @ (DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgb16(_)) => opaque,
        DynamicImage::ImageLumaA16(_) | DynamicImage::ImageRgba16(_) => {
            let mut image = image.into_rgba16();
            image.pixels_mut().for_each(|pixel| pixel.0 = on_white(pixel.0.map(u32::from), 65_535).map(|v| v as u16));
            DynamicImage::ImageRgba16(image).into_rgb16().into()
        }
        _ => {
            let mut image = image.into_rgba8();
            image.pixels_mut().for_each(|pixel| pixel.0 = on_white(pixel.0.map(u32::from), 255).map(|v| v as u8));
            DynamicImage::ImageRgba8(image).into_rgb8().into()
        }
    };
    let mut again = Cursor::new(Vec::new());
    image.write_to(&mut again, ImageFormat::Png).map_err(|_| Broken)?;
    Ok(again.into_inner())
}

fn on_white([red, green, blue, alpha]: [u32; 4], full: u32) -> [u32; 4] {
    let mix = |value: u32| (value * alpha + full * (full - alpha) + full / 2) / full;
    if alpha == full { [red, green, blue, full] } else { [mix(red), mix(green), mix(blue), full] }
}

/// Makes a PNG file again of rows that an archived PDF holds.
pub(super) fn png_file(rows: &[u8], colour: bool, depth: u8, width: u32, height: u32) -> Vec<u8> {
    let mut file = PNG_MAGIC.to_vec();
    let mut chunk = |kind: &[u8; 4], body: &[u8]| {
        file.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        let from = file.len();
        file.extend(kind);
        file.extend(body);
        let sum = crc32(file.get(from..).unwrap_or_default());
        file.extend(sum.to_be_bytes());
    };
    let [w, h] = [width.to_be_bytes(), height.to_be_bytes()];
    let kind = if colour { 2 } else { 0 };
    chunk(b"IHDR", &[&w[..], &h[..], &[depth, kind, 0, 0, 0]].concat());
    chunk(b"IDAT", rows);
    chunk(b"IEND", &[]);
    file
}

/// The checksum of PNG chunks (ISO/IEC 15948, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("a picture in memory");
        bytes.into_inner()
    }

    #[test]
    fn a_jpeg_goes_in_byte_for_byte() {
        let grey = encoded(&DynamicImage::new_luma8(31, 17), ImageFormat::Jpeg);
        let picture = read(&grey).expect("a JPEG");
        assert_eq!((picture.width, picture.height, picture.colours), (31, 17, 1));
        assert_eq!((picture.coding, &*picture.data), (Coding::Jpeg, &grey[..]));
        let colour = encoded(&DynamicImage::new_rgb8(8, 9), ImageFormat::Jpeg);
        assert_eq!(read(&colour).expect("a JPEG").colours, 3);
    }

    #[test]
    fn a_png_comes_out_pixel_for_pixel() {
        let shades = image::RgbaImage::from_fn(13, 7, |x, y| image::Rgba([x as u8 * 9, y as u8 * 30, 200, 255]));
        let shades = DynamicImage::ImageRgba8(shades);
        let pictures = [shades.clone(), shades.to_rgb8().into(), shades.to_luma8().into(), shades.to_rgb16().into()];
        for image in pictures {
            let file = encoded(&image, ImageFormat::Png);
            let picture = read(&file).expect("a PNG");
            let Coding::Png { colour, depth, width, height } = picture.coding else { panic!("a PNG") };
            let again = png_file(&picture.data, colour, depth, width, height);
            let again = image::load_from_memory(&again).expect("a PNG");
            assert_eq!(again.to_rgb16(), image.to_rgb16());
        }
        let through = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(2, 2, image::Rgba([0, 0, 0, 0])));
        let file = encoded(&through, ImageFormat::Png);
        let picture = read(&file).expect("a PNG");
        let again = png_file(&picture.data, true, 8, 2, 2);
        assert_eq!(image::load_from_memory(&again).expect("a PNG").to_rgb8().get_pixel(0, 0).0, [255; 3]);
    }

    #[test]
    fn what_a_pdf_cannot_show_is_refused() {
        assert_eq!(read(b"%PDF-1.7").map(drop), Err(PictureRefused::Unknown));
        assert_eq!(read(&[0xFF, 0xD8, 0xFF]).map(drop), Err(PictureRefused::Broken));
        let jpeg = encoded(&DynamicImage::new_rgb8(8, 8), ImageFormat::Jpeg);
        let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
        for (offset, value, why) in [
            (1, 0xC9, PictureRefused::Unshowable),
            (4, 12, PictureRefused::Unshowable),
            (9, 4, PictureRefused::Unshowable),
        ] {
            let mut bent = jpeg.clone();
            bent[at + offset] = value;
            assert_eq!(read(&bent).map(drop), Err(why));
        }
        let mut empty = jpeg.clone();
        empty[at + 5..at + 9].fill(0);
        assert_eq!(read(&empty).map(drop), Err(PictureRefused::Size));
        let mut bomb = encoded(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png);
        bomb[16..20].copy_from_slice(&1_000_000_u32.to_be_bytes());
        assert_eq!(read(&bomb).map(drop), Err(PictureRefused::Size));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 0..3) {
            match kind {
                1 => bytes.splice(0..0, [0xFF, 0xD8, 0xFF]).for_each(drop),
                2 => bytes.splice(0..0, PNG_MAGIC.iter().copied()).for_each(drop),
                _ => {}
            }
            let _ = read(&bytes);
        }

        #[test]
        fn no_mutation_makes_it_panic(at in 0_usize..400, value in any::<u8>(), cut in 0_usize..400, png in any::<bool>()) {
            let format = if png { ImageFormat::Png } else { ImageFormat::Jpeg };
            let mut bytes = encoded(&DynamicImage::new_rgb8(5, 5), format);
            let last = bytes.len() - 1;
            bytes[at.min(last)] = value;
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = read(&bytes);
        }
    }
}
