//! How sharp the print is: the width of the steps from paper to ink, against the size of the letters.

use super::decode::Page;
use super::ink::Ink;

/// Steps that are measured at most, in each direction.
const STEPS_MAX: usize = 500;
/// Which of the measured steps counts: the sharper ones, for letters also have slanted and round edges.
const SHARPER_PART: f64 = 0.35;
/// Size of a letter where none was found, in inches: 8 points.
const LETTER_INCHES: f64 = 0.075;
/// Deviation of the blur at which print can just be read, in sizes of a letter.
const JUST_READABLE: f64 = 0.14;
/// The same in inches, for print of the usual size: 0.27 mm.
const JUST_INCHES: f64 = 0.0106;
/// Least height of a step, in levels, and as a part of the letters' usual depth.
const STEP_LEVELS_MIN: f64 = 12.0;
const STEP_PART_MIN: f64 = 0.5;
/// Fewest letters whose size is the size of letters.
const LETTERS_MIN: usize = 12;

/// Sharpness: 1 where print can just be read, more where it is sharper (up to 2.5); none without ink.
pub(super) fn measure(page: &Page, ink: &Ink, factor: usize, dpi: Option<u16>) -> Option<f64> {
    let enough = ink.letters.len() >= LETTERS_MIN;
    let letter = if enough { ink.letter_px * factor as f64 } else { LETTER_INCHES * 100.0 * factor as f64 };
    // Blur makes letters larger, up to one blot: what is small print does not depend on it.
    let most = dpi.map_or(f64::MAX, |dpi| f64::from(dpi) * JUST_INCHES);
    let just = (letter * JUST_READABLE).min(most).max(0.7);
    let chosen = ink.chosen();
    let usable: Vec<_> = ink
        .runs
        .iter()
        .filter(|run| (!enough || chosen[run.piece as usize]) && (1..40).contains(&(run.to - run.from)))
        .collect();
    let step = usable.len().div_ceil(STEPS_MAX).max(1);
    let probe = Probe {
        page,
        reach: (letter * 0.9).clamp(4.0, 60.0) as isize,
        apart: (2.0 * just).round().max(2.0) as usize,
        smooth: (just * 0.5).round().max(1.0) as usize,
        least: STEP_LEVELS_MIN.max(ink.contrast * STEP_PART_MIN),
    };
    let (mut across, mut down): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for run in usable.iter().step_by(step) {
        let y = (run.y as usize * factor + factor / 2) as isize;
        across.extend(probe.width((run.from as isize * factor as isize, y), (1, 0)));
        // The same place from above: the upper edge of the piece, if it is one.
        let x = ((run.from + run.to) as usize * factor / 2) as isize;
        down.extend(probe.width((x, run.y as isize * factor as isize), (0, 1)));
    }
    // What was moved is blurred in one direction only.
    let width = usual(across)?.max(usual(down)?);
    Some((just / width).min(2.5))
}

fn usual(mut widths: Vec<f64>) -> Option<f64> {
    if widths.len() < 8 {
        return None;
    }
    let at = (widths.len() as f64 * SHARPER_PART) as usize;
    Some(*widths.select_nth_unstable_by(at, f64::total_cmp).1)
}

struct Probe<'a> {
    page: &'a Page,
    /// Pixels to each side.
    reach: isize,
    /// Pixels over which a step is measured: two of its deviations where print can just be read.
    apart: usize,
    /// Pixels that are averaged along the line, against noise.
    smooth: usize,
    /// Least height of a step, in levels.
    least: f64,
}

impl Probe<'_> {
    /// Deviation of the blur of a step in pixels, from the part of its height that lies within `apart` pixels: of a step
    /// blurred by sigma that is erf(apart / (sqrt(8) sigma)). None where there is no clear step.
    fn width(&self, (x, y): (isize, isize), (dx, dy): (isize, isize)) -> Option<f64> {
        // Three parallel lines against noise.
        let value = |at: isize| -> u32 {
            (-1..=1).map(|aside| u32::from(self.page.luma(x + dx * at + dy * aside, y + dy * at + dx * aside))).sum()
        };
        let line: Vec<u32> = (-self.reach..=self.reach).map(value).collect();
        let unit = (3 * self.smooth) as f64;
        let line: Vec<f64> = line.windows(self.smooth).map(|part| f64::from(part.iter().sum::<u32>()) / unit).collect();
        let (low, high) = line.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let height = high - low;
        if height < self.least {
            return None;
        }
        let steepest = line.windows(self.apart + 1).map(|part| (part[self.apart] - part[0]).abs()).fold(0.0, f64::max);
        let part = (steepest / height).clamp(0.02, 0.985);
        Some(self.apart as f64 / (8_f64.sqrt() * inverse_erf(part)))
    }
}

/// Winitzki's approximation, to 0.2 %.
fn inverse_erf(part: f64) -> f64 {
    let log = (1.0 - part * part).ln();
    let first = 2.0 / (std::f64::consts::PI * 0.147) + log / 2.0;
    ((first * first - log / 0.147).sqrt() - first).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_is_one() {
        for (x, erf) in [(0.2_f64, 0.2227), (0.5, 0.5205), (1.0, 0.8427), (1.5, 0.9661)] {
            assert!((inverse_erf(erf) - x).abs() < 0.01, "{x}");
        }
    }
}
