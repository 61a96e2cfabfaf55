//! Eyes and hands on a window without a display: find a control by what it says, press it, take a picture.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anjungan::clock::Virtual;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot, TestingBackend, TestingBackendOptions};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, PhysicalSize};

/// Nothing a person waits for may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Gives windows real pixels without a display.
pub fn without_a_display() {
    let options = TestingBackendOptions { renderer_name: Some("software".into()), ..Default::default() };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).expect("the first platform of this process");
}

/// The office's clock, which every touch moves.
pub static CLOCK: OnceLock<Arc<Virtual>> = OnceLock::new();

/// A program with a window, as the tour drives it.
pub trait Program {
    /// Its window.
    type Window: ComponentHandle + ElementRoot;
    /// Returns its window.
    fn window(&self) -> &Self::Window;
    /// Handles what waits; waits itself for at most `max_wait`.
    fn pump(&mut self, max_wait: Duration) -> bool;
}

/// Numbers the pictures in the order they are taken.
pub struct Album {
    folder: PathBuf,
    next: Cell<u32>,
}

impl Album {
    /// Opens an empty folder.
    pub fn open(folder: &Path) -> Self {
        if folder.exists() {
            std::fs::remove_dir_all(folder).expect("the tour's folder can be emptied");
        }
        std::fs::create_dir_all(folder).expect("the tour's folder can be made");
        Self { folder: folder.to_owned(), next: Cell::new(1) }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the next picture.
    pub fn next(&self, name: &str) -> PathBuf {
        let number = self.next.replace(self.next.get() + 1);
        self.folder.join(format!("{number:02}-{name}.png"))
    }
}

/// Copies what the README shows, at a size for reading, without the numbers that change when a screen is added.
pub fn keep_for_readme(tour: &Path, docs: &Path) {
    const SHOWN: [(&str, u32); 10] = [
        ("kiosk-attract", 360),
        ("kiosk-need", 360),
        ("kiosk-scan-preview", 360),
        ("kiosk-slip", 360),
        ("slip", 320),
        ("counter-verify", 1000),
        ("counter-handover-mismatch", 1000),
        ("board-call", 1000),
        ("kabid-case", 300),
        ("phone-status-ready", 300),
    ];
    std::fs::create_dir_all(docs).expect("docs/pictures can be made");
    for entry in std::fs::read_dir(tour).expect("the tour's folder").map_while(Result::ok) {
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = file.trim_end_matches(".png").trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        if let Some((name, width)) = SHOWN.iter().find(|(shown, _)| *shown == name) {
            let picture = image::open(entry.path()).expect("a picture of the tour");
            let small = picture.resize(*width, u32::MAX, image::imageops::FilterType::Lanczos3);
            small.to_rgb8().save(docs.join(format!("{name}.png"))).expect("the picture can be kept");
        }
    }
}

/// Sets a window's size in pixels and shows it.
pub fn open_window(window: &impl ComponentHandle, width: u32, height: u32) {
    window.window().set_size(PhysicalSize::new(width, height));
    window.show().expect("a window without a display opens");
}

/// Photographs a window.
pub fn photograph(program: &mut impl Program, album: &Album, name: &str) {
    settle(program);
    let pixels = program.window().window().take_snapshot().expect("the software renderer draws");
    let path = album.next(name);
    let picture = image::RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.as_bytes().to_vec())
        .expect("four bytes a pixel");
    image::DynamicImage::ImageRgba8(picture).to_rgb8().save(&path).expect("the picture can be written");
    println!("  {}", path.file_name().unwrap_or_default().to_string_lossy());
}

/// Lets motion come to rest.
fn settle(program: &mut impl Program) {
    let end = Instant::now() + Duration::from_millis(450);
    while Instant::now() < end {
        program.pump(Duration::from_millis(15));
        slint::platform::update_timers_and_animations();
    }
}

/// Waits until something is so.
pub fn until<P: Program>(program: &mut P, what: &str, mut so: impl FnMut(&P) -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !so(program) {
        assert!(Instant::now() < limit, "waited in vain until {what}; on screen: {:#?}", labels(program.window()));
        program.pump(Duration::from_millis(10));
        slint::platform::update_timers_and_animations();
    }
}

/// Tells whether a control or text with this label is on screen.
pub fn sees<P: Program>(program: &P, label: &str) -> bool {
    ElementHandle::find_by_accessible_label(program.window(), label).next().is_some()
}

/// Waits until a label is on screen.
pub fn until_sees(program: &mut impl Program, label: &str) {
    until(program, &format!("`{label}` is on screen"), |program| sees(program, label));
}

/// Presses the first enabled control that carries the label, with a finger on its middle.
pub fn press<P: Program>(program: &mut P, label: &str) {
    press_nth(program, label, 0);
}

/// Whether a control with this label can be pressed now.
pub fn can_press<P: Program>(program: &P, label: &str) -> bool {
    !enabled(program.window(), label).is_empty()
}

/// Presses the n-th enabled control that carries the label.
pub fn press_nth<P: Program>(program: &mut P, label: &str, at: usize) {
    until(program, &format!("`{label}` can be pressed"), |program| enabled(program.window(), label).len() > at);
    let element = enabled(program.window(), label).swap_remove(at);
    press_middle(program, &element);
}

/// Presses what has no label because nobody should find it, several times.
pub fn press_hidden<P: Program>(program: &mut P, component: &str, times: u32) {
    let found = ElementHandle::find_by_element_type_name(program.window(), component).next();
    let element = found.unwrap_or_else(|| panic!("no {component} on screen"));
    for _ in 0..times {
        press_middle(program, &element);
    }
}

fn press_middle<P: Program>(program: &mut P, element: &ElementHandle) {
    let (corner, size) = (element.absolute_position(), element.size());
    let position = LogicalPosition::new(corner.x + size.width / 2.0, corner.y + size.height / 2.0);
    let window = program.window().window();
    let button = PointerEventButton::Left;
    window.dispatch_event(WindowEvent::PointerMoved { position });
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    window.dispatch_event(WindowEvent::PointerReleased { position, button });
    window.dispatch_event(WindowEvent::PointerExited);
    // The next finger comes later than a double tap, on the office's clock too.
    if let Some(clock) = CLOCK.get() {
        clock.advance_ms(900);
    }
    let end = Instant::now() + Duration::from_millis(20);
    while Instant::now() < end {
        program.pump(Duration::from_millis(5));
        slint::platform::update_timers_and_animations();
    }
}

fn enabled(window: &impl ElementRoot, label: &str) -> Vec<ElementHandle> {
    ElementHandle::find_by_accessible_label(window, label)
        .filter(|element| !matches!(element.accessible_role(), Some(AccessibleRole::Text | AccessibleRole::None)))
        .filter(|element| element.accessible_enabled() != Some(false) && element.size().width > 0.0)
        .collect()
}

/// Lists the enabled controls and the texts whose label starts so, in the order of the screen.
pub fn labels_starting<P: Program>(program: &P, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    program.window().root_element().visit_descendants(|element| {
        let label = element.accessible_label().unwrap_or_default();
        // The words on a button are no second button.
        let part = element.accessible_role() == Some(AccessibleRole::None);
        if !part && !label.is_empty() && label.starts_with(prefix) && element.accessible_enabled() != Some(false) {
            found.push(label.to_string());
        }
        std::ops::ControlFlow::<()>::Continue(())
    });
    found
}

/// Lists the labels of all checkboxes.
pub fn checkboxes<P: Program>(program: &P) -> Vec<String> {
    let query = i_slint_backend_testing::ElementQuery::from_root(program.window());
    let boxes = query.match_descendants().match_accessible_role(AccessibleRole::Checkbox).find_all();
    boxes.iter().filter_map(ElementHandle::accessible_label).map(String::from).collect()
}

/// Presses every control whose label starts so, from top to bottom.
pub fn press_each(program: &mut impl Program, prefix: &str) {
    for label in labels_starting(program, prefix) {
        press(program, &label);
    }
}

/// Types text, key by key.
pub fn type_text(program: &mut impl Program, text: &str) {
    for letter in text.chars() {
        key(program, letter.into());
    }
}

fn key(program: &mut impl Program, text: slint::SharedString) {
    strike(program.window(), text);
    program.pump(Duration::ZERO);
}

/// Presses and releases a key.
pub fn strike(window: &impl ComponentHandle, text: slint::SharedString) {
    window.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
    window.window().dispatch_event(WindowEvent::KeyReleased { text });
    if let Some(clock) = CLOCK.get() {
        clock.advance_ms(400);
    }
}

/// Presses a key while another is held.
pub fn strike_with(window: &impl ComponentHandle, held: slint::platform::Key, text: &str) {
    window.window().dispatch_event(WindowEvent::KeyPressed { text: held.into() });
    strike(window, text.into());
    window.window().dispatch_event(WindowEvent::KeyReleased { text: held.into() });
}

/// Lists what can be read and pressed: for the message of a failed wait.
fn labels(window: &impl ElementRoot) -> Vec<String> {
    let mut labels = Vec::new();
    window.root_element().visit_descendants(|element| {
        if let Some(label) = element.accessible_label().filter(|label| !label.is_empty()) {
            labels.push(format!("{:?} {label} {:?}", element.accessible_role(), element.accessible_enabled()));
        }
        std::ops::ControlFlow::<()>::Continue(())
    });
    labels
}
