//! Every screen of the kiosk in every language, text size, contrast and orientation, rendered without a display.
//!
//! Nothing may be clipped, nothing may overlap, everything that can be touched is 20 mm and apart from the next thing,
//! every word stands out from its ground, and every control has a name for those who hear the screen. `states.rs` walks
//! the flow to each state; `look.rs` looks at what was drawn.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod golden;
mod listener;
mod look;
mod states;
mod walker;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anjungan::domain::language::Language;
use anjungan::kiosk::flow::{Contrast, TextSize};
use look::{Looker, Posture};

/// Set to `all`, every screen is drawn in every look (`make screens`); otherwise in the two that differ most.
const EXTENT: &str = "ANJUNGAN_SCREENS";
/// Only states whose names begin with this, for whoever mends one.
const ONLY: &str = "ANJUNGAN_SCREENS_ONLY";

/// Text sizes with the contrasts that each is drawn in; the first one is measured with the ruler as well.
fn looks() -> Vec<(TextSize, Vec<Contrast>)> {
    use Contrast::{Dark, Light, Soft, Standard};
    if std::env::var(EXTENT).is_ok_and(|extent| extent == "all") {
        let sizes = [TextSize::Small, TextSize::Normal, TextSize::Large, TextSize::Largest];
        sizes.into_iter().map(|size| (size, vec![Standard, Dark, Light, Soft])).collect()
    } else {
        vec![(TextSize::Normal, vec![Standard]), (TextSize::Largest, vec![Dark])]
    }
}

/// Looks at every state in one language; each test has a thread and a window of its own.
fn look_at_everything(language: Language) {
    let only = std::env::var(ONLY).unwrap_or_default();
    let states: Vec<_> = states::all().into_iter().filter(|state| state.name.starts_with(&only)).collect();
    let mut looker = Looker::new();
    let mut findings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for state in &states {
        for (size, contrasts) in looks() {
            for (at, contrast) in contrasts.into_iter().enumerate() {
                for posture in Posture::ALL {
                    for finding in looker.look(state, language, size, contrast, posture, at == 0) {
                        let look = format!("{size:?} {contrast:?} {posture:?}");
                        findings.entry(format!("{}: {finding}", state.name)).or_default().push(look);
                    }
                }
            }
        }
    }
    println!("{}: {} states, {} renders, {} findings", language.code(), states.len(), looker.renders, findings.len());
    let mut text = String::new();
    for (finding, looks) in &findings {
        let _ = writeln!(text, "{finding}\n    in {} looks, first {}", looks.len(), looks[0]);
    }
    assert!(findings.is_empty(), "{} findings\n{text}", findings.len());
    assert!(!only.is_empty() || looker.renders >= 160, "every screen was drawn");
}

#[test]
fn every_screen_in_indonesian_fits_and_can_be_read_and_touched() {
    look_at_everything(Language::Indonesian);
}

#[test]
fn every_screen_in_javanese_fits_and_can_be_read_and_touched() {
    look_at_everything(Language::Javanese);
}

#[test]
fn every_screen_in_english_fits_and_can_be_read_and_touched() {
    look_at_everything(Language::English);
}
