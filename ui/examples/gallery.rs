//! Every widget in every state, in any look: `cargo run -p anjungan-ui --features gallery --example gallery`.
//! With a folder as its argument it opens no window and writes one picture for each look.
#![allow(missing_docs, clippy::all)]

use std::path::{Path, PathBuf};

use anjungan_ui::slint::{self, ComponentHandle as _};
use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};

include!(concat!(env!("OUT_DIR"), "/gallery.rs"));

fn main() {
    match std::env::args().nth(1).map(PathBuf::from) {
        Some(folder) => pictures(&folder),
        None => GalleryWindow::new().expect("a display").run().expect("the window runs"),
    }
}

fn pictures(folder: &Path) {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        renderer_name: Some("software".into()),
        mock_time: true,
        ..Default::default()
    })))
    .expect("no other platform is set");
    std::fs::create_dir_all(folder).expect("the folder is made");
    let window = GalleryWindow::new().expect("the window is made");
    window.window().set_size(slint::PhysicalSize::new(2200, 1960));
    for (size_name, size) in [("normal", TextSize::Normal), ("largest", TextSize::Largest)] {
        for (name, contrast) in [
            ("standard", Contrast::Standard),
            ("dark", Contrast::Dark),
            ("light", Contrast::Light),
            ("soft", Contrast::Soft),
        ] {
            let theme = window.global::<Theme<'_>>();
            theme.set_text_size(size);
            theme.set_contrast(contrast);
            i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_secs(1));
            let pixels = window.window().take_snapshot().expect("the window renders");
            let path = folder.join(format!("gallery_{size_name}_{name}.png"));
            image::save_buffer(&path, pixels.as_bytes(), pixels.width(), pixels.height(), image::ColorType::Rgba8)
                .expect("the picture is written");
            println!("{}", path.display());
        }
    }
}
