//! The files under `web/`, carried inside the program and served at `/web/{file}`.

/// A file that pages refer to.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Last part of the address.
    pub name: &'static str,
    /// Media type for the header `Content-Type`.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// Changes with the content. Addresses on pages end in `?v=<digest>`, so an answer may be kept for a year.
    pub digest: u32,
}

const fn file(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, bytes, digest: fnv1a(bytes) }
}

/// FNV-1a: enough to tell one release's file from another's.
const fn fnv1a(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

pub(super) const STYLE: Asset = file("app.css", "text/css; charset=utf-8", include_bytes!("../../../web/app.css"));
pub(super) const LIVE: Asset =
    file("live.js", "text/javascript; charset=utf-8", include_bytes!("../../../web/live.js"));
pub(super) const MARK: Asset = file("mark.svg", "image/svg+xml", include_bytes!("../../../web/mark.svg"));

/// Every file; anything else under `/web/` does not exist.
const ALL: [Asset; 6] = [
    STYLE,
    LIVE,
    MARK,
    file("atkinson-400.woff2", "font/woff2", include_bytes!("../../../web/atkinson-400.woff2")),
    file("atkinson-700.woff2", "font/woff2", include_bytes!("../../../web/atkinson-700.woff2")),
    file(
        "OFL-AtkinsonHyperlegible.txt",
        "text/plain; charset=utf-8",
        include_bytes!("../../../web/OFL-AtkinsonHyperlegible.txt"),
    ),
];

/// Finds a file by its name.
#[must_use]
pub fn asset(name: &str) -> Option<&'static Asset> {
    static TABLE: [Asset; 6] = ALL;
    TABLE.iter().find(|asset| asset.name == name)
}

/// Returns the address of a file as pages write it.
pub(super) fn address(asset: &Asset) -> String {
    format!("/web/{}?v={:08x}", asset.name, asset.digest)
}
