//! What the simulated devices hold at first: cards and pages of invented people.

use std::fs;
use std::io;
use std::path::Path;

use anjungan_hardware::ektp_reader::CardFile;
use serde::{Deserialize, Serialize};

/// A card that can be laid on the simulated reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// For choosing it.
    pub key: String,
    /// Words for it.
    pub title: String,
    /// What the reader reads.
    #[serde(flatten)]
    pub file: CardFile,
}

const CARDS: &str = include_str!("../../assets/seed/cards.json");

macro_rules! pages {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../assets/seed/pages/", $name)) as &[u8]),)+]
    };
}

/// Sample pages; the simulated scanner picks one by the kind of document.
const PAGES: &[(&str, &[u8])] = pages![
    "akta_cerai.jpg",
    "akta_kelahiran.jpg",
    "akta_kematian.jpg",
    "bukti_elemen.jpg",
    "buku_nikah.jpg",
    "default.jpg",
    "kk_lama.jpg",
    "kk_rusak.jpg",
    "kk_tujuan.jpg",
    "ktp_penerima_kuasa.jpg",
    "sk_hilang_polisi.jpg",
    "sk_lahir.jpg",
    "skpwni.jpg",
    "sp_bersedia_wali.jpg",
    "sp_menerima_anggota.jpg",
    "sp_sebab_hilang_rusak.jpg",
    "surat_kuasa.jpg",
];

/// The cards of the seed.
pub(super) fn cards() -> Vec<Card> {
    serde_json::from_str(CARDS).expect("a test reads the built-in cards")
}

/// Puts the sample pages into the scanner's folder. A page that somebody replaced stays.
pub fn lay_pages(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in PAGES {
        let path = folder.join(name);
        if !path.exists() {
            fs::write(path, bytes)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::nik::Nik;

    #[test]
    fn the_cards_are_of_invented_people() {
        let cards = cards();
        let keys: Vec<&str> = cards.iter().map(|card| card.key.as_str()).collect();
        assert_eq!(keys, ["pemohon", "lain", "kuasa", "rusak"]);
        for card in cards {
            let nik = Nik::parse(&card.file.nik).expect("16 digits");
            assert!(nik.as_str()[12..].parse::<u16>().is_ok_and(|serial| serial >= 9000), "serials of real people");
        }
    }

    #[test]
    fn every_page_of_the_seed_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/seed/pages");
        let mut found: Vec<String> = fs::read_dir(folder)
            .expect("the seed")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".jpg"))
            .collect();
        found.sort();
        assert_eq!(found, PAGES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    }
}
