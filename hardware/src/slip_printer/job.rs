//! What is to be printed, free of any printer's language.

use crate::{Error, ErrorKind};

/// Where a line stands on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// Character magnification, 1 to 8 in each direction; values outside are clamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSize {
    /// Times the normal width.
    pub width: u8,
    /// Times the normal height.
    pub height: u8,
}

impl TextSize {
    /// 12 x 24 dots per character.
    pub const NORMAL: Self = Self { width: 1, height: 1 };
    /// Twice in both directions.
    pub const DOUBLE: Self = Self { width: 2, height: 2 };
}

impl Default for TextSize {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// A black-and-white picture, one bit per dot, rows padded to whole bytes, most significant bit left, 1 = black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: u16,
    rows: Vec<u8>,
}

impl Raster {
    /// A picture of `width` dots from packed rows.
    ///
    /// # Errors
    ///
    /// `InvalidRequest` when the width is 0, the bytes are not whole rows, or there are more than 65535 rows.
    pub fn new(width: u16, rows: Vec<u8>) -> Result<Self, Error> {
        let row_bytes = usize::from(width).div_ceil(8);
        if row_bytes == 0 || !rows.len().is_multiple_of(row_bytes) || rows.len() / row_bytes > usize::from(u16::MAX) {
            return Err(Error::new(ErrorKind::InvalidRequest, "raster rows do not fit its width"));
        }
        Ok(Self { width, rows })
    }

    /// Width in dots.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Bytes per row.
    pub fn row_bytes(&self) -> usize {
        usize::from(self.width).div_ceil(8)
    }

    /// Height in dots.
    pub fn height(&self) -> u16 {
        u16::try_from(self.rows.len() / self.row_bytes()).unwrap_or(u16::MAX)
    }

    /// The packed rows.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }
}

/// One element of a slip, from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub enum SlipLine {
    /// One line of text. Control characters become spaces, so text can never carry a printer command; a line
    /// break starts a new line; characters outside the profile's code page become `?`.
    Text {
        /// The words.
        text: String,
        /// Where they stand.
        align: Align,
        /// How large.
        size: TextSize,
        /// Heavier strokes.
        bold: bool,
    },
    /// A QR code in the middle of the paper.
    Qr {
        /// The content.
        data: String,
        /// Wanted edge length without the quiet zone; the printed one is the next smaller whole number of dots
        /// per module.
        size_mm: f32,
    },
    /// A picture in the middle of the paper.
    Raster(Raster),
    /// A thin line over the whole width.
    Rule,
    /// Blank lines.
    Feed(u8),
    /// Feeds to the cutter and cuts.
    Cut,
}

/// A slip to print.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrintJob {
    /// The elements from top to bottom.
    pub lines: Vec<SlipLine>,
}

impl PrintJob {
    /// An empty slip.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds normal text at the left edge.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.styled(text, Align::Left, TextSize::NORMAL, false)
    }

    /// Adds text in a style.
    #[must_use]
    pub fn styled(mut self, text: impl Into<String>, align: Align, size: TextSize, bold: bool) -> Self {
        self.lines.push(SlipLine::Text { text: text.into(), align, size, bold });
        self
    }

    /// Adds a QR code with the wanted edge length.
    #[must_use]
    pub fn qr(mut self, data: impl Into<String>, size_mm: f32) -> Self {
        self.lines.push(SlipLine::Qr { data: data.into(), size_mm });
        self
    }

    /// Adds a picture.
    #[must_use]
    pub fn raster(mut self, raster: Raster) -> Self {
        self.lines.push(SlipLine::Raster(raster));
        self
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self) -> Self {
        self.lines.push(SlipLine::Rule);
        self
    }

    /// Adds blank lines.
    #[must_use]
    pub fn feed(mut self, lines: u8) -> Self {
        self.lines.push(SlipLine::Feed(lines));
        self
    }

    /// Ends the slip with a cut.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.lines.push(SlipLine::Cut);
        self
    }
}
