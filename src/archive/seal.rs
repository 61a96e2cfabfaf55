//! Sealing: XChaCha20-Poly1305 under one random key per case, which is itself wrapped under the key of the office.
//!
//! Whoever destroys the key of a case has destroyed its documents, in every copy of the sealed files. Nothing that was
//! sealed for one place opens at another: office, case and document are sealed in.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::hex;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Random bytes of each sealing. So many never repeat by chance.
pub const NONCE_BYTES: usize = 24;
/// Begins every sealed file: what it is, and the version of its form.
const MAGIC: &[u8; 8] = b"ANJSEAL1";
/// Begins the line in the file of the office's key.
const KEY_WORD: &str = "anjungan-office-key-1";

/// Why something sealed does not open. Says nothing of what is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealBroken {
    /// Too short, or another kind of file.
    #[error("not a sealed file")]
    NotSealed,
    /// Changed, from another place, or sealed under another key.
    #[error("changed, or sealed under another key")]
    Refused,
}

/// A text that holds no key of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of an office")]
pub struct KeyGarbled;

/// The key of the office: one for its whole archive.
pub struct OfficeKey(Zeroizing<[u8; KEY_BYTES]>);

/// The key of one case.
pub struct CaseKey(Zeroizing<[u8; KEY_BYTES]>);

/// What a digest for searching is made of; part of it, so that a NIK never passes for a No KK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// A NIK.
    Nik,
    /// A No KK.
    NoKk,
}

impl Searched {
    /// Returns the stable key, e.g. `no_kk`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Nik => "nik",
            Self::NoKk => "no_kk",
        }
    }
}

/// Where something is sealed for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Region code of the office.
    pub office: &'a str,
    /// The case.
    pub case_id: &'a str,
    /// The document; none for the key of the case.
    pub document_id: Option<&'a str>,
}

impl Place<'_> {
    /// The parts are of fixed alphabets without a zero byte: no two places read the same.
    fn bytes(&self) -> Vec<u8> {
        let what = if self.document_id.is_some() { "document" } else { "case key" };
        format!("anjungan {what}\0{}\0{}\0{}", self.office, self.case_id, self.document_id.unwrap_or("")).into_bytes()
    }
}

impl OfficeKey {
    /// Makes a key of random bytes.
    #[must_use]
    pub fn new(random: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads the line that [`Self::line`] wrote.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, KeyGarbled> {
        let digits = text.trim().strip_prefix(KEY_WORD).ok_or(KeyGarbled)?.trim_start();
        if digits.len() != 2 * KEY_BYTES || !digits.is_ascii() {
            return Err(KeyGarbled);
        }
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        for (at, byte) in key.iter_mut().enumerate() {
            let pair = digits.get(2 * at..2 * at + 2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
            *byte = u8::from_str_radix(pair.ok_or(KeyGarbled)?, 16).map_err(|_| KeyGarbled)?;
        }
        Ok(Self(key))
    }

    /// Writes the key as one line of text, so that it can also be kept on paper in a safe.
    #[must_use]
    pub fn line(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{KEY_WORD} {}\n", hex(&*self.0)))
    }

    /// Names the key without telling it: the first eight bytes of a digest, as hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"anjungan office key name 1\0").chain_update(*self.0).finalize();
        hex(digest.get(..8).unwrap_or_default())
    }

    /// Wraps the key of a case.
    #[must_use]
    pub fn wrap(&self, key: &CaseKey, place: Place<'_>, nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        seal(&self.derived(b"anjungan wrap 1"), &place, nonce, &*key.0)
    }

    /// Unwraps the key of a case.
    ///
    /// # Errors
    /// When it was changed, belongs to another case or to another office's key.
    pub fn unwrap_key(&self, wrapped: &[u8], place: Place<'_>) -> Result<CaseKey, SealBroken> {
        let plain = Zeroizing::new(open(&self.derived(b"anjungan wrap 1"), &place, wrapped)?);
        let key: [u8; KEY_BYTES] = plain.as_slice().try_into().map_err(|_| SealBroken::NotSealed)?;
        Ok(CaseKey(Zeroizing::new(key)))
    }

    /// Returns the digest under which a number is searched. Without the office's key it tells nothing: sixteen digits
    /// could be guessed from a plain digest in a day.
    #[must_use]
    pub fn search_digest(&self, what: Searched, number: &str) -> String {
        let key = self.derived(b"anjungan search 1");
        hex(&*mac(&*key, &[what.key().as_bytes(), b"\0", number.as_bytes()]))
    }

    fn derived(&self, purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
        mac(&*self.0, &[purpose])
    }
}

impl CaseKey {
    /// Makes a key of random bytes.
    #[must_use]
    pub fn new(random: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Seals a document.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Vec<u8> {
        seal(&self.0, &place, nonce, plain)
    }

    /// Opens a document.
    ///
    /// # Errors
    /// When a byte was changed, or it was sealed for another place or under another key.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
        open(&self.0, &place, sealed)
    }
}

impl std::fmt::Debug for OfficeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OfficeKey({})", self.fingerprint())
    }
}

impl std::fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseKey")
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn seal(key: &[u8; KEY_BYTES], place: &Place<'_>, nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: &place.bytes() };
    // The cipher refuses only what is longer than 256 GiB, which no document of ours comes near.
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).expect("a document is shorter than 256 GiB");
    [&MAGIC[..], &nonce[..], &sealed[..]].concat()
}

fn open(key: &[u8; KEY_BYTES], place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
    let rest = sealed.strip_prefix(MAGIC).ok_or(SealBroken::NotSealed)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealBroken::NotSealed)?;
    let payload = Payload { msg: rest, aad: &place.bytes() };
    cipher(key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealBroken::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { office: "3315", case_id: "c1", document_id: Some("d1") };

    #[test]
    fn only_the_right_key_at_the_right_place_opens() {
        let key = CaseKey::new([7; 32]);
        let sealed = key.seal(PLACE, [1; 24], b"a document");
        assert_eq!(key.open(PLACE, &sealed).expect("its own key"), b"a document");
        assert!(!sealed.windows(8).any(|window| window == b"document"));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(key.open(PLACE, &bent).is_err(), "byte {at}");
        }
        assert!(CaseKey::new([8; 32]).open(PLACE, &sealed).is_err());
        for place in [
            Place { office: "3374", ..PLACE },
            Place { case_id: "c2", ..PLACE },
            Place { document_id: Some("d2"), ..PLACE },
            Place { document_id: None, ..PLACE },
        ] {
            assert_eq!(key.open(place, &sealed), Err(SealBroken::Refused));
        }
        assert_eq!(key.open(PLACE, &sealed[..20]), Err(SealBroken::NotSealed));
        assert_eq!(key.open(PLACE, b""), Err(SealBroken::NotSealed));
    }

    #[test]
    fn a_case_key_is_unwrapped_by_its_office_only() {
        let place = Place { document_id: None, ..PLACE };
        let (office, key) = (OfficeKey::new([1; 32]), CaseKey::new([9; 32]));
        let wrapped = office.wrap(&key, place, [2; 24]);
        let again = office.unwrap_key(&wrapped, place).expect("its own office");
        assert_eq!(*again.0, [9; 32]);
        assert_eq!(OfficeKey::new([2; 32]).unwrap_key(&wrapped, place).map(drop), Err(SealBroken::Refused));
    }

    #[test]
    fn an_office_key_reads_back_from_its_line() {
        let key = OfficeKey::new([0xA5; 32]);
        let again = OfficeKey::parse(&key.line()).expect("its own line");
        assert_eq!(again.fingerprint(), key.fingerprint());
        assert!(!format!("{key:?}").contains("a5a5"));
        let short = "anjungan-office-key-1 00";
        for wrong in ["", short, "other 00", &key.line().replace("a5", "zz"), &key.line().replace("a5a5", "+1é")] {
            assert!(OfficeKey::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_search_digest_belongs_to_its_office_and_kind() {
        let number = "3315130101909001";
        let digest = OfficeKey::new([1; 32]).search_digest(Searched::Nik, number);
        assert_eq!(digest.len(), 64);
        assert_ne!(digest, OfficeKey::new([2; 32]).search_digest(Searched::Nik, number));
        assert_ne!(digest, OfficeKey::new([1; 32]).search_digest(Searched::NoKk, number));
    }

    /// Test vector of draft-irtf-cfrg-xchacha-03, A.3.1: that the cipher is the one the manual names.
    #[test]
    fn the_cipher_is_xchacha20_poly1305() {
        let key: [u8; 32] = std::array::from_fn(|at| 0x80 + at as u8);
        let nonce: [u8; 24] = std::array::from_fn(|at| 0x40 + at as u8);
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let msg: &[u8] =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let sealed = cipher(&key).encrypt(&XNonce::from(nonce), Payload { msg, aad: &aad }).expect("short");
        assert_eq!(hex(&sealed[..16]), "bd6d179d3e83d43b9576579493c0e939");
        assert_eq!(hex(&sealed[sealed.len() - 16..]), "c0875924c1c7987947deafd8780acf49");
    }
}
