//! What a card said.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// Where the identity comes from, for the journal and for how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Read from the chip by a driver of ours.
    Chip,
    /// Read by a gateway beside the vendor's software.
    Gateway,
    /// Typed by a person.
    Typed,
    /// Not a real card.
    Simulated,
}

/// The identity read from a card. Fields outside the asked scopes are `None`. [`fmt::Debug`] shows the last four
/// digits of the NIK and nothing else of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// 16 digits.
    pub nik: String,
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// Place of birth.
    #[serde(default)]
    pub birth_place: Option<String>,
    /// Date of birth as on the card, `DD-MM-YYYY`.
    #[serde(default)]
    pub birth_date: Option<String>,
    /// As on the card, `LAKI-LAKI` or `PEREMPUAN`.
    #[serde(default)]
    pub gender: Option<String>,
    /// Street address.
    #[serde(default)]
    pub address: Option<String>,
    /// Neighbourhood number.
    #[serde(default)]
    pub rt: Option<String>,
    /// Neighbourhood group number.
    #[serde(default)]
    pub rw: Option<String>,
    /// Kelurahan or desa.
    #[serde(default)]
    pub village: Option<String>,
    /// Kecamatan.
    #[serde(default)]
    pub district: Option<String>,
    /// Kabupaten or kota.
    #[serde(default)]
    pub regency: Option<String>,
    /// Provinsi.
    #[serde(default)]
    pub province: Option<String>,
    /// Agama.
    #[serde(default)]
    pub religion: Option<String>,
    /// Status perkawinan.
    #[serde(default)]
    pub marital_status: Option<String>,
    /// Pekerjaan.
    #[serde(default)]
    pub occupation: Option<String>,
    /// Photo as JPEG, at most [`MAX_PHOTO`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "photo_text")]
    pub photo: Option<Vec<u8>>,
    /// Opaque name of the card, the same as in [`super::ReaderStatus`]: two readings with different names are of
    /// two cards. It tells nothing about the person, and the same card has another name after the machine's restart.
    #[serde(default)]
    pub card_id: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Largest photo in bytes.
pub const MAX_PHOTO: usize = 64 * 1024;

/// A photo in JSON: base64 (RFC 4648 section 4).
mod photo_text {
    use data_encoding::BASE64;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    #[expect(clippy::ref_option, reason = "the signature serde calls")]
    pub(super) fn serialize<S: Serializer>(photo: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        match photo {
            Some(bytes) => serializer.serialize_some(&BASE64.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| BASE64.decode(text.as_bytes()).map_err(|_| D::Error::custom("the photo is not base64")))
            .transpose()
    }
}

/// A photo must be a JPEG within the limit; everything else is not shown to anybody.
pub(super) fn check_photo(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > MAX_PHOTO {
        return Err(Error::new(ErrorKind::TooLarge, format!("the photo has more than {MAX_PHOTO} bytes")));
    }
    if !bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Err(Error::new(ErrorKind::Unreadable, "the photo is not a JPEG"));
    }
    Ok(())
}

impl Reading {
    /// A reading of a NIK alone.
    ///
    /// # Errors
    ///
    /// `Unreadable` when it is not 16 digits.
    pub fn new(nik: impl Into<String>, origin: Origin) -> Result<Self, Error> {
        let nik = nik.into();
        if !is_nik(&nik) {
            return Err(Error::new(ErrorKind::Unreadable, "the card's NIK is not 16 digits"));
        }
        Ok(Self {
            nik,
            name: None,
            birth_place: None,
            birth_date: None,
            gender: None,
            address: None,
            rt: None,
            rw: None,
            village: None,
            district: None,
            regency: None,
            province: None,
            religion: None,
            marital_status: None,
            occupation: None,
            photo: None,
            card_id: None,
            origin,
        })
    }
}

pub(super) fn is_nik(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The NIK with all but its last four digits hidden.
pub(super) fn masked(nik: &str) -> String {
    let hidden = nik.chars().count().saturating_sub(4);
    nik.chars().enumerate().map(|(index, digit)| if index < hidden { '*' } else { digit }).collect()
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("nik", &masked(&self.nik))
            .field("name", &self.name.as_ref().map(|_| "***"))
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_names_nobody() {
        let mut reading = Reading::new("3315061203900001", Origin::Gateway).unwrap();
        reading.name = Some("SITI AMINAH".into());
        reading.birth_place = Some("GROBOGAN".into());
        let shown = format!("{reading:?}");
        assert!(shown.contains("************0001"), "{shown}");
        for secret in ["331506", "SITI", "GROBOGAN"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn a_nik_is_sixteen_digits() {
        for bad in ["", "331506120390000", "33150612039000011", "331506120390000A", "３３１５０６１２０３９０００１"]
        {
            assert_eq!(Reading::new(bad, Origin::Chip).unwrap_err().kind(), ErrorKind::Unreadable);
        }
    }
}
