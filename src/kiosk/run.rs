//! The kiosk as a program: window and shell together, in the event loop or pumped by hand.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anjungan_ui::slint::{ComponentHandle as _, Timer, TimerMode};
use anjungan_ui::{KioskState, KioskWindow};

use super::actions::{hear_keys, hear_typing_scanner, wire};
use super::binding::{Binding, Pictures};
use super::by_ear::{EarEffect, EarKey};
use super::ear::Ear;
use super::flow::{Touch, Turn};
use super::shell::{KioskError, KioskShell};
use crate::clock::World;
use crate::config::{Config, Device};
use crate::station::bridge::Wake;
use crate::station::event_loop;

/// How the program shows itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunOptions {
    /// Cover the whole screen.
    pub fullscreen: bool,
}

/// Window and shell.
pub struct KioskProgram {
    inner: Rc<Inner>,
}

impl std::fmt::Debug for KioskProgram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KioskProgram")
    }
}

/// How often the window is read again while somebody is guided by ear: it opens sheets and turns pages by itself.
const LISTEN_EVERY: Duration = Duration::from_millis(80);

struct Inner {
    window: KioskWindow,
    shell: RefCell<KioskShell>,
    binding: RefCell<Binding>,
    ear: RefCell<Ear>,
    listening: Timer,
}

impl Inner {
    fn touch(&self, touch: Touch) {
        self.shell.borrow_mut().touch(touch);
        self.refresh();
    }

    fn pump(&self, max_wait: Duration) -> bool {
        let happened = self.shell.borrow_mut().pump(max_wait);
        if happened {
            self.refresh();
        }
        happened
    }

    fn refresh(&self) {
        let mut shell = self.shell.borrow_mut();
        let view = shell.view();
        let (scan, qr) = (view.scan_preview, view.slip_qr.clone());
        self.binding.borrow_mut().apply(&self.window, view, || Pictures {
            preview: scan.and_then(|scan| shell.preview(scan)),
            slip_qr: qr.and_then(|text| shell.slip_qr(&text)),
        });
        drop(shell);
        self.hear();
    }

    /// Tells the ear what the window shows now.
    fn hear(&self) {
        let (language, volume) = {
            let shell = self.shell.borrow();
            (shell.language(), shell.first_volume())
        };
        let effects = self.ear.borrow_mut().look(&self.window, language, volume);
        self.carry_out(effects);
        if !self.window.global::<KioskState<'_>>().get_by_ear() {
            self.listening.stop();
        }
    }

    fn ear_key(&self, key: EarKey) {
        // Whoever presses a key is there, like whoever asks for more time.
        self.touch(Touch::MoreTime);
        let language = self.shell.borrow().language();
        let effects = self.ear.borrow_mut().press(key, language);
        self.carry_out(effects);
    }

    fn carry_out(&self, effects: Vec<EarEffect>) {
        for effect in effects {
            match effect {
                EarEffect::Say(text) => self.shell.borrow().say(text, self.ear.borrow().voice()),
                EarEffect::Activate { id, .. } => {
                    let element = self.ear.borrow_mut().take(&id);
                    // What a touch of it does may come back here, so nothing is borrowed.
                    if element.is_some_and(|element| element.press()) {
                        self.hear();
                    }
                }
                // Known to the reader, which is asked at each utterance.
                EarEffect::SetPace(_) | EarEffect::SetVolume(_) => {}
                EarEffect::Mask(on) => self.window.global::<KioskState<'_>>().set_masked(on),
                EarEffect::Leave => self.touch(Touch::Turn(Turn::ByEar(false))),
            }
        }
    }

    fn listen(self: &Rc<Self>) {
        if self.listening.running() || !self.window.global::<KioskState<'_>>().get_by_ear() {
            return;
        }
        let weak = Rc::downgrade(self);
        self.listening.start(TimerMode::Repeated, LISTEN_EVERY, move || {
            if let Some(inner) = weak.upgrade() {
                inner.hear();
            }
        });
    }
}

impl KioskProgram {
    /// Makes the window, not yet shown, and opens the shell behind it.
    ///
    /// # Errors
    /// When the configuration cannot be used or there is no display.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, KioskError> {
        let window = KioskWindow::new()?;
        let binding = Binding::new(&window);
        let shell = KioskShell::open(config, world, wake)?;
        let inner = Rc::new(Inner {
            window,
            shell: RefCell::new(shell),
            binding: RefCell::new(binding),
            ear: RefCell::default(),
            listening: Timer::default(),
        });
        let weak = Rc::downgrade(&inner);
        // Weak: the window owns its callbacks, and must not own itself through them.
        wire(&inner.window, move |touch| {
            if let Some(inner) = weak.upgrade() {
                inner.touch(touch);
                inner.listen();
            }
        });
        let weak = Rc::downgrade(&inner);
        hear_keys(&inner.window, move |key| {
            if let Some(inner) = weak.upgrade() {
                inner.ear_key(key);
            }
        });
        if config.qr_scanner.as_ref().is_some_and(Device::types) {
            hear_typing_scanner(&inner.window);
        }
        inner.refresh();
        Ok(Self { inner })
    }

    /// Returns the window.
    #[must_use]
    pub fn window(&self) -> &KioskWindow {
        &self.inner.window
    }

    /// Takes what the workers have told and shows it. True when anything happened.
    pub fn pump(&self, max_wait: Duration) -> bool {
        self.inner.pump(max_wait)
    }

    /// Lends the shell, then shows what changed.
    pub fn with_shell<R>(&self, use_it: impl FnOnce(&mut KioskShell) -> R) -> R {
        let result = use_it(&mut self.inner.shell.borrow_mut());
        self.inner.refresh();
        result
    }
}

/// Runs the kiosk until its window is closed.
///
/// # Errors
/// When the configuration cannot be used or there is no display.
pub fn run(config: &Config, options: RunOptions) -> Result<(), KioskError> {
    event_loop::select_backend()?;
    let program = KioskProgram::open(config, World::system(), event_loop::wake())?;
    program.window().window().set_fullscreen(options.fullscreen);
    program.window().show()?;
    let name = config.kiosk.as_ref().map_or("", |kiosk| kiosk.name.as_str());
    tracing::info!(kiosk = name, "kiosk ready");
    event_loop::run(move || {
        program.pump(Duration::ZERO);
        // Staff asked for a new start: the service manager gives it.
        if program.with_shell(|shell| shell.has_ended()) {
            event_loop::quit();
        }
    })?;
    Ok(())
}
