//! Where the paper lies: on a scanner's glass before a dark lid, or on a desk under a camera.
//!
//! Before a white lid nothing is found here, and the whole picture is the page.

use super::geometry::{Line, Point, Quad, area};
use super::grey::Grey;

/// Longest side of the picture in which sheets are looked for.
const TINY_MAX_PX: usize = 330;
/// Least difference of brightness between paper and desk: in levels, and as a part of the paper's.
const EDGE_LEVELS_MIN: f64 = 16.0;
const EDGE_PART_MIN: f64 = 0.22;
/// Least part of the picture's rim that is desk, where there is one.
const RIM_DESK_MIN: f64 = 0.03;
/// Least part of the picture that is a sheet: a card on the glass of an A4 scanner has 7 %.
const SHEET_PART_MIN: f64 = 0.03;
/// Least part of the largest sheet's area that is a second sheet and not a scrap.
const SECOND_PART_MIN: f64 = 0.25;
/// Two sheets that lie over each other make notches: the least part of their four corners that these take.
const NOTCHES_MIN: f64 = 0.045;
/// A notch with straight sides: a rubber band around the sheets leaves half of it out. A bite of shadow is otherwise.
const NOTCH_SHAPE: std::ops::Range<f64> = 0.43..0.65;
/// Part of the outline at which there is a step, at most: of one sheet that lies half in a shadow most of it is one.
const STEPPED_MAX: f64 = 0.85;
/// Least part of an edge of the picture that a sheet covers when it touches it.
const TOUCH_MIN: f64 = 0.04;
/// Least step of brightness within two pixels, as a part of what paper and desk differ by: of a sharp outline, and of a
/// blurred one. Shadows are much softer.
const STEP_MIN: [f64; 2] = [0.25, 0.12];
/// Least part of an outline that must be a real step of brightness.
const STEP_PART_MIN: f64 = 0.55;

/// What was found, in pixels of the small picture.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    /// Corners, clockwise from the top left as seen.
    pub quad: Quad,
    /// Which sides (between corner n and n + 1) are the picture's own edge.
    pub at_frame: [bool; 4],
    /// Which edges of the picture (left, top, right, bottom) the sheet touches, so that it may go on beyond.
    pub touches: [bool; 4],
    /// Part of the outline at which there is a step of brightness.
    pub stepped: f64,
    /// Corners of whatever shows that there are two.
    pub second: Option<Vec<Point>>,
}

struct Mask {
    width: usize,
    height: usize,
    bright: Vec<bool>,
    scale: f64,
}

/// Finds the largest sheet before a darker background.
pub(super) fn find(small: &Grey) -> Option<Sheet> {
    let factor = small.width.max(small.height).div_ceil(TINY_MAX_PX).max(1);
    let tiny = brighter(&small.shrunk(factor));
    let (threshold, dark, bright) = two_classes(&tiny)?;
    if bright - dark < EDGE_LEVELS_MIN.max(bright * EDGE_PART_MIN) {
        return None;
    }
    let mask = Mask {
        width: tiny.width,
        height: tiny.height,
        bright: tiny.values.iter().map(|value| *value > threshold).collect(),
        scale: factor as f64,
    };
    let (w, h) = (mask.width, mask.height);
    let rim = (0..w).flat_map(|x| [(x, 0), (x, h - 1)]).chain((0..h).flat_map(|y| [(0, y), (w - 1, y)]));
    let (rim_all, rim_dark) =
        rim.fold((0_usize, 0_usize), |(all, dark), (x, y)| (all + 1, dark + usize::from(!mask.bright[y * w + x])));
    if (rim_dark as f64) < rim_all as f64 * RIM_DESK_MIN {
        return None;
    }
    let mut blobs = mask.blobs();
    blobs.retain(|blob| blob.area as f64 >= (w * h) as f64 * SHEET_PART_MIN);
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.area));
    let first = blobs.first()?;
    let quad = four_corners(&first.hull)?;
    let inside = area(&clipped(&quad, w as f64, h as f64));
    let touches = first.touches;
    let frame = (w as f64, h as f64);
    let [clear, soft] = STEP_MIN.map(|part| (bright - dark) * part);
    let (quad, at_frame, stepped) =
        refined(small, &quad, frame, mask.scale, clear).or_else(|| refined(small, &quad, frame, mask.scale, soft))?;
    let second = blobs
        .get(1)
        .filter(|blob| blob.area as f64 >= first.area as f64 * SECOND_PART_MIN)
        .map(|blob| blob.hull.clone())
        .or_else(|| {
            let (notches, cut) = (1.0 - first.filled as f64 / inside, 1.0 - area(&first.hull) / inside);
            let square = NOTCH_SHAPE.contains(&(cut / notches));
            (notches > NOTCHES_MIN && square && stepped < STEPPED_MAX && !touches.contains(&true))
                .then(|| first.hull.clone())
        })
        .map(|hull| hull.iter().map(|p| Point::new(p.x * mask.scale, p.y * mask.scale)).collect());
    Some(Sheet { quad, at_frame, touches, stepped, second })
}

/// The brightest of each neighbourhood, twice: letters and rules vanish, paper stays.
fn brighter(grey: &Grey) -> Grey {
    // Along rows, then along columns: the same as over squares.
    let pass = |from: &Grey| {
        let mut wide = from.values.clone();
        for (to, row) in wide.chunks_exact_mut(from.width.max(1)).zip(from.values.chunks_exact(from.width.max(1))) {
            for (to, near) in to.iter_mut().skip(1).zip(row.windows(3)) {
                *to = near[0].max(near[1]).max(near[2]);
            }
            if let ([first, second, ..], Some(to)) = (row, to.first_mut()) {
                *to = *first.max(second);
            }
            if let ([.., second, last], Some(to)) = (row, to.last_mut()) {
                *to = *last.max(second);
            }
        }
        let mut out = wide.clone();
        for y in 0..from.height {
            for near in [y.wrapping_sub(1), y + 1].into_iter().filter(|near| *near < from.height) {
                let above = &wide[near * from.width..(near + 1) * from.width];
                out[y * from.width..(y + 1) * from.width].iter_mut().zip(above).for_each(|(to, v)| *to = (*to).max(*v));
            }
        }
        Grey { values: out, ..*from }
    };
    // What was widened is made narrow again, so that outlines stay where they are.
    let wide = pass(&pass(grey));
    let dark = |from: &Grey| {
        let mut turned = Grey { values: from.values.iter().map(|value| 255 - value).collect(), ..*from };
        turned = pass(&pass(&turned));
        turned.values.iter_mut().for_each(|value| *value = 255 - *value);
        turned
    };
    dark(&wide)
}

/// Otsu's threshold with the means below and above.
fn two_classes(grey: &Grey) -> Option<(u8, f64, f64)> {
    let mut counts = [0_u32; 256];
    grey.values.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let all: f64 = grey.values.len() as f64;
    let total: f64 = counts.iter().enumerate().map(|(value, count)| value as f64 * f64::from(*count)).sum();
    let (mut below, mut sum, mut best) = (0.0, 0.0, (0.0, None));
    for (value, count) in counts.iter().enumerate() {
        below += f64::from(*count);
        sum += value as f64 * f64::from(*count);
        let above = all - below;
        if below < 1.0 || above < 1.0 {
            continue;
        }
        let (low, high) = (sum / below, (total - sum) / above);
        let apart = below * above * (high - low).powi(2);
        if apart > best.0 {
            best = (apart, Some((value as u8, low, high)));
        }
    }
    best.1
}

struct Blob {
    area: usize,
    /// Area with its holes, row by row.
    filled: usize,
    touches: [bool; 4],
    hull: Vec<Point>,
}

impl Mask {
    fn blobs(&self) -> Vec<Blob> {
        let mut seen = vec![false; self.bright.len()];
        let mut blobs = Vec::new();
        let mut open = Vec::new();
        for start in 0..self.bright.len() {
            if seen[start] || !self.bright[start] {
                continue;
            }
            seen[start] = true;
            open.push(start);
            let mut extents = vec![(usize::MAX, 0_usize); self.height];
            let (mut area, mut at_edge) = (0, [0_usize; 4]);
            while let Some(at) = open.pop() {
                area += 1;
                let (x, y) = (at % self.width, at / self.width);
                for (count, there) in
                    at_edge.iter_mut().zip([x == 0, y == 0, x + 1 == self.width, y + 1 == self.height])
                {
                    *count += usize::from(there);
                }
                extents[y] = (extents[y].0.min(x), extents[y].1.max(x));
                let mut visit = |near: usize| {
                    if self.bright[near] && !seen[near] {
                        seen[near] = true;
                        open.push(near);
                    }
                };
                if x > 0 {
                    visit(at - 1);
                }
                if x + 1 < self.width {
                    visit(at + 1);
                }
                if y > 0 {
                    visit(at - self.width);
                }
                if y + 1 < self.height {
                    visit(at + self.width);
                }
            }
            let rows = extents.iter().enumerate().filter(|(_, (low, _))| *low != usize::MAX);
            let filled = rows.clone().map(|(_, (low, high))| high - low + 1).sum();
            let outline = rows.flat_map(|(y, (low, high))| {
                let (left, right) = (*low as f64, *high as f64 + 1.0);
                [(left, y), (right, y), (left, y + 1), (right, y + 1)].map(|(x, y)| Point::new(x, y as f64))
            });
            let sides = [self.height, self.width, self.height, self.width];
            let touches = std::array::from_fn(|edge| at_edge[edge] as f64 > sides[edge] as f64 * TOUCH_MIN);
            blobs.push(Blob { area, filled, touches, hull: hull(outline.collect()) });
        }
        blobs
    }
}

/// Convex hull, clockwise as seen (Andrew's monotone chain).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let turn = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let chain = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if turn(a, b, point) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}

/// Takes away the side whose neighbours close the gap with the least area, until four are left.
fn four_corners(hull: &[Point]) -> Option<Quad> {
    let mut corners = hull.to_vec();
    while corners.len() > 4 {
        let n = corners.len();
        let mut best: Option<(f64, usize, Point)> = None;
        for at in 0..n {
            let [before, from, to, behind] = [n - 1, 0, 1, 2].map(|step| corners[(at + step) % n]);
            let crossed = Line::through(before, from).zip(Line::through(behind, to)).and_then(|(a, b)| a.cross(&b));
            let Some(meet) = crossed else { continue };
            // The neighbours must meet outside of the side that goes.
            let side = |p: Point| (to.x - from.x) * (p.y - from.y) - (to.y - from.y) * (p.x - from.x);
            if side(meet) * side(before) > 0.0 || side(meet) * side(behind) > 0.0 {
                continue;
            }
            let added = area(&[from, meet, to]);
            if best.is_none_or(|(least, ..)| added < least) {
                best = Some((added, at, meet));
            }
        }
        let (_, at, meet) = best?;
        corners[at] = meet;
        corners.remove((at + 1) % n);
    }
    let quad: Quad = corners.try_into().ok()?;
    Some(from_top_left(quad))
}

/// What of a convex outline lies within the picture (Sutherland and Hodgman 1974).
pub(super) fn clipped(outline: &[Point], width: f64, height: f64) -> Vec<Point> {
    let within: [fn(Point, f64, f64) -> f64; 4] = [|p, _, _| p.x, |p, _, _| p.y, |p, w, _| w - p.x, |p, _, h| h - p.y];
    let mut outline = outline.to_vec();
    for depth in within {
        let depth = |p: Point| depth(p, width, height);
        let mut kept = Vec::with_capacity(outline.len() + 2);
        for (at, p) in outline.iter().enumerate() {
            let next = outline[(at + 1) % outline.len()];
            let (here, there) = (depth(*p), depth(next));
            if here >= 0.0 {
                kept.push(*p);
            }
            if here * there < 0.0 {
                let part = here / (here - there);
                kept.push(Point::new(p.x + (next.x - p.x) * part, p.y + (next.y - p.y) * part));
            }
        }
        outline = kept;
    }
    outline
}

/// Begins with the corner that is nearest to the top left.
fn from_top_left(quad: Quad) -> Quad {
    let first = (0..4).min_by(|a, b| (quad[*a].x + quad[*a].y).total_cmp(&(quad[*b].x + quad[*b].y))).unwrap_or(0);
    [0, 1, 2, 3].map(|step| quad[(first + step) % 4])
}

/// Moves each side to where the step of brightness is, to a part of a pixel. None where there is no step: then it was
/// a shadow. `least` is the least step, in levels; the last of what is returned is the part of the outline with one.
fn refined(small: &Grey, quad: &Quad, frame: (f64, f64), scale: f64, least: f64) -> Option<(Quad, [bool; 4], f64)> {
    let (width, height) = frame;
    let near_frame = |a: Point, b: Point| {
        let near = |value: fn(Point) -> f64, edge: f64| (value(a) - edge).abs() < 1.6 && (value(b) - edge).abs() < 1.6;
        near(|p| p.x, 0.0) || near(|p| p.x, width) || near(|p| p.y, 0.0) || near(|p| p.y, height)
    };
    let mut lines = Vec::with_capacity(4);
    let mut at_frame = [false; 4];
    let (mut tried, mut stepped) = (0_usize, 0_usize);
    for (side, at_frame) in at_frame.iter_mut().enumerate() {
        let (a, b) = (quad[side], quad[(side + 1) % 4]);
        *at_frame = near_frame(a, b);
        let (a, b) = (Point::new(a.x * scale, a.y * scale), Point::new(b.x * scale, b.y * scale));
        let line = Line::through(a, b)?;
        if *at_frame {
            lines.push(line);
            continue;
        }
        let reach = (scale * 2.0).max(3.0) as isize;
        let mut points = Vec::new();
        for at in 3..62 {
            let part = f64::from(at) / 64.0;
            let p = Point::new(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part);
            if p.x < 1.0 || p.y < 1.0 || p.x > small.width as f64 - 1.0 || p.y > small.height as f64 - 1.0 {
                continue;
            }
            tried += 1;
            // The normal of a clockwise side points outwards: bright within, dark beyond.
            let value = |step: f64| small.between(p.x + line.nx * step, p.y + line.ny * step);
            let steps: Vec<(f64, f64)> = (-2 * reach..=2 * reach)
                .map(|at| at as f64 / 2.0)
                .map(|at| (at, value(at - 1.0) - value(at + 1.0)))
                .collect();
            let Some(best) = steps.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
            if best.1 < least {
                continue;
            }
            stepped += 1;
            // The middle of the step, weighted.
            let near = steps.iter().filter(|step| (step.0 - best.0).abs() <= 1.5 && step.1 > 0.0);
            let (sum, weight) = near.fold((0.0, 0.0), |(sum, weight), step| (sum + step.0 * step.1, weight + step.1));
            let off = sum / weight;
            points.push(Point::new(p.x + line.nx * off, p.y + line.ny * off));
        }
        let mut fitted = Line::fit(&points).unwrap_or(line);
        for most in [2.0, 1.0, 0.7] {
            let near: Vec<Point> = points.iter().copied().filter(|p| fitted.off(*p).abs() <= most).collect();
            if near.len() >= 8 {
                fitted = Line::fit(&near).unwrap_or(fitted);
            }
        }
        lines.push(fitted);
    }
    if tried == 0 || (stepped as f64) < tried as f64 * STEP_PART_MIN {
        return None;
    }
    let mut corners = [Point::default(); 4];
    for (at, corner) in corners.iter_mut().enumerate() {
        *corner = lines[(at + 3) % 4].cross(&lines[at])?;
        // A corner far away from where it was seen is no corner.
        let seen = Point::new(quad[at].x * scale, quad[at].y * scale);
        if corner.to(seen) > scale * 6.0 + 6.0 {
            *corner = seen;
        }
    }
    Some((corners, at_frame, stepped as f64 / tried as f64))
}
