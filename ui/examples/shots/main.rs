//! Renders every screen of every window with preview data into `target/shots/*.png`, with no display.
//! A developer looks at them; `cargo run -p anjungan-ui --example shots [name-filter]`.

mod desk;
mod kiosk;

use std::path::PathBuf;

use anjungan_ui::slint::{self, Rgba8Pixel, SharedPixelBuffer};
use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};

/// Where the pictures go, and which of them were asked for.
pub struct Shots {
    folder: PathBuf,
    filter: Option<String>,
}

impl Shots {
    /// Says whether a picture of this name was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }

    /// Renders the window as it is now into `<name>.png`.
    pub fn take(&self, name: &str, window: &slint::Window, width: u32, height: u32) {
        if !self.wants(name) {
            return;
        }
        window.set_size(slint::PhysicalSize::new(width, height));
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_secs(1));
        let pixels: SharedPixelBuffer<Rgba8Pixel> = window.take_snapshot().expect("the window renders");
        let path = self.folder.join(format!("{name}.png"));
        image::save_buffer(&path, pixels.as_bytes(), pixels.width(), pixels.height(), image::ColorType::Rgba8)
            .expect("the picture is written");
        println!("{}", path.display());
    }
}

fn main() {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        renderer_name: Some("software".into()),
        mock_time: true,
        ..Default::default()
    })))
    .expect("no other platform is set");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/shots");
    std::fs::create_dir_all(&folder).expect("the folder is made");
    let shots = Shots { folder, filter: std::env::args().nth(1) };
    kiosk::take(&shots);
    desk::take(&shots);
}
