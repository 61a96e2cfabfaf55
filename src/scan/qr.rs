//! QR codes on a page. What stands in one is never opened, and only one kind is trusted to be what it says: the address
//! of a KK's electronic signature, by its scheme and its exact host.

use sha2::{Digest as _, Sha256};

use super::decode::Page;
use super::grey;

/// The one host behind the QR code of a KK (Ditjen Dukcapil). Copies of its page are known on other addresses.
pub const SIGNATURE_HOST: &str = "layananonline.dukcapil.kemendagri.go.id";
/// Longest text of a code that is looked at, in bytes: a QR code holds 2,953.
const TEXT_MAX: usize = 2953;
/// Most codes of a page.
const CODES_MAX: usize = 8;
/// Longest side of the picture in which codes are looked for first: 200 dpi of A4.
const FIRST_MAX_PX: usize = 2400;

/// What a QR code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// The electronic signature of a KK. The SHA-256 of its text, in hex; the text itself is not kept.
    Signature {
        /// 64 hex digits.
        sha256: String,
    },
    /// Anything else: to be looked at by an officer, and by nobody's browser.
    Other {
        /// Whether it pretends to be an address of the ministry.
        imitates: bool,
    },
}

impl Code {
    /// Name for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Signature { .. } => "kk_signature",
            Self::Other { imitates: true } => "imitation",
            Self::Other { imitates: false } => "other",
        }
    }
}

/// Tells what a code's text is, without opening it.
#[must_use]
pub fn judge(text: &str) -> Code {
    if is_signature(text) {
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        return Code::Signature { sha256 };
    }
    let lower = text.get(..text.len().min(TEXT_MAX)).unwrap_or_default().to_ascii_lowercase();
    Code::Other {
        imitates: lower.contains("dukcapil") || lower.contains("kemendagri") || lower.contains("terpusat/pindai"),
    }
}

fn is_signature(text: &str) -> bool {
    // No user, no port, no second spelling: the host stands between the scheme and the first slash, letter for letter.
    let plain = text.len() <= TEXT_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let rest = text.strip_prefix("https://").and_then(|rest| rest.strip_prefix(SIGNATURE_HOST));
    plain && rest.is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}

/// Finds and judges the QR codes of a page.
#[must_use]
pub fn read(page: &Page) -> Vec<Code> {
    let long = page.width().max(page.height());
    let first = long.div_ceil(FIRST_MAX_PX).max(1);
    let mut found = codes(page, first);
    if found.is_empty() && first > 1 {
        found = codes(page, 1);
    }
    found
}

fn codes(page: &Page, factor: usize) -> Vec<Code> {
    let grey = grey::of_page(page, factor);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(grey.width, grey.height, |x, y| {
        grey.values.get(y * grey.width + x).copied().unwrap_or(255)
    });
    let grids = prepared.detect_grids();
    grids.iter().take(CODES_MAX).filter_map(|grid| grid.decode().ok()).map(|(_, text)| judge(&text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_host_over_https_is_a_signature() {
        let right = format!("https://{SIGNATURE_HOST}/Terpusat/Pindai/XYZ3315_0000");
        assert!(matches!(judge(&right), Code::Signature { sha256 } if sha256.len() == 64));
        for wrong in [
            right.replace("https", "http"),
            right.replace("https://", "https://user@"),
            right.replace(".id/", ".id:8443/"),
            right.replace(".id/", ".id.example/"),
            right.replace(".id/", ".id@example.org/"),
            right.replace("layananonline", "layananonIine"),
            right.replace(".id/", ".id\\@example.org/"),
            right.replace("/Terpusat", "?u=/Terpusat"),
            format!("https://{SIGNATURE_HOST}"),
            format!("https://{SIGNATURE_HOST}/"),
            format!(" {right}"),
            format!("{right}\n"),
        ] {
            assert_eq!(judge(&wrong), Code::Other { imitates: true }, "{wrong}");
        }
        assert_eq!(judge("ANJ1:0123"), Code::Other { imitates: false });
        assert_eq!(judge("éééé"), Code::Other { imitates: false });
    }

    #[test]
    fn a_code_is_found_on_a_page() {
        let text = format!("https://{SIGNATURE_HOST}/Terpusat/Pindai/XYZ3315_0000");
        let code = qrcode::QrCode::new(&text).unwrap();
        let (modules, scale, side) = (code.width(), 4, 300);
        let mut grey = vec![255; side * side];
        for (at, colour) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (at % modules * scale + 40, at / modules * scale + 50);
            if colour == qrcode::Color::Dark {
                (0..scale).for_each(|dy| grey[(y + dy) * side + x..(y + dy) * side + x + scale].fill(10));
            }
        }
        assert_eq!(read(&Page::of_grey(side, side, grey)), [judge(&text)]);
        assert!(read(&Page::of_grey(50, 50, vec![255; 2500])).is_empty());
    }
}
