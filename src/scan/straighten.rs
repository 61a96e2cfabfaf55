//! The page made straight: cut out, turned, levelled and lit evenly, in one pass over the pixels.

use super::decode::{Page, Pixels, to_rgb};
use super::geometry::{Map, Point, Region};
use super::grey::TILE;
use super::look::Look;

/// Longest side of what is made, in pixels.
const SIDE_MAX_PX: usize = 20_000;
/// Most pixels that are made: a page cannot grow much by being turned.
const MADE_PIXELS_MAX: usize = 60_000_000;
/// How bright paper becomes, in levels.
const WHITE: f64 = 250.0;
/// Most by which dark places are lit up.
const GAIN_MAX: f64 = 1.99;
/// One, as a gain: the brightest value times the largest gain fits into sixteen bits.
const GAIN_ONE: f64 = 128.0;
/// Largest drift of a column against the next row over a stretch, in pixels, that nobody sees.
const DRIFT_MAX: f64 = 0.13;
/// Pixels in a row over which a map counts as straight.
const STRETCH: usize = 32;
/// Least difference of colour that is no tint of lamp or paper, in levels.
const COLOUR_LEVELS_MIN: i32 = 14;
/// Part of the page that is coloured before the page counts as coloured: a stamp has more.
const COLOURED_PART_MIN: f64 = 0.0006;
/// Height of print that is looked at a second time, in pixels, and the margin around it in heights.
const ENLARGED_PX: f64 = 44.0;
const ENLARGED_MARGIN: f64 = 0.45;
/// Part of a pixel's place, in fixed point.
const FIXED: i32 = 16;

/// A page as a screen shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// Red, green, blue.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Preview({}x{})", self.width, self.height)
    }
}

/// Shrinks a page, as it was delivered or straight, so that its longest side has at most `max_px` pixels.
#[must_use]
pub fn preview(page: &Page, max_px: usize) -> Preview {
    let factor = page.width.max(page.height).div_ceil(max_px.max(1)).max(1).min(page.width).min(page.height);
    let (width, height) = (page.width / factor, page.height / factor);
    // Four samples of each pixel are enough for a glance, and need a sixth of the time.
    let offsets = if factor == 1 { [0, 0] } else { [factor / 4, factor * 3 / 4] };
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let mut sums = [0_u32; 3];
            for dy in offsets {
                for dx in offsets {
                    let at = (y * factor + dy) * page.width + x * factor + dx;
                    match &page.pixels {
                        Pixels::Grey(values) => sums[0] += u32::from(values[at]),
                        Pixels::Colour(values) => {
                            sums.iter_mut().zip(&values[at * 3..at * 3 + 3]).for_each(|(sum, v)| *sum += u32::from(*v));
                        }
                    }
                }
            }
            let mean = sums.map(|sum| ((sum + 2) / 4) as u8);
            rgb.extend(if page.coloured() { to_rgb(mean) } else { [mean[0]; 3] });
        }
    }
    Preview { width, height, rgb }
}

impl Page {
    /// The page's brightness as a PGM file, which every program reads without a decoder.
    #[must_use]
    pub fn to_pgm(&self) -> Vec<u8> {
        let mut file = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        match &self.pixels {
            Pixels::Grey(values) => file.extend(values),
            Pixels::Colour(values) => file.extend(values.iter().step_by(3)),
        }
        file
    }

    /// A region with a margin, in grey, twice or more as large: for a second look at small print.
    #[must_use]
    pub fn enlarged(&self, region: Region) -> Self {
        let [left, top, width, height] =
            [region.left, region.top, region.width, region.height].map(|value| f64::from(value.min(20_000)));
        let margin = height * ENLARGED_MARGIN;
        let times = (ENLARGED_PX / height.max(4.0)).clamp(1.25, 6.0);
        let size = |value: f64| ((value + 2.0 * margin) * times).clamp(8.0, 4000.0) as usize;
        let (wide, high) = (size(width), size(height).min(600));
        let mut grey = Vec::with_capacity(wide * high);
        for y in 0..high {
            for x in 0..wide {
                let (u, v) =
                    (left - margin + (x as f64 + 0.5) / times - 0.5, top - margin + (y as f64 + 0.5) / times - 0.5);
                let (right, down) = (u - u.floor(), v - v.floor());
                let value =
                    |dx: isize, dy: isize| f64::from(self.luma(u.floor() as isize + dx, v.floor() as isize + dy));
                let upper = value(0, 0) * (1.0 - right) + value(1, 0) * right;
                let lower = value(0, 1) * (1.0 - right) + value(1, 1) * right;
                grey.push((upper * (1.0 - down) + lower * down) as u8);
            }
        }
        Self::of_grey(wide, high, grey)
    }
}

/// Whether there is a colour that somebody put there: a stamp, a coat of arms, a photo, the tint of a card.
fn colour_matters(page: &Page) -> bool {
    let Pixels::Colour(values) = &page.pixels else { return false };
    // Every seventh pixel of every fifth row.
    let rows = values.chunks_exact(page.width * 3).skip(page.height / 50).step_by(5);
    let pixels = || rows.clone().flat_map(|row| row.chunks_exact(3).step_by(7));
    // The tint of lamp and paper is the commonest one.
    let mut tints = vec![[0_u32; 256]; 2];
    let mut all = 0_u32;
    for pixel in pixels().filter(|pixel| pixel[0] > 96) {
        tints[0][usize::from(pixel[1])] += 1;
        tints[1][usize::from(pixel[2])] += 1;
        all += 1;
    }
    let middle = |counts: &[u32; 256]| {
        let mut below = 0;
        let at = counts.iter().position(|count| {
            below += count;
            below * 2 >= all
        });
        at.unwrap_or(128) as i32
    };
    let (blue, red) = (middle(&tints[0]), middle(&tints[1]));
    let coloured = pixels().filter(|pixel| {
        let off = (i32::from(pixel[1]) - blue).abs().max((i32::from(pixel[2]) - red).abs());
        pixel[0] > 24 && off > COLOUR_LEVELS_MIN
    });
    let tinted = (blue - 128).abs().max((red - 128).abs()) > 2 * COLOUR_LEVELS_MIN;
    tinted || coloured.count() as f64 > f64::from(all) * COLOURED_PART_MIN
}

/// Cuts the page out, turns it upright and level, takes perspective and uneven light away; grey where colour tells
/// nothing. One that is straight and fills its picture only gets its light evened.
#[must_use]
pub fn straighten(page: &Page, look: &Look) -> Page {
    let (width, height) = look.straight_size();
    let (width, height) = (width.min(SIDE_MAX_PX), height.min(SIDE_MAX_PX));
    let height = height.min(MADE_PIXELS_MAX / width.max(1)).max(1);
    let light = Light::of(look);
    let map = look.straight_to_page();
    let pixels = match &page.pixels {
        Pixels::Colour(values) if colour_matters(page) => {
            let mut out = vec![0; width * height * 3];
            warp::<3>(page, values, &map, &light, width, &mut out);
            Pixels::Colour(out)
        }
        Pixels::Colour(values) => {
            let grey: Vec<u8> = values.chunks_exact(3).map(|pixel| pixel[0]).collect();
            let mut out = vec![0; width * height];
            warp::<1>(page, &grey, &map, &light, width, &mut out);
            Pixels::Grey(out)
        }
        Pixels::Grey(values) => {
            let mut out = vec![0; width * height];
            warp::<1>(page, values, &map, &light, width, &mut out);
            Pixels::Grey(out)
        }
    };
    Page { width, height, dpi: look.dpi, pixels }
}

/// How much each tile is to be lit up, in 1/128.
struct Light {
    columns: usize,
    rows: usize,
    gains: Vec<u16>,
    /// Side of a tile in pixels of the page.
    tile: f64,
}

impl Light {
    fn of(look: &Look) -> Self {
        let background = &look.background;
        let paper = f64::from(look.paper).max(1.0);
        let gains = background.levels.iter().map(|level| {
            // Much darker than the paper is something printed, not a shadow.
            let level = f64::from(*level).max(paper * 0.5);
            ((WHITE / level).clamp(1.0, GAIN_MAX) * GAIN_ONE) as u16
        });
        let tile = (TILE * look.factor) as f64;
        Self { columns: background.columns, rows: background.rows, gains: gains.collect(), tile }
    }

    fn at(&self, p: Point) -> i32 {
        let (x, y) = (p.x / self.tile - 0.5, p.y / self.tile - 0.5);
        let x = x.clamp(0.0, self.columns as f64 - 1.0);
        let y = y.clamp(0.0, self.rows as f64 - 1.0);
        let (left, top) = (x as usize, y as usize);
        let (right, down) = (x - left as f64, y - top as f64);
        let gain = |dx: usize, dy: usize| {
            let (x, y) = ((left + dx).min(self.columns - 1), (top + dy).min(self.rows - 1));
            f64::from(self.gains[y * self.columns + x])
        };
        let upper = gain(0, 0) * (1.0 - right) + gain(1, 0) * right;
        let lower = gain(0, 1) * (1.0 - right) + gain(1, 1) * right;
        (upper * (1.0 - down) + lower * down) as i32
    }
}

/// Fills `out` row by row, `STEP` bytes a pixel; the first is the brightness.
fn warp<const STEP: usize>(page: &Page, from: &[u8], map: &Map, light: &Light, width: usize, out: &mut [u8]) {
    let (limit_x, limit_y) = (page.width as f64 - 1.001, page.height as f64 - 1.001);
    let inside = |p: Point| p.x >= 0.0 && p.y >= 0.0 && p.x < limit_x && p.y < limit_y;
    for (y, row) in out.chunks_exact_mut(width * STEP).enumerate() {
        let place = |x: usize| {
            let p = map.of(Point::new(x as f64 + 0.5, y as f64 + 0.5));
            Point::new(p.x - 0.5, p.y - 0.5)
        };
        let mut begin = 0;
        let mut start = place(0);
        let mut gain = light.at(start);
        for stretch in row.chunks_mut(STRETCH * STEP) {
            let length = stretch.len() / STEP;
            let end = place(begin + length);
            let next_gain = light.at(end);
            let ends = Ends { start, end, gain: [gain, next_gain], row: page.width * STEP };
            if !(inside(start) && inside(end)) {
                edge::<STEP>(page, from, &ends, stretch);
            } else if (end.x - start.x - length as f64).abs() < DRIFT_MAX && inside(Point::new(end.x + 1.0, end.y)) {
                level::<STEP>(from, &ends, stretch);
            } else {
                slanted::<STEP>(from, &ends, stretch);
            }
            (start, gain) = (end, next_gain);
            begin += length;
        }
    }
}

/// Where a stretch begins and ends in the picture, and how much it is lit up there.
struct Ends {
    start: Point,
    end: Point,
    gain: [i32; 2],
    /// Bytes of a row of the picture.
    row: usize,
}

fn fixed(value: f64) -> i64 {
    (value * f64::from(1 << FIXED)).round() as i64
}

/// A stretch along the picture's rows: each column has its neighbours beside it, so that many bytes go at a time.
// Indices over six slices of one length: the compiler makes wide instructions of them, of six iterators it does not.
#[allow(clippy::needless_range_loop)]
fn level<const STEP: usize>(from: &[u8], ends: &Ends, stretch: &mut [u8]) {
    let length = stretch.len() / STEP;
    // The middle of the drift serves all.
    let x = (ends.start.x + (ends.end.x - ends.start.x - length as f64) / 2.0).max(0.0);
    let (left, right) = (x as usize, (x.fract() * 256.0) as u16);
    let step = fixed((ends.end.y - ends.start.y) / length as f64);
    let more = ((ends.gain[1] - ends.gain[0]) << 8) / length as i32;
    let (mut downs, mut gains) = ([0_u16; STRETCH * 3], [GAIN_ONE as u16; STRETCH * 3]);
    let (mut y, mut light) = (fixed(ends.start.y), ends.gain[0] << 8);
    let mut begin = 0;
    while begin < length {
        let top = y >> FIXED;
        // How many pixels stay between the same two rows.
        let room = if step > 0 { ((top + 1) << FIXED) - y } else { y - (top << FIXED) + 1 };
        let stay = if step == 0 { length as i64 } else { (room + step.abs() - 1) / step.abs() };
        let count = (stay.clamp(1, STRETCH as i64) as usize).min(length - begin);
        for (at, (downs, gains)) in
            downs.chunks_exact_mut(STEP).zip(gains.chunks_exact_mut(STEP)).take(count).enumerate()
        {
            downs.fill(((y as i32 + at as i32 * step as i32) >> (FIXED - 8)) as u16 & 255);
            gains[0] = ((light + at as i32 * more) >> 8) as u16;
        }
        y += step * count as i64;
        light += more * count as i32;
        let base = top as usize * ends.row + (left + begin) * STEP;
        let bytes = count * STEP;
        let rows = from.get(base..base + bytes + STEP).zip(from.get(base + ends.row..base + ends.row + bytes + STEP));
        let Some((upper, lower)) = rows else { return };
        let out = &mut stretch[begin * STEP..begin * STEP + bytes];
        let (downs, gains) = (&downs[..bytes], &gains[..bytes]);
        let (a, b, c, d) = (&upper[..bytes], &upper[STEP..STEP + bytes], &lower[..bytes], &lower[STEP..STEP + bytes]);
        for at in 0..bytes {
            let [a, b, c, d] = [a[at], b[at], c[at], d[at]].map(u16::from);
            let above = (a * (256 - right) + b * right + 128) >> 8;
            let below = (c * (256 - right) + d * right + 128) >> 8;
            let mean = (above * (256 - downs[at]) + below * downs[at] + 128) >> 8;
            out[at] = ((mean * gains[at]) >> 7).min(255) as u8;
        }
        begin += count;
    }
}

/// A stretch in any direction, pixel by pixel.
fn slanted<const STEP: usize>(from: &[u8], ends: &Ends, stretch: &mut [u8]) {
    let length = (stretch.len() / STEP) as f64;
    let step = [(ends.end.x - ends.start.x) / length, (ends.end.y - ends.start.y) / length].map(fixed);
    let mut at = [fixed(ends.start.x), fixed(ends.start.y)];
    let (mut light, more) = (ends.gain[0] << 8, ((ends.gain[1] - ends.gain[0]) << 8) / length as i32);
    for pixel in stretch.chunks_exact_mut(STEP) {
        let (left, top) = ((at[0] >> FIXED) as usize, (at[1] >> FIXED) as usize);
        let (right, down) = ((at[0] >> (FIXED - 8)) as u32 & 255, (at[1] >> (FIXED - 8)) as u32 & 255);
        let base = top * ends.row + left * STEP;
        let rows = from.get(base..base + 2 * STEP).zip(from.get(base + ends.row..base + ends.row + 2 * STEP));
        if let Some((upper, lower)) = rows {
            for (channel, made) in pixel.iter_mut().enumerate() {
                let value = |row: &[u8], at: usize| u32::from(row[at]);
                let above = value(upper, channel) * (256 - right) + value(upper, channel + STEP) * right;
                let below = value(lower, channel) * (256 - right) + value(lower, channel + STEP) * right;
                let mean = ((above * (256 - down) + below * down + 32_768) >> 16) as i32;
                *made = if channel == 0 { ((mean * (light >> 8)) >> 7).min(255) as u8 } else { mean as u8 };
            }
        }
        at = [at[0] + step[0], at[1] + step[1]];
        light += more;
    }
}

/// A stretch that leaves the picture: what is beyond is paper.
fn edge<const STEP: usize>(page: &Page, from: &[u8], ends: &Ends, stretch: &mut [u8]) {
    let per = (stretch.len() / STEP) as f64;
    for (at, pixel) in stretch.chunks_exact_mut(STEP).enumerate() {
        let part = at as f64 / per;
        let x = (ends.start.x + (ends.end.x - ends.start.x) * part).round();
        let y = (ends.start.y + (ends.end.y - ends.start.y) * part).round();
        let inside = x >= 0.0 && y >= 0.0 && x < page.width as f64 && y < page.height as f64;
        for (channel, out) in pixel.iter_mut().enumerate() {
            let value = inside.then(|| from.get((y as usize * page.width + x as usize) * STEP + channel)).flatten();
            *out = match (value, channel) {
                (Some(value), 0) => ((i32::from(*value) * ends.gain[0]) >> 7).min(255) as u8,
                (Some(value), _) => *value,
                (None, 0) => WHITE as u8,
                (None, _) => 128,
            };
        }
    }
}
