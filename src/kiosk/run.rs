//! The kiosk as a program: window and shell together, in the event loop or pumped by hand.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anjungan_ui::KioskWindow;
use anjungan_ui::slint::ComponentHandle as _;

use super::actions::{hear_typing_scanner, wire};
use super::binding::{Binding, Pictures};
use super::flow::Touch;
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

struct Inner {
    window: KioskWindow,
    shell: RefCell<KioskShell>,
    binding: RefCell<Binding>,
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
        let inner = Rc::new(Inner { window, shell: RefCell::new(shell), binding: RefCell::new(binding) });
        let weak = Rc::downgrade(&inner);
        // Weak: the window owns its callbacks, and must not own itself through them.
        wire(&inner.window, move |touch| {
            if let Some(inner) = weak.upgrade() {
                inner.touch(touch);
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
