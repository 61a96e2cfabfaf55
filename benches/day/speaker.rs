//! The loudspeaker's day: there is none, and calls go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan::domain::device::DeviceKind;
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::devices::{SpeakerEvent, SpeakerWorker};

use super::lane::{Desk, Done, Lane, stuck};

/// The first state is told within this time.
const TOLD_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct Speaking {
    worker: SpeakerWorker,
    events: Inbox<SpeakerEvent>,
    told: bool,
}

impl Speaking {
    pub(super) fn start() -> Self {
        let (sender, events) = inbox(no_wake());
        Self { worker: SpeakerWorker::start("none:", sender).unwrap(), events, told: false }
    }

    fn state(&self, desk: &mut Desk<'_>, limit: Duration) -> Option<()> {
        desk.wait(&self.events, limit, |desk, SpeakerEvent::State(state)| {
            desk.note(DeviceKind::Speaker, state);
            Some(())
        })
    }
}

impl Lane for Speaking {
    fn name(&self) -> &'static str {
        "speaker"
    }

    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration) {
        let _ = self.state(desk, limit);
    }

    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String> {
        let sent = Instant::now();
        self.worker.play(Arc::from(vec![0; 4096]));
        if !self.told {
            self.state(desk, TOLD_WITHIN).ok_or_else(|| stuck(self.name(), "its state", TOLD_WITHIN))?;
            self.told = true;
        }
        desk.answered(sent, "no fault");
        Ok(Done::Well)
    }

    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String> {
        // Not a sound at all, and silence in the middle of it.
        self.worker.play(Arc::from(*b"no sound"));
        self.worker.stop();
        self.order(desk).map(drop)
    }
}
