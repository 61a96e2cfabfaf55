//! Draws a state and looks at it, as a careful tester would with a ruler and a light meter.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use anjungan::domain::language::Language;
use anjungan::kiosk::flow::{Contrast, KioskEvent, TextSize, Touch, Turn};
use anjungan::kiosk::view::view;
use anjungan::kiosk::{Binding, Pictures};
use anjungan::station::pixels;
use anjungan_ui::KioskWindow;
use anjungan_ui::slint::{ComponentHandle as _, PhysicalSize, Rgba8Pixel, SharedPixelBuffer};
use i_slint_backend_testing::{AccessibleRole, ElementRoot as _, TestingBackend, TestingBackendOptions};

use crate::states::State;

/// Pixels a millimetre at 92 dpi.
const MM: f32 = 92.0 / 25.4;
/// Least edge of what can be touched.
const TOUCH_MIN: f32 = 20.0 * MM;
/// Least distance between two things to touch.
const APART_MIN: f32 = 2.54 * MM;
/// Part of a standing panel that is above the reach of somebody who sits.
const LOW_REACH_TOP: f32 = 0.46;
/// Least contrast of a word and its ground.
const CONTRAST_MIN: f64 = 7.0;

/// How the panel stands, and how far its person reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posture {
    Portrait,
    Landscape,
    /// A standing panel for somebody who sits: everything to touch is in its lower band.
    LowReach,
}

impl Posture {
    pub const ALL: [Self; 3] = [Self::Portrait, Self::Landscape, Self::LowReach];

    const fn dimensions(self) -> (f32, f32) {
        match self {
            Self::Landscape => (1920.0, 1080.0),
            Self::Portrait | Self::LowReach => (1080.0, 1920.0),
        }
    }

    /// Where the highest control may begin.
    const fn reach(self) -> f32 {
        match self {
            Self::LowReach => 1920.0 * LOW_REACH_TOP,
            Self::Portrait | Self::Landscape => 0.0,
        }
    }
}

/// An element as it stands on the glass.
#[derive(Debug, Clone)]
struct Seen {
    id: String,
    label: String,
    role: AccessibleRole,
    enabled: bool,
    /// "fits" or "clipped" for a text.
    fit: String,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Seen {
    fn is_text(&self) -> bool {
        !self.fit.is_empty()
    }

    const fn is_control(&self) -> bool {
        matches!(self.role, AccessibleRole::Button | AccessibleRole::Checkbox)
    }

    fn overlap(&self, other: &Self) -> (f32, f32) {
        let across = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let down = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        (across, down)
    }

    fn name(&self) -> String {
        let label: String = self.label.chars().take(48).collect();
        format!("{} {label:?}", self.id)
    }
}

/// A window that shows one state after the other.
pub struct Looker {
    window: KioskWindow,
    binding: Binding,
    /// Pictures drawn so far.
    pub renders: usize,
}

impl Looker {
    pub fn new() -> Self {
        let options = TestingBackendOptions {
            renderer_name: Some("software".into()),
            mock_time: true,
            ..TestingBackendOptions::default()
        };
        // Each test thread has a platform of its own.
        let _ = anjungan_ui::slint::platform::set_platform(Box::new(TestingBackend::new(options)));
        let window = KioskWindow::new().unwrap();
        window.global::<anjungan_ui::Theme<'_>>().set_inspected(true);
        window.global::<anjungan_ui::Theme<'_>>().set_motion(false);
        let binding = Binding::new(&window);
        Self { window, binding, renders: 0 }
    }

    /// Shows a state in a look, and says what is wrong with it.
    pub fn look(
        &mut self,
        state: &State,
        language: Language,
        size: TextSize,
        contrast: Contrast,
        posture: Posture,
        measured: bool,
    ) -> Vec<String> {
        // What is drawn differently by colours alone is measured once.
        if !measured && !state.full {
            return Vec::new();
        }
        self.show(state, language, size, contrast, posture);
        let mut findings = Vec::new();
        let pages = if measured { 9 } else { 1 };
        for page in 0..pages {
            let seen = self.seen(state);
            if measured {
                findings.extend(judge(&seen, posture));
            }
            if state.full {
                let picture = self.window.window().take_snapshot().unwrap();
                self.renders += 1;
                findings.extend(pale(&seen, &picture));
            }
            // The pages of a list are turned in the window itself.
            if page + 1 == pages || !self.turn(&seen) {
                break;
            }
        }
        findings
    }

    /// Puts a state into the window.
    pub fn show(&mut self, state: &State, language: Language, size: TextSize, contrast: Contrast, posture: Posture) {
        let mut flow = state.flow.clone();
        for turn in [Turn::Language(language), Turn::TextSize(size), Turn::Contrast(contrast)] {
            flow.step(KioskEvent::Touched(Touch::Turn(turn)), state.now);
        }
        // Turning is a touch: it would take the warning away.
        let mut shown = view(&flow, state.now);
        let before = view(&state.flow, state.now);
        shown.idle_warning = before.idle_warning;
        shown.idle_seconds_left = before.idle_seconds_left;
        shown.failure = before.failure;
        shown.comfort.language = language;
        shown.comfort.text_size = size;
        shown.comfort.contrast = contrast;
        shown.comfort.low_reach = posture == Posture::LowReach;
        let (width, height) = posture.dimensions();
        self.window.window().set_size(PhysicalSize::new(width as u32, height as u32));
        // Through the attract screen, so that no page of another list is remembered.
        let mut rest = shown.clone();
        rest.screen = anjungan::kiosk::view::Screen::Submitting;
        // So that the pictures below are asked for.
        (rest.slip_qr, rest.scan_preview) = (None, None);
        self.binding.apply(&self.window, rest, Pictures::default);
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
        self.binding.apply(&self.window, shown, || Pictures {
            preview: Some(std::sync::Arc::new(sheet())),
            slip_qr: pixels::qr("ANJ1:00000000000000000000000000").map(std::sync::Arc::new),
        });
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
        if let Some(button) = state.press {
            let wanted = format!("::{button}");
            let pressed = self
                .window
                .root_element()
                .query_descendants()
                .match_predicate(move |element| element.id().is_some_and(|id| id.ends_with(&wanted)));
            pressed.find_first().unwrap_or_else(|| panic!("no {button}")).invoke_accessible_default_action();
            i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
        }
    }

    /// What is drawn now.
    pub fn picture(&self) -> image::RgbaImage {
        let pixels = self.window.window().take_snapshot().unwrap();
        image::RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.as_bytes().to_vec()).unwrap()
    }

    /// Turns to the next page of a list. False on the last one.
    fn turn(&self, seen: &[Seen]) -> bool {
        let more = |seen: &&Seen| seen.id.ends_with("::next-btn") && seen.enabled && seen.label.contains('/');
        if seen.iter().find(more).is_none() {
            return false;
        }
        let next = self
            .window
            .root_element()
            .query_descendants()
            .match_predicate(|element| element.id().is_some_and(|id| id.ends_with("::next-btn")));
        next.find_first().unwrap().invoke_accessible_default_action();
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
        true
    }

    /// What is on the glass: under an overlay, only what stands on the overlay.
    fn seen(&self, state: &State) -> Vec<Seen> {
        let now = view(&state.flow, state.now);
        let overlay = match state.press {
            Some("help-btn") => Some("HelpOverlay"),
            Some("display-btn") => Some("DisplayOverlay"),
            Some(_) => Some("RestartOverlay"),
            None if now.idle_warning => Some("IdleOverlay"),
            None if now.failure.is_some() => Some("FailureOverlay"),
            None => None,
        };
        let root = match overlay {
            None => self.window.root_element(),
            Some(name) => {
                let found = self.window.root_element().query_descendants().match_inherits(name).find_first();
                found.unwrap_or_else(|| panic!("no {name}"))
            }
        };
        let mut seen = Vec::new();
        let _ = root.visit_descendants::<()>(|element| {
            let (Some(role), size, at) = (element.accessible_role(), element.size(), element.absolute_position())
            else {
                return ControlFlow::Continue(());
            };
            let id = element.id().unwrap_or_default().to_string();
            let fit = element.accessible_value().unwrap_or_default().to_string();
            let fit = if fit == "fits" || fit == "clipped" { fit } else { String::new() };
            if size.width > 0.5 && size.height > 0.5 && (role != AccessibleRole::None || !fit.is_empty()) {
                seen.push(Seen {
                    id,
                    label: element.accessible_label().unwrap_or_default().to_string(),
                    role,
                    enabled: element.accessible_enabled().unwrap_or(true),
                    fit,
                    x: at.x,
                    y: at.y,
                    width: size.width,
                    height: size.height,
                });
            }
            ControlFlow::Continue(())
        });
        seen
    }
}

/// A page with lines on it, as a scanner gives one.
fn sheet() -> pixels::Pixels {
    let (width, height) = (300_u32, 424_u32);
    let line = |x: u32, y: u32| (40..260).contains(&x) && (60..380).contains(&y) && y % 20 < 6;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    pixels::Pixels { width, height, rgb: places.flat_map(|(x, y)| [if line(x, y) { 60 } else { 245 }; 3]).collect() }
}

/// What a ruler finds.
fn judge(seen: &[Seen], posture: Posture) -> Vec<String> {
    let (width, height) = posture.dimensions();
    let mut findings = Vec::new();
    let texts: Vec<&Seen> = seen.iter().filter(|seen| seen.is_text() && !seen.label.is_empty()).collect();
    let controls: Vec<&Seen> = seen.iter().filter(|seen| seen.is_control()).collect();
    for text in &texts {
        if text.fit == "clipped" {
            findings.push(format!("clipped: {:?}", text.label));
        }
    }
    for thing in seen.iter().filter(|seen| seen.is_text() || seen.is_control()) {
        let out = thing.x < -0.5
            || thing.y < -0.5
            || thing.x + thing.width > width + 0.5
            || thing.y + thing.height > height + 0.5;
        if out {
            findings.push(format!("off the glass: {}", thing.name()));
        }
    }
    for (at, text) in texts.iter().enumerate() {
        for other in &texts[at + 1..] {
            let (across, down) = text.overlap(other);
            if across > 1.0 && down > 1.0 {
                findings.push(format!("overlap: {:?} and {:?}", text.label, other.label));
            }
        }
        for control in &controls {
            let (across, down) = text.overlap(control);
            let inside = across >= text.width - 1.0 && down >= text.height - 1.0;
            if across > 1.0 && down > 1.0 && !inside {
                findings.push(format!("text {:?} reaches out of or into {}", text.label, control.name()));
            }
        }
    }
    for (at, control) in controls.iter().enumerate() {
        if control.y < posture.reach() - 0.5 {
            findings.push(format!("out of reach: {}", control.name()));
        }
        if control.width < TOUCH_MIN - 0.1 || control.height < TOUCH_MIN - 0.1 {
            let (wide, high) = (control.width / MM, control.height / MM);
            findings.push(format!("{wide:.1} x {high:.1} mm only: {}", control.name()));
        }
        for other in &controls[at + 1..] {
            let (across, down) = control.overlap(other);
            if across.max(down) > 0.0 && across > -APART_MIN && down > -APART_MIN {
                let gap = if across < 0.0 { -across } else { -down.min(across) };
                findings.push(format!("{:.1} mm between {} and {}", gap / MM, control.name(), other.name()));
            }
        }
        if control.label.trim().is_empty() {
            findings.push(format!("no label: {}", control.name()));
        }
        if control.id.is_empty() {
            findings.push(format!("no id: {}", control.name()));
        }
    }
    let unnamed = BTreeSet::from_iter(
        seen.iter()
            .filter(|seen| !seen.is_text() && !seen.is_control() && seen.label.trim().is_empty())
            .filter(|seen| seen.role != AccessibleRole::None)
            .map(|seen| format!("no label: role {:?}, id {:?}", seen.role, seen.id)),
    );
    findings.extend(unnamed);
    findings
}

/// What a light meter finds: each word's ink against its ground, on the pixels.
fn pale(seen: &[Seen], picture: &SharedPixelBuffer<Rgba8Pixel>) -> Vec<String> {
    let mut findings = Vec::new();
    for text in seen.iter().filter(|seen| seen.is_text() && seen.label.chars().any(char::is_alphanumeric)) {
        let Some(found) = contrast(text, picture) else { continue };
        if found < CONTRAST_MIN {
            findings.push(format!("contrast {found:.1}: {:?}", text.label));
        }
    }
    findings
}

/// The contrast between the commonest colour of a rectangle and the one farthest from it.
fn contrast(text: &Seen, picture: &SharedPixelBuffer<Rgba8Pixel>) -> Option<f64> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (left, right) = ((text.x.max(0.0)) as usize, ((text.x + text.width) as usize).min(width));
    let (top, bottom) = ((text.y.max(0.0)) as usize, ((text.y + text.height) as usize).min(height));
    let pixels = picture.as_slice();
    let mut counts = std::collections::HashMap::<[u8; 3], usize>::new();
    for y in top..bottom {
        for pixel in &pixels[y * width + left.min(right)..y * width + right] {
            *counts.entry([pixel.r, pixel.g, pixel.b]).or_default() += 1;
        }
    }
    let ground = *counts.iter().max_by_key(|(_, count)| **count)?.0;
    let bright = luminance(ground);
    // A few pixels of a colour are an edge; ink is more.
    let ink = counts.iter().filter(|(_, count)| **count >= 4).map(|(colour, _)| luminance(*colour));
    ink.map(|ink| (ink.max(bright) + 0.05) / (ink.min(bright) + 0.05)).max_by(f64::total_cmp)
}

/// Relative luminance (WCAG 2).
fn luminance(colour: [u8; 3]) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(colour[0]) + 0.7152 * channel(colour[1]) + 0.0722 * channel(colour[2])
}
