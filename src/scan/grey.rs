//! A small grey picture of a page, on which everything is looked at.

use super::decode::Page;

/// At least so many dots per inch are looked at, where the page has them: letters of 7 points stay apart.
const LOOKED_AT_DPI: usize = 100;
/// Inches of the longest side where the resolution is not known: A4 with some desk around it.
const USUAL_INCHES: usize = 13;
/// A small picture is a card, whose letters are small too.
const LOOKED_AT_MIN_PX: usize = 1000;
/// Longest side of the picture that is looked at, in pixels.
const LOOKED_AT_MAX_PX: usize = 2600;
/// Rows of bytes whose sums fit into sixteen bits.
const ROWS_ADDED_MAX: usize = 257;
/// Side of a tile of the background, in pixels.
pub(super) const TILE: usize = 12;

/// Grey values, row by row.
#[derive(Debug, Clone)]
pub(super) struct Grey {
    pub width: usize,
    pub height: usize,
    pub values: Vec<u8>,
}

impl Grey {
    pub fn at(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values[y * self.width + x]
    }

    pub fn row(&self, y: usize) -> &[u8] {
        &self.values[y * self.width..(y + 1) * self.width]
    }

    /// Between pixels, whose values stand in their middles.
    pub fn between(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let value = |dx, dy| f64::from(self.at(left + dx, top + dy));
        (value(0, 0) * (1.0 - right) + value(1, 0) * right) * (1.0 - down)
            + (value(0, 1) * (1.0 - right) + value(1, 1) * right) * down
    }

    /// The mean of each pixel and its eight neighbours: noise goes, print that is worth finding stays.
    pub fn calm(&self) -> Self {
        let mut out = self.clone();
        for y in 1..self.height.saturating_sub(1) {
            let rows = [self.row(y - 1), self.row(y), self.row(y + 1)];
            for x in 1..self.width.saturating_sub(1) {
                let sum: u32 = rows.iter().flat_map(|row| &row[x - 1..=x + 1]).map(|value| u32::from(*value)).sum();
                out.values[y * self.width + x] = (sum / 9) as u8;
            }
        }
        out
    }

    /// Shrinks by a whole factor; each value is a mean.
    pub fn shrunk(&self, factor: usize) -> Self {
        shrink(&self.values, self.width, self.height, factor)
    }
}

/// By how much a page is shrunk to be looked at.
pub(super) fn factor_of(page: &Page) -> usize {
    let long = page.width.max(page.height);
    let dpi = page.dpi.map_or(long / USUAL_INCHES, usize::from);
    // Around a camera's sheet there may be more desk than usual.
    let wished = if page.dpi.is_some() { dpi / LOOKED_AT_DPI } else { dpi * 3 / (LOOKED_AT_DPI * 4) };
    wished.min(long / LOOKED_AT_MIN_PX).max(long.div_ceil(LOOKED_AT_MAX_PX)).max(1)
}

/// The page's brightness, shrunk.
pub(super) fn of_page(page: &Page, factor: usize) -> Grey {
    shrink(&page.luma, page.width, page.height, factor)
}

fn shrink(values: &[u8], width: usize, height: usize, factor: usize) -> Grey {
    // What is left over at the right and lower edge is less than a pixel of the small picture.
    let factor = factor.min(width).min(height).max(1);
    let (small_width, small_height) = (width / factor, height / factor);
    let mut out = Vec::with_capacity(small_width * small_height);
    // Whole rows are added up first: that goes many bytes at a time.
    let mut sums = vec![0_u16; width];
    let area = (factor * factor) as u32;
    for rows in values.chunks_exact(width * factor).take(small_height) {
        sums.fill(0);
        // More rows than fit into sixteen bits tell nothing more.
        for row in rows.chunks_exact(width).take(ROWS_ADDED_MAX) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += u16::from(*value);
            }
        }
        let rows_area = if factor > ROWS_ADDED_MAX { (factor * ROWS_ADDED_MAX) as u32 } else { area };
        out.extend(sums.chunks_exact(factor).map(|part| {
            let sum: u32 = part.iter().map(|value| u32::from(*value)).sum();
            ((sum + rows_area / 2) / rows_area) as u8
        }));
    }
    Grey { width: small_width, height: small_height, values: out }
}

/// How bright the paper is, tile by tile, under whatever is printed on it.
#[derive(Debug, Clone)]
pub(super) struct Background {
    pub columns: usize,
    pub rows: usize,
    pub levels: Vec<u8>,
}

impl Background {
    /// Takes the brighter part of each tile and spreads it over tiles full of ink.
    pub fn of(grey: &Grey) -> Self {
        let (columns, rows) = (grey.width.div_ceil(TILE), grey.height.div_ceil(TILE));
        let mut raw = Vec::with_capacity(columns * rows);
        let mut values: Vec<u8> = Vec::with_capacity(TILE * TILE);
        for row in 0..rows {
            for column in 0..columns {
                values.clear();
                // Every second row is enough to know how bright the paper is.
                for y in (row * TILE..((row + 1) * TILE).min(grey.height)).step_by(2) {
                    values.extend(&grey.row(y)[column * TILE..((column + 1) * TILE).min(grey.width)]);
                }
                let bright = values.len() * 17 / 20;
                let bright = bright.min(values.len().saturating_sub(1));
                raw.push(if values.is_empty() { 0 } else { *values.select_nth_unstable(bright).1 });
            }
        }
        let open = Self { columns, rows, levels: raw };
        open.spread(u8::max, 1).spread(u8::min, 1)
    }

    /// Takes the tiles that are not wholly on the sheet from their neighbours which are: a desk is no paper.
    pub fn within(mut self, inside: impl Fn(usize, usize) -> bool) -> Self {
        let (columns, rows) = (self.columns, self.rows);
        let mut known: Vec<bool> = (0..columns * rows).map(|at| inside(at % columns, at / columns)).collect();
        if !known.contains(&true) {
            return self;
        }
        // The crop reaches hardly beyond the sheet.
        for _ in 0..4 {
            let before = known.clone();
            for at in (0..columns * rows).filter(|at| !before[*at]) {
                let (column, row) = (at % columns, at / columns);
                let near = [(row > 0, 0), (column > 0, 1), (column + 1 < columns, 2), (row + 1 < rows, 3)];
                let places = [at.wrapping_sub(columns), at.wrapping_sub(1), at + 1, at + columns];
                let levels = near.iter().filter(|(there, side)| *there && before[places[*side]]);
                if let Some(level) = levels.map(|(_, side)| self.levels[places[*side]]).max() {
                    self.levels[at] = level;
                    known[at] = true;
                }
            }
        }
        self
    }

    fn spread(&self, choose: impl Fn(u8, u8) -> u8, reach: isize) -> Self {
        let mut levels = Vec::with_capacity(self.levels.len());
        for row in 0..self.rows as isize {
            for column in 0..self.columns as isize {
                let mut value = self.tile(column, row);
                for dy in -reach..=reach {
                    for dx in -reach..=reach {
                        value = choose(value, self.tile(column + dx, row + dy));
                    }
                }
                levels.push(value);
            }
        }
        Self { levels, ..*self }
    }

    pub fn tile(&self, column: isize, row: isize) -> u8 {
        let column = column.clamp(0, self.columns as isize - 1) as usize;
        let row = row.clamp(0, self.rows as isize - 1) as usize;
        self.levels[row * self.columns + column]
    }

    /// The level at a place of the small picture, smooth from tile to tile.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (x / TILE as f64 - 0.5, y / TILE as f64 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = (x - left, y - top);
        let value = |dx, dy| f64::from(self.tile(left as isize + dx, top as isize + dy));
        (value(0, 0) * (1.0 - right) + value(1, 0) * right) * (1.0 - down)
            + (value(0, 1) * (1.0 - right) + value(1, 1) * right) * down
    }

    /// One row of levels of the small picture, in whole numbers.
    pub fn row(&self, y: usize, out: &mut [u8]) {
        let y = (y as i32 * 2 + 1 - TILE as i32) * 128 / TILE as i32;
        let (top, down) = (y.div_euclid(256) as isize, y.rem_euclid(256));
        let level = |column: isize| {
            i32::from(self.tile(column, top)) * (256 - down) + i32::from(self.tile(column, top + 1)) * down
        };
        // From the middle of one tile to the middle of the next.
        let (mut here, mut begin) = (level(-1), 0);
        for column in 0..=self.columns {
            let next = level(column as isize);
            let end = (column * TILE + TILE / 2).min(out.len());
            for (at, out) in out[begin..end].iter_mut().enumerate() {
                let at = (begin + at + TILE - TILE / 2 - column * TILE) as i32 * 2 + 1;
                *out = ((here + (next - here) * at / (2 * TILE as i32)) >> 8) as u8;
            }
            (here, begin) = (next, end);
        }
        if let Some(rest) = out.get_mut(begin..) {
            rest.fill((here >> 8) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shrunk_by_means() {
        let page = Page::of_grey(5, 4, vec![0, 100, 10, 30, 9, 100, 200, 10, 30, 9, 1, 1, 1, 1, 9, 1, 1, 1, 1, 9]);
        let small = of_page(&page, 2);
        assert_eq!((small.width, small.height), (2, 2));
        assert_eq!(small.values, [100, 20, 1, 1]);
    }

    #[test]
    fn the_background_looks_under_the_ink() {
        let mut grey = Grey { width: 120, height: 60, values: vec![200; 7200] };
        for y in 20..40 {
            for x in (20..100).filter(|x| x % 3 == 0) {
                grey.values[y * 120 + x] = 20;
            }
        }
        let background = Background::of(&grey);
        assert!(background.levels.iter().all(|level| *level == 200));
        let mut row = vec![0; 120];
        background.row(30, &mut row);
        assert!(row.iter().all(|level| *level >= 199) && (background.at(60.0, 30.0) - 200.0).abs() < 0.01);
    }
}
