//! Region codes inside a NIK or a No KK: provinces, and the districts (kecamatan) of Kabupaten Grobogan.
//!
//! A code says where a number was **first issued**, never where its owner lives now, and an old code stays valid for
//! life. So nothing here refuses a number: an unknown code is a remark for a person to weigh.
//!
//! Only provinces are listed for the whole country. A list of all kecamatan would do harm: when Papua (91) and Papua
//! Barat (92) were split in 2022, 594 kecamatan codes under these two left the official list (Merauke went from
//! 91.01.01 to 93.01.01, Makbon from 92.01.01 to 96.01.01), while every NIK issued under them stays in use. In the same
//! way people of Kalimantan Utara registered before 2012 carry 64, of Sulawesi Barat 73, of Banten 32, of Gorontalo 71,
//! of Kepulauan Riau 14, of Bangka Belitung 16.

/// First four digits of a number issued in Kabupaten Grobogan (33 Jawa Tengah, 15 Grobogan).
pub const GROBOGAN: &str = "3315";

/// Whether a province code is in use today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvinceStatus {
    /// One of the 38 provinces of Kepmendagri 300.2.2-2430 of 2025.
    Current,
    /// No longer a province of the Republic; numbers issued there stay valid.
    Legacy,
    /// Issued to a citizen registered abroad.
    Abroad,
}

/// A province as it appears in the first two digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Province {
    /// Code of the Ministry of Home Affairs, 11 to 99.
    pub code: u8,
    /// Indonesian name.
    pub name: &'static str,
    /// Whether the code is in use today.
    pub status: ProvinceStatus,
}

/// A kecamatan of Kabupaten Grobogan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct District {
    /// Six digits as at the start of a NIK, for example `331513`.
    pub code: &'static str,
    /// Indonesian name.
    pub name: &'static str,
    /// Number of villages (desa and kelurahan); 280 in all.
    pub villages: u8,
}

/// Finds a province by its two-digit code: the 38 of today, the legacy code 54, and 99 for abroad.
pub fn province(code: u8) -> Option<&'static Province> {
    PROVINCES.iter().find(|province| province.code == code)
}

/// Finds a district of Grobogan by the first six digits of a number.
pub fn district(code: &str) -> Option<&'static District> {
    DISTRICTS.iter().find(|district| district.code == code)
}

const fn current(code: u8, name: &'static str) -> Province {
    Province { code, name, status: ProvinceStatus::Current }
}

const fn grobogan(code: &'static str, name: &'static str, villages: u8) -> District {
    District { code, name, villages }
}

/// Every province code that a genuine number can begin with.
pub const PROVINCES: [Province; 40] = [
    current(11, "Aceh"),
    current(12, "Sumatera Utara"),
    current(13, "Sumatera Barat"),
    current(14, "Riau"),
    current(15, "Jambi"),
    current(16, "Sumatera Selatan"),
    current(17, "Bengkulu"),
    current(18, "Lampung"),
    current(19, "Kepulauan Bangka Belitung"),
    current(21, "Kepulauan Riau"),
    current(31, "Jakarta"),
    current(32, "Jawa Barat"),
    current(33, "Jawa Tengah"),
    current(34, "Daerah Istimewa Yogyakarta"),
    current(35, "Jawa Timur"),
    current(36, "Banten"),
    current(51, "Bali"),
    current(52, "Nusa Tenggara Barat"),
    current(53, "Nusa Tenggara Timur"),
    Province { code: 54, name: "Timor Timur", status: ProvinceStatus::Legacy },
    current(61, "Kalimantan Barat"),
    current(62, "Kalimantan Tengah"),
    current(63, "Kalimantan Selatan"),
    current(64, "Kalimantan Timur"),
    current(65, "Kalimantan Utara"),
    current(71, "Sulawesi Utara"),
    current(72, "Sulawesi Tengah"),
    current(73, "Sulawesi Selatan"),
    current(74, "Sulawesi Tenggara"),
    current(75, "Gorontalo"),
    current(76, "Sulawesi Barat"),
    current(81, "Maluku"),
    current(82, "Maluku Utara"),
    current(91, "Papua"),
    current(92, "Papua Barat"),
    current(93, "Papua Selatan"),
    current(94, "Papua Tengah"),
    current(95, "Papua Pegunungan"),
    current(96, "Papua Barat Daya"),
    Province { code: 99, name: "Luar negeri", status: ProvinceStatus::Abroad },
];

/// The 19 kecamatan of Kabupaten Grobogan; codes and names have not changed since at least 2015.
pub const DISTRICTS: [District; 19] = [
    grobogan("331501", "Kedungjati", 12),
    grobogan("331502", "Karangrayung", 19),
    grobogan("331503", "Penawangan", 20),
    grobogan("331504", "Toroh", 16),
    grobogan("331505", "Geyer", 13),
    grobogan("331506", "Pulokulon", 13),
    grobogan("331507", "Kradenan", 14),
    grobogan("331508", "Gabus", 14),
    grobogan("331509", "Ngaringan", 12),
    grobogan("331510", "Wirosari", 14),
    grobogan("331511", "Tawangharjo", 10),
    grobogan("331512", "Grobogan", 12),
    grobogan("331513", "Purwodadi", 17),
    grobogan("331514", "Brati", 9),
    grobogan("331515", "Klambu", 9),
    grobogan("331516", "Godong", 28),
    grobogan("331517", "Gubug", 21),
    grobogan("331518", "Tegowanu", 18),
    grobogan("331519", "Tanggungharjo", 9),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_38_current_provinces_and_two_special_codes() {
        let current = PROVINCES.iter().filter(|p| p.status == ProvinceStatus::Current).count();
        assert_eq!(current, 38);
        assert_eq!(province(33).map(|p| p.name), Some("Jawa Tengah"));
        assert_eq!(province(54).map(|p| p.status), Some(ProvinceStatus::Legacy));
        assert_eq!(province(99).map(|p| p.status), Some(ProvinceStatus::Abroad));
        assert_eq!(province(0), None);
        assert_eq!(province(37), None);
        assert!(PROVINCES.windows(2).all(|pair| pair[0].code < pair[1].code), "sorted, no code twice");
    }

    #[test]
    fn lists_19_districts_with_280_villages() {
        assert_eq!(DISTRICTS.iter().map(|d| u32::from(d.villages)).sum::<u32>(), 280);
        assert_eq!(district("331513").map(|d| d.name), Some("Purwodadi"));
        assert_eq!(district("331520"), None);
        for (index, district) in DISTRICTS.iter().enumerate() {
            assert_eq!(district.code, format!("{GROBOGAN}{:02}", index + 1));
        }
    }
}
