//! How sharp the print is: the width of the steps from paper to ink, against the size of the letters.

use super::decode::Page;
use super::ink::Ink;

/// Steps that are measured at most.
const STEPS_MAX: usize = 600;
/// Which of the measured steps counts: the sharper ones, for letters also have slanted and round edges.
const SHARPER_PART: f64 = 0.3;
/// Size of a letter where none was found, in pixels of the small picture: 8 points at 100 dpi.
const LETTER_PX: f64 = 8.0;
/// Width of a step against the letter's size at which print can just be read.
const JUST_READABLE: f64 = 0.155;

/// Sharpness: 1 where print can just be read, more where it is sharper; none without ink.
pub(super) fn measure(page: &Page, ink: &Ink, factor: usize) -> Option<f64> {
    let reach = (factor * 4) as isize;
    let usable: Vec<_> = ink.runs.iter().filter(|run| (1..40).contains(&(run.to - run.from))).collect();
    let step = usable.len().div_ceil(STEPS_MAX).max(1);
    let (mut across, mut down): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for run in usable.iter().step_by(step) {
        let y = (run.y as usize * factor + factor / 2) as isize;
        let at = run.from as isize * factor as isize;
        across.extend(width(page, (at, y), (1, 0), reach));
        // The same place from above: the upper edge of the piece, if it is one.
        let x = ((run.from + run.to) as usize * factor / 2) as isize;
        down.extend(width(page, (x, run.y as isize * factor as isize), (0, 1), reach));
    }
    // What was moved is blurred in one direction only.
    let width = usual(across)?.max(usual(down)?);
    let letter = if ink.letters.len() >= 12 { ink.letter_px } else { LETTER_PX };
    Some(JUST_READABLE * letter * factor as f64 / width.max(0.2))
}

fn usual(mut widths: Vec<f64>) -> Option<f64> {
    if widths.len() < 8 {
        return None;
    }
    let at = (widths.len() as f64 * SHARPER_PART) as usize;
    Some(*widths.select_nth_unstable_by(at, f64::total_cmp).1)
}

/// Sigma of the blur of a step in pixels, from its steepest part: a step of height 1 blurred by sigma has the slope
/// 1 / (sigma * sqrt(2 pi)). None where there is no clear step.
fn width(page: &Page, (x, y): (isize, isize), (dx, dy): (isize, isize), reach: isize) -> Option<f64> {
    // Three parallel lines against noise.
    let value = |at: isize| -> i32 {
        (-1..=1).map(|aside| i32::from(page.luma(x + dx * at + dy * aside, y + dy * at + dx * aside))).sum()
    };
    let line: Vec<i32> = (-reach..=reach).map(value).collect();
    let (low, high) = (*line.iter().min()?, *line.iter().max()?);
    let height = high - low;
    if height < 3 * 24 {
        return None;
    }
    let steepest = line.windows(3).map(|part| (part[2] - part[0]).abs()).max()?;
    // Over two pixels a perfectly sharp step has half its height a pixel.
    let slope = f64::from(steepest) / 2.0 / f64::from(height);
    Some(0.399 / slope.max(0.01) - 0.6)
}
