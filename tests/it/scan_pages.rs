//! Scanned pages, few and small: the bench measures many. Hostile files, and the command.

#[path = "../pages/mod.rs"]
pub mod pages;

use std::process::Command;

use anjungan::scan::{self, DecodeError, Look, Page, Reason, Region};
use anjungan::tesseract::Tesseract;
use jiff::civil::date;
use pages::Chance;
use pages::layouts;
use pages::spoil::{Defect, Made, jpeg, lay, make};

fn decoded(made: &Made) -> Page {
    let page = scan::decode(&made.jpeg).unwrap();
    match made.dpi {
        Some(dpi) => page.with_dpi(dpi),
        None => page,
    }
}

fn looked(made: &Made) -> (Page, Look) {
    let page = decoded(made);
    let look = scan::look(&page);
    (page, look)
}

#[test]
fn each_defect_is_told_and_a_good_page_is_good() {
    for (at, defect) in Defect::ALL.into_iter().enumerate() {
        let made = make(4200 + at as u64, defect, 150.0, false);
        let (page, look) = looked(&made);
        if defect == Defect::None {
            assert!(look.verdict.good(), "{:?}", look.verdict);
        } else {
            let doubt = look.verdict.doubts.iter().find(|doubt| doubt.reason.key() == defect.code());
            let doubt = doubt.unwrap_or_else(|| panic!("{defect:?}: {:?}", look.verdict));
            let region = doubt.region;
            assert!(
                region.left + region.width <= page.width() as u32 && region.top + region.height <= page.height() as u32
            );
            assert!(doubt.reason.plain_words().contains("ilakan"));
        }
    }
}

#[test]
fn a_turned_page_is_made_straight() {
    for seed in [9001, 9002, 9003] {
        let made = make(seed, Defect::None, 150.0, true);
        let (page, look) = looked(&made);
        assert_eq!(look.rotation.degrees(), made.rotation, "{seed}");
        assert!((look.skew_deg - made.skew_deg).abs() < 0.25, "{seed}: {} not {}", look.skew_deg, made.skew_deg);
        // What was made straight is straight, upright and still good.
        let again = scan::look(&scan::straighten(&page, &look));
        let upright = again.rotation.degrees() == 0 || !again.rotation_sure;
        assert!(again.skew_deg.abs() < 0.2 && upright, "{seed}: {} {:?}", again.skew_deg, again.rotation);
    }
}

#[test]
fn a_place_on_the_straight_page_is_found_in_the_picture() {
    let mut rotations = std::collections::BTreeSet::new();
    for seed in 9001..=9006 {
        let made = make(seed, Defect::None, 100.0, true);
        let (page, look) = looked(&made);
        let straight = scan::straighten(&page, &look);
        let (width, height) = (straight.width() as u32, straight.height() as u32);
        let word = Region { left: width / 3, top: height / 4, width: 60, height: 14 };
        let [x, y, w, h] = look.on_picture(word);
        let (long, high) = if look.rotation.degrees() % 180 == 0 { (w, h) } else { (h, w) };
        assert!((long - 60.0).abs() < 9.0 && (high - 14.0).abs() < 4.0, "{seed}: {w} x {h}");
        // And from there back again.
        let there = Region { left: x as u32, top: y as u32, width: w as u32, height: h as u32 };
        let back = look.on_straight(there);
        let middle = |region: Region| (region.left + region.width / 2, region.top + region.height / 2);
        let (found, wanted) = (middle(back), middle(word));
        assert!(found.0.abs_diff(wanted.0) < 6 && found.1.abs_diff(wanted.1) < 6, "{seed}: {found:?} not {wanted:?}");
        rotations.insert(look.rotation.degrees());
    }
    assert_eq!(rotations.len(), 4, "{rotations:?}");
}

#[test]
fn what_is_written_is_a_jpeg_with_its_resolution_and_colour_only_where_there_is_some() {
    let mut chance = Chance::new(3);
    let (sheet, truth) = layouts::family_card(&mut chance, 150.0);
    let made = lay(&mut chance, sheet, truth, Defect::None, false);
    let (page, look) = looked(&made);
    let straight = scan::straighten(&page.clone().with_dpi(150), &look);
    assert!(straight.coloured(), "the coat of arms is red");
    let again = scan::decode(&scan::to_jpeg(&straight, scan::QUALITY).unwrap()).unwrap();
    assert_eq!((again.width(), again.height()), (straight.width(), straight.height()));
    let preview = scan::preview(&page, 700);
    assert!(preview.width.max(preview.height) <= 700 && preview.rgb.len() == preview.width * preview.height * 3);
}

#[test]
fn bombs_and_strangers_are_refused_by_name() {
    assert_eq!(scan::decode(b"%PDF-1.7").unwrap_err(), DecodeError::Unknown);
    assert_eq!(scan::decode(&[]).unwrap_err(), DecodeError::Unknown);
    let made = make(1, Defect::None, 60.0, false);
    let half = &made.jpeg[..made.jpeg.len() / 2];
    assert_eq!(scan::decode(half).unwrap_err(), DecodeError::Truncated);
    // A frame of 65,000 x 65,000 pixels in a head of a few bytes.
    let mut bomb = made.jpeg.clone();
    let at = bomb.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).unwrap();
    bomb[at + 5..at + 9].copy_from_slice(&[0xFD, 0xE8, 0xFD, 0xE8]);
    assert!(matches!(scan::decode(&bomb), Err(DecodeError::TooLarge | DecodeError::Broken)));
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(40, 40).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let mut png = png.into_inner();
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    assert!(matches!(scan::decode(&png), Err(DecodeError::TooLarge | DecodeError::Broken)));
}

#[test]
fn a_mutated_file_is_an_error_or_a_verdict() {
    let mut sources = Vec::new();
    let mut chance = Chance::new(8);
    let (sheet, _) = layouts::identity_card(&mut chance, 110.0);
    sources.push(jpeg(&sheet.picture, 80));
    let image = image::load_from_memory(&sources[0]).unwrap();
    for format in [image::ImageFormat::Png, image::ImageFormat::Tiff] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.thumbnail(160, 160).write_to(&mut bytes, format).unwrap();
        sources.push(bytes.into_inner());
    }
    let mut verdicts = 0;
    for seed in 0..150 {
        let mut chance = Chance::new(seed);
        let mut bytes = sources[seed as usize % 3].clone();
        pages::mutate(&mut chance, &mut bytes);
        if let Ok(page) = scan::decode(&bytes) {
            let look = scan::look(&page);
            let _ = scan::straighten(&page, &look);
            verdicts += 1;
        }
    }
    assert!(verdicts > 10, "{verdicts}: the mutations are too wild to reach anything");
}

#[test]
fn the_smallest_and_the_oddest_pages_have_a_verdict() {
    for (width, height) in [(16, 16), (16, 3000), (3000, 16), (17, 23)] {
        for level in [0_u8, 128, 255] {
            let mut png = std::io::Cursor::new(Vec::new());
            let picture = image::GrayImage::from_pixel(width, height, image::Luma([level]));
            picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
            let page = scan::decode(&png.into_inner()).unwrap();
            let look = scan::look(&page);
            assert!(!look.verdict.good());
            scan::to_jpeg(&scan::straighten(&page, &look), 85).unwrap();
            let _ = scan::preview(&page, 1);
        }
    }
}

/// The command on a page with words; without Tesseract it tells the rest all the same.
#[test]
fn the_command_tells_one_line_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance::new(21);
    let (sheet, truth) = layouts::statement(&mut chance, 200.0);
    let made = lay(&mut chance, sheet, truth, Defect::None, true);
    let (good, broken) = (folder.path().join("surat.jpg"), folder.path().join("rusak.jpg"));
    std::fs::write(&good, &made.jpeg).unwrap();
    std::fs::write(&broken, b"no picture").unwrap();
    let run = |files: &[&std::path::Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
        command.arg("scan").args(files).arg("--json").arg("--out").arg(folder.path().join("out"));
        command.args(["--kind", "akta_kelahiran"]).output().unwrap()
    };
    let done = run(&[&good]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let line: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(line["rotation"], made.rotation);
    assert!(std::fs::read(line["out"].as_str().unwrap()).unwrap().starts_with(&[0xFF, 0xD8]));
    if Tesseract::default().installed() {
        assert_eq!(line["reasons"], serde_json::json!(["other_kind"]), "{line}");
        assert_eq!(line["nik"][0]["value"], made.truth.niks[0].as_str(), "{line}");
    }
    let done = run(&[&good, &broken]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("neither a JPEG"));
}

#[test]
fn a_number_that_was_read_wrongly_is_never_sure() {
    let reader = Tesseract { program: "/nonexistent/tesseract".into(), ..Tesseract::default() };
    assert!(!reader.installed());
    let made = make(5, Defect::None, 100.0, false);
    let scanned =
        anjungan::scan_files::scan_page(&made.jpeg, Some(100), Some(&reader), None, date(2026, 11, 23)).unwrap();
    assert!(scanned.reading.is_none() && scanned.look.verdict.has(Reason::TooLowResolution));
}
