//! Keys of a person and of a scanner that types, in the real windows without a display.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anjungan_ui::slint::platform::{Key, WindowEvent};
use anjungan_ui::slint::{ComponentHandle as _, SharedString};
use anjungan_ui::{
    CounterActions, CounterScreen, CounterState, CounterWindow, KeyTap, KeyVerdict, KioskActions, KioskScreen,
    KioskState, KioskWindow,
};
use i_slint_backend_testing::{ElementHandle, mock_elapsed_time};

const GAP: Duration = Duration::from_millis(35);

/// Holds back letters until time passes; six in a row are a code and are kept. It stands for the decoder, which the
/// windows do not know.
#[derive(Default)]
struct Judge {
    held: Vec<String>,
    codes: Rc<RefCell<Vec<String>>>,
}

impl Judge {
    fn judge(&mut self, key: Option<(&str, bool)>) -> KeyVerdict {
        match key {
            Some((key, true)) if key.chars().all(|c| c.is_ascii_graphic()) => {
                self.held.push(key.to_owned());
                (Some(Vec::new()), Some(GAP))
            }
            Some((key, true)) if key == "\n" && self.held.len() >= 6 => {
                self.codes.borrow_mut().push(std::mem::take(&mut self.held).concat());
                (Some(Vec::new()), None)
            }
            Some(_) if self.held.is_empty() => (None, None),
            Some((key, _)) => {
                let mut keys = std::mem::take(&mut self.held);
                keys.push(key.to_owned());
                (Some(keys), None)
            }
            None => (Some(std::mem::take(&mut self.held)), None),
        }
    }
}

fn press(window: &anjungan_ui::slint::Window, key: impl Into<SharedString>) {
    let text = key.into();
    window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
    window.dispatch_event(WindowEvent::KeyReleased { text });
}

fn rest() {
    for _ in 0..4 {
        mock_elapsed_time(GAP);
    }
}

fn login() -> CounterWindow {
    i_slint_backend_testing::init_no_event_loop();
    let window = CounterWindow::new().unwrap();
    let state = window.global::<CounterState<'_>>();
    state.set_preview_mode(false);
    state.set_screen(CounterScreen::Login);
    window.show().unwrap();
    rest();
    window
}

fn field(window: &CounterWindow) -> String {
    let field = ElementHandle::find_by_accessible_label(window, "Nama petugas").next().unwrap();
    field.accessible_value().unwrap_or_default().to_string()
}

#[test]
fn a_window_without_a_tap_types_as_ever() {
    let window = login();
    "petugas1".chars().for_each(|key| press(window.window(), key));
    assert_eq!(field(&window), "petugas1");
}

#[test]
fn a_person_types_into_the_field_and_a_scanner_does_not() {
    let window = login();
    let mut judge = Judge::default();
    let codes = Rc::clone(&judge.codes);
    let tap = KeyTap::new(&window, move |key| judge.judge(key));
    let told: Rc<RefCell<Vec<(String, bool)>>> = Rc::default();
    let log = Rc::clone(&told);
    window.global::<CounterActions<'_>>().on_wedge_key(move |text, plain| {
        log.borrow_mut().push((text.to_string(), plain));
        tap.key(&text, plain)
    });
    // Alone: held back, then typed.
    press(window.window(), 'p');
    assert_eq!(field(&window), "");
    rest();
    assert_eq!(field(&window), "p");
    // In a roll, ended by a key that is not held: in order.
    "etx".chars().for_each(|key| press(window.window(), key));
    press(window.window(), Key::Backspace);
    assert_eq!(field(&window), "pet");
    // A scanner: nothing reaches the field, not even its Enter.
    "ANJ1:7F3K".chars().for_each(|key| press(window.window(), key));
    press(window.window(), Key::Return);
    rest();
    assert_eq!(field(&window), "pet");
    assert_eq!(*codes.borrow(), ["ANJ1:7F3K"]);
    "ugas".chars().for_each(|key| press(window.window(), key));
    rest();
    assert_eq!(field(&window), "petugas");
    // A shortcut is told apart and goes through in its place.
    press(window.window(), 'x');
    window.window().dispatch_event(WindowEvent::KeyPressed { text: Key::Control.into() });
    press(window.window(), 'a');
    window.window().dispatch_event(WindowEvent::KeyReleased { text: Key::Control.into() });
    press(window.window(), Key::Backspace);
    assert_eq!(field(&window), "");
    assert!(told.borrow().contains(&("a".to_owned(), false)));
}

#[test]
fn the_kiosk_hears_a_scanner_on_every_screen_though_nobody_touched_it() {
    i_slint_backend_testing::init_no_event_loop();
    let window = KioskWindow::new().unwrap();
    let mut judge = Judge::default();
    let codes = Rc::clone(&judge.codes);
    let tap = KeyTap::new(&window, move |key| judge.judge(key));
    window.global::<KioskActions<'_>>().on_wedge_key(move |text, plain| tap.key(&text, plain));
    let state = window.global::<KioskState<'_>>();
    state.set_preview_mode(false);
    window.show().unwrap();
    let screens = [
        KioskScreen::Attract,
        KioskScreen::Notice,
        KioskScreen::Need,
        KioskScreen::Variant,
        KioskScreen::Question,
        KioskScreen::Checklist,
        KioskScreen::Incomplete,
        KioskScreen::Applicant,
        KioskScreen::Nik,
        KioskScreen::NikConfirm,
        KioskScreen::Scan,
        KioskScreen::Review,
        KioskScreen::Submitting,
        KioskScreen::Slip,
        KioskScreen::Status,
        KioskScreen::OutOfService,
    ];
    for (at, screen) in screens.into_iter().enumerate() {
        state.set_screen(screen);
        rest();
        let code = format!("CODE-{at}");
        code.chars().for_each(|key| press(window.window(), key));
        press(window.window(), Key::Return);
        assert_eq!(codes.borrow().last(), Some(&code), "{screen:?}");
        // With Tab the cursor goes to a control, which vanishes with the next screen.
        press(window.window(), Key::Tab);
        rest();
    }
}
