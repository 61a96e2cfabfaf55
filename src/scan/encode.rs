//! The straight page as a JPEG.

use jpeg_encoder::{Density, Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor};

use super::decode::{Page, half};

/// Quality of the JPEG: letters stay free of visible rings.
pub const QUALITY: u8 = 85;

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A JPEG has at most 65,535 pixels a side.
    #[error("the page is too large for a JPEG")]
    TooLarge,
    /// The encoder refused.
    #[error("the page cannot be written as JPEG: {0}")]
    Encoder(#[from] EncodingError),
}

/// Writes a page as JPEG of a quality from 1 to 100, with its resolution where it is known.
///
/// # Errors
/// When the page is larger than a JPEG can be.
pub fn to_jpeg(page: &Page, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let side = |px: usize| u16::try_from(px).map_err(|_| EncodeError::TooLarge);
    let (width, height) = (side(page.width)?, side(page.height)?);
    let mut bytes = Vec::with_capacity(page.width * page.height / 6 + 4096);
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    if let Some(dpi) = page.dpi {
        encoder.set_density(Density::Inch { x: dpi, y: dpi });
    }
    encoder.set_sampling_factor(if page.coloured() { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    encoder.encode_image(Rows { page, width, height })?;
    Ok(bytes)
}

/// A page as the encoder takes it: row by row.
struct Rows<'a> {
    page: &'a Page,
    width: u16,
    height: u16,
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.page.coloured() { JpegColorType::Ycbcr } else { JpegColorType::Luma }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let (y, width) = (usize::from(y), self.page.width);
        let [luma, blue, red, _] = buffers;
        luma.extend_from_slice(&self.page.luma[y * width..(y + 1) * width]);
        let Some(colour) = &self.page.colour else { return };
        let row = &colour[y / 2 * half(width) * 2..][..half(width) * 2];
        // The encoder takes every second one of every second row, and repeats the last row and column.
        let taken = y.is_multiple_of(2) || y + 1 == self.page.height;
        for (to, at) in [(blue, 0), (red, 1)] {
            let begin = to.len();
            to.resize(begin + width, 0);
            if taken {
                let to = &mut to[begin..];
                let pairs = to.chunks_exact_mut(2).zip(row.chunks_exact(2));
                pairs.for_each(|(to, from)| to.copy_from_slice(&[from[at]; 2]));
                if let (false, Some(to), Some(from)) = (width.is_multiple_of(2), to.last_mut(), row.last_chunk::<2>()) {
                    *to = from[at];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, preview};
    use super::*;

    #[test]
    fn colours_reach_the_last_row_and_column() {
        for (width, height) in [(16, 16), (17, 17), (33, 32), (32, 47)] {
            let page = Page::of_rgb(width, height, [200_u8, 60, 60].repeat(width * height));
            let again = decode(&to_jpeg(&page, 95).unwrap()).unwrap();
            let seen = preview(&again, 100);
            assert_eq!((seen.width, seen.height), (width, height));
            for pixel in seen.rgb.chunks_exact(3) {
                let near = pixel.iter().zip([200_u8, 60, 60]).all(|(got, wanted)| got.abs_diff(wanted) < 8);
                assert!(near, "{width}x{height}: {pixel:?}");
            }
        }
    }
}
