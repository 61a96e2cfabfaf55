//! The colours of the windows: every text stands out from every ground it is put on.

use std::collections::BTreeMap;

/// Least contrast of text.
const TEXT_MIN: f64 = 10.0;
/// Least contrast of an edge that can be touched, and of an icon on a strong ground.
const EDGE_MIN: f64 = 3.0;
/// Least contrast of the words of a control that cannot be used now.
const DISABLED_MIN: f64 = 4.5;

/// Text and its ground, as the windows put them together.
const TEXTS: &[(&str, &[&str])] = &[
    ("ink", &["paper", "paper-raised", "paper-sunken", "primary-soft", "success-soft", "caution-soft", "danger-soft"]),
    ("ink-soft", &["paper", "paper-raised", "paper-sunken", "primary-soft"]),
    ("primary", &["paper", "paper-raised", "paper-sunken", "primary-soft"]),
    ("accent-strong", &["paper", "paper-raised", "paper-sunken", "primary-soft", "caution-soft", "accent-soft"]),
    ("success", &["paper-raised", "primary-soft", "success-soft"]),
    ("caution", &["paper-raised", "caution-soft"]),
    ("danger", &["paper-raised", "primary-soft", "danger-soft"]),
    ("primary-ink", &["primary", "primary-pressed", "accent-strong", "success", "caution", "danger"]),
];

/// Relative luminance (WCAG 2).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, two: &str) -> f64 {
    let (one, two) = (luminance(one), luminance(two));
    (one.max(two) + 0.05) / (one.min(two) + 0.05)
}

/// The colours of `Palette`, by name.
fn palette() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/theme/theme.slint");
    let theme = std::fs::read_to_string(path).unwrap();
    let block = theme.split("export global Palette {").nth(1).unwrap().split("\n}").next().unwrap();
    let colour = |line: &str| {
        let (name, value) = line.trim().strip_prefix("out property <color> ")?.split_once(": ")?;
        Some((name.to_owned(), value.trim_end_matches(';').to_owned()))
    };
    block.lines().filter_map(colour).collect()
}

#[test]
fn text_stands_out_from_its_ground() {
    let palette = palette();
    assert!(palette.len() > 20, "the palette was read");
    let mut poor = Vec::new();
    let mut look = |text: &str, ground: &str, least: f64| {
        let found = contrast(&palette[text], &palette[ground]);
        if found < least {
            poor.push(format!("{text} on {ground}: {found:.2}, least {least}"));
        }
    };
    for (text, grounds) in TEXTS {
        for ground in *grounds {
            look(text, ground, TEXT_MIN);
        }
    }
    for fill in ["primary-fill", "accent", "success-fill", "caution-fill", "danger-fill"] {
        look("primary-ink", fill, EDGE_MIN);
    }
    for ground in ["paper", "paper-raised"] {
        look("outline", ground, EDGE_MIN);
        look("focus", ground, EDGE_MIN);
    }
    look("disabled-ink", "disabled", DISABLED_MIN);
    assert!(poor.is_empty(), "{poor:#?}");
}
