//! From bytes to pixels, within limits. The kind of a file is told by its first bytes, never by its name.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Largest file, in bytes. An A4 page of 600 dpi as PNG has about 40 MB; what scanners send as JPEG has 10.
pub const BYTES_MAX: usize = 64 << 20;
/// Most pixels of a page: A4 at 600 dpi has 35 million.
pub const PIXELS_MAX: u64 = 40_000_000;
/// Longest side, in pixels: A3 at 600 dpi has 9922.
const SIDE_MAX_PX: u32 = 20_000;
/// Shortest side, in pixels: less is no page.
const SIDE_MIN_PX: u32 = 16;
/// Most passes of a progressive JPEG: a picture needs about ten, a bomb has thousands.
const SCANS_MAX: usize = 64;
/// What the decoders of PNG and TIFF may take beside the picture, in bytes.
const DECODER_BYTES_MAX: u64 = PIXELS_MAX * 4;
/// Resolutions that a file may claim, in dots per inch.
const DPI_BELIEVED: std::ops::RangeInclusive<u16> = 50..=1200;

/// Why a file is not a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Neither JPEG nor PNG nor TIFF.
    #[error("neither a JPEG nor a PNG nor a TIFF")]
    Unknown,
    /// More bytes or more pixels than allowed.
    #[error("the picture is too large")]
    TooLarge,
    /// Hardly any pixels.
    #[error("the picture is too small to be a page")]
    TooSmall,
    /// The file ends before its picture does.
    #[error("the file is cut off")]
    Truncated,
    /// The file's structure is broken.
    #[error("the picture is broken")]
    Broken,
}

/// A decoded page: brightness, and two differences of colour (ITU-T T.871) at half of the resolution, as most JPEGs have
/// them. That spares two conversions on the way from JPEG to JPEG and half of the work in between.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) dpi: Option<u16>,
    /// One byte a pixel.
    pub(super) luma: Vec<u8>,
    /// Cb and Cr of each two by two pixels, side by side; none of a grey page.
    pub(super) colour: Option<Vec<u8>>,
}

impl std::fmt::Debug for Page {
    /// Without the pixels: they are somebody's document.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({}x{}, {:?} dpi)", self.width, self.height, self.dpi)
    }
}

impl Page {
    /// Width, in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Resolution in dots per inch: what the scanner was asked for, or what the file says; none for a camera's picture.
    #[must_use]
    pub fn dpi(&self) -> Option<u16> {
        self.dpi
    }

    /// Whether the page has colours.
    #[must_use]
    pub fn coloured(&self) -> bool {
        self.colour.is_some()
    }

    /// Says at how many dots per inch the page was scanned. What cannot be is left out.
    #[must_use]
    pub fn with_dpi(mut self, dpi: u16) -> Self {
        self.dpi = Some(dpi).filter(|dpi| DPI_BELIEVED.contains(dpi));
        self
    }

    /// Brightness of a pixel; of the nearest one where there is none.
    pub(super) fn luma(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.luma[y * self.width + x]
    }

    /// Makes a page of rows of red, green and blue.
    pub(super) fn of_rgb(width: usize, height: usize, mut rgb: Vec<u8>) -> Self {
        for pixel in rgb.chunks_exact_mut(3) {
            if let [r, g, b] = *pixel {
                pixel.copy_from_slice(&to_ycbcr([r, g, b]));
            }
        }
        Self::of_ycbcr(width, height, &rgb)
    }

    /// Takes brightness and colours apart.
    fn of_ycbcr(width: usize, height: usize, values: &[u8]) -> Self {
        let mut luma = vec![0; width * height];
        let mut colour = Vec::with_capacity(half(width) * half(height) * 2);
        for (rows, luma) in values.chunks(width * 6).zip(luma.chunks_mut(width * 2)) {
            luma.iter_mut().zip(rows.chunks_exact(3)).for_each(|(to, pixel)| *to = pixel[0]);
            let (upper, lower) = rows.split_at(width * 3);
            let lower = if lower.is_empty() { upper } else { lower };
            let (upper, lower) = (upper.chunks_exact(6), lower.chunks_exact(6));
            let last = upper.remainder().iter().zip(lower.remainder());
            for (upper, lower) in upper.zip(lower) {
                let mean = |at: usize| {
                    let sum: u16 = [upper[at], upper[at + 3], lower[at], lower[at + 3]].map(u16::from).iter().sum();
                    ((sum + 2) / 4) as u8
                };
                colour.extend([mean(1), mean(2)]);
            }
            colour.extend(last.skip(1).map(|(upper, lower)| u8::midpoint(*upper, *lower)));
        }
        Self { width, height, dpi: None, luma, colour: Some(colour) }
    }

    pub(super) fn of_grey(width: usize, height: usize, grey: Vec<u8>) -> Self {
        Self { width, height, dpi: None, luma: grey, colour: None }
    }
}

/// So many pixels have so many places of colour.
pub(super) const fn half(side: usize) -> usize {
    side.div_ceil(2)
}

/// ITU-T T.871, clause 7, in 1/65536.
pub(super) fn to_ycbcr([r, g, b]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(i32::from);
    let y = (19_595 * r + 38_470 * g + 7_471 * b + 32_768) >> 16;
    let cb = ((-11_059 * r - 21_709 * g + 32_768 * b + 32_767) >> 16) + 128;
    let cr = ((32_768 * r - 27_439 * g - 5_329 * b + 32_767) >> 16) + 128;
    [y, cb, cr].map(|value| value.clamp(0, 255) as u8)
}

/// ITU-T T.871, clause 7, the other way.
pub(super) fn to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let r = y + ((91_881 * cr + 32_768) >> 16);
    let g = y - ((22_554 * cb + 46_802 * cr + 32_768) >> 16);
    let b = y + ((116_130 * cb + 32_768) >> 16);
    [r, g, b].map(|value| value.clamp(0, 255) as u8)
}

/// Decodes a page: JPEG, PNG, or the first picture of a TIFF.
///
/// # Errors
/// Says why the bytes are not a page.
pub fn decode(bytes: &[u8]) -> Result<Page, DecodeError> {
    if bytes.len() > BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    let page = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => jpeg(bytes)?,
        [0x89, b'P', b'N', b'G', ..] => other(bytes, ImageFormat::Png)?,
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => other(bytes, ImageFormat::Tiff)?,
        _ => return Err(DecodeError::Unknown),
    };
    Ok(page)
}

fn check_size(width: u32, height: u32) -> Result<(), DecodeError> {
    if width > SIDE_MAX_PX || height > SIDE_MAX_PX || u64::from(width) * u64::from(height) > PIXELS_MAX {
        Err(DecodeError::TooLarge)
    } else if width.min(height) < SIDE_MIN_PX {
        Err(DecodeError::TooSmall)
    } else {
        Ok(())
    }
}

fn jpeg(bytes: &[u8]) -> Result<Page, DecodeError> {
    // Some scanners pad the file to whole blocks.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if !bytes[..end].ends_with(&[0xFF, 0xD9]) {
        return Err(DecodeError::Truncated);
    }
    let broken = |_| DecodeError::Broken;
    let options = DecoderOptions::new_fast()
        .set_max_width(SIDE_MAX_PX as usize)
        .set_max_height(SIDE_MAX_PX as usize)
        .jpeg_set_max_scans(SCANS_MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().ok_or(DecodeError::Broken)?;
    check_size(width.try_into().unwrap_or(u32::MAX), height.try_into().unwrap_or(u32::MAX))?;
    let wanted = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        Some(ColorSpace::YCbCr) => ColorSpace::YCbCr,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let pixels = decoder.decode().map_err(broken)?;
    let colours = if wanted == ColorSpace::Luma { 1 } else { 3 };
    if pixels.len() != width * height * colours {
        return Err(DecodeError::Broken);
    }
    let mut page = match wanted {
        ColorSpace::Luma => Page::of_grey(width, height, pixels),
        ColorSpace::YCbCr => Page::of_ycbcr(width, height, &pixels),
        _ => Page::of_rgb(width, height, pixels),
    };
    page.dpi = jfif_dpi(bytes);
    Ok(page)
}

fn other(bytes: &[u8], format: ImageFormat) -> Result<Page, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    limits.max_image_width = Some(SIDE_MAX_PX);
    limits.max_image_height = Some(SIDE_MAX_PX);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => DecodeError::TooLarge,
        _ => DecodeError::Broken,
    })?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    // Sixteen bits of four colours at the most pixels would be four times what a page needs.
    if decoder.total_bytes() > DECODER_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        image::ImageError::Limits(_) => DecodeError::TooLarge,
        image::ImageError::IoError(_) => DecodeError::Truncated,
        _ => DecodeError::Broken,
    })?;
    let (width, height) = (width as usize, height as usize);
    let mut page = match image {
        DynamicImage::ImageLuma8(grey) => Page::of_grey(width, height, grey.into_raw()),
        DynamicImage::ImageLuma16(_) => Page::of_grey(width, height, image.into_luma8().into_raw()),
        DynamicImage::ImageRgb8(rgb) => Page::of_rgb(width, height, rgb.into_raw()),
        _ if image.color().has_alpha() => Page::of_rgb(width, height, on_white(&image.into_rgba8())),
        _ => Page::of_rgb(width, height, image.into_rgb8().into_raw()),
    };
    if format == ImageFormat::Png {
        page.dpi = png_dpi(bytes);
    }
    Ok(page)
}

/// What shows through is paper.
fn on_white(image: &image::RgbaImage) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(image.len() / 4 * 3);
    for pixel in image.pixels() {
        let [r, g, b, alpha] = pixel.0.map(u32::from);
        rgb.extend([r, g, b].map(|value| ((value * alpha + 255 * (255 - alpha)) / 255) as u8));
    }
    rgb
}

fn believed(dpi: u32) -> Option<u16> {
    u16::try_from(dpi).ok().filter(|dpi| DPI_BELIEVED.contains(dpi))
}

/// Resolution in a JFIF head (ITU-T T.871, clause 10.1). 72 and 96 are what programs write that do not know.
fn jfif_dpi(bytes: &[u8]) -> Option<u16> {
    let head = bytes.get(2..20).filter(|head| head.starts_with(&[0xFF, 0xE0]) && head.get(4..9) == Some(b"JFIF\0"))?;
    let density = u32::from(u16::from_be_bytes([*head.get(12)?, *head.get(13)?]));
    let dpi = match head.get(11)? {
        1 => density,
        2 => density * 254 / 100,
        _ => return None,
    };
    believed(dpi).filter(|dpi| !matches!(dpi, 72 | 96))
}

/// Resolution in a PNG (ISO/IEC 15948, clause 11.3.5.3), which stands before the pixels.
fn png_dpi(bytes: &[u8]) -> Option<u16> {
    let head = bytes.get(..bytes.len().min(4096))?;
    let at = head.windows(4).position(|kind| kind == b"pHYs")?;
    let body = head.get(at + 4..at + 13)?;
    let per_metre = u32::from_be_bytes(body.get(..4)?.try_into().ok()?);
    if body.get(8) != Some(&1) {
        return None;
    }
    believed(u32::try_from((u64::from(per_metre) * 254 + 5000) / 10_000).ok()?)
}
