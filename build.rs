//! Linker settings of the programs; nothing is generated here.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    // The windows hold a hundred thousand pointers that the loader moves at the start. Packed, their list has a fortieth
    // of its 2.5 MB, and a kiosk's memory holds it from its first moment to its last. Wants glibc 2.36 (Debian 12).
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}
