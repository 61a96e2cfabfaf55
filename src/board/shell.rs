//! The board without its window: owns the flow, the watch over the hall and the loudspeaker.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::flow::{BoardEffect, BoardEvent, BoardFacts, BoardFlow};
use super::view::BoardView;
use crate::clock::World;
use crate::config::Config;
use crate::station::bridge::{Inbox, Wake, inbox};
use crate::station::devices::{CHIME, DeviceStartError, SpeakerEvent, SpeakerWorker};
use crate::station::hall_watch::{HallEvent, HallWatch};
use crate::wire::client::HubClient;

/// How often the flow hears that time passes.
const TICK: Duration = Duration::from_secs(1);

/// Why a board cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration has no such section.
    #[error("section [board] is missing; see docs/configuration.md")]
    SectionMissing,
    /// The loudspeaker is named wrongly.
    #[error("[speaker]: {0}")]
    Speaker(#[from] DeviceStartError),
    /// The system gives no thread.
    #[error("no thread: {0}")]
    Thread(#[from] io::Error),
}

/// The board without a window. Pump it and look at its view.
pub struct BoardShell {
    world: World,
    flow: BoardFlow,
    told: Inbox<Option<BoardEvent>>,
    speaker: Option<SpeakerWorker>,
    chime: Arc<[u8]>,
    chimes: u64,
    _hall: HallWatch,
    ticked: Instant,
}

impl std::fmt::Debug for BoardShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoardShell").field("flow", &self.flow).finish_non_exhaustive()
    }
}

impl BoardShell {
    /// Starts workers; nothing is waited for.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, StartError> {
        let section = config.board.as_ref().ok_or(StartError::SectionMissing)?;
        let (to_shell, told) = inbox(wake);
        let client = HubClient::new(&section.hub, &section.token);
        let hall = HallWatch::start(
            client,
            to_shell.adapt(|event| match event {
                HallEvent::Hall(hall) => Some(BoardEvent::HallChanged(hall)),
                // The age of the last good state says the same, and says it in a way the hall understands.
                HallEvent::Changed(_) | HallEvent::Online(_) => None,
            }),
        )?;
        let speaker = match &config.speaker {
            Some(device) => Some(SpeakerWorker::start(
                &device.url,
                to_shell.adapt(|SpeakerEvent::State(state)| Some(BoardEvent::SimulationKnown(state.simulated))),
            )?),
            None => None,
        };
        let facts = BoardFacts { office: config.office.name.clone(), zone: config.office.timezone };
        let flow = BoardFlow::new(facts, world.now());
        Ok(Self { world, flow, told, speaker, chime: Arc::from(CHIME), chimes: 0, _hall: hall, ticked: Instant::now() })
    }

    /// Gives the flow an event and carries out what follows.
    pub fn handle(&mut self, event: BoardEvent) {
        for effect in self.flow.step(event, self.world.now()) {
            match effect {
                BoardEffect::Chime => {
                    self.chimes += 1;
                    if let Some(speaker) = &self.speaker {
                        speaker.play(Arc::clone(&self.chime));
                    }
                }
            }
        }
    }

    /// Handles everything that threads told, waiting at most `max_wait` for the first of it. True when anything
    /// happened, a tick included.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let mut happened = false;
        let mut next = self.told.next(max_wait.min(TICK));
        while let Some(told) = next {
            if let Some(event) = told {
                self.handle(event);
                happened = true;
            }
            next = self.told.try_next();
        }
        if self.ticked.elapsed() >= TICK {
            self.ticked = Instant::now();
            self.handle(BoardEvent::Ticked);
            happened = true;
        }
        happened
    }

    /// What the window shows.
    #[must_use]
    pub fn view(&self) -> BoardView {
        self.flow.view()
    }

    /// How often the chime was asked for, whether or not there is a sound card.
    #[must_use]
    pub const fn chimes(&self) -> u64 {
        self.chimes
    }
}
