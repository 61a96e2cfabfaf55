//! The colours of the windows: every text stands out from every ground it is put on.

use std::collections::BTreeMap;

/// The looks a person may choose, each with the least contrast of its text, in the order of the colours in the file.
const LOOKS: [(&str, f64); 4] = [("dark", 20.0), ("light", 20.0), ("soft", 7.0), ("standard", 10.0)];
/// Least contrast of an edge that can be touched, and of an icon on a strong ground.
const EDGE_MIN: f64 = 3.0;
/// Least contrast of the words of a button while a finger is on it, where the look asks for more than that.
const PRESSED_MIN: f64 = 10.0;
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
    ("primary-ink", &["primary", "accent-strong", "success", "caution", "danger"]),
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

/// The colours of one look, by name.
type Palette = BTreeMap<String, String>;

/// The colours of `Palette` in the order of [`LOOKS`].
fn palettes() -> [Palette; 4] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/theme/palette.slint");
    let theme = std::fs::read_to_string(path).unwrap();
    let block = theme.split("export global Palette {").nth(1).unwrap().split("\n}").next().unwrap();
    let mut palettes: [Palette; 4] = Default::default();
    for line in block.lines() {
        let Some((name, value)) =
            line.trim().strip_prefix("out property <color> ").and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        let colours: Vec<String> = value
            .split('#')
            .skip(1)
            .map(|rest| format!("#{}", rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>()))
            .collect();
        assert_eq!(colours.len(), LOOKS.len(), "a colour of each look for {name}: {value}");
        for (palette, colour) in palettes.iter_mut().zip(colours) {
            palette.insert(name.to_owned(), colour);
        }
    }
    palettes
}

#[test]
fn text_stands_out_from_its_ground_in_every_look() {
    let mut poor = Vec::new();
    for ((look, text_min), palette) in LOOKS.into_iter().zip(palettes()) {
        assert!(palette.len() > 20, "the palette was read");
        let mut see = |text: &str, ground: &str, least: f64| {
            let found = contrast(&palette[text], &palette[ground]);
            if found < least {
                poor.push(format!("{look}, {text} on {ground}: {found:.2}, least {least}"));
            }
        };
        for (text, grounds) in TEXTS {
            for ground in *grounds {
                see(text, ground, text_min);
            }
        }
        see("primary-ink", "primary-pressed", text_min.min(PRESSED_MIN));
        for fill in ["primary-fill", "accent", "success-fill", "caution-fill", "danger-fill"] {
            see("primary-ink", fill, EDGE_MIN);
        }
        for ground in ["paper", "paper-raised"] {
            see("outline", ground, EDGE_MIN);
            see("focus", ground, EDGE_MIN);
        }
        see("disabled-ink", "disabled", DISABLED_MIN);
    }
    assert!(poor.is_empty(), "{poor:#?}");
}
