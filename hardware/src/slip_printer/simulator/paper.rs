//! The paper of the simulated printer: one pixel per dot, drawn with a real typeface.

use std::io::Cursor;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use image::{GrayImage, ImageFormat, Luma};

use crate::{Error, ErrorKind};

const REGULAR: &[u8] = include_bytes!("../../../../assets/fonts/AtkinsonHyperlegibleMono_400Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../assets/fonts/AtkinsonHyperlegibleMono_700Bold.ttf");

/// Font A: the cell of one character in dots.
const CELL: (u32, u32) = (12, 24);
/// Distance between lines of text unless changed, in dots.
const LINE_SPACING: u32 = 30;
/// Paper beyond the printable width on each side, and above and below a slip.
const MARGIN: u32 = 32;
/// The dots of a thermal head are not quite black.
const INK: u8 = 16;
/// Longest slip: two metres. What comes after is cut off, so that no stream can fill the memory.
const MAX_ROWS: usize = 16_000;

/// One character waiting for its line to be printed.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) character: char,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bold: bool,
}

impl Cell {
    fn dots(self) -> u32 {
        CELL.0 * self.width
    }
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    #[default]
    Left,
    Center,
    Right,
}

impl Place {
    fn offset(self, room: u32, width: u32) -> u32 {
        let free = room.saturating_sub(width);
        match self {
            Self::Left => 0,
            Self::Center => free / 2,
            Self::Right => free,
        }
    }
}

/// The strip of paper since the last cut.
pub(super) struct Paper {
    width: u32,
    rows: Vec<u8>,
    line: Vec<Cell>,
    /// The next feed of an empty line belongs to a picture that has already fed its own height.
    swallow: bool,
    pub(super) place: Place,
    pub(super) spacing: Option<u8>,
    fonts: [FontRef<'static>; 2],
}

impl Paper {
    pub(super) fn new(columns: u16) -> Result<Self, Error> {
        let font = |bytes| {
            FontRef::try_from_slice(bytes)
                .map_err(|error| Error::new(ErrorKind::Io, "the built-in typeface is damaged").with_source(error))
        };
        let fonts = [font(REGULAR)?, font(BOLD)?];
        let width = u32::from(columns.clamp(16, 120)) * CELL.0;
        Ok(Self { width, rows: Vec::new(), line: Vec::new(), swallow: false, place: Place::Left, spacing: None, fonts })
    }

    pub(super) fn is_blank(&self) -> bool {
        self.rows.is_empty() && self.line.is_empty()
    }

    /// Whether one more cell still fits the line.
    pub(super) fn has_room(&self, cell: Cell) -> bool {
        self.line.iter().map(|cell| cell.dots()).sum::<u32>() + cell.dots() <= self.width
    }

    pub(super) fn add(&mut self, cell: Cell) {
        self.line.push(cell);
    }

    pub(super) fn line_is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// Paper the waiting line takes, in dots.
    pub(super) fn line_dots(&self) -> u32 {
        let tallest = self.line.iter().map(|cell| CELL.1 * cell.height).max().unwrap_or(0);
        self.spacing.map_or(LINE_SPACING, u32::from).max(tallest)
    }

    /// Takes back the line feed that follows a picture in the line.
    pub(super) fn swallow_feed(&mut self) {
        self.swallow = true;
    }

    /// Prints the waiting characters and feeds one line.
    pub(super) fn print_line(&mut self) {
        if std::mem::take(&mut self.swallow) && self.line.is_empty() {
            return;
        }
        let cells = std::mem::take(&mut self.line);
        let spacing = self.spacing.map_or(LINE_SPACING, u32::from);
        let tallest = cells.iter().map(|cell| CELL.1 * cell.height).max().unwrap_or(0);
        let top = self.height();
        self.feed_dots(spacing.max(tallest));
        let mut x = self.place.offset(self.width, cells.iter().map(|cell| cell.dots()).sum());
        for cell in cells {
            // Characters of different height stand on one base line.
            self.draw(cell, x, top + tallest - CELL.1 * cell.height);
            x += cell.dots();
        }
    }

    pub(super) fn feed_dots(&mut self, dots: u32) {
        let rows = (self.height() as usize + dots as usize).min(MAX_ROWS);
        self.rows.resize(rows * self.width as usize, u8::MAX);
    }

    /// Prints a picture of packed rows, each dot `scale` dots large.
    pub(super) fn picture(&mut self, row_bytes: usize, rows: &[u8], scale: (u32, u32)) {
        let top = self.height();
        let left = self.place.offset(self.width, (row_bytes as u32 * 8).saturating_mul(scale.0));
        let height = (rows.len() / row_bytes) as u32;
        self.feed_dots(height.saturating_mul(scale.1));
        for (y, row) in rows.chunks_exact(row_bytes).enumerate() {
            for x in (0..row_bytes * 8).filter(|x| row[x / 8] & (0x80 >> (x % 8)) != 0) {
                for (dx, dy) in (0..scale.1).flat_map(|dy| (0..scale.0).map(move |dx| (dx, dy))) {
                    self.ink(left + x as u32 * scale.0 + dx, top + y as u32 * scale.1 + dy, INK);
                }
            }
        }
    }

    /// Cuts the strip off and gives it as a PNG with its margins.
    pub(super) fn cut(&mut self) -> Result<Vec<u8>, Error> {
        let height = self.height();
        let mut image = GrayImage::from_pixel(self.width + 2 * MARGIN, height + 2 * MARGIN, Luma([u8::MAX]));
        for (index, value) in self.rows.drain(..).enumerate() {
            let (x, y) = (index as u32 % self.width, index as u32 / self.width);
            image.put_pixel(x + MARGIN, y + MARGIN, Luma([value]));
        }
        let mut png = Cursor::new(Vec::new());
        image
            .write_to(&mut png, ImageFormat::Png)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot encode the slip").with_source(error))?;
        Ok(png.into_inner())
    }

    fn height(&self) -> u32 {
        (self.rows.len() / self.width as usize) as u32
    }

    fn ink(&mut self, x: u32, y: u32, value: u8) {
        if x < self.width
            && let Some(dot) = self.rows.get_mut(y as usize * self.width as usize + x as usize)
        {
            *dot = (*dot).min(value);
        }
    }

    fn draw(&mut self, cell: Cell, left: u32, top: u32) {
        let font = self.fonts[usize::from(cell.bold)].clone();
        let id = match font.glyph_id(cell.character) {
            GlyphId(0) => font.glyph_id('?'),
            id => id,
        };
        // The face is stretched so that every character advances by exactly one cell.
        let per_advance = font.height_unscaled() / font.h_advance_unscaled(font.glyph_id('0')).max(1.0);
        let scale = PxScale { x: cell.dots() as f32 * per_advance, y: (CELL.1 * cell.height) as f32 };
        let base = font.as_scaled(scale).ascent().round();
        let glyph = id.with_scale_and_position(scale, point(left as f32, top as f32 + base));
        let Some(outline) = font.outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        outline.draw(|x, y, coverage| {
            let darkness = coverage.clamp(0.0, 1.0) * f32::from(u8::MAX - INK);
            let (x, y) = (bounds.min.x + x as f32, bounds.min.y + y as f32);
            if x >= 0.0 && y >= 0.0 {
                self.ink(x as u32, y as u32, u8::MAX - darkness as u8);
            }
        });
    }
}
