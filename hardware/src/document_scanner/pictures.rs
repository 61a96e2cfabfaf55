//! The pictures a simulated scanner scans: files in its folder, named after the kind of document.

use std::path::{Path, PathBuf};

/// The picture of one page, counted from 1: `<kind>-<number>.jpg` where a document has several pages, `<kind>.jpg`
/// where it has one, and the same of `default`. Endings are `jpg`, `jpeg`, `png`. After the last picture comes the first.
pub(super) fn page(folder: &Path, kind: &str, number: u32) -> Option<PathBuf> {
    names(kind).find_map(|name| match numbered(folder, name) {
        0 => exact(folder, name),
        many => exact(folder, &format!("{name}-{}", number.saturating_sub(1) % many + 1)),
    })
}

/// How many pages of a document lie in the folder; 0 when there is no picture at all.
pub(super) fn count(folder: &Path, kind: &str) -> u32 {
    let pages = |name| numbered(folder, name).max(u32::from(exact(folder, name).is_some()));
    names(kind).map(pages).find(|pages| *pages > 0).unwrap_or(0)
}

fn numbered(folder: &Path, name: &str) -> u32 {
    let found = (1..=super::MAX_PAGES).take_while(|number| exact(folder, &format!("{name}-{number}")).is_some());
    u32::try_from(found.count()).unwrap_or(0)
}

/// The kind comes from data and must not lead out of the folder.
fn names(kind: &str) -> impl Iterator<Item = &str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let kind = if kind.chars().all(plain) && !kind.starts_with('.') { kind } else { "" };
    [kind, "default"].into_iter().filter(|name| !name.is_empty())
}

fn exact(folder: &Path, name: &str) -> Option<PathBuf> {
    ["jpg", "jpeg", "png"].map(|end| folder.join(format!("{name}.{end}"))).into_iter().find(|path| path.is_file())
}
