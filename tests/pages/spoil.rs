//! A sheet becomes a picture: on a scanner's glass or under a camera, turned, lit unevenly, folded, and with one thing
//! wrong where that is asked for.

use std::io::Cursor;

use super::Chance;
use super::layouts::{self, Truth};
use super::paint::{Picture, Sheet};

/// What is wrong with a page, one thing at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    None,
    Blank,
    WrongSide,
    TooDark,
    TooBright,
    Glare,
    Blurred,
    CutOff,
    LowResolution,
    TwoPages,
}

impl Defect {
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Blank,
        Self::WrongSide,
        Self::TooDark,
        Self::TooBright,
        Self::Glare,
        Self::Blurred,
        Self::CutOff,
        Self::LowResolution,
        Self::TwoPages,
    ];

    /// The code of the verdict's reason for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "good",
            Self::Blank => "blank",
            Self::WrongSide => "wrong_side",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::Glare => "glare",
            Self::Blurred => "blurred",
            Self::CutOff => "cut_off",
            Self::LowResolution => "too_low_resolution",
            Self::TwoPages => "two_pages",
        }
    }
}

/// Where the sheet lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On the glass, the lid white: the sheet's edge hardly shows.
    WhiteLid,
    /// On the glass, the lid black or open.
    BlackLid,
    /// On a desk, seen by a camera that does not look straight down.
    Camera,
}

/// A picture with everything that is true of it.
#[derive(Debug, Clone)]
pub struct Made {
    pub jpeg: Vec<u8>,
    pub dpi: Option<u16>,
    /// Clockwise, beside the quarter turns.
    pub skew_deg: f64,
    /// Clockwise quarter turns in degrees.
    pub rotation: u16,
    pub defect: Defect,
    pub place: Place,
    pub truth: Truth,
}

/// How the sheet lies in the picture: turned about its middle, then seen from a side.
#[derive(Clone, Copy)]
struct Lie {
    sin: f64,
    cos: f64,
    /// The sheet's middle in the picture.
    middle: (f64, f64),
    /// How the far side shrinks, for each pixel.
    lean: (f64, f64),
    /// Half of the sheet, in pixels.
    half: (f64, f64),
}

impl Lie {
    fn seen(&self, x: f64, y: f64) -> (f64, f64) {
        let (x, y) = (x - self.half.0, y - self.half.1);
        let v = (x * self.cos - y * self.sin, x * self.sin + y * self.cos);
        let w = 1.0 + self.lean.0 * v.0 + self.lean.1 * v.1;
        (self.middle.0 + v.0 / w, self.middle.1 + v.1 / w)
    }

    fn sheet(&self, x: f64, y: f64) -> (f64, f64) {
        let q = (x - self.middle.0, y - self.middle.1);
        let w = 1.0 - self.lean.0 * q.0 - self.lean.1 * q.1;
        let v = (q.0 / w, q.1 / w);
        (v.0 * self.cos + v.1 * self.sin + self.half.0, v.1 * self.cos - v.0 * self.sin + self.half.1)
    }

    fn bounds(&self) -> [f64; 4] {
        let (w, h) = (self.half.0 * 2.0, self.half.1 * 2.0);
        let corners = [self.seen(0.0, 0.0), self.seen(w, 0.0), self.seen(w, h), self.seen(0.0, h)];
        corners.iter().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[l, t, r, b], (x, y)| {
            [l.min(*x), t.min(*y), r.max(*x), b.max(*y)]
        })
    }
}

/// Makes a page; `dpi` is the scanner's, or about that of the camera. `turned` adds skew and quarter turns.
pub fn make(seed: u64, defect: Defect, dpi: f64, turned: bool) -> Made {
    let chance = &mut Chance::new(seed);
    let dpi = if defect == Defect::LowResolution { chance.between(58.0, 105.0) } else { dpi };
    let (mut sheet, mut truth) = layouts::any(chance, dpi);
    // Nothing shines through a card.
    while defect == Defect::WrongSide && truth.kind == "ktp_el" {
        (sheet, truth) = layouts::any(chance, dpi);
    }
    lay(chance, sheet, truth, defect, turned)
}

/// Lays a given sheet down.
pub fn lay(chance: &mut Chance, mut sheet: Sheet, truth: Truth, defect: Defect, turned: bool) -> Made {
    let place = match defect {
        // A lamp mirrors in what a camera sees; two sheets show before what is behind them.
        Defect::Glare => Place::Camera,
        Defect::TwoPages => chance.of(&[Place::BlackLid, Place::Camera]),
        _ => chance.of(&[Place::WhiteLid, Place::BlackLid, Place::Camera]),
    };
    let mm = sheet.dpi / 25.4;
    match defect {
        Defect::Blank => sheet = empty(chance, &sheet),
        Defect::WrongSide => sheet = back(chance, &sheet),
        _ => {}
    }
    let rotation = if turned { 90 * chance.below(4) as u16 } else { 0 };
    let skew_deg = if turned { chance.between(-15.0, 15.0) } else { chance.between(-1.5, 1.5) };
    let (mut picture, lie) = place_on(chance, &sheet, place, f64::from(rotation) + skew_deg, defect);
    if chance.yes(0.4) {
        fold(chance, &mut picture, &lie);
    }
    light(chance, &mut picture, place);
    match defect {
        Defect::Blurred => {
            if chance.yes(0.5) {
                let sigma = chance.between(0.42, 0.85) * mm;
                blur(&mut picture, sigma, sigma);
            } else {
                // Moved while it was taken.
                let length = chance.between(0.55, 0.95) * mm;
                if chance.yes(0.5) {
                    blur(&mut picture, length, 0.05 * mm)
                } else {
                    blur(&mut picture, 0.05 * mm, length)
                }
            }
        }
        Defect::Glare => glare(chance, &mut picture, &lie),
        Defect::TooDark => scale(&mut picture, chance.between(0.12, 0.30), 0.0),
        Defect::TooBright => {
            let left = chance.between(0.09, 0.17);
            scale(&mut picture, left, 255.0 * (1.0 - left));
        }
        _ => {}
    }
    if defect != Defect::Blurred {
        let sigma = chance.between(0.02, 0.10) * mm;
        blur(&mut picture, sigma, sigma);
    }
    if defect == Defect::CutOff {
        picture = cut(chance, &picture, &lie);
    }
    noise(chance, &mut picture, if place == Place::Camera { 5.0 } else { 2.5 });
    let quality = chance.between(62.0, 93.0) as u8;
    // A scanner says its resolution, a camera does not.
    let dpi = (place != Place::Camera).then_some(sheet.dpi.round() as u16);
    Made { jpeg: jpeg(&picture, quality), dpi, skew_deg, rotation, defect, place, truth }
}

/// A sheet on the glass of a scanner that is just as large: a little turned, so that its corners are lost.
pub fn on_glass(chance: &mut Chance, sheet: Sheet, truth: Truth) -> Made {
    let (width, height) = (sheet.picture.width, sheet.picture.height);
    let skew_deg = 1.1;
    let (sin, cos) = f64::to_radians(skew_deg).sin_cos();
    let half = (width as f64 / 2.0, height as f64 / 2.0);
    let lie = Lie { sin, cos, middle: half, lean: (0.0, 0.0), half };
    let mut picture = Picture::new(width, height, [242; 3]);
    for y in 0..height {
        for x in 0..width {
            if let Some(colour) = sample(&sheet, lie.sheet(x as f64 + 0.5, y as f64 + 0.5)) {
                let at = (y * width + x) * 3;
                picture.rgb[at..at + 3].copy_from_slice(&colour.map(|value| value as u8));
            }
        }
    }
    blur(&mut picture, 0.5, 0.5);
    noise(chance, &mut picture, 2.0);
    let dpi = Some(sheet.dpi.round() as u16);
    Made { jpeg: jpeg(&picture, 88), dpi, skew_deg, rotation: 0, defect: Defect::None, place: Place::WhiteLid, truth }
}

pub fn jpeg(picture: &Picture, quality: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(&picture.rgb, picture.width as u32, picture.height as u32, image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes.into_inner()
}

fn empty(chance: &mut Chance, like: &Sheet) -> Sheet {
    let level = 236 + chance.below(14) as u8;
    Sheet { picture: Picture::new(like.picture.width, like.picture.height, [level; 3]), dpi: like.dpi }
}

/// The back: what is printed on the front shines through, the other way round.
fn back(chance: &mut Chance, front: &Sheet) -> Sheet {
    let mut sheet = empty(chance, front);
    let mut through = front.picture.clone();
    blur(&mut through, front.dpi * 0.017, front.dpi * 0.017);
    let part = chance.between(0.12, 0.18);
    let (width, paper) = (front.picture.width, f64::from(sheet.picture.rgb[0]));
    for y in 0..front.picture.height {
        for x in 0..width {
            let shade = paper - (250.0 - f64::from(through.pixel(width - 1 - x, y)[1])).max(0.0) * part;
            let at = (y * width + x) * 3;
            sheet.picture.rgb[at..at + 3].fill(shade as u8);
        }
    }
    sheet
}

fn place_on(chance: &mut Chance, sheet: &Sheet, place: Place, degrees: f64, defect: Defect) -> (Picture, Lie) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let half = (sheet.picture.width as f64 / 2.0, sheet.picture.height as f64 / 2.0);
    let long = half.0.max(half.1) * 2.0;
    let lean = if place == Place::Camera {
        (chance.between(-0.10, 0.10) / long, chance.between(-0.10, 0.10) / long)
    } else {
        (0.0, 0.0)
    };
    let mut lie = Lie { sin, cos, middle: (0.0, 0.0), lean, half };
    let mut second = None;
    let [mut left, mut top, mut right, mut bottom] = lie.bounds();
    let margin = match place {
        Place::WhiteLid => chance.between(0.0, 0.01),
        Place::BlackLid => chance.between(0.015, 0.08),
        Place::Camera => chance.between(0.03, 0.10),
    } * long;
    if defect == Defect::TwoPages {
        let other = degrees + chance.between(-9.0, 9.0);
        let (sin, cos) = other.to_radians().sin_cos();
        let mut beside = Lie { sin, cos, ..lie };
        let wide = (right - left) > (bottom - top);
        // Beside each other with a gap, or over each other and out of line.
        let away = if chance.yes(0.5) { chance.between(1.06, 1.15) } else { chance.between(0.35, 0.6) };
        let aside = chance.between(0.12, 0.2) * if chance.yes(0.5) { 1.0 } else { -1.0 };
        beside.middle = if wide {
            (aside * (right - left), away * (bottom - top))
        } else {
            (away * (right - left), aside * (bottom - top))
        };
        let [l, t, r, b] = beside.bounds();
        (left, top, right, bottom) = (left.min(l), top.min(t), right.max(r), bottom.max(b));
        second = Some(beside);
    }
    lie.middle = (margin - left, margin - top);
    if let Some(second) = &mut second {
        second.middle = (second.middle.0 + margin - left, second.middle.1 + margin - top);
    }
    let size = |length: f64| (length + 2.0 * margin).ceil().max(32.0) as usize;
    let (mut width, mut height) = (size(right - left), size(bottom - top));
    // A card lies on glass that is made for a sheet.
    if place == Place::WhiteLid && sheet.picture.width as f64 / sheet.dpi < 5.0 {
        width = width.max((sheet.dpi * 5.2) as usize);
        height = height.max((sheet.dpi * 5.2) as usize);
    }
    let behind = match place {
        Place::WhiteLid => [242.0; 3],
        Place::BlackLid => [chance.between(6.0, 40.0); 3],
        Place::Camera => [chance.between(70.0, 110.0), chance.between(55.0, 85.0), chance.between(35.0, 70.0)],
    };
    let grain = if place == Place::Camera { chance.between(2.0, 12.0) } else { 0.0 };
    let wave = chance.between(0.02, 0.2);
    let mut picture = Picture::new(width, height, [0; 3]);
    let shadow = sheet.dpi * 0.02;
    for y in 0..height {
        for x in 0..width {
            let at = (x as f64 + 0.5, y as f64 + 0.5);
            let found = second.iter().find_map(|second| sample(sheet, second.sheet(at.0, at.1)));
            let (u, v) = lie.sheet(at.0, at.1);
            let colour = found.or_else(|| sample(sheet, (u, v))).unwrap_or_else(|| {
                // A little shadow beside the paper, on one side.
                let off = (u - 2.0 * lie.half.0).max(v - 2.0 * lie.half.1).max(-u).max(-v);
                let dark = if place == Place::WhiteLid { 1.0 - 0.12 * (-off / shadow).exp() } else { 1.0 };
                let ripple = grain * ((at.0 * wave).sin() * 0.6 + (at.0 * 0.031 + at.1 * wave * 0.11).sin());
                behind.map(|value| value * dark + ripple)
            });
            let place = (y * width + x) * 3;
            for (out, value) in picture.rgb[place..place + 3].iter_mut().zip(colour) {
                *out = value.clamp(0.0, 255.0) as u8;
            }
        }
    }
    (picture, lie)
}

fn sample(sheet: &Sheet, (u, v): (f64, f64)) -> Option<[f64; 3]> {
    let picture = &sheet.picture;
    if u < 0.0 || v < 0.0 || u >= picture.width as f64 || v >= picture.height as f64 {
        return None;
    }
    let (u, v) = ((u - 0.5).max(0.0), (v - 0.5).max(0.0));
    let (x, y) = (u as usize, v as usize);
    let (right, down) = (u - x as f64, v - y as f64);
    let (x1, y1) = ((x + 1).min(picture.width - 1), (y + 1).min(picture.height - 1));
    let corners = [picture.pixel(x, y), picture.pixel(x1, y), picture.pixel(x, y1), picture.pixel(x1, y1)];
    let parts = [(1.0 - right) * (1.0 - down), right * (1.0 - down), (1.0 - right) * down, right * down];
    Some(std::array::from_fn(|channel| {
        corners.iter().zip(parts).map(|(corner, part)| f64::from(corner[channel]) * part).sum()
    }))
}

fn each(picture: &mut Picture, mut change: impl FnMut(usize, usize, &mut [u8])) {
    let width = picture.width;
    for (at, pixel) in picture.rgb.chunks_exact_mut(3).enumerate() {
        change(at % width, at / width, pixel);
    }
}

/// A crease across the sheet: a thin dark line with a slope of light beside it.
fn fold(chance: &mut Chance, picture: &mut Picture, lie: &Lie) {
    let across = chance.yes(0.5);
    let part = chance.between(0.3, 0.7);
    let (depth, wide) = (chance.between(0.04, 0.14), lie.half.0.min(lie.half.1) * 0.03);
    each(picture, |x, y, pixel| {
        let (u, v) = lie.sheet(x as f64, y as f64);
        if u < 0.0 || v < 0.0 || u > lie.half.0 * 2.0 || v > lie.half.1 * 2.0 {
            return;
        }
        let off = if across { v - lie.half.1 * 2.0 * part } else { u - lie.half.0 * 2.0 * part };
        let dark = 1.0 - depth * (-(off / wide).abs()).exp();
        pixel.iter_mut().for_each(|value| *value = (f64::from(*value) * dark) as u8);
    });
}

/// Uneven light, and a shadow with a soft edge; a scanner has little of either.
fn light(chance: &mut Chance, picture: &mut Picture, place: Place) {
    let strong = if place == Place::Camera { 1.0 } else { 0.15 };
    let (slope_x, slope_y) = (chance.between(-0.14, 0.14) * strong, chance.between(-0.14, 0.14) * strong);
    let level = if place == Place::Camera { chance.between(0.74, 0.92) } else { chance.between(0.95, 1.02) };
    let tint: [f64; 3] =
        if place == Place::Camera { [1.0, chance.between(0.95, 1.0), chance.between(0.86, 1.0)] } else { [1.0; 3] };
    let shadow = (place == Place::Camera && chance.yes(0.45)).then(|| {
        let angle = chance.between(0.0, std::f64::consts::TAU);
        (angle.cos(), angle.sin(), chance.between(-0.25, 0.35), chance.between(0.62, 0.85), chance.between(0.02, 0.10))
    });
    let (width, height) = (picture.width as f64, picture.height as f64);
    each(picture, |x, y, pixel| {
        let (x, y) = (x as f64 / width - 0.5, y as f64 / height - 0.5);
        let mut light = level * (1.0 + slope_x * x * 2.0 + slope_y * y * 2.0);
        if let Some((dx, dy, at, depth, soft)) = shadow {
            let part = 1.0 / (1.0 + (-(x * dx + y * dy - at) / soft).exp());
            light *= 1.0 - (1.0 - depth) * part;
        }
        for (value, tint) in pixel.iter_mut().zip(tint) {
            *value = (f64::from(*value) * light * tint).clamp(0.0, 255.0) as u8;
        }
    });
}

/// A lamp mirrored on the sheet, over its print.
fn glare(chance: &mut Chance, picture: &mut Picture, lie: &Lie) {
    let (u, v) = (lie.half.0 * chance.between(0.6, 1.4), lie.half.1 * chance.between(0.6, 1.4));
    let (cx, cy) = lie.seen(u, v);
    let radius = lie.half.0.min(lie.half.1) * chance.between(0.22, 0.5);
    let flat = chance.between(0.6, 1.0);
    each(picture, |x, y, pixel| {
        let off = ((x as f64 - cx).powi(2) + ((y as f64 - cy) / flat).powi(2)).sqrt() / radius;
        let white = 1.6 * (-off.powi(4) * 1.2).exp();
        pixel.iter_mut().for_each(|value| *value = (f64::from(*value) + 255.0 * white).min(255.0) as u8);
    });
}

fn scale(picture: &mut Picture, by: f64, plus: f64) {
    picture.rgb.iter_mut().for_each(|value| *value = (f64::from(*value) * by + plus) as u8);
}

/// Cuts a part of the sheet away on one side of the picture.
fn cut(chance: &mut Chance, picture: &Picture, lie: &Lie) -> Picture {
    let [left, top, right, bottom] = lie.bounds();
    let part = chance.between(0.14, 0.32);
    let (mut from, mut to) = ((0, 0), (picture.width, picture.height));
    match chance.below(4) {
        0 => from.0 = (left + (right - left) * part).max(0.0) as usize,
        1 => from.1 = (top + (bottom - top) * part).max(0.0) as usize,
        2 => to.0 = ((right - (right - left) * part) as usize).min(picture.width),
        _ => to.1 = ((bottom - (bottom - top) * part) as usize).min(picture.height),
    }
    let mut out = Picture::new(to.0 - from.0, to.1 - from.1, [0; 3]);
    for y in 0..out.height {
        let at = ((y + from.1) * picture.width + from.0) * 3;
        let row = y * out.width * 3;
        out.rgb[row..row + out.width * 3].copy_from_slice(&picture.rgb[at..at + out.width * 3]);
    }
    out
}

/// Three box filters in a row are nearly a bell.
fn blur(picture: &mut Picture, sigma_x: f64, sigma_y: f64) {
    for sigma in [(sigma_x, true), (sigma_y, false)] {
        let (sigma, along) = sigma;
        if sigma < 0.25 {
            continue;
        }
        if sigma < 1.2 {
            // Three taps with the same variance.
            let side = (sigma * sigma / 2.0).min(0.33);
            pass(picture, along, &|line| {
                let last = line.len() - 1;
                (0..line.len())
                    .map(|at| {
                        line[at] * (1.0 - 2.0 * side as f32)
                            + (line[at.saturating_sub(1)] + line[(at + 1).min(last)]) * side as f32
                    })
                    .collect()
            });
            continue;
        }
        let radius = ((((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) / 2.0).round().max(1.0)) as isize;
        for _ in 0..3 {
            pass(picture, along, &|line| {
                let last = line.len() as isize - 1;
                let value = |at: isize| line[at.clamp(0, last) as usize];
                let mut sum: f32 = (-radius..=radius).map(value).sum();
                (0..=last)
                    .map(|at| {
                        let mean = sum / (2 * radius + 1) as f32;
                        sum += value(at + radius + 1) - value(at - radius);
                        mean
                    })
                    .collect()
            });
        }
    }
}

fn pass(picture: &mut Picture, along: bool, filter: &dyn Fn(&[f32]) -> Vec<f32>) {
    let (lines, length) = if along { (picture.height, picture.width) } else { (picture.width, picture.height) };
    let mut line = vec![0.0_f32; length];
    for at in 0..lines {
        for channel in 0..3 {
            let place = |step: usize| {
                let (x, y) = if along { (step, at) } else { (at, step) };
                (y * picture.width + x) * 3 + channel
            };
            for (step, value) in line.iter_mut().enumerate() {
                *value = f32::from(picture.rgb[place(step)]);
            }
            let places: Vec<usize> = (0..length).map(place).collect();
            for (place, value) in places.into_iter().zip(filter(&line)) {
                picture.rgb[place] = (value + 0.5) as u8;
            }
        }
    }
}

fn noise(chance: &mut Chance, picture: &mut Picture, most: f64) {
    let sigma = chance.between(0.5, most);
    // A table of bells is as good as a bell each time.
    let bells: Vec<i16> = (0..4096).map(|_| (chance.bell() * sigma).round() as i16).collect();
    let mut state = chance.next();
    each(picture, |_, _, pixel| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let grey = bells[(state >> 40) as usize & 4095];
        for (at, value) in pixel.iter_mut().enumerate() {
            let own = bells[(state >> (28 + at * 9)) as usize & 4095] / 3;
            *value = (i16::from(*value) + grey + own).clamp(0, 255) as u8;
        }
    });
}
