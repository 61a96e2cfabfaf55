//! Holds keys back and types them later, for a scanner that types like a keyboard.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::platform::WindowEvent;
use slint::{ComponentHandle, Timer, TimerMode};

/// What is decided about a key: None lets it go on, Some takes it away and types these keys now, in their order. The
/// time, if there is one, is when to ask again without a key.
pub type KeyVerdict = (Option<Vec<String>>, Option<Duration>);

/// Stands between a window's keys and its controls.
///
/// A window whose content is a `WedgeCapture` tells [`Self::key`] of each key. Whoever made the tap decides what
/// becomes of it; the tap keeps the time and types what was held back, so that the controls see the keys of a person
/// in their order and never those of a scanner.
///
/// ```ignore
/// let mut keys = WedgeKeys::new(keyboard_feed());
/// let tap = KeyTap::new(&window, move |key| keys.judge(key));
/// window.global::<CounterActions>().on_wedge_key(move |text, plain| tap.key(&text, plain));
/// ```
pub struct KeyTap(Rc<Inner>);

struct Inner {
    /// Types one key into the window.
    strike: Box<dyn Fn(String)>,
    judge: RefCell<Box<dyn FnMut(Option<(&str, bool)>) -> KeyVerdict>>,
    /// Keys typed by the tap itself are not judged again.
    typing: Cell<bool>,
    timer: Timer,
}

impl KeyTap {
    /// A tap on `window`. `judge` gets the text of a key and whether it was pressed alone, or None when the time it
    /// asked for is over. The window is not kept alive.
    pub fn new<W: ComponentHandle + 'static>(
        window: &W,
        judge: impl FnMut(Option<(&str, bool)>) -> KeyVerdict + 'static,
    ) -> Self {
        let window = window.as_weak();
        let strike = Box::new(move |key: String| {
            if let Some(window) = window.upgrade() {
                // The window's own errors (a renderer's) show elsewhere; a key has none.
                let _ = window.window().dispatch_event_with_result(WindowEvent::KeyPressed { text: key.into() });
            }
        });
        let judge = RefCell::new(Box::new(judge) as Box<dyn FnMut(Option<(&str, bool)>) -> KeyVerdict>);
        Self(Rc::new(Inner { strike, judge, typing: Cell::new(false), timer: Timer::default() }))
    }

    /// Judges a key that the window was about to give to a control; true takes it away.
    pub fn key(&self, text: &str, plain: bool) -> bool {
        !self.0.typing.get() && Inner::ask(&self.0, Some((text, plain)))
    }
}

impl Inner {
    fn ask(this: &Rc<Self>, key: Option<(&str, bool)>) -> bool {
        let (keys, wait) = (this.judge.borrow_mut())(key);
        match wait {
            Some(wait) => {
                let tap: Weak<Self> = Rc::downgrade(this);
                this.timer.start(TimerMode::SingleShot, wait, move || {
                    if let Some(tap) = tap.upgrade() {
                        Self::ask(&tap, None);
                    }
                });
            }
            None => this.timer.stop(),
        }
        let taken = keys.is_some();
        this.typing.set(true);
        for key in keys.unwrap_or_default() {
            (this.strike)(key);
        }
        this.typing.set(false);
        taken
    }
}
