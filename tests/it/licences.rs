//! Every crate we ship must fit GPL-3.0-only (ADR 1).

use std::process::Command;

/// Licences that may be passed on under GPL-3.0.
const FITTING: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    // The Independent JPEG Group's; the FSF lists it as compatible.
    "IJG",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    "MPL-2.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "0BSD",
    "CDLA-Permissive-2.0",
];

#[test]
fn every_dependency_has_a_licence_that_fits() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none named").replace('/', " OR ");
        if !fits(&licence) {
            wrong.push(format!("{name}: {licence}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One alternative of an `OR` is enough; of an `AND` every part must fit. Exceptions only ever permit more.
fn fits(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], "");
    expression.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| {
            let licence = licence.split(" WITH ").next().unwrap_or_default().trim();
            FITTING.contains(&licence)
        })
    })
}

#[test]
fn the_rule_itself_refuses_what_does_not_fit() {
    assert!(fits("GPL-3.0-only OR LicenseRef-Slint-Royalty-free-2.0") && fits("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(!fits("SSPL-1.0") && !fits("none named") && !fits("MIT AND GPL-2.0-only"));
}
