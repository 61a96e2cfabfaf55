//! Joins shell and window.

use std::time::Duration;

use anjungan_ui::BoardWindow;
use slint::ComponentHandle as _;

use super::binding::Binding;
use super::shell::{BoardShell, StartError};
use crate::clock::World;
use crate::config::Config;
use crate::station::bridge::Wake;
use crate::station::event_loop;

/// Why a board does not run.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// It cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no window.
    #[error("no window: {0}")]
    Window(#[from] slint::PlatformError),
}

/// A board with its window.
pub struct BoardProgram {
    shell: BoardShell,
    binding: Binding,
}

impl std::fmt::Debug for BoardProgram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoardProgram").field("shell", &self.shell).finish_non_exhaustive()
    }
}

impl BoardProgram {
    /// Opens window and workers. `wake` is called from any thread when [`BoardProgram::pump`] has something to do.
    ///
    /// # Errors
    /// When the configuration cannot be used or there is no window.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, BoardError> {
        let binding = Binding::new()?;
        let shell = BoardShell::open(config, world, wake)?;
        let mut program = Self { shell, binding };
        program.show();
        Ok(program)
    }

    /// The window.
    #[must_use]
    pub const fn window(&self) -> &BoardWindow {
        self.binding.window()
    }

    /// Handles what workers told, waiting at most `max_wait` for the first of it; then shows the result. True when
    /// anything happened.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let happened = self.shell.pump(max_wait);
        self.show();
        happened
    }

    fn show(&mut self) {
        self.binding.show(self.shell.view());
    }
}

/// Runs a board until its window closes.
///
/// # Errors
/// When it cannot start.
pub fn run(config: &Config, fullscreen: bool) -> Result<(), BoardError> {
    event_loop::select_backend()?;
    let mut program = BoardProgram::open(config, World::system(), event_loop::wake())?;
    program.window().window().set_fullscreen(fullscreen);
    program.window().show()?;
    event_loop::run(move || {
        program.pump(Duration::ZERO);
    })?;
    Ok(())
}
