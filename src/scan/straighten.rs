//! The page made straight: cut out, turned, levelled and lit evenly, in one pass over the pixels.

use super::decode::{Page, half, to_rgb};
use super::geometry::{Map, Point, Region};
use super::grey::TILE;
use super::look::Look;

/// Longest side of what is made, in pixels.
const SIDE_MAX_PX: usize = 20_000;
/// Most pixels that are made: a page cannot grow much by being turned.
const MADE_PIXELS_MAX: usize = 60_000_000;
/// How bright paper becomes, in levels.
const WHITE: f64 = 250.0;
/// Both differences of colour of what has none.
const NO_COLOUR: u8 = 128;
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
                    let (x, y) = (x * factor + dx, y * factor + dy);
                    sums[0] += u32::from(page.luma[y * page.width + x]);
                    if let Some(colour) = &page.colour {
                        let at = (y / 2 * half(page.width) + x / 2) * 2;
                        sums[1] += u32::from(colour[at]);
                        sums[2] += u32::from(colour[at + 1]);
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
        file.extend(&self.luma);
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
fn colour_matters(page: &Page, colour: &[u8]) -> bool {
    // Every third place of colour of every third row, with the brightness of one of its pixels.
    let rows = || page.luma.chunks_exact(page.width).step_by(2).zip(colour.chunks_exact(half(page.width) * 2));
    let rows = || rows().skip(page.height / 100).step_by(3);
    let places = |(luma, colour): (&'_ [u8], &'_ [u8])| -> Vec<[u8; 3]> {
        luma.iter().step_by(6).zip(colour.chunks_exact(2).step_by(3)).map(|(y, c)| [*y, c[0], c[1]]).collect()
    };
    let pixels: Vec<[u8; 3]> = rows().flat_map(places).collect();
    // The tint of lamp and paper is the commonest one.
    let mut tints = vec![[0_u32; 256]; 2];
    let mut all = 0_u32;
    for pixel in pixels.iter().filter(|pixel| pixel[0] > 96) {
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
    let coloured = pixels.iter().filter(|pixel| {
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
    let luma = Plane { values: &page.luma, width: page.width, height: page.height, light: Some(&light) };
    let luma = luma.warped::<1>(&map, width, height);
    let colour = page.colour.as_ref().filter(|colour| colour_matters(page, colour)).map(|colour| {
        let plane = Plane { values: colour, width: half(page.width), height: half(page.height), light: None };
        let map = Map::scale(0.5).after(&map).after(&Map::scale(2.0));
        plane.warped::<2>(&map, half(width), half(height))
    });
    Page { width, height, dpi: look.dpi, luma, colour }
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

/// What is warped: brightness, or colours two by two.
struct Plane<'a> {
    values: &'a [u8],
    width: usize,
    height: usize,
    /// Of brightness only: what a lamp does to colours is left to them.
    light: Option<&'a Light>,
}

impl Plane<'_> {
    /// `STEP` bytes a pixel: 1 of brightness, 2 of colours.
    fn warped<const STEP: usize>(&self, map: &Map, width: usize, height: usize) -> Vec<u8> {
        let mut out = vec![0; width * height * STEP];
        let (limit_x, limit_y) = (self.width as f64 - 1.001, self.height as f64 - 1.001);
        let inside = |p: Point| p.x >= 0.0 && p.y >= 0.0 && p.x < limit_x && p.y < limit_y;
        let gain_at = |p: Point| self.light.map_or(GAIN_ONE as i32, |light| light.at(p));
        for (y, row) in out.chunks_exact_mut(width * STEP).enumerate() {
            let place = |x: usize| {
                let p = map.of(Point::new(x as f64 + 0.5, y as f64 + 0.5));
                Point::new(p.x - 0.5, p.y - 0.5)
            };
            let mut begin = 0;
            let mut start = place(0);
            let mut gain = gain_at(start);
            for stretch in row.chunks_mut(STRETCH * STEP) {
                let length = stretch.len() / STEP;
                let end = place(begin + length);
                let next_gain = gain_at(end);
                let ends = Ends { start, end, gain: [gain, next_gain] };
                if !(inside(start) && inside(end)) {
                    self.edge::<STEP>(&ends, stretch);
                } else if (end.x - start.x - length as f64).abs() < DRIFT_MAX && inside(Point::new(end.x + 1.0, end.y))
                {
                    self.level::<STEP>(&ends, stretch);
                } else {
                    self.slanted::<STEP>(&ends, stretch);
                }
                (start, gain) = (end, next_gain);
                begin += length;
            }
        }
        out
    }

    /// A stretch along the picture's rows: each column has its neighbours beside it, so that many bytes go at a time.
    // Indices over five slices of one length: the compiler makes wide instructions of them, of five iterators it does not.
    #[allow(clippy::needless_range_loop)]
    fn level<const STEP: usize>(&self, ends: &Ends, stretch: &mut [u8]) {
        let length = stretch.len() / STEP;
        // The middle of the drift serves all.
        let x = (ends.start.x + (ends.end.x - ends.start.x - length as f64) / 2.0).max(0.0);
        let (left, right) = (x as usize, (x.fract() * 256.0) as u16);
        let step = fixed((ends.end.y - ends.start.y) / length as f64);
        let more = ((ends.gain[1] - ends.gain[0]) << 8) / length as i32;
        let (mut y, mut light) = (fixed(ends.start.y), ends.gain[0] << 8);
        let mut begin = 0;
        while begin < length {
            let top = y >> FIXED;
            // How many pixels stay between the same two rows.
            let room = if step > 0 { ((top + 1) << FIXED) - y } else { y - (top << FIXED) + 1 };
            let stay = if step == 0 { length as i64 } else { (room + step.abs() - 1) / step.abs() };
            let count = (stay.clamp(1, STRETCH as i64) as usize).min(length - begin);
            let bytes = count * STEP;
            let base = (top as usize * self.width + left + begin) * STEP;
            let rows = self.values.get(base..base + bytes + STEP);
            let rows = rows.zip(self.values.get(base + self.width * STEP..base + (self.width + 1) * STEP + bytes));
            let Some((upper, lower)) = rows else { return };
            let out = &mut stretch[begin * STEP..begin * STEP + bytes];
            let (a, b, c, d) = (&upper[..bytes], &upper[STEP..][..bytes], &lower[..bytes], &lower[STEP..][..bytes]);
            // All in sixteen bits, eight pixels at a time; neither fraction leaves them within the same two rows.
            let (down, down_more) = (y as u16, step as u16);
            let (gain, gain_more) = (light as u16, more as u16);
            for at in 0..bytes {
                let pixel = (at / STEP) as u16;
                let [a, b, c, d] = [a[at], b[at], c[at], d[at]].map(u16::from);
                let down = down.wrapping_add(pixel.wrapping_mul(down_more)) >> 8;
                let above = (a * (256 - right) + b * right + 128) >> 8;
                let below = (c * (256 - right) + d * right + 128) >> 8;
                let mean = (above * (256 - down) + below * down + 128) >> 8;
                out[at] = if STEP == 1 {
                    let gain = gain.wrapping_add(pixel.wrapping_mul(gain_more)) >> 8;
                    ((mean * gain) >> 7).min(255) as u8
                } else {
                    mean as u8
                };
            }
            y += step * count as i64;
            light += more * count as i32;
            begin += count;
        }
    }

    /// A stretch in any direction, pixel by pixel.
    fn slanted<const STEP: usize>(&self, ends: &Ends, stretch: &mut [u8]) {
        let length = (stretch.len() / STEP) as f64;
        let step = [(ends.end.x - ends.start.x) / length, (ends.end.y - ends.start.y) / length].map(fixed);
        let mut at = [fixed(ends.start.x), fixed(ends.start.y)];
        let (mut light, more) = (ends.gain[0] << 8, ((ends.gain[1] - ends.gain[0]) << 8) / length as i32);
        let row = self.width * STEP;
        for pixel in stretch.chunks_exact_mut(STEP) {
            let (left, top) = ((at[0] >> FIXED) as usize, (at[1] >> FIXED) as usize);
            let (right, down) = ((at[0] >> (FIXED - 8)) as u32 & 255, (at[1] >> (FIXED - 8)) as u32 & 255);
            let base = top * row + left * STEP;
            let rows = self.values.get(base..base + 2 * STEP).zip(self.values.get(base + row..base + row + 2 * STEP));
            if let Some((upper, lower)) = rows {
                for (channel, made) in pixel.iter_mut().enumerate() {
                    let value = |row: &[u8], at: usize| u32::from(row[at]);
                    let above = value(upper, channel) * (256 - right) + value(upper, channel + STEP) * right;
                    let below = value(lower, channel) * (256 - right) + value(lower, channel + STEP) * right;
                    let mean = ((above * (256 - down) + below * down + 32_768) >> 16) as i32;
                    *made = ((mean * (light >> 8)) >> 7).min(255) as u8;
                }
            }
            at = [at[0] + step[0], at[1] + step[1]];
            light += more;
        }
    }

    /// A stretch that leaves the picture: what is beyond is white paper.
    fn edge<const STEP: usize>(&self, ends: &Ends, stretch: &mut [u8]) {
        let per = (stretch.len() / STEP) as f64;
        let beyond = if STEP == 1 { WHITE as u8 } else { NO_COLOUR };
        for (at, pixel) in stretch.chunks_exact_mut(STEP).enumerate() {
            let part = at as f64 / per;
            let x = (ends.start.x + (ends.end.x - ends.start.x) * part).round();
            let y = (ends.start.y + (ends.end.y - ends.start.y) * part).round();
            let inside = x >= 0.0 && y >= 0.0 && x < self.width as f64 && y < self.height as f64;
            let base = if inside { (y as usize * self.width + x as usize) * STEP } else { usize::MAX };
            match self.values.get(base..base.saturating_add(STEP)).filter(|_| inside) {
                Some(values) => pixel
                    .iter_mut()
                    .zip(values)
                    .for_each(|(to, value)| *to = ((i32::from(*value) * ends.gain[0]) >> 7).min(255) as u8),
                None => pixel.fill(beyond),
            }
        }
    }
}

/// Where a stretch begins and ends in the picture, and how much it is lit up there.
struct Ends {
    start: Point,
    end: Point,
    gain: [i32; 2],
}

fn fixed(value: f64) -> i64 {
    (value * f64::from(1 << FIXED)).round() as i64
}
