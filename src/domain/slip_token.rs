//! The secret on the slip: the token in the QR, and the code that a person can type.
//!
//! The code is derived from the token, so a slip carries one secret. Only digests reach the hub.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Crockford's base 32: no I, L, O, U.
const TOKEN_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 31 of its symbols: 31 is prime, so a weighted sum finds every single wrong symbol and every swap of neighbours.
const CODE_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKMNPQRSTVWXY";
/// Symbols of a token: 128 bits, five a symbol.
const TOKEN_SYMBOLS: usize = 26;
/// Symbols of a code before its check symbol: 31^10 is about 2^49.5.
const CODE_SYMBOLS: usize = 10;
/// What a QR without a published status page starts with.
const TOKEN_PREFIX: &str = "ANJ1:";
/// No slip text is longer; anything above was never ours.
pub const SCANNED_TEXT_LENGTH_MAX: usize = 256;

/// 128 random bits that open one case.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipToken([u8; 16]);

/// SHA-256 over a token or a code, as lower-case hex. What the hub stores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SlipDigest(String);

/// A text that is not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hex digits")]
pub struct DigestError;

impl SlipDigest {
    fn of(domain: &str, bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(domain.as_bytes());
        hasher.update(bytes);
        Self(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SlipDigest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 64 && text.bytes().all(hex) { Ok(Self(text)) } else { Err(DigestError) }
    }
}

impl From<SlipDigest> for String {
    fn from(digest: SlipDigest) -> Self {
        digest.0
    }
}

impl SlipToken {
    /// Wraps 16 bytes from the operating system's random source.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the 26 symbols that stand in the QR.
    #[must_use]
    pub fn text(&self) -> String {
        // 26 symbols hold 130 bits: the two spare bits are zeros at the end.
        let bits = u128::from_be_bytes(self.0);
        (0..TOKEN_SYMBOLS)
            .map(|at| {
                let shift = 125 - 5 * i32::try_from(at).unwrap_or(0) - 2;
                let five = if shift >= 0 { bits >> shift } else { bits << -shift } & 31;
                char::from(TOKEN_ALPHABET[usize::try_from(five).unwrap_or(0)])
            })
            .collect()
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != TOKEN_SYMBOLS {
            return None;
        }
        let mut bits: u128 = 0;
        for (at, symbol) in text.bytes().enumerate() {
            let five = u128::from(symbol_value(symbol, TOKEN_ALPHABET)?);
            if at + 1 == TOKEN_SYMBOLS {
                if five & 3 != 0 {
                    return None;
                }
                bits = (bits << 3) | (five >> 2);
            } else {
                bits = (bits << 5) | five;
            }
        }
        Some(Self(bits.to_be_bytes()))
    }

    /// Returns what the QR says: the published status page's address, or the bare token.
    #[must_use]
    pub fn qr_text(&self, url_base: Option<&str>) -> String {
        match url_base {
            Some(base) => format!("{}/s/{}", base.trim_end_matches('/'), self.text()),
            None => format!("{TOKEN_PREFIX}{}", self.text()),
        }
    }

    /// Returns the code a person can type.
    #[must_use]
    pub fn manual_code(&self) -> ManualCode {
        let mut hasher = Sha256::new();
        hasher.update(b"anjungan manual code 1");
        hasher.update(self.0);
        let digest = hasher.finalize();
        let mut bits: u128 = digest.iter().take(16).fold(0, |acc, byte| (acc << 8) | u128::from(*byte));
        let mut values = [0_u8; CODE_SYMBOLS];
        for value in &mut values {
            *value = u8::try_from(bits % 31).unwrap_or(0);
            bits /= 31;
        }
        ManualCode(values)
    }

    /// Returns the digest that the hub stores.
    #[must_use]
    pub fn digest(&self) -> SlipDigest {
        SlipDigest::of("anjungan slip token 1", &self.0)
    }
}

impl fmt::Debug for SlipToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlipToken(secret)")
    }
}

fn symbol_value(symbol: u8, alphabet: &[u8]) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        // What people write for what they read, as Crockford decodes it.
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    alphabet.iter().position(|candidate| *candidate == symbol).and_then(|at| u8::try_from(at).ok())
}

/// Ten symbols and a check symbol, printed in groups: `7K4M-2XQ9-PDT`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ManualCode([u8; CODE_SYMBOLS]);

impl ManualCode {
    /// The check symbol makes the weighted sum of all eleven a multiple of 31.
    fn check(self) -> u8 {
        let sum: u32 = (1_u32..).zip(self.0).map(|(weight, value)| weight * u32::from(value)).sum();
        // 17 is the inverse of the check symbol's weight 11 modulo 31 (11 x 17 = 187 = 6 x 31 + 1).
        u8::try_from((31 - sum % 31) * 17 % 31).unwrap_or(0)
    }

    /// Parses a typed code; spaces and hyphens do not count, I and L read as 1, O as 0.
    ///
    /// # Errors
    /// Refuses a wrong length, a foreign symbol and a check symbol that does not fit.
    pub fn parse(text: &str) -> Result<Self, ManualCodeError> {
        let mut values = Vec::with_capacity(Self::SYMBOLS);
        for symbol in text.bytes().filter(|b| !matches!(b, b' ' | b'-')) {
            values.push(symbol_value(symbol, CODE_ALPHABET).ok_or(ManualCodeError::Symbol)?);
            if values.len() > Self::SYMBOLS {
                return Err(ManualCodeError::Length);
            }
        }
        let Some((check, rest)) = values.split_last() else { return Err(ManualCodeError::Length) };
        let code = Self(rest.try_into().map_err(|_| ManualCodeError::Length)?);
        if code.check() == *check { Ok(code) } else { Err(ManualCodeError::Check) }
    }

    /// Symbols that are typed, the check symbol counted.
    pub const SYMBOLS: usize = CODE_SYMBOLS + 1;

    /// Whether a sign stands on the keys of a code.
    #[must_use]
    pub fn is_symbol(sign: char) -> bool {
        u8::try_from(sign).is_ok_and(|sign| CODE_ALPHABET.contains(&sign))
    }

    /// Puts a code, or its beginning, into the groups in which it is printed.
    #[must_use]
    pub fn grouped(symbols: &str) -> String {
        let mut text = String::with_capacity(Self::SYMBOLS + 2);
        for (at, symbol) in symbols.chars().enumerate() {
            if at == 4 || at == 8 {
                text.push('-');
            }
            text.push(symbol);
        }
        text
    }

    /// Returns the digest that the hub stores.
    #[must_use]
    pub fn digest(self) -> SlipDigest {
        SlipDigest::of("anjungan slip code 1", &self.0)
    }
}

impl fmt::Display for ManualCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.into_iter().chain([self.check()]);
        let symbols: String = values.map(|value| char::from(CODE_ALPHABET[usize::from(value) % 31])).collect();
        f.write_str(&Self::grouped(&symbols))
    }
}

impl fmt::Debug for ManualCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManualCode(secret)")
    }
}

/// Why a typed code is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManualCodeError {
    /// Not eleven symbols.
    #[error("a code has eleven symbols")]
    Length,
    /// A symbol outside the alphabet.
    #[error("a code has digits and letters only")]
    Symbol,
    /// The check symbol does not fit: a typing error.
    #[error("the check symbol does not fit")]
    Check,
}

/// What a scanned or typed text refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlipReference {
    /// The QR of a slip.
    Token(SlipToken),
    /// A typed code.
    Code(ManualCode),
}

/// Why a scanned or typed text is not a slip of this office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlipRefused {
    /// Longer than any slip.
    #[error("longer than any slip text")]
    TooLong,
    /// Contains control characters.
    #[error("contains control characters")]
    Unreadable,
    /// A slip of an office with another status page.
    #[error("a slip of another office")]
    OtherOffice,
    /// Eleven symbols whose check symbol does not fit.
    #[error("a typing error in the code")]
    Mistyped,
    /// Some other QR or text.
    #[error("not a slip")]
    NotASlip,
}

impl SlipReference {
    /// Reads what a scanner or a keyboard delivered. Nothing in it is ever opened or executed.
    ///
    /// # Errors
    /// Refuses with the reason a person can act on.
    pub fn read(text: &str, own_url_base: Option<&str>) -> Result<Self, SlipRefused> {
        if text.len() > SCANNED_TEXT_LENGTH_MAX {
            return Err(SlipRefused::TooLong);
        }
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(SlipRefused::Unreadable);
        }
        if let Some(token) = text.strip_prefix(TOKEN_PREFIX).or_else(|| text.strip_prefix("anj1:")) {
            return SlipToken::parse(token).map(Self::Token).ok_or(SlipRefused::NotASlip);
        }
        if text.contains("://") {
            let (base, token) = text.rsplit_once("/s/").ok_or(SlipRefused::NotASlip)?;
            let token = SlipToken::parse(token).ok_or(SlipRefused::NotASlip)?;
            return if own_url_base.is_some_and(|own| own.trim_end_matches('/') == base) {
                Ok(Self::Token(token))
            } else {
                Err(SlipRefused::OtherOffice)
            };
        }
        match ManualCode::parse(text) {
            Ok(code) => Ok(Self::Code(code)),
            Err(ManualCodeError::Check) => Err(SlipRefused::Mistyped),
            Err(ManualCodeError::Length | ManualCodeError::Symbol) => Err(SlipRefused::NotASlip),
        }
    }

    /// Reads the token that stands in the address of a status page.
    #[must_use]
    pub fn from_path(token: &str) -> Option<SlipToken> {
        SlipToken::parse(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference(text: &str) -> Result<SlipReference, SlipRefused> {
        SlipReference::read(text, Some("https://kk.example.test"))
    }

    proptest! {
        #[test]
        fn a_slip_reads_back_from_its_qr_and_its_code(bytes: [u8; 16]) {
            let token = SlipToken::from_random(bytes);
            prop_assert_eq!(reference(&token.qr_text(None)), Ok(SlipReference::Token(token.clone())));
            prop_assert_eq!(
                reference(&token.qr_text(Some("https://kk.example.test/"))),
                Ok(SlipReference::Token(token.clone()))
            );
            let code = token.manual_code();
            prop_assert_eq!(reference(&code.to_string().to_lowercase()), Ok(SlipReference::Code(code)));
        }

        #[test]
        fn one_wrong_symbol_or_a_swap_is_always_found(bytes: [u8; 16], at in 0_usize..11, other in 0_u8..31) {
            let printed = SlipToken::from_random(bytes).manual_code().to_string().replace('-', "");
            let mut wrong = printed.clone().into_bytes();
            wrong[at] = CODE_ALPHABET[usize::from(other)];
            if wrong != printed.as_bytes() {
                prop_assert_eq!(ManualCode::parse(&String::from_utf8_lossy(&wrong)), Err(ManualCodeError::Check));
            }
            let mut swapped = printed.clone().into_bytes();
            swapped.swap(at, (at + 1) % 11);
            if at < 10 && swapped != printed.as_bytes() {
                prop_assert_eq!(ManualCode::parse(&String::from_utf8_lossy(&swapped)), Err(ManualCodeError::Check));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", raw: Vec<u8>) {
            let _ = reference(&text);
            let _ = reference(&String::from_utf8_lossy(&raw));
        }
    }

    #[test]
    fn what_is_not_ours_is_refused_with_its_reason() {
        let token = SlipToken::from_random([7; 16]);
        let other = token.qr_text(Some("https://kk.lain.test"));
        assert_eq!(reference(&other), Err(SlipRefused::OtherOffice));
        assert_eq!(reference(&"9".repeat(4096)), Err(SlipRefused::TooLong));
        assert_eq!(reference("ANJ1:\u{7}"), Err(SlipRefused::Unreadable));
        assert_eq!(reference("https://example.test/promo"), Err(SlipRefused::NotASlip));
        assert_eq!(reference("' OR 1=1 --"), Err(SlipRefused::NotASlip));
        assert_eq!(reference(""), Err(SlipRefused::NotASlip));
    }

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let token = SlipToken::from_random([7; 16]);
        assert!(!format!("{token:?} {:?}", token.manual_code()).contains(&token.text()));
    }
}
