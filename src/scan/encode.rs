//! The straight page as a JPEG.

use jpeg_encoder::{ColorType, Density, Encoder, EncodingError, SamplingFactor};

use super::decode::{Page, Pixels};

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
    match &page.pixels {
        Pixels::Grey(values) => encoder.encode(values, width, height, ColorType::Luma)?,
        Pixels::Colour(values) => {
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.encode(values, width, height, ColorType::Ycbcr)?;
        }
    }
    Ok(bytes)
}
