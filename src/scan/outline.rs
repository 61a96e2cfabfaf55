//! The outline of a sheet before a white lid: a thin shadow or a slight step of brightness, found along the direction
//! of the print and outside of it.
//!
//! It is too weak to cut the page out by, but tells whether the sheet has a paper's size or goes on beyond the picture.

use super::geometry::Point;
use super::grey::Grey;
use super::ink::Ink;

/// Fewest letters whose outline is the outline of the print.
const LETTERS_MIN: usize = 36;
/// Least step of mean brightness at an edge, in levels: the mean over hundreds of pixels is calm.
const STEP_MIN: f64 = 2.4;
/// Pixels of the small picture over which a step is measured.
const STEP_PX: usize = 3;
/// Rows and columns at the picture's rim that say nothing, in pixels: scanners end in odd ones.
const RIM_PX: f64 = 3.0;
/// Least part of a line that lies within the picture.
const WITHIN_MIN: f64 = 0.6;
/// Fewest pixels of a line that are looked at, and most lines.
const LINE_MIN: usize = 20;
const LINES_MAX: usize = 4000;
/// Part of the print's extent that is looked at along an edge: a sheet's corner may lie beyond the picture.
const ALONG_PART: f64 = 0.6;

/// An edge of the sheet: the distance from the print's middle, along or across the lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// In pixels of the small picture.
    pub at: f64,
    /// Whether the sheet's own edge was seen; else this is where the picture ends.
    pub seen: bool,
}

/// Where the sheet ends to the left, at the top, to the right and at the bottom, in the plane in which the lines of
/// print are level. None with too little print.
pub(super) fn edges(small: &Grey, ink: &Ink, angle: f64) -> Option<[Edge; 4]> {
    if ink.letters.len() < LETTERS_MIN {
        return None;
    }
    let (sin, cos) = angle.sin_cos();
    let level = |p: Point| Point::new(p.x * cos + p.y * sin, p.y * cos - p.x * sin);
    let picture = |u: f64, v: f64| Point::new(u * cos - v * sin, u * sin + v * cos);
    let places: Vec<Point> = ink.letters.iter().map(|at| level(ink.pieces[*at as usize].centre())).collect();
    let range = |value: fn(&Point) -> f64| {
        let mut values: Vec<f64> = places.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        (values[0], values[values.len() - 1])
    };
    let (across, down) = (range(|p| p.x), range(|p| p.y));
    let middle = |(from, to): (f64, f64)| (from + to) / 2.0;
    let side = |outwards: f64, from: f64, along: (f64, f64), place: &dyn Fn(f64, f64) -> Point| {
        let half = (along.1 - along.0) / 2.0 * ALONG_PART;
        let (first, last) = (middle(along) - half, middle(along) + half);
        let (width, height) = (small.width as f64, small.height as f64);
        let within = |p: Point| p.x >= RIM_PX && p.y >= RIM_PX && p.x <= width - RIM_PX && p.y <= height - RIM_PX;
        // Line by line, until half of it is beyond the picture.
        let begin = from + outwards * ink.letter_px * 0.7;
        let steps: Vec<f64> =
            (0..=(last - first).max(0.0) as usize / 2).map(|step| first + 2.0 * step as f64).collect();
        let mut lines: Vec<Vec<Option<u8>>> = Vec::new();
        while lines.len() < LINES_MAX {
            let at = begin + outwards * lines.len() as f64;
            let value = |step: &f64| Some(place(at, *step)).filter(|p| within(*p));
            let line: Vec<Option<u8>> =
                steps.iter().map(|step| value(step).map(|p| small.at(p.x as isize, p.y as isize))).collect();
            if steps.len() < LINE_MIN || (line.iter().flatten().count() as f64) < steps.len() as f64 * WITHIN_MIN {
                break;
            }
            lines.push(line);
        }
        // Only what lies within the picture on both lines is compared, and its middle: what is printed there changes little
        // of it.
        let step_at = |at: usize| {
            let pairs = lines[at].iter().zip(&lines[at - STEP_PX]).filter_map(|(a, b)| a.zip(*b));
            let mut steps: Vec<i16> = pairs.map(|(a, b)| i16::from(a) - i16::from(b)).collect();
            steps.sort_unstable();
            let middle = &steps[steps.len() / 4..steps.len() - steps.len() / 4];
            f64::from(middle.iter().map(|step| i32::from(*step)).sum::<i32>()) / middle.len().max(1) as f64
        };
        // The outermost step: between print and edge there may be folds.
        let found = (STEP_PX..lines.len()).rev().find(|at| step_at(*at).abs() >= STEP_MIN);
        match found {
            Some(steps) => Edge { at: begin + outwards * (steps as f64 - STEP_PX as f64 / 2.0), seen: true },
            // Half of the line is still within: the picture ends a little further on.
            None => Edge { at: begin + outwards * (lines.len() as f64 + RIM_PX), seen: false },
        }
    };
    let lying = |v: f64, u: f64| picture(u, v);
    Some([
        side(-1.0, across.0, down, &picture),
        side(-1.0, down.0, across, &lying),
        side(1.0, across.1, down, &picture),
        side(1.0, down.1, across, &lying),
    ])
}

/// Which edge a sheet goes on beyond: it is as long as a paper one way, shorter than that paper the other way, and its
/// edge is not seen there. `papers` are long and short sides, in pixels of the small picture; a side may be off by a part
/// of it and by so many pixels: a shadow is not thin.
pub(super) fn beyond(edges: &[Edge; 4], papers: &[(f64, f64)], off: (f64, f64)) -> Option<usize> {
    let seen = edges.iter().filter(|edge| edge.seen).count();
    let sides = [edges[2].at - edges[0].at, edges[3].at - edges[1].at];
    let like = |value: f64, paper: f64| (value - paper).abs() < paper * off.0 + off.1;
    let pairs = || papers.iter().flat_map(|(long, short)| [(*long, *short), (*short, *long)]);
    if seen < 2 || pairs().any(|(wide, high)| like(sides[0], wide) && like(sides[1], high)) {
        return None;
    }
    for (whole, cut) in [(0, 1), (1, 0)] {
        let hidden = [cut, cut + 2].into_iter().find(|edge| !edges[*edge].seen);
        let (Some(hidden), true) = (hidden, edges[whole].seen || edges[whole + 2].seen) else { continue };
        if !(edges[cut].seen || edges[cut + 2].seen) {
            continue;
        }
        if pairs().any(|(own, other)| like(sides[whole], own) && sides[cut] < other * (1.0 - 2.0 * off.0) - off.1) {
            return Some(hidden);
        }
    }
    None
}
