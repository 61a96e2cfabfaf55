//! What may be wrong with a page, from what was seen of it. The thresholds are held by `make bench-scan`.

use super::decode::Page;
use super::geometry::{Point, Quad, Region, area};
use super::grey::{Background, Grey, TILE};
use super::ink::Ink;
use super::look::tile_inside;
use super::outline::{self, Edge};
use super::paper::Sheet;
use super::skew;
use super::verdict::{Reason, Verdict};

/// Paper that is darker than this is too dark to read from, in levels.
const PAPER_DARK_MAX: f64 = 96.0;
/// Paper that is somewhere brighter than this lies in a shadow.
const PAPER_LIT_MIN: f64 = 112.0;
/// Print that is less darker than the paper is too pale, in levels.
const INK_PALE_MAX: f64 = 58.0;
/// Print of letters and rules covers this part of a page at least, unless it is blank.
const INK_PART_MIN: f64 = 0.0006;
/// Ink that only shines through is less darker than the paper, in levels.
const SHINE_THROUGH_MAX: f64 = 34.0;
/// Paper that is washed out is brighter than this.
const WASHED_OUT_PAPER: f64 = 235.0;
/// Where nothing in the picture is darker than this, a veil of light lies over all of it, or all of it is white.
const VEIL_LEVEL_MIN: u8 = 170;
/// How sharp print is at most that shines through; what is washed out stays sharp.
const SHINE_SHARPNESS: f64 = 1.0;
/// Contrast of print that shines through where its sharpness cannot be measured, in levels.
const SHINE_UNMEASURED_MAX: f64 = 14.0;
/// Part of a page that is as dark as print and yet no letters: more of it is a photo, or letters that run into blots.
const STRONG_PART_MAX: f64 = 0.02;
/// Below this nothing else can be told of a page than that it is blurred.
const SHARPNESS_NONE: f64 = 0.8;
/// Resolution below which small print is lost (Permendagri 104/2019 asks for 200), in dots per inch.
const DPI_MIN: u16 = 140;
/// The same where only the size of the sheet in the picture tells.
const ROUGH_DPI_MIN: f64 = 125.0;
/// Size of the usual letter below which it cannot be read, in pixels of the picture.
const LETTER_MIN_PX: f64 = 7.4;
/// Least sharpness; 1 is where print can just be read by a person, a program needs a little more.
const SHARPNESS_MIN: f64 = 1.5;
/// Level of a mirrored lamp, and how much darker the paper around it is.
const GLARE_LEVEL: u8 = 250;
const GLARE_PAPER_MAX: f64 = 238.0;
/// Part of the page that a mirrored lamp covers at least, and at most: more is bright paper.
const GLARE_PART: std::ops::Range<f64> = 0.0025..0.5;
/// How much of the lamp's brightness is left at most how far from its image, in tiles (12 mm), and most tiles that are
/// looked at.
const GLARE_RIM_MAX: f64 = 0.6;
const GLARE_RIM_TILES: isize = 4;
const GLARE_TILES_MAX: usize = 4000;
/// Pieces of print that cross an edge of the picture before it counts as cut.
const CROSSINGS_MIN: usize = 3;
/// Longest crossing of the edge, in pixels of the small picture: letters and rules, not shadows.
const CROSSING_MAX_PX: i32 = 14;
/// Letters nearer to the edge than this, in pixels of the small picture (2 mm), are at the cut.
const EDGE_NEAR_PX: i32 = 7;

/// Long and short sides of papers, in inches: A4, F4 (two habits), A5, a card, a passport's page.
const PAPERS_INCH: [(f64, f64); 6] =
    [(11.69, 8.27), (13.0, 8.5), (13.0, 8.27), (8.27, 5.83), (3.37, 2.125), (4.92, 3.46)];
/// Part of both sides of the picture that a sheet on a glass of its own size fills.
const FILLS_PART: f64 = 0.96;
/// By which part the outline before a white lid may be off.
const OUTLINE_OFF: f64 = 0.03;
/// And by how much more, in inches.
const OUTLINE_OFF_INCH: f64 = 0.06;
/// By which part a side may be off.
const PAPER_SIZE_OFF: f64 = 0.025;

/// Everything that a verdict is made of.
pub(super) struct Seen<'a> {
    pub page: &'a Page,
    pub small: &'a Grey,
    pub background: &'a Background,
    pub sheet: &'a Option<Sheet>,
    pub quad: Quad,
    pub ink: &'a Ink,
    /// Where only faint print was found: pixels of the small picture that are as dark as print.
    pub strong: Option<usize>,
    pub factor: usize,
    pub dpi: Option<u16>,
    /// The same about, by the size of the sheet.
    pub rough_dpi: Option<f64>,
    /// Where the sheet ends before a white lid.
    pub edges: Option<[Edge; 4]>,
    pub sharpness: Option<f64>,
}

impl Seen<'_> {
    pub fn region(&self, points: impl IntoIterator<Item = Point>) -> Region {
        let scale = self.factor as f64;
        let points = points.into_iter().map(|p| Point::new(p.x * scale, p.y * scale));
        Region::around(points, self.page.width, self.page.height)
    }

    /// Tiles of the background that lie wholly on the page.
    fn tiles(&self) -> impl Iterator<Item = (usize, usize, u8)> + '_ {
        let (columns, count) = (self.background.columns, self.background.columns * self.background.rows);
        (0..count)
            .map(move |at| (at % columns, at / columns, self.background.levels[at]))
            .filter(|(column, row, _)| tile_inside(&self.quad, self.sheet, self.small, *column, *row))
    }

    /// How bright the paper is: the middle of its tiles.
    pub fn paper(&self) -> f64 {
        self.paper_at(0.5)
    }

    /// How bright the paper is in all but this part of its tiles.
    fn paper_at(&self, part: f64) -> f64 {
        let mut levels: Vec<u8> = self.tiles().map(|tile| tile.2).collect();
        levels.sort_unstable();
        let at = (levels.len() as f64 * part) as usize;
        levels.get(at).copied().map_or_else(|| f64::from(self.background.tile(0, 0)), f64::from)
    }

    pub fn verdict(&self, paper: f64) -> Verdict {
        let all = self.region(self.quad);
        let mut verdict = Verdict::default();
        let printed =
            self.ink.letters.len() >= skew::LETTERS_MIN || self.ink.area as f64 > area(&self.quad) * INK_PART_MIN * 8.0;
        if let Some(second) = self.sheet.as_ref().and_then(|sheet| sheet.second.clone()) {
            verdict.doubt(Reason::TwoPages, self.region(second));
        }
        // What lies half in a shadow is not dark.
        if paper < PAPER_DARK_MAX && self.paper_at(0.95) < PAPER_LIT_MIN {
            verdict.doubt(Reason::TooDark, all);
            return verdict;
        }
        let covered = self.ink.area as f64 / area(&self.quad).max(1.0);
        if !printed || (covered < INK_PART_MIN && self.strong.is_none()) {
            verdict.doubt(Reason::Blank, all);
            return verdict;
        }
        // Print without a single clear step is as blurred as can be; faint print has none that can be measured.
        let sharp = self.sharpness.unwrap_or(if self.strong.is_some() { f64::MAX } else { 0.0 });
        let veiled = self.darkest() >= VEIL_LEVEL_MIN;
        if self.ink.contrast < INK_PALE_MAX && self.ink.letters.len() >= skew::LETTERS_MIN {
            // A veil makes the lid and the desk pale too. Before a white lid only sharpness tells the two apart, and where
            // even that cannot be measured, how pale it is.
            let strong = self.strong.map(|strong| strong as f64 / area(&self.quad).max(1.0));
            let soft = self.sharpness.map_or(self.ink.contrast < SHINE_UNMEASURED_MAX, |sharp| sharp < SHINE_SHARPNESS);
            if strong.is_some_and(|part| part < STRONG_PART_MAX)
                && self.ink.contrast < SHINE_THROUGH_MAX
                && (!veiled || soft)
            {
                verdict.doubt(Reason::WrongSide, all);
                return verdict;
            }
            if (veiled || paper > WASHED_OUT_PAPER) && sharp >= SHARPNESS_NONE {
                verdict.doubt(Reason::TooBright, all);
                return verdict;
            }
        }
        if let Some(place) = self.glare(paper) {
            verdict.doubt(Reason::Glare, place);
        }
        if let Some(place) = self.cut_off().filter(|_| sharp >= SHARPNESS_NONE) {
            verdict.doubt(Reason::CutOff, place);
        }
        let letter = self.ink.letter_px * self.factor as f64;
        let small = self.ink.letters.len() >= skew::LETTERS_MIN && letter < LETTER_MIN_PX;
        let coarse = match (self.dpi, self.rough_dpi) {
            (Some(dpi), _) => dpi < DPI_MIN,
            (None, Some(dpi)) => dpi < ROUGH_DPI_MIN,
            // Blur makes letters run apart, too.
            (None, None) => small && sharp >= SHARPNESS_MIN,
        };
        // Of two sheets no size is known.
        let known = self.dpi.is_some() || !verdict.has(Reason::TwoPages);
        if coarse && known && (self.dpi.is_some() || sharp >= SHARPNESS_NONE) {
            verdict.doubt(Reason::TooLowResolution, all);
        } else if sharp < SHARPNESS_MIN || self.strong.is_some() {
            let letters = self.ink.letters.iter().map(|at| self.ink.pieces[*at as usize].centre());
            let place = if self.ink.letters.is_empty() { all } else { self.region(letters) };
            verdict.doubt(Reason::Blurred, place);
        }
        verdict
    }

    /// How dark the darkest part of the picture is, but for specks.
    fn darkest(&self) -> u8 {
        let mut counts = [0_usize; 256];
        self.small.values.iter().for_each(|value| counts[usize::from(*value)] += 1);
        let specks = self.small.values.len() / 500;
        let mut below = 0;
        let level = counts.iter().position(|count| {
            below += count;
            below > specks
        });
        level.unwrap_or(255) as u8
    }

    /// A white patch on paper that is darker elsewhere.
    fn glare(&self, paper: f64) -> Option<Region> {
        if paper > GLARE_PAPER_MAX {
            return None;
        }
        let (mut count, mut patch) = (0_usize, Vec::new());
        for (column, row, level) in self.tiles() {
            count += 1;
            if level >= GLARE_LEVEL {
                patch.push(Point::new((column * TILE) as f64, (row * TILE) as f64));
            }
        }
        // A lamp ends within a finger's width; light that falls off slowly only makes paper bright.
        let (columns, rows) = (self.background.columns as isize, self.background.rows as isize);
        let near = |column: isize, row: isize| {
            let apart = |p: &Point| {
                let (x, y) = (p.x as isize / TILE as isize, p.y as isize / TILE as isize);
                (x - column).abs().max((y - row).abs())
            };
            patch.iter().map(apart).min()
        };
        let (mut sum, mut rim) = (0.0, 0.0);
        if patch.len() >= 3 && patch.len() <= GLARE_TILES_MAX {
            let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
            for (column, row) in places.filter(|(column, row)| near(*column, *row) == Some(GLARE_RIM_TILES)) {
                if tile_inside(&self.quad, self.sheet, self.small, column as usize, row as usize) {
                    sum += f64::from(self.background.tile(column, row));
                    rim += 1.0;
                }
            }
        }
        if rim < 1.0 || sum / rim > paper + (f64::from(GLARE_LEVEL) - paper) * GLARE_RIM_MAX {
            return None;
        }
        let part = patch.len() as f64 / count.max(1) as f64;
        let ends = patch.clone().into_iter().map(|p| Point::new(p.x + TILE as f64, p.y + TILE as f64));
        (patch.len() >= 3 && GLARE_PART.contains(&part)).then(|| self.region(patch.iter().copied().chain(ends)))
    }

    /// Print that crosses the picture's edge, or ends just before it.
    fn cut_off(&self) -> Option<Region> {
        let (width, height) = (self.small.width as i32, self.small.height as i32);
        let (w, h) = (f64::from(width), f64::from(height));
        let at = |edge: usize| self.sheet.as_ref().is_none_or(|sheet| sheet.touches[edge]);
        let mut crossed: [Vec<i32>; 4] = Default::default();
        for run in &self.ink.runs {
            let length = run.to - run.from;
            if run.y == 1 && length <= CROSSING_MAX_PX {
                crossed[1].push(run.from);
            }
            if run.y == height - 2 && length <= CROSSING_MAX_PX {
                crossed[3].push(run.from);
            }
            if run.from <= 1 && length < width / 2 {
                crossed[0].push(run.y);
            }
            if run.to >= width - 1 && length < width / 2 {
                crossed[2].push(run.y);
            }
        }
        let mut close = [0_usize; 4];
        for letter in &self.ink.letters {
            let piece = &self.ink.pieces[*letter as usize];
            let distances = [piece.left, piece.top, width - piece.right, height - piece.bottom];
            for (count, distance) in close.iter_mut().zip(distances) {
                *count += usize::from(distance < EDGE_NEAR_PX);
            }
        }
        let places = [
            [Point::new(0.0, 0.0), Point::new(w / 20.0, h)],
            [Point::new(0.0, 0.0), Point::new(w, h / 20.0)],
            [Point::new(w * 0.95, 0.0), Point::new(w, h)],
            [Point::new(0.0, h * 0.95), Point::new(w, h)],
        ];
        // A blurred outline is too wide to be measured.
        let sharp = self.sharpness.is_none_or(|sharpness| sharpness >= SHARPNESS_MIN);
        let beyond = self.goes_beyond().filter(|_| sharp).or_else(|| self.ends_early());
        if let Some(edge) = beyond {
            return Some(self.region(places[edge]));
        }
        (0..4).find_map(|edge| {
            let crossings = if edge % 2 == 1 { crossed[edge].len() } else { short_stretches(&crossed[edge]) };
            // A strip of the lid beside the paper crosses the edge too, but no letters stand at it.
            let print = crossings >= CROSSINGS_MIN && close[edge] >= CROSSINGS_MIN;
            (at(edge) && (print || close[edge] >= 2 * CROSSINGS_MIN)).then(|| self.region(places[edge]))
        })
    }
}

impl Seen<'_> {
    /// The edge of the picture at which a sheet lies that is as large as no paper is: the rest of it is beyond. A sheet
    /// that lies flush with the edge of the glass has its whole size.
    fn goes_beyond(&self) -> Option<usize> {
        let sheet = self.sheet.as_ref()?;
        let edge = (0..4).find(|edge| sheet.touches[*edge])?;
        let [a, b, c, d] = sheet.quad;
        let (width, height) = ((a.to(b) + d.to(c)) / 2.0, (a.to(d) + b.to(c)) / 2.0);
        let (long, short) = (width.max(height), width.min(height));
        let like = |value: f64, paper: f64| (value / paper - 1.0).abs() < PAPER_SIZE_OFF;
        let whole = match self.page.dpi {
            Some(dpi) => {
                let inch = f64::from(dpi) / self.factor as f64;
                PAPERS_INCH.iter().any(|(a, b)| like(long, a * inch) && like(short, b * inch))
            }
            None => PAPERS_INCH.iter().any(|(a, b)| like(long / short, a / b)),
        };
        // A sheet on a glass of its own size lies a little askew, and loses a corner without print.
        let (wide, high) = (self.small.width as f64, self.small.height as f64);
        let fills = long >= FILLS_PART * wide.max(high) && short >= FILLS_PART * wide.min(high);
        (!whole && !fills).then_some(edge)
    }
}

impl Seen<'_> {
    /// The edge of the picture beyond which a sheet before a white lid goes on.
    fn ends_early(&self) -> Option<usize> {
        let inch = f64::from(self.page.dpi?) / self.factor as f64;
        let papers = PAPERS_INCH.map(|(long, short)| (long * inch, short * inch));
        let edges = self.edges.as_ref()?;
        outline::beyond(edges, &papers, (OUTLINE_OFF, OUTLINE_OFF_INCH * inch))
    }
}

/// How many stretches of following rows are as short as print.
fn short_stretches(rows: &[i32]) -> usize {
    let mut count = 0;
    let mut begin = 0;
    for at in 1..=rows.len() {
        if at == rows.len() || rows[at] > rows[at - 1] + 1 {
            count += usize::from(rows[at - 1] - rows[begin] < CROSSING_MAX_PX);
            begin = at;
        }
    }
    count
}
