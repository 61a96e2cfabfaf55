//! How the kiosk looked when somebody last agreed to it: each kind of screen, small, on sheets that a person can look at.
//!
//! A screen that looks otherwise is named. Whoever meant it so looks at the new sheets in `target/screens` and keeps them
//! with `ANJUNGAN_GOLDEN=keep cargo test --test screens golden`.

use std::fs;
use std::path::{Path, PathBuf};

use anjungan::domain::language::Language;
use anjungan::kiosk::flow::{Contrast, TextSize};
use image::imageops::{FilterType, overlay, resize};
use image::{Rgb, RgbImage, RgbaImage};

use crate::look::{Looker, Posture};
use crate::states;

/// A fifth of the panel: letters can still be read.
const TILE: (u32, u32) = (216, 384);
const ACROSS: u32 = 6;
const DOWN: u32 = 4;
/// Grey between the screens.
const GAP: u32 = 6;
/// The picture is compared in squares of this many pixels,
const SQUARE: u32 = 12;
/// and a square differs when its mean does by more than this, of 255 a colour. A word that changed gives 10 and more;
/// another compiler's rounding gives less than 1.
const DIFFERENCE_MAX: f64 = 3.0;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/screens")
}

fn place(at: u32) -> (u32, u32) {
    let at = at % (ACROSS * DOWN);
    (GAP + at % ACROSS * (TILE.0 + GAP), GAP + at / ACROSS * (TILE.1 + GAP))
}

fn sheets(tiles: &[(String, RgbImage)]) -> Vec<RgbImage> {
    let full = (GAP + ACROSS * (TILE.0 + GAP), GAP + DOWN * (TILE.1 + GAP));
    let sheet = |some: &[(String, RgbImage)]| {
        let mut sheet = RgbImage::from_pixel(full.0, full.1, Rgb([128; 3]));
        for ((_, tile), at) in some.iter().zip(0..) {
            let (x, y) = place(at);
            overlay(&mut sheet, tile, i64::from(x), i64::from(y));
        }
        sheet
    };
    tiles.chunks((ACROSS * DOWN) as usize).map(sheet).collect()
}

fn keep(folder: &Path, tiles: &[(String, RgbImage)]) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for (sheet, number) in sheets(tiles).iter().zip(1..) {
        sheet.save(folder.join(format!("{number}.png"))).unwrap();
    }
    let names: Vec<_> = tiles.iter().map(|(name, _)| name.as_str()).collect();
    fs::write(folder.join("names.txt"), names.join("\n") + "\n").unwrap();
}

/// The largest difference of any square.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    let mut largest: f64 = 0.0;
    for top in (0..TILE.1).step_by(SQUARE as usize) {
        for left in (0..TILE.0).step_by(SQUARE as usize) {
            let mut sum = [0.0; 3];
            let mut count = 0.0;
            for y in top..(top + SQUARE).min(TILE.1) {
                for x in left..(left + SQUARE).min(TILE.0) {
                    let (one, other) = (one.get_pixel(x, y).0, other.get_pixel(x, y).0);
                    for colour in 0..3 {
                        sum[colour] += f64::from(one[colour].abs_diff(other[colour]));
                    }
                    count += 1.0;
                }
            }
            largest = sum.into_iter().map(|sum| sum / count).fold(largest, f64::max);
        }
    }
    largest
}

#[test]
fn screens_look_as_somebody_agreed_golden() {
    let mut looker = Looker::new();
    let drawn: Vec<_> = states::all()
        .into_iter()
        .filter(|state| state.full)
        .map(|state| {
            looker.show(&state, Language::Indonesian, TextSize::Normal, Contrast::Standard, Posture::Portrait);
            (state.name, small(&looker.picture()))
        })
        .collect();
    if std::env::var("ANJUNGAN_GOLDEN").is_ok_and(|wish| wish == "keep") {
        keep(&folder(), &drawn);
        return;
    }
    let names = fs::read_to_string(folder().join("names.txt")).unwrap();
    let known: Vec<_> = names.lines().collect();
    let agreed: Vec<RgbImage> = (1..=known.len().div_ceil((ACROSS * DOWN) as usize))
        .map(|number| image::open(folder().join(format!("{number}.png"))).unwrap().to_rgb8())
        .collect();
    let mut changed = Vec::new();
    for (name, tile) in &drawn {
        let Some(at) = known.iter().position(|known| known == name) else {
            changed.push(format!("{name} is new"));
            continue;
        };
        let (x, y) = place(u32::try_from(at).unwrap());
        let sheet = &agreed[at / (ACROSS * DOWN) as usize];
        let old = image::imageops::crop_imm(sheet, x, y, TILE.0, TILE.1).to_image();
        let difference = difference(&old, tile);
        if difference > DIFFERENCE_MAX {
            changed.push(format!("{name} differs by {difference:.1}"));
        }
    }
    let gone = known.iter().filter(|known| drawn.iter().all(|(name, _)| name != *known));
    changed.extend(gone.map(|name| format!("{name} is gone")));
    if !changed.is_empty() {
        keep(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens"), &drawn);
    }
    assert!(changed.is_empty(), "look at target/screens, then ANJUNGAN_GOLDEN=keep if it is meant so: {changed:#?}");
    println!("{} screens as agreed", drawn.len());
}

fn small(picture: &RgbaImage) -> RgbImage {
    image::DynamicImage::ImageRgba8(resize(picture, TILE.0, TILE.1, FilterType::Triangle)).to_rgb8()
}

#[test]
fn a_changed_word_is_a_difference_golden() {
    let mut looker = Looker::new();
    let state = states::all().into_iter().find(|state| state.name == "attract").unwrap();
    let mut draw = |language| {
        looker.show(&state, language, TextSize::Normal, Contrast::Standard, Posture::Portrait);
        small(&looker.picture())
    };
    let (one, same, other) = (draw(Language::Indonesian), draw(Language::Indonesian), draw(Language::English));
    assert!(difference(&one, &same) <= DIFFERENCE_MAX);
    assert!(difference(&one, &other) > DIFFERENCE_MAX);
}
