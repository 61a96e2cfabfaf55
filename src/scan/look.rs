//! One look at a page: where it lies, how it is turned, what may be wrong.

use super::decode::Page;
use super::geometry::{Map, Point, Quad, Region};
use super::grey::{self, Background, Grey, TILE};
use super::ink::{self, Ink};
use super::judge::Seen;
use super::outline;
use super::paper::{self, Sheet};
use super::sharpness;
use super::skew;
use super::upright::{self, Letter};
use super::verdict::Verdict;

/// Fewest letters of faint print, and how much darker than the paper they are at least, in levels: dirt and noise make a
/// few, but never many.
const FAINT_PRINT: [(usize, f64); 2] = [(150, 6.0), (24, 6.6)];
/// By how much the small picture is shrunk once more to look for it.
const FAINT_FACTOR: usize = 2;
/// Mean vote above which the letters are sure which way is up.
const VOTE_SURE: f32 = 0.25;
/// Largest usual letter of a page, in inches: 19 points of capitals.
const LETTER_INCHES_MAX: f64 = 0.19;
/// Long sides of paper in inches by the ratio of the sides: A4, F4 and a card.
const FORMATS: [(std::ops::Range<f64>, f64); 3] = [(1.37..1.46, 11.69), (1.50..1.56, 13.0), (1.565..1.61, 3.37)];
/// Ratios of the sides that a sheet may have: others are an outline gone wrong.
const RATIOS: std::ops::Range<f64> = 0.2..5.0;
/// Ratio of the sides of paper of the A series, as a camera shows it.
const PAPER_RATIO: std::ops::Range<f64> = 1.36..1.47;
/// Long side of a sheet and of a card, in inches, and the ratio of the sides above which it is a card.
const SHEET_INCHES: f64 = 11.69;
const CARD_INCHES: f64 = 3.37;
const CARD_RATIO_MIN: f64 = 1.545;
/// Least part of an outline that must have been seen to tell a card from a sheet.
const OUTLINED_MIN: f64 = 0.9;

/// By how many quarter turns, clockwise, the page stands in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Upright.
    None,
    /// A quarter turn clockwise.
    Right,
    /// Upside down.
    Half,
    /// A quarter turn counter-clockwise.
    Left,
}

impl Rotation {
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Right, Self::Half, Self::Left];

    /// Degrees, clockwise.
    #[must_use]
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Right => 90,
            Self::Half => 180,
            Self::Left => 270,
        }
    }

    /// The rotation of so many degrees; none of other than quarter turns.
    #[must_use]
    pub fn of_degrees(degrees: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|rotation| rotation.degrees() == degrees % 360)
    }
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Look {
    /// What may be wrong.
    pub verdict: Verdict,
    /// By how many degrees the lines are turned clockwise, beside the quarter turns of `rotation`; -45 to 45.
    pub skew_deg: f64,
    /// By how many quarter turns.
    pub rotation: Rotation,
    /// Whether the letters agreed on it; where not, an OCR program may settle it ([`Look::with_rotation`]).
    pub rotation_sure: bool,
    /// Dots per inch: as told, or else from the shape of the sheet.
    pub dpi: Option<u16>,
    /// 1 where print can just be read, more where it is sharper; none without print.
    pub sharpness: Option<f64>,
    /// How bright the paper is, 0 to 255.
    pub paper: u8,
    /// How clearly the letters agree on the rotation: difference of the two best mean votes.
    pub rotation_margin: f32,
    /// How many letters were seen.
    pub letters: usize,
    /// The part of the picture that is the page.
    pub region: Region,
    /// From the straight page, without its quarter turns, to the picture's pixels.
    pub(super) to_page: Map,
    /// Width and height of the straight page, without its quarter turns, in pixels.
    pub(super) size: (f64, f64),
    pub(super) background: Background,
    pub(super) factor: usize,
}

impl Look {
    /// The same with another rotation: an OCR program or a person knew better.
    #[must_use]
    pub fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self.rotation_sure = true;
        self
    }

    /// Where a region of the picture lies on the page that [`super::straighten`] makes.
    #[must_use]
    pub fn on_straight(&self, region: Region) -> Region {
        let map = self.straight_to_page().inverse().unwrap_or(Map::SAME);
        let (width, height) = self.straight_size();
        Region::around(region.corners().map(|corner| map.of(corner)), width, height)
    }

    /// Where a region of the straight page lies in the picture: as large as it is there, level although the lines are
    /// turned by `skew_deg`, with its quarter turns.
    #[must_use]
    pub fn on_picture(&self, region: Region) -> [f32; 4] {
        let map = self.straight_to_page();
        let [a, b, c, d] = region.corners().map(|corner| map.of(corner));
        let middle = |a: Point, b: Point| Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
        let (mut width, mut height) = (middle(a, d).to(middle(b, c)), middle(a, b).to(middle(c, d)));
        if matches!(self.rotation, Rotation::Right | Rotation::Left) {
            (width, height) = (height, width);
        }
        let middle = middle(middle(a, b), middle(c, d));
        [middle.x - width / 2.0, middle.y - height / 2.0, width, height].map(|value| value as f32)
    }

    /// Width and height of the straight page, in pixels.
    pub(super) fn straight_size(&self) -> (usize, usize) {
        let (width, height) = (self.size.0.round().max(1.0) as usize, self.size.1.round().max(1.0) as usize);
        match self.rotation {
            Rotation::None | Rotation::Half => (width, height),
            Rotation::Right | Rotation::Left => (height, width),
        }
    }

    /// From the straight page to the picture.
    pub(super) fn straight_to_page(&self) -> Map {
        let (width, height) = self.size;
        let turn = match self.rotation {
            Rotation::None => Map::SAME,
            Rotation::Right => Map([0.0, -1.0, width, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
            Rotation::Half => Map([-1.0, 0.0, width, 0.0, -1.0, height, 0.0, 0.0, 1.0]),
            Rotation::Left => Map([0.0, 1.0, 0.0, -1.0, 0.0, height, 0.0, 0.0, 1.0]),
        };
        self.to_page.after(&turn)
    }
}

/// Looks at a page.
#[must_use]
pub fn look(page: &Page) -> Look {
    let factor = grey::factor_of(page);
    let small = grey::of_page(page, factor);
    let background = Background::of(&small);
    let sheet = paper::find(&small);
    let frame = (small.width as f64, small.height as f64);
    let quad = sheet.as_ref().map_or_else(|| whole(frame), |sheet| sheet.quad);
    let background = match &sheet {
        Some(_) => background.within(|column, row| tile_inside(&quad, &sheet, &small, column, row)),
        None => background,
    };
    let inside = |y: usize, spans: &mut Vec<(usize, usize)>| spans.extend(span(&quad, &sheet, y, small.width));
    let mut only_faint = None;
    let mut ink = ink::find(&small, &background, ink::INK, inside);
    if ink.letters.len() < skew::LETTERS_MIN {
        // Specks are no print: what is faint is taken only where it makes many letters.
        let faint = faint_ink(&small, inside);
        let known = |(letters, contrast): &(usize, f64)| faint.letters.len() >= *letters && faint.contrast >= *contrast;
        if FAINT_PRINT.iter().any(known) {
            only_faint = Some(ink.area);
            ink = faint;
        }
    }

    // The plane in which a sheet under a camera is a rectangle again.
    let (flat_size, to_small) = match &sheet {
        // What is cut has no four corners of its own.
        Some(sheet) if !sheet.touches.contains(&true) => flat(&sheet.quad),
        _ => (frame, Map::SAME),
    };
    let to_flat = to_small.inverse().unwrap_or(Map::SAME);
    let turned = Turned::of(&ink, &to_flat, &background);
    let mut angle = turned.angle.unwrap_or(0.0);
    let to_pixels = Map::scale(factor as f64).after(&to_small);
    let votes = upright::votes(page, &turned.letters, &to_pixels.after(&Map::turn(angle, Point::default())));
    let (rotation, rotation_margin) = decide(votes, turned.along);
    if let Some(fine) = turned.fine(&ink, &to_flat, angle, rotation) {
        angle = fine;
    }
    // Few letters, and lines that do not agree with the sheet: the sheet is the better guide.
    if sheet.is_some() && ink.letters.len() < 3 * skew::LETTERS_MIN && nearest_quarter(angle).abs() > 3_f64.to_radians()
    {
        angle = 0.0;
    }
    let plane = Plane { flat_size, to_pixels, angle };
    let (size, to_page) = plane.cropped(&sheet, &ink, &to_flat, factor);
    let skew_deg = direction(&to_page, size);
    let dpi =
        page.dpi.or_else(|| sheet.as_ref().and_then(|sheet| dpi_of_shape(sheet, flat_size, factor, ink.letter_px)));
    let sharpness = sharpness::measure(page, &ink, factor, dpi);
    let seen = Seen {
        page,
        small: &small,
        background: &background,
        sheet: &sheet,
        quad,
        ink: &ink,
        strong: only_faint,
        factor,
        dpi,
        rough_dpi: sheet.as_ref().and_then(|sheet| rough_dpi(sheet, flat_size, factor)),
        sharpness,
        edges: sheet.is_none().then(|| outline::edges(&small, &ink, angle)).flatten(),
    };
    let paper = seen.paper();
    Look {
        verdict: seen.verdict(paper),
        skew_deg,
        rotation,
        rotation_sure: rotation_margin > VOTE_SURE,
        rotation_margin,
        dpi,
        sharpness,
        paper: paper as u8,
        letters: ink.letters.len(),
        region: seen.region(quad),
        to_page,
        size,
        background,
        factor,
    }
}

/// Faint print, looked at in a smaller and calmer picture: noise goes, and letters stay apart.
fn faint_ink(small: &Grey, inside: impl Fn(usize, &mut Vec<(usize, usize)>)) -> Ink {
    let calm = small.shrunk(FAINT_FACTOR).calm();
    let ink = ink::find(&calm, &Background::of(&calm), ink::FAINT, |y, spans| {
        inside(y * FAINT_FACTOR, spans);
        spans.iter_mut().for_each(|(from, to)| (*from, *to) = (from.div_ceil(FAINT_FACTOR), *to / FAINT_FACTOR));
    });
    ink.enlarged(FAINT_FACTOR as i32)
}

fn whole((width, height): (f64, f64)) -> Quad {
    [Point::new(0.0, 0.0), Point::new(width, 0.0), Point::new(width, height), Point::new(0.0, height)]
}

/// The part of a row that is paper, without the shadow of the paper's own edge.
fn span(quad: &Quad, sheet: &Option<Sheet>, y: usize, width: usize) -> Option<(usize, usize)> {
    let Some(sheet) = sheet else { return Some((0, width)) };
    let y = y as f64 + 0.5;
    let (mut from, mut to) = (f64::MAX, f64::MIN);
    for side in 0..4 {
        let (a, b) = (quad[side], quad[(side + 1) % 4]);
        if (a.y - y) * (b.y - y) < 0.0 {
            let x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
            let flat = ((b.x - a.x) / (b.y - a.y)).abs().min(20.0);
            let inner = if sheet.at_frame[side] { 0.0 } else { 3.0 * (1.0 + flat) };
            from = from.min(x + inner);
            to = to.max(x - inner);
        }
    }
    (from < to).then(|| (from.max(0.0) as usize, to.max(0.0) as usize))
}

/// Whether a tile of the background lies wholly on the sheet.
pub(super) fn tile_inside(quad: &Quad, sheet: &Option<Sheet>, small: &Grey, column: usize, row: usize) -> bool {
    let last = small.height.saturating_sub(1);
    [row * TILE, ((row + 1) * TILE).min(last)].into_iter().all(|y| {
        let within = |(from, to): (usize, usize)| column * TILE >= from && ((column + 1) * TILE).min(small.width) <= to;
        span(quad, sheet, y, small.width).is_some_and(within)
    })
}

/// A sheet's own size, in pixels of the small picture, and the map onto its corners.
fn flat(quad: &Quad) -> ((f64, f64), Map) {
    let [a, b, c, d] = quad;
    let (mut width, mut height) = (a.to(*b).max(d.to(*c)).max(2.0), a.to(*d).max(b.to(*c)).max(2.0));
    // A camera shortens the far side; in its middle the sheet keeps its shape.
    let in_middle = Map::from_rectangle(1.0, 1.0, quad).map(|map| {
        let at = |x, y| map.of(Point::new(x, y));
        at(0.49, 0.5).to(at(0.51, 0.5)) / at(0.5, 0.49).to(at(0.5, 0.51))
    });
    let mut ratio = in_middle.filter(|ratio| RATIOS.contains(ratio)).unwrap_or(width / height);
    if PAPER_RATIO.contains(&ratio.max(1.0 / ratio)) {
        ratio = if ratio > 1.0 { std::f64::consts::SQRT_2 } else { std::f64::consts::FRAC_1_SQRT_2 };
    }
    (width, height) = (width.max(height * ratio), height.max(width / ratio));
    let map = Map::from_rectangle(width, height, quad).unwrap_or(Map::SAME);
    ((width, height), map)
}

/// An angle without its quarter turns, in radians.
fn nearest_quarter(angle: f64) -> f64 {
    let quarter = std::f64::consts::FRAC_PI_2;
    angle - (angle / quarter).round() * quarter
}

/// Which way is up: the letters' votes, and the direction of the lines where these are in doubt.
fn decide(votes: [f32; 4], along: f64) -> (Rotation, f32) {
    // Lines along the page speak against quarter turns, and the other way round; never against clear letters.
    let lines = (along.ln() as f32 * 0.25).clamp(-0.15, 0.15);
    let weighed = [votes[0] + lines, votes[1] - lines, votes[2] + lines, votes[3] - lines];
    let mut order = [0, 1, 2, 3];
    order.sort_by(|a, b| weighed[*b].total_cmp(&weighed[*a]));
    (Rotation::ALL[order[0]], weighed[order[0]] - weighed[order[1]])
}

/// The middles of the letters' runs of ink, in the flat plane.
fn run_middles(ink: &Ink, to_flat: &Map) -> Vec<Point> {
    let chosen = ink.chosen();
    let runs = ink.runs.iter().filter(|run| chosen[run.piece as usize]);
    runs.map(|run| to_flat.of(Point::new(f64::from(run.from + run.to) / 2.0, f64::from(run.y) + 0.5))).collect()
}

/// The letters in the flat plane, turned so that their lines are level.
struct Turned {
    angle: Option<f64>,
    along: f64,
    letters: Vec<Letter>,
}

impl Turned {
    fn of(ink: &Ink, to_flat: &Map, background: &Background) -> Self {
        let chosen = ink.chosen();
        let found = skew::coarse(&run_middles(ink, to_flat));
        let angle = found.map(|(angle, _)| angle);
        let (sin, cos) = angle.unwrap_or(0.0).sin_cos();
        let mut boxes = vec![[f64::MAX, f64::MIN, f64::MAX, f64::MIN]; ink.pieces.len()];
        for run in ink.runs.iter().filter(|run| chosen[run.piece as usize]) {
            for x in [run.from, run.to] {
                let p = to_flat.of(Point::new(f64::from(x), f64::from(run.y) + 0.5));
                let (u, v) = (p.x * cos + p.y * sin, p.y * cos - p.x * sin);
                let [left, right, top, bottom] = &mut boxes[run.piece as usize];
                (*left, *right) = (left.min(u), right.max(u));
                (*top, *bottom) = (top.min(v - 0.5), bottom.max(v + 0.5));
            }
        }
        let letters = ink.letters.iter().filter_map(|at| {
            let [left, right, top, bottom] = boxes[*at as usize];
            let (width, height) = (right - left, bottom - top);
            let middle = ink.pieces[*at as usize].centre();
            // Two letters that touch are wide, and a dash is flat: neither tells anything.
            let usual = width.max(height) <= 1.6 * width.min(height).max(ink.letter_px * 0.55);
            (usual && width.max(height) >= ink.letter_px * 0.7).then(|| Letter {
                middle: Point::new((left + right) / 2.0, (top + bottom) / 2.0),
                side: width.max(height),
                paper: background.at(middle.x, middle.y),
            })
        });
        Self { angle, along: found.map_or(1.0, |(_, along)| along), letters: letters.collect() }
    }

    /// The exact angle, from the feet of the letters once it is known where their feet are.
    fn fine(&self, ink: &Ink, to_flat: &Map, angle: f64, rotation: Rotation) -> Option<f64> {
        self.angle?;
        let down = angle + f64::from(rotation.degrees()).to_radians();
        let (sin, cos) = down.sin_cos();
        let mut feet = vec![(f64::MIN, Point::default()); ink.pieces.len()];
        for run in &ink.runs {
            for x in [run.from, run.to] {
                let p = to_flat.of(Point::new(f64::from(x), f64::from(run.y) + 0.5));
                let low = p.y * cos - p.x * sin;
                let foot = &mut feet[run.piece as usize];
                if low > foot.0 {
                    *foot = (low, p);
                }
            }
        }
        let feet: Vec<Point> = ink.letters.iter().map(|at| feet[*at as usize].1).collect();
        let fine = skew::fine(&feet, down)?;
        Some(fine - f64::from(rotation.degrees()).to_radians())
    }
}

/// The flat plane and how its lines are turned.
struct Plane {
    flat_size: (f64, f64),
    to_pixels: Map,
    angle: f64,
}

impl Plane {
    /// The straight page: its size in pixels of the picture, and the map from there to the picture.
    fn cropped(&self, sheet: &Option<Sheet>, ink: &Ink, to_flat: &Map, factor: usize) -> ((f64, f64), Map) {
        let (width, height) = self.flat_size;
        // The sheet's corners in the level plane; a sheet that is level itself keeps its edges.
        let own = sheet.as_ref().is_some_and(|sheet| !sheet.touches.contains(&true));
        let angle = if own && self.angle.abs() < 0.25_f64.to_radians() { 0.0 } else { self.angle };
        let level = Map::turn(-angle, Point::default());
        let mut corners = whole((width, height)).to_vec();
        if let Some(sheet) = sheet.as_ref().filter(|sheet| sheet.touches.contains(&true)) {
            let inside = paper::clipped(&sheet.quad, width, height);
            if inside.len() >= 3 {
                corners = inside;
            }
        }
        let (mut low, mut high) = bounds(&corners.iter().map(|corner| level.of(*corner)).collect::<Vec<_>>());
        if sheet.is_none() && angle.abs() > 0.4_f64.to_radians() {
            // The glass around a turned page is not the page: what is printed, with a margin, is.
            let printed = ink.letters.iter().map(|at| level.of(to_flat.of(ink.pieces[*at as usize].centre())));
            let (from, to) = bounds(&printed.collect::<Vec<_>>());
            let margin = (width.max(height) / 24.0).max(20.0);
            if ink.letters.len() >= 3 * skew::LETTERS_MIN {
                low = Point::new(low.x.max(from.x - margin), low.y.max(from.y - margin));
                high = Point::new(high.x.min(to.x + margin), high.y.min(to.y + margin));
            }
        }
        let scale = factor as f64;
        let size = (((high.x - low.x) * scale).max(16.0), ((high.y - low.y) * scale).max(16.0));
        let back = Map::turn(angle, Point::default()).after(&Map::shift(low.x, low.y)).after(&Map::scale(1.0 / scale));
        (size, self.to_pixels.after(&back))
    }
}

fn bounds(points: &[Point]) -> (Point, Point) {
    let begin = (Point::new(f64::MAX, f64::MAX), Point::new(f64::MIN, f64::MIN));
    points.iter().fold(begin, |(low, high), p| {
        (Point::new(low.x.min(p.x), low.y.min(p.y)), Point::new(high.x.max(p.x), high.y.max(p.y)))
    })
}

/// How the straight page's lines lie in the picture, in degrees without quarter turns.
fn direction(to_page: &Map, (width, height): (f64, f64)) -> f64 {
    let middle = Point::new(width / 2.0, height / 2.0);
    let (from, to) = (
        to_page.of(Point::new(middle.x - width / 8.0, middle.y)),
        to_page.of(Point::new(middle.x + width / 8.0, middle.y)),
    );
    nearest_quarter((to.y - from.y).atan2(to.x - from.x)).to_degrees()
}

fn dpi_of_shape(sheet: &Sheet, (width, height): (f64, f64), factor: usize, letter_px: f64) -> Option<u16> {
    if sheet.touches.contains(&true) {
        return None;
    }
    let (long, short) = (width.max(height), width.min(height));
    let inches = FORMATS.iter().find(|(ratio, _)| ratio.contains(&(long / short)))?.1;
    // Seen from a side a card may have the shape of a sheet, but never its small letters.
    if letter_px * inches > long * LETTER_INCHES_MAX {
        return None;
    }
    Some((long * factor as f64 / inches).round().clamp(1.0, 4800.0) as u16)
}

/// About how many dots per inch a sheet under a camera has, also where its letters say that it may be another paper.
fn rough_dpi(sheet: &Sheet, (width, height): (f64, f64), factor: usize) -> Option<f64> {
    // Half in a shadow it seems to have another shape.
    if sheet.touches.contains(&true) || sheet.stepped < OUTLINED_MIN {
        return None;
    }
    let (long, short) = (width.max(height), width.min(height));
    let inches = if long / short > CARD_RATIO_MIN { CARD_INCHES } else { SHEET_INCHES };
    Some(long * factor as f64 / inches)
}
