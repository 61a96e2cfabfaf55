//! By how much the lines of text are turned.
//!
//! Coarse: the direction in which the ink of letters falls into the sharpest lines (Postl 1986). Fine: a common slope
//! fitted to the feet of the letters, line by line.

use super::geometry::Point;

/// Most pixels of ink that the coarse look takes.
const COARSE_POINTS_MAX: usize = 7000;
/// Fewest letters that make lines.
pub(super) const LETTERS_MIN: usize = 12;
/// Largest distance of a letter's foot from its line, in pixels.
const OFF_LINE_MAX_PX: f64 = 1.3;

/// Sharpness of the lines along a direction (radians).
fn energy(points: &[Point], angle: f64, bins: &mut Vec<f32>) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let across = |p: &Point| p.y * cos - p.x * sin;
    let (low, high) = points.iter().map(across).fold((f64::MAX, f64::MIN), |(l, h), d| (l.min(d), h.max(d)));
    let count = ((high - low).clamp(0.0, 8000.0)) as usize + 3;
    bins.clear();
    bins.resize(count, 0.0);
    for point in points {
        let at = across(point) - low;
        let (bin, part) = (at as usize, at.fract() as f32);
        if let [first, second, ..] = &mut bins[bin.min(count - 2)..] {
            *first += 1.0 - part;
            *second += part;
        }
    }
    bins.iter().map(|value| f64::from(*value).powi(2)).sum()
}

/// The angle of the lines modulo a quarter turn, in radians from -45 to 45 degrees, and how much sharper the lines are
/// along it than across: above 1 they run along, below 1 down the page.
pub(super) fn coarse(points: &[Point]) -> Option<(f64, f64)> {
    if points.len() < LETTERS_MIN * 4 {
        return None;
    }
    let step = points.len().div_ceil(COARSE_POINTS_MAX);
    // Steps that share no factor with the width of letters would be nicer; the order of runs is mixed enough.
    let points: Vec<Point> = points.iter().copied().step_by(step).collect();
    let mut bins = Vec::new();
    let quarter = std::f64::consts::FRAC_PI_2;
    let mut best = (0.0, 0.0, 1.0);
    let mut look = |angle: f64, best: &mut (f64, f64, f64)| {
        let (along, down) = (energy(&points, angle, &mut bins), energy(&points, angle + quarter, &mut bins));
        if along.max(down) > best.0 {
            *best = (along.max(down), angle, along / down);
        }
    };
    for degree in -45..45 {
        look(f64::from(degree).to_radians(), &mut best);
    }
    let around = best.1;
    for part in -4..=4 {
        look(around + (f64::from(part) * 0.25).to_radians(), &mut best);
    }
    Some((best.1, best.2))
}

/// The exact angle near `angle`, from the feet of letters; none when they make no lines.
pub(super) fn fine(feet: &[Point], angle: f64) -> Option<f64> {
    if feet.len() < LETTERS_MIN {
        return None;
    }
    let mut bins = Vec::new();
    let mut best = (0.0, angle);
    for step in -30..=30 {
        let tried = angle + (f64::from(step) * 0.05).to_radians();
        let sharp = energy(feet, tried, &mut bins);
        if sharp > best.0 {
            best = (sharp, tried);
        }
    }
    let mut angle = best.1;
    for most in [2.0, OFF_LINE_MAX_PX, OFF_LINE_MAX_PX, OFF_LINE_MAX_PX * 0.8] {
        angle += slope(feet, angle, most)?;
    }
    Some(angle)
}

/// The common slope of all lines against `angle`.
fn slope(feet: &[Point], angle: f64, most: f64) -> Option<f64> {
    let (sin, cos) = angle.sin_cos();
    let mut turned: Vec<(f64, f64)> = feet.iter().map(|p| (p.x * cos + p.y * sin, p.y * cos - p.x * sin)).collect();
    turned.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut down, mut along, mut used) = (0.0, 0.0, 0_usize);
    let mut begin = 0;
    for at in 1..=turned.len() {
        // A line ends where the next foot is further down than letters of one line are.
        if at < turned.len() && turned[at].1 - turned[at - 1].1 <= 0.6 {
            continue;
        }
        let line = &turned[begin..at];
        begin = at;
        let Some(middle) = line.get(line.len() / 2).map(|point| point.1) else { continue };
        let near = line.iter().filter(|point| (point.1 - middle).abs() <= most);
        let count = near.clone().count();
        if count < 4 {
            continue;
        }
        let n = count as f64;
        let (mu, mv) = near.clone().fold((0.0, 0.0), |(u, v), point| (u + point.0 / n, v + point.1 / n));
        for point in near {
            down += (point.0 - mu) * (point.1 - mv);
            along += (point.0 - mu).powi(2);
        }
        used += count;
    }
    (used >= LETTERS_MIN && along > 1.0).then(|| (down / along).atan())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(angle: f64) -> Vec<Point> {
        let (sin, cos) = angle.to_radians().sin_cos();
        let mut noise = 1_u32;
        let mut points = Vec::new();
        for line in 0..30 {
            for letter in 0..60 {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let (u, v) = (f64::from(letter) * 9.0, f64::from(line) * 17.0 + f64::from(noise >> 24) / 512.0);
                points.push(Point::new(u * cos - v * sin, u * sin + v * cos));
            }
        }
        points
    }

    #[test]
    fn the_angle_of_lines_is_found() {
        for degrees in [-14.7, -3.0, 0.0, 0.07, 1.33, 8.5, 14.2] {
            let points = lines(degrees);
            let (angle, along) = coarse(&points).unwrap();
            assert!((angle.to_degrees() - degrees).abs() < 0.6 && along > 1.0, "{degrees} {angle} {along}");
            let angle = fine(&points, angle).unwrap().to_degrees();
            assert!((angle - degrees).abs() < 0.03, "{degrees} {angle}");
        }
        assert!(coarse(&[]).is_none() && fine(&[], 0.0).is_none());
    }
}
