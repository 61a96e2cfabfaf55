//! The house rules that the compiler does not hold: who may use whom, how long a file may be, what may stand in it.

use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

pub fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The code of a file, without comments and without its unit tests.
fn code(path: &Path) -> String {
    let text = text(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// For each room: what its code never mentions.
const WALLS: &[(&str, &[&str])] = &[
    (
        "src/domain",
        &[
            "crate::store",
            "crate::wire",
            "crate::hub",
            "crate::station",
            "crate::kiosk",
            "crate::counter",
            "crate::board",
            "crate::slip",
            "crate::rig",
            "crate::config",
            "crate::clock",
            "crate::failure",
            "crate::journal",
            "slint::",
            "rusqlite",
            "std::fs",
            "std::net",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "getrandom",
        ],
    ),
    (
        "src/archive",
        &[
            "crate::store",
            "crate::hub",
            "crate::wire",
            "crate::station",
            "crate::config",
            "crate::clock",
            "rusqlite",
            "slint::",
            "std::fs",
            "std::net",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "getrandom",
        ],
    ),
    (
        "src/scan",
        &[
            "crate::store",
            "crate::hub",
            "crate::wire",
            "crate::station",
            "crate::kiosk",
            "crate::counter",
            "crate::config",
            "crate::clock",
            "crate::program",
            "crate::tesseract",
            "anjungan_hardware",
            "rusqlite",
            "slint::",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "getrandom",
        ],
    ),
    (
        "src/store",
        &["crate::wire", "crate::hub", "crate::station", "crate::kiosk", "crate::counter", "crate::board", "slint::"],
    ),
    (
        "src/wire",
        &["crate::store", "crate::hub", "crate::station", "crate::kiosk", "crate::counter", "slint::", "rusqlite"],
    ),
    (
        "src/hub",
        &[
            "rusqlite",
            "slint::",
            "anjungan_hardware",
            "anjungan_ui",
            "crate::station",
            "crate::kiosk",
            "crate::counter",
            "crate::board",
            "crate::rig",
            "crate::slip",
        ],
    ),
    ("src/station", &["crate::hub", "crate::store", "crate::kiosk", "crate::counter", "crate::board", "crate::rig"]),
    (
        "src/slip",
        &["crate::hub", "crate::store", "crate::kiosk", "crate::counter", "slint::", "rusqlite", "crate::station"],
    ),
    ("src/kiosk", &["crate::hub", "crate::store", "crate::counter", "crate::board", "crate::rig", "rusqlite"]),
    ("src/counter", &["crate::hub", "crate::store", "crate::kiosk", "crate::board", "crate::rig", "rusqlite"]),
    ("src/board", &["crate::hub", "crate::store", "crate::kiosk", "crate::counter", "crate::rig", "rusqlite"]),
    ("src/rig", &["crate::hub", "crate::store", "crate::kiosk", "crate::counter", "crate::board", "rusqlite"]),
    ("hardware/src", &["slint::", "anjungan::", "anjungan_ui", "rusqlite"]),
    ("ui/src", &["anjungan::", "anjungan_hardware", "rusqlite"]),
];

#[test]
fn no_room_reaches_through_a_wall() {
    let mut broken = Vec::new();
    for (room, forbidden) in WALLS {
        for path in files(room, "rs") {
            let code = code(&path);
            broken.extend(
                forbidden.iter().filter(|word| code.contains(*word)).map(|word| format!("{} uses {word}", name(&path))),
            );
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_flow_and_a_view_are_pure() {
    let forbidden = ["slint::", "std::thread", "std::fs", "std::net", "Timestamp::now", "Instant::now", "SystemTime"];
    for program in ["kiosk", "counter", "board"] {
        for path in files(&format!("src/{program}"), "rs") {
            let name = name(&path);
            if ["flow", "view", "by_ear"].iter().any(|room| name.contains(room)) {
                let code = code(&path);
                for word in forbidden {
                    assert!(!code.contains(word), "{name} uses {word}");
                }
            }
        }
    }
}

#[test]
fn widgets_take_properties_and_never_read_the_contract() {
    for path in files("ui/widgets", "slint") {
        let text = text(&path);
        assert!(!text.contains("/api/"), "{} reads an api global", name(&path));
    }
}

#[test]
fn only_the_theme_knows_colours() {
    for room in ["ui/kiosk", "ui/counter", "ui/board", "ui/rig", "ui/widgets"] {
        for path in files(room, "slint") {
            for (number, line) in text(&path).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let colour =
                    code.split('#').skip(1).any(|rest| rest.chars().take_while(char::is_ascii_hexdigit).count() >= 3);
                assert!(!colour, "{}:{} names a colour: {line}", name(&path), number + 1);
            }
        }
    }
}

#[test]
fn citizens_meet_no_text_field_and_nothing_scrolls() {
    for path in files("ui/kiosk", "slint") {
        let text = text(&path);
        for word in ["TextInput", "LineEdit", "Flickable", "ScrollView", "ListView"] {
            assert!(!text.contains(word), "{} uses {word}", name(&path));
        }
    }
}

#[test]
fn files_stay_readable() {
    for (folder, ending) in [("src", "rs"), ("hardware/src", "rs"), ("tests", "rs"), ("ui", "slint")] {
        for path in files(folder, ending) {
            let lines = text(&path).lines().count();
            assert!(lines <= 600, "{} has {lines} lines: two rooms in one?", name(&path));
        }
    }
}

#[test]
fn features_are_decided_in_one_place() {
    for path in files("src", "rs") {
        if !name(&path).ends_with("src/lib.rs") && !name(&path).starts_with("src/cli") && name(&path) != "src/main.rs" {
            assert!(!code(&path).contains("cfg(feature"), "{} decides about features", name(&path));
        }
    }
}

#[test]
fn every_failure_is_in_the_manual() {
    let manual = text(&root().join("docs/failure-codes.md"));
    for failure in anjungan::failure::Failure::ALL {
        let row =
            format!("| `{}` | {} | {} | {} |", failure.code(), failure.title(), failure.cause(), failure.action());
        assert!(manual.contains(&row), "docs/failure-codes.md lacks:\n{row}");
    }
}

#[test]
fn every_key_of_the_configuration_is_in_the_manual() {
    let manual = text(&root().join("docs/configuration.md"));
    let source = text(&root().join("src/config.rs"));
    for line in source.lines() {
        let Some(field) = line.trim().strip_prefix("pub ").and_then(|rest| rest.split_once(':')) else { continue };
        if line.starts_with("    pub ") && !field.0.contains(' ') && !field.0.contains('(') {
            assert!(manual.contains(&format!("`{}`", field.0)), "docs/configuration.md lacks `{}`", field.0);
        }
    }
}

#[test]
fn words_follow_the_office_spelling() {
    let mut places: Vec<PathBuf> = files("ui", "slint");
    places.extend(files("src", "rs"));
    places.extend(files("assets/services", "toml"));
    for path in places {
        // Tests name the wrong words to look for them.
        let text = code(&path).to_lowercase();
        for wrong in ["antrian", "silahkan", "nomer ", "e-ktp"] {
            assert!(!text.contains(wrong), "{} says {wrong}", name(&path));
        }
    }
}

#[test]
fn every_widget_hangs_in_the_gallery() {
    let gallery = text(&root().join("ui/gallery/gallery_window.slint"));
    let missing: Vec<_> = files("ui/widgets", "slint")
        .iter()
        .map(|path| name(path))
        .filter(|name| !gallery.contains(&format!("\"../widgets/{}\"", name.rsplit('/').next().unwrap_or_default())))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
