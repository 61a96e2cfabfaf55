//! Which way is up: a small network looks at single letters, and all letters of a page vote.
//!
//! Capitals and figures have no long strokes up or down that could be counted, but hardly one of them looks the same when
//! it is turned. `tests/pages/train_upright.py` made the weights, from fonts that are not those of the tests.

use std::sync::LazyLock;

use super::decode::Page;
use super::geometry::{Map, Point};

/// Side of the grid on which a letter is looked at.
const SIDE: usize = 12;
/// Samples in each direction within a cell of the grid, as in the training.
const FINE: usize = 3;
const INPUTS: usize = SIDE * SIDE;
const HIDDEN: usize = 32;
/// The unit of the stored weights.
const UNIT: f32 = 2048.0;
/// Letters that vote at most.
pub(super) const VOTERS_MAX: usize = 260;
/// What one letter's vote counts at most, as a logarithm: a smudge that looks very upright is still one smudge.
const VOTE_MAX: f32 = 3.0;

/// So many letters are worth half of what they say.
const FEW_LETTERS: f32 = 8.0;

struct Network {
    /// By input, then by hidden unit.
    first: Vec<[f32; HIDDEN]>,
    offsets: [f32; HIDDEN],
    sum: [f32; HIDDEN],
}

static NETWORK: LazyLock<Network> = LazyLock::new(|| {
    let weights: Vec<f32> = include_bytes!("upright/weights.bin")
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / UNIT)
        .collect();
    let row = |at: usize| std::array::from_fn(|unit| weights[at * HIDDEN + unit]);
    Network { first: (0..INPUTS).map(row).collect(), offsets: row(INPUTS), sum: row(INPUTS + 1) }
});

type Grid = [f32; INPUTS];

fn uprightness(grid: &Grid) -> f32 {
    let network = &*NETWORK;
    let mut hidden = network.offsets;
    for (value, weights) in grid.iter().zip(&network.first) {
        for (unit, weight) in hidden.iter_mut().zip(weights) {
            *unit += value * weight;
        }
    }
    hidden.iter().zip(&network.sum).map(|(unit, weight)| unit.max(0.0) * weight).sum()
}

fn turned_left(grid: &Grid) -> Grid {
    std::array::from_fn(|at| grid[(at % SIDE) * SIDE + SIDE - 1 - at / SIDE])
}

/// How a letter lies: its middle and its longer side in the flat page, and how bright the paper is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter {
    pub middle: Point,
    pub side: f64,
    pub paper: f64,
}

/// The letters' votes: for each number of clockwise quarter turns the mean logarithm of its likelihood.
///
/// `to_page` leads from the plane in which the letters stand straight to the page's pixels.
pub(super) fn votes(page: &Page, letters: &[Letter], to_page: &Map) -> [f32; 4] {
    let mut sums = [0.0_f32; 4];
    let step = letters.len().div_ceil(VOTERS_MAX).max(1);
    let mut count = 0.0_f32;
    for letter in letters.iter().step_by(step) {
        let Some(mut grid) = sample(page, letter, to_page) else { continue };
        let scores: [f32; 4] = std::array::from_fn(|_| {
            let score = uprightness(&grid);
            grid = turned_left(&grid);
            score
        });
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let all = scores.iter().map(|score| (score - most).exp()).sum::<f32>().ln() + most;
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += (score - all).max(-VOTE_MAX);
        }
        count += 1.0;
    }
    // A few letters may all be zeros.
    sums.map(|sum| sum / (count + FEW_LETTERS))
}

fn sample(page: &Page, letter: &Letter, to_page: &Map) -> Option<Grid> {
    let cells = (SIDE * FINE) as f64;
    let step = letter.side / cells;
    let begin = Point::new(letter.middle.x - letter.side / 2.0, letter.middle.y - letter.side / 2.0);
    // A letter is small: the map is straight over it.
    let [origin, right, down] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
        .map(|(x, y)| to_page.of(Point::new(begin.x + x * letter.side, begin.y + y * letter.side)));
    let along = Point::new((right.x - origin.x) / cells, (right.y - origin.y) / cells);
    let across = Point::new((down.x - origin.x) / cells, (down.y - origin.y) / cells);
    if !(step.is_finite() && step > 0.0) {
        return None;
    }
    let mut grid = [0.0_f32; INPUTS];
    for y in 0..SIDE * FINE {
        for x in 0..SIDE * FINE {
            let (u, v) = (x as f64 + 0.5, y as f64 + 0.5);
            let at = Point::new(origin.x + along.x * u + across.x * v, origin.y + along.y * u + across.y * v);
            let dark = letter.paper as f32 - f32::from(page.luma(at.x as isize, at.y as isize));
            grid[y / FINE * SIDE + x / FINE] += dark.max(0.0);
        }
    }
    let most = grid.iter().copied().fold(0.0, f32::max);
    if most < 8.0 * (FINE * FINE) as f32 {
        return None;
    }
    Some(grid.map(|value| value / most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_whole_and_a_turn_four_times_is_none() {
        assert_eq!(include_bytes!("upright/weights.bin").len(), (INPUTS + 2) * HIDDEN * 2);
        let grid: Grid = std::array::from_fn(|at| at as f32);
        assert_eq!(turned_left(&turned_left(&turned_left(&turned_left(&grid)))), grid);
        assert_eq!(turned_left(&grid)[0], (SIDE - 1) as f32);
    }

    #[test]
    fn a_drawn_letter_is_upright_only_one_way() {
        // An L, an F and a T, each 30 pixels high.
        let mut votes_of_all = [0.0_f32; 4];
        for strokes in [
            &[(4, 0, 10, 30), (4, 24, 22, 30)][..],
            &[(4, 0, 10, 30), (4, 0, 22, 6), (4, 12, 18, 17)],
            &[(10, 0, 16, 30), (0, 0, 26, 6)],
        ] {
            let mut grey = vec![250_u8; 40 * 40];
            for (left, top, right, bottom) in strokes {
                for y in *top..*bottom {
                    for x in *left..*right {
                        grey[(y + 5) * 40 + x + 5] = 10;
                    }
                }
            }
            let page = Page::of_grey(40, 40, grey);
            let letter = Letter { middle: Point::new(18.0, 20.0), side: 31.0, paper: 250.0 };
            let votes = votes(&page, &[letter], &Map::SAME);
            votes_of_all.iter_mut().zip(votes).for_each(|(sum, vote)| *sum += vote);
        }
        let best = (0..4).max_by(|a, b| votes_of_all[*a].total_cmp(&votes_of_all[*b]));
        assert_eq!(best, Some(0), "{votes_of_all:?}");
    }
}
