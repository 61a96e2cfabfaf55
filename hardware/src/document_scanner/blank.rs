//! Is the glass clean? A white sheet is scanned, and what is not white on it is dirt.
//!
//! Dirt on the glass of a flatbed is a spot; dirt on the small glass of a feeder, past which the paper runs, is a line
//! down the whole page. The citizen's documents would carry both.

use std::io::Cursor;

use image::{GrayImage, ImageReader, Limits};

use super::{MAX_PAGE_PIXELS, MM_PER_INCH, Page};
use crate::{Error, ErrorKind};

/// This much of each edge is not looked at: the sheet's own edge throws a shadow there.
const EDGE_MM: f64 = 6.0;

/// Shades by which a dot is darker than the paper when it is dirt.
const DARK: u8 = 48;

/// Shades by which a whole column is darker than its surroundings when it is a line.
const LINE: f64 = 10.0;

/// Paper darker than this is no white sheet, or there is none and the lid stands open.
const WHITE: u8 = 150;

/// Dirty part of a square millimetre from which it counts, and the part of the page from which it is no dirt any more.
const SPOT_PART: f64 = 0.05;
const PRINTED_PART: f64 = 0.03;

/// Most lines and spots that are told.
const MAX_MARKS: usize = 50;

/// What a scan of a white sheet says of the glass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GlassReport {
    /// The page is a white sheet at all. If not, nothing else is told: it is printed, or the lid is open.
    pub blank: bool,
    /// Lines down the page, in millimetres from the left edge.
    pub lines_mm: Vec<f32>,
    /// Spots, in millimetres from the left and the top edge.
    pub spots_mm: Vec<(f32, f32)>,
}

impl GlassReport {
    /// Whether the glass needs no cleaning.
    pub fn is_clean(&self) -> bool {
        self.blank && self.lines_mm.is_empty() && self.spots_mm.is_empty()
    }
}

/// Looks for dirt on the scan of a white sheet.
///
/// # Errors
///
/// `Garbled` when the picture cannot be decoded, `InvalidRequest` when it is too small to judge.
pub fn inspect_blank_page(page: &Page) -> Result<GlassReport, Error> {
    let garbled = |error| Error::new(ErrorKind::Garbled, "the page cannot be decoded").with_source(error);
    let mut reader = ImageReader::new(Cursor::new(&page.bytes))
        .with_guessed_format()
        .map_err(|error| Error::io("cannot read the page", error))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PAGE_PIXELS * 4);
    reader.limits(limits);
    let picture = reader.decode().map_err(garbled)?.into_luma8();
    inspect(&picture, f64::from(page.dpi.max(1)) / MM_PER_INCH)
}

/// `dots`: dots of a millimetre.
fn inspect(picture: &GrayImage, dots: f64) -> Result<GlassReport, Error> {
    let edge = (EDGE_MM * dots) as u32;
    let cell = (dots.round() as u32).max(1);
    let (right, bottom) = (picture.width().saturating_sub(edge), picture.height().saturating_sub(edge));
    if right < edge + 20 * cell || bottom < edge + 20 * cell {
        return Err(Error::new(ErrorKind::InvalidRequest, "the page is too small to judge the glass"));
    }
    let columns: Vec<f64> = (edge..right)
        .map(|x| {
            (edge..bottom).map(|y| u64::from(picture.get_pixel(x, y).0[0])).sum::<u64>() as f64
                / f64::from(bottom - edge)
        })
        .collect();
    let paper = median(&columns) as u8;
    if paper < WHITE {
        return Ok(GlassReport::default());
    }

    let lines = lines(&columns, (5.0 * dots) as usize + 1);
    let in_line = |x: u32| lines.iter().any(|(from, to)| (*from..=*to).contains(&((x - edge) as usize)));
    let (across, down) = ((right - edge) / cell, (bottom - edge) / cell);
    let mut dirty = vec![false; across as usize * down as usize];
    for (at, dirty) in dirty.iter_mut().enumerate() {
        let (left, top) = (edge + at as u32 % across * cell, edge + at as u32 / across * cell);
        let dark = |x: u32, y: u32| picture.get_pixel(x, y).0[0].saturating_add(DARK) < paper && !in_line(x);
        let count = (top..top + cell).map(|y| (left..left + cell).filter(|x| dark(*x, y)).count()).sum::<usize>();
        *dirty = count as f64 >= SPOT_PART * f64::from(cell * cell) && count > 0;
    }
    let marked = dirty.iter().filter(|dirty| **dirty).count();
    if marked as f64 > PRINTED_PART * dirty.len() as f64 {
        return Ok(GlassReport::default());
    }
    let millimetres = |dot: f64| (dot / dots) as f32;
    let middle = |(from, to): &(usize, usize)| millimetres(f64::from(edge) + (from + to) as f64 / 2.0);
    let spot = |(x, y): (f64, f64)| {
        let place = |cells: f64| millimetres(f64::from(edge) + cells * f64::from(cell));
        (place(x), place(y))
    };
    Ok(GlassReport {
        blank: true,
        lines_mm: lines.iter().map(middle).take(MAX_MARKS).collect(),
        spots_mm: clusters(&mut dirty, across as usize).into_iter().map(spot).take(MAX_MARKS).collect(),
    })
}

/// Runs of columns that are darker than what is around them. A sheet that is lit unevenly has none.
fn lines(columns: &[f64], around: usize) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, value) in columns.iter().enumerate() {
        let window = &columns[at.saturating_sub(around)..(at + around + 1).min(columns.len())];
        if median(window) - value >= LINE {
            match found.last_mut() {
                Some((_, to)) if *to + 2 >= at => *to = at,
                _ => found.push((at, at)),
            }
        }
    }
    found
}

/// The middles of groups of neighbouring dirty squares, which are taken away on the way.
fn clusters(dirty: &mut [bool], across: usize) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for start in 0..dirty.len() {
        let (mut open, mut count, mut x, mut y) = (vec![start], 0.0, 0.0, 0.0);
        while let Some(at) = open.pop() {
            if !std::mem::take(&mut dirty[at]) {
                continue;
            }
            let (column, row) = (at % across, at / across);
            count += 1.0;
            x += column as f64 + 0.5;
            y += row as f64 + 0.5;
            for next_row in row.saturating_sub(1)..=row + 1 {
                for next_column in column.saturating_sub(1)..=(column + 1).min(across - 1) {
                    open.extend(Some(next_row * across + next_column).filter(|next| *next < dirty.len()));
                }
            }
        }
        if count > 0.0 {
            found.push((x / count, y / count));
        }
    }
    found
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    let middle = sorted.len() / 2;
    if sorted.is_empty() {
        return 0.0;
    }
    *sorted.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Luma};

    /// A white A4 sheet at 75 dpi with noise and a shadow at its edges, dirtied by `dirt` (given millimetres).
    fn sheet(dirt: impl Fn(f64, f64) -> u8) -> Page {
        let mut seed = 7_u32;
        let picture = GrayImage::from_fn(620, 877, |x, y| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (mm_x, mm_y) = (f64::from(x) / 75.0 * MM_PER_INCH, f64::from(y) / 75.0 * MM_PER_INCH);
            let shadow = if mm_x < 3.0 || mm_y < 3.0 { 90 } else { 0 };
            // Lamps are brighter in the middle.
            let lamp = (mm_x - 105.0).abs() as u8 / 8;
            Luma([235 + (seed >> 28) as u8 - lamp - shadow.max(dirt(mm_x, mm_y))])
        });
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        Page::from_bytes(bytes.into_inner(), 75).unwrap()
    }

    #[test]
    fn a_clean_glass_is_clean() {
        let report = inspect_blank_page(&sheet(|_, _| 0)).unwrap();
        assert!(report.is_clean(), "{report:?}");
    }

    #[test]
    fn dirt_is_found_where_it_is() {
        let near = |a: f64, b: f64| (a - b).abs() < 0.8;
        let report = inspect_blank_page(&sheet(|x, y| match () {
            // A faint line down the page, a hair's breadth wide.
            () if (80.0..80.5).contains(&x) => 25,
            () if near(x, 150.0) && near(y, 200.0) => 120,
            () => 0,
        }))
        .unwrap();
        assert!(report.blank && !report.is_clean());
        assert_eq!((report.lines_mm.len(), report.spots_mm.len()), (1, 1), "{report:?}");
        assert!((report.lines_mm[0] - 80.2).abs() < 1.0, "{report:?}");
        let (x, y) = report.spots_mm[0];
        assert!((x - 150.0).abs() < 2.0 && (y - 200.0).abs() < 2.0, "{report:?}");
    }

    #[test]
    fn a_printed_page_and_an_open_lid_are_no_white_sheet() {
        let printed = sheet(|x, y| if y % 8.0 < 3.0 && x % 4.0 < 2.0 { 150 } else { 0 });
        assert_eq!(inspect_blank_page(&printed).unwrap(), GlassReport::default());
        assert_eq!(inspect_blank_page(&sheet(|_, _| 180)).unwrap(), GlassReport::default());
        let tiny = Page { dpi: 1200, ..sheet(|_, _| 0) };
        assert_eq!(inspect_blank_page(&tiny).unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
}
