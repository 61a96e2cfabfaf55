//! Made pages in a folder: to try limits on the same pages again without making them.

use std::path::Path;

use super::layouts::Truth;
use super::spoil::{Defect, Made, Place};

/// The kinds that `layouts` makes.
const KINDS: [&str; 4] = ["kk_lama", "akta_kelahiran", "sp_sebab_hilang_rusak", "ktp_el"];

/// A kept page, with its kind but without what stands on it.
pub fn read(folder: &Path, seed: u64) -> Option<Made> {
    let text = std::fs::read_to_string(folder.join(format!("{seed}.txt"))).ok()?;
    let jpeg = std::fs::read(folder.join(format!("{seed}.jpg"))).ok()?;
    let [dpi, skew, rotation, defect, place, kind] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
    Some(Made {
        jpeg,
        dpi: dpi.parse().ok(),
        skew_deg: skew.parse().ok()?,
        rotation: rotation.parse().ok()?,
        defect: Defect::ALL.into_iter().find(|known| known.code() == defect)?,
        place: [Place::WhiteLid, Place::BlackLid, Place::Camera].into_iter().find(|p| format!("{p:?}") == place)?,
        truth: Truth { kind: KINDS.into_iter().find(|known| *known == kind)?, ..Truth::default() },
    })
}

/// Keeps a page.
pub fn write(folder: &Path, seed: u64, made: &Made) {
    let dpi = made.dpi.map_or_else(|| "-".to_owned(), |dpi| dpi.to_string());
    let (defect, kind) = (made.defect.code(), made.truth.kind);
    let text = format!("{dpi} {} {} {defect} {:?} {kind}", made.skew_deg, made.rotation, made.place);
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{seed}.jpg")), &made.jpeg).unwrap();
    std::fs::write(folder.join(format!("{seed}.txt")), text).unwrap();
}
