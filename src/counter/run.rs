//! Joins shell and window.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anjungan_ui::CounterWindow;
use slint::ComponentHandle as _;

use super::binding::Binding;
use super::flow::CounterEvent;
use super::shell::{CounterShell, StartError};
use crate::clock::World;
use crate::config::{Config, Device};
use crate::station::bridge::Wake;
use crate::station::event_loop;

/// Why a counter does not run.
#[derive(Debug, thiserror::Error)]
pub enum CounterError {
    /// It cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no window.
    #[error("no window: {0}")]
    Window(#[from] slint::PlatformError),
}

/// A counter with its window.
pub struct CounterProgram {
    shell: CounterShell,
    binding: Binding,
    pressed: Rc<RefCell<VecDeque<CounterEvent>>>,
}

impl std::fmt::Debug for CounterProgram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CounterProgram").field("shell", &self.shell).finish_non_exhaustive()
    }
}

impl CounterProgram {
    /// Opens window, workers and devices. `wake` is called from any thread, and after every press, when
    /// [`CounterProgram::pump`] has something to do.
    ///
    /// # Errors
    /// When the configuration cannot be used or there is no window.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, CounterError> {
        let pressed: Rc<RefCell<VecDeque<CounterEvent>>> = Rc::default();
        let (queue, after_press) = (Rc::clone(&pressed), Arc::clone(&wake));
        let binding = Binding::new(move |event| {
            queue.borrow_mut().push_back(event);
            after_press();
        })?;
        if config.qr_scanner.as_ref().is_some_and(Device::types) {
            binding.hear_typing_scanner();
        }
        let shell = CounterShell::open(config, world, wake)?;
        let mut program = Self { shell, binding, pressed };
        program.show();
        Ok(program)
    }

    /// The window.
    #[must_use]
    pub const fn window(&self) -> &CounterWindow {
        self.binding.window()
    }

    /// Handles what was pressed and what workers told, waiting at most `max_wait` for the first of it; then shows the
    /// result. True when anything happened.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let mut happened = false;
        loop {
            // Not held while the event is handled: a press may follow from it.
            let Some(event) = self.pressed.borrow_mut().pop_front() else { break };
            self.shell.handle(event);
            happened = true;
        }
        happened |= self.shell.pump(if happened { Duration::ZERO } else { max_wait });
        self.show();
        happened
    }

    fn show(&mut self) {
        let Self { shell, binding, .. } = self;
        binding.show(shell.view(), |document| shell.scan(document).cloned());
    }
}

/// Runs a counter until its window closes.
///
/// # Errors
/// When it cannot start.
pub fn run(config: &Config, fullscreen: bool) -> Result<(), CounterError> {
    event_loop::select_backend()?;
    let mut program = CounterProgram::open(config, World::system(), event_loop::wake())?;
    program.window().window().set_fullscreen(fullscreen);
    program.window().show()?;
    event_loop::run(move || {
        program.pump(Duration::ZERO);
    })?;
    Ok(())
}
