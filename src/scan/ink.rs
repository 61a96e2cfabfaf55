//! What is printed or written: dark against the paper around it, in connected pieces.

use super::geometry::Point;
use super::grey::{Background, Grey};

/// How much darker than the paper ink is at least: a part of the paper's level, and levels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    part: f64,
    levels: f64,
}

/// Print and handwriting.
pub(super) const INK: Depth = Depth { part: 0.16, levels: 9.0 };
/// Print that is washed out, or shines through from the back.
pub(super) const FAINT: Depth = Depth { part: 0.022, levels: 4.5 };

/// Height and width of a letter in the small picture, in pixels: print of 5 points to a heading.
const LETTER_PX: std::ops::RangeInclusive<i32> = 3..=44;
/// Most pieces that are looked at; a page full of text has about 5,000.
const PIECES_MAX: usize = 60_000;

/// A row of ink: `from..to` in row `y`, part of a piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub y: i32,
    pub from: i32,
    pub to: i32,
    pub piece: u32,
}

/// A connected piece of ink.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub left: i32,
    pub top: i32,
    /// First column behind it.
    pub right: i32,
    /// First row below it.
    pub bottom: i32,
    pub area: u32,
}

impl Piece {
    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    pub fn centre(&self) -> Point {
        Point::new(f64::from(self.left + self.right) / 2.0, f64::from(self.top + self.bottom) / 2.0)
    }

    /// As large as a letter, and neither a speck nor a full block.
    fn like_a_letter(&self) -> bool {
        let (w, h) = (self.width(), self.height());
        LETTER_PX.contains(&w.max(h)) && self.area >= 5 && w * 6 >= h && h * 6 >= w
    }
}

/// All ink of a page.
#[derive(Debug)]
pub(super) struct Ink {
    pub pieces: Vec<Piece>,
    pub runs: Vec<Run>,
    /// Pieces as large as most letters of this page are.
    pub letters: Vec<u32>,
    /// The letters' usual size (the longer side), in pixels of the small picture.
    pub letter_px: f64,
    /// How much darker than the paper the letters are, in levels.
    pub contrast: f64,
    /// Pixels of ink.
    pub area: usize,
}

impl Ink {
    /// As found in a picture that is so many times as large.
    pub fn enlarged(mut self, times: i32) -> Self {
        for run in &mut self.runs {
            (run.y, run.from, run.to) = (run.y * times, run.from * times, run.to * times);
        }
        for piece in &mut self.pieces {
            (piece.left, piece.right) = (piece.left * times, piece.right * times);
            (piece.top, piece.bottom) = (piece.top * times, piece.bottom * times);
            piece.area *= (times * times) as u32;
        }
        self.letter_px *= f64::from(times);
        self.area *= (times * times) as usize;
        self
    }

    /// Which pieces are letters.
    pub fn chosen(&self) -> Vec<bool> {
        let mut chosen = vec![false; self.pieces.len()];
        self.letters.iter().for_each(|at| chosen[*at as usize] = true);
        chosen
    }
}

/// Finds ink where `inside` says that there is paper.
pub(super) fn find(
    grey: &Grey,
    background: &Background,
    depth: Depth,
    inside: impl Fn(usize, &mut Vec<(usize, usize)>),
) -> Ink {
    let mut levels = vec![0_u8; grey.width];
    let thresholds: [u8; 256] = std::array::from_fn(|paper| {
        let paper = paper as f64;
        (paper - (paper * depth.part).max(depth.levels)).max(0.0).ceil() as u8
    });
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<u32> = Vec::new();
    let (mut before, mut spans) = (0..0, Vec::new());
    for y in 0..grey.height {
        background.row(y, &mut levels);
        spans.clear();
        inside(y, &mut spans);
        let begin = runs.len();
        let row = grey.row(y);
        for (from, to) in &spans {
            let mut open: Option<usize> = None;
            for x in *from..(*to).min(grey.width) {
                let dark = row[x] < thresholds[usize::from(levels[x])];
                match (dark, open) {
                    (true, None) => open = Some(x),
                    (false, Some(start)) => {
                        push(&mut runs, &mut parents, y, start, x);
                        open = None;
                    }
                    _ => {}
                }
            }
            if let Some(start) = open {
                push(&mut runs, &mut parents, y, start, (*to).min(grey.width));
            }
        }
        join(&runs, &mut parents, before, begin);
        before = begin..runs.len();
        if runs.len() > PIECES_MAX * 8 {
            break;
        }
    }
    gather(grey, &levels_of(background), runs, parents)
}

fn levels_of(background: &Background) -> impl Fn(Point) -> f64 + '_ {
    |p| background.at(p.x, p.y)
}

fn push(runs: &mut Vec<Run>, parents: &mut Vec<u32>, y: usize, from: usize, to: usize) {
    let piece = parents.len() as u32;
    parents.push(piece);
    runs.push(Run { y: y as i32, from: from as i32, to: to as i32, piece });
}

fn root(parents: &mut [u32], mut at: u32) -> u32 {
    while parents[at as usize] != at {
        let up = parents[parents[at as usize] as usize];
        parents[at as usize] = up;
        at = up;
    }
    at
}

/// Joins the runs of a row with those of the row before that touch them, also at a corner.
fn join(runs: &[Run], parents: &mut [u32], before: std::ops::Range<usize>, begin: usize) {
    let mut above = before.start;
    for run in &runs[begin..] {
        while above < before.end && runs[above].to < run.from {
            above += 1;
        }
        let mut at = above;
        while at < before.end && runs[at].from <= run.to {
            let (a, b) = (root(parents, runs[at].piece), root(parents, run.piece));
            parents[a.max(b) as usize] = a.min(b);
            at += 1;
        }
    }
}

fn gather(grey: &Grey, paper: &dyn Fn(Point) -> f64, mut runs: Vec<Run>, mut parents: Vec<u32>) -> Ink {
    let mut numbers = vec![u32::MAX; parents.len()];
    let mut pieces: Vec<Piece> = Vec::new();
    let mut area = 0;
    for run in &mut runs {
        let root = root(&mut parents, run.piece) as usize;
        if numbers[root] == u32::MAX {
            numbers[root] = pieces.len() as u32;
            pieces.push(Piece { left: i32::MAX, top: i32::MAX, right: 0, bottom: 0, area: 0 });
        }
        run.piece = numbers[root];
        let piece = &mut pieces[run.piece as usize];
        piece.left = piece.left.min(run.from);
        piece.right = piece.right.max(run.to);
        piece.top = piece.top.min(run.y);
        piece.bottom = piece.bottom.max(run.y + 1);
        piece.area += (run.to - run.from) as u32;
        area += (run.to - run.from) as usize;
    }
    let like: Vec<u32> = (0..pieces.len() as u32).filter(|at| pieces[*at as usize].like_a_letter()).collect();
    let mut sizes: Vec<i32> =
        like.iter().map(|at| &pieces[*at as usize]).map(|piece| piece.height().max(piece.width())).collect();
    sizes.sort_unstable();
    let letter_px = sizes.get(sizes.len() / 2).copied().map_or(0.0, f64::from);
    let usual = letter_px * 0.5..=letter_px * 2.6;
    let letters: Vec<u32> = like
        .into_iter()
        .filter(|at| {
            let piece = &pieces[*at as usize];
            usual.contains(&f64::from(piece.height().max(piece.width())))
        })
        .collect();
    let mut depths: Vec<f64> = letters
        .iter()
        .step_by((letters.len() / 400).max(1))
        .map(|at| {
            let piece = &pieces[*at as usize];
            let rows = piece.top..piece.bottom;
            let dark = rows.flat_map(|y| (piece.left..piece.right).map(move |x| (x, y)));
            let darkest = dark.map(|(x, y)| grey.at(x as isize, y as isize)).min().unwrap_or_default();
            paper(piece.centre()) - f64::from(darkest)
        })
        .collect();
    depths.sort_by(f64::total_cmp);
    let contrast = depths.get(depths.len() / 2).copied().unwrap_or_default();
    Ink { pieces, runs, letters, letter_px, contrast, area }
}
