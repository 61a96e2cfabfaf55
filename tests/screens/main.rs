//! Every screen of the kiosk in every language, text size, contrast and orientation, rendered without a display.
//!
//! Nothing may be clipped, nothing may overlap, everything that can be touched is 20 mm and apart from the next thing,
//! every word stands out from its ground, and every control has a name for those who hear the screen. `states.rs` walks
//! the flow to each state; `look.rs` looks at what was drawn.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod look;
mod states;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anjungan::domain::language::Language;
use anjungan::kiosk::flow::{Contrast, TextSize};
use look::Looker;

const SIZES: [TextSize; 4] = [TextSize::Small, TextSize::Normal, TextSize::Large, TextSize::Largest];
const CONTRASTS: [Contrast; 4] = [Contrast::Standard, Contrast::Dark, Contrast::Light, Contrast::Soft];

/// Looks at every state in one language; each test has a thread and a window of its own.
fn look_at_everything(language: Language) {
    let states = states::all();
    let mut looker = Looker::new();
    let mut findings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for state in &states {
        for size in SIZES {
            for contrast in CONTRASTS {
                for landscape in [false, true] {
                    for finding in looker.look(state, language, size, contrast, landscape) {
                        let look = format!("{size:?} {contrast:?} {}", if landscape { "landscape" } else { "portrait" });
                        findings.entry(format!("{}: {finding}", state.name)).or_default().push(look);
                    }
                }
            }
        }
    }
    println!("{} renders in {}, {} findings", looker.renders, language.code(), findings.len());
    let mut text = String::new();
    for (finding, looks) in &findings {
        let _ = writeln!(text, "{finding}\n    in {} looks, first {}", looks.len(), looks[0]);
    }
    assert!(findings.is_empty(), "{} findings\n{text}", findings.len());
    assert!(looker.renders >= 20 * 32, "every state was looked at");
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
