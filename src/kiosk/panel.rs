//! What staff turn at the machine itself: the light of the panel and how loud the voice begins.
//!
//! The light is the kernel's, which keeps it over a restart. The loudness is ours and lies in the kiosk's folder.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anjungan_hardware::backlight::Backlight;
use serde::{Deserialize, Serialize};

use crate::station::bridge::Sender;
use crate::station::voice::Volume;
use crate::station::worker::{StopFlag, Task, Worker};

/// Name of the file in the kiosk's folder.
const PANEL_FILE: &str = "panel.json";
/// A file of ours is some bytes long.
const PANEL_FILE_MAX: u64 = 4096;
/// How often the light is read: buttons of the machine turn it too.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How bright the panel is, in five steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Brightness(u8);

impl Brightness {
    /// Steps there are.
    pub const STEPS: u8 = 5;

    /// The step nearest to a part of the full light, 0 to 1.
    #[must_use]
    pub fn nearest(level: f32) -> Self {
        let step = (level.clamp(0.0, 1.0) * f32::from(Self::STEPS)).round();
        Self((step as u8).clamp(1, Self::STEPS))
    }

    /// The part of the full light, 0.2 to 1.
    #[must_use]
    pub fn level(self) -> f32 {
        f32::from(self.0) / f32::from(Self::STEPS)
    }

    /// Which step it is, 1 to [`Self::STEPS`].
    #[must_use]
    pub const fn step(self) -> u8 {
        self.0
    }

    /// One step brighter, or none.
    #[must_use]
    pub fn brighter(self) -> Option<Self> {
        (self.0 < Self::STEPS).then(|| Self(self.0 + 1))
    }

    /// One step darker, or none.
    #[must_use]
    pub fn darker(self) -> Option<Self> {
        (self.0 > 1).then(|| Self(self.0 - 1))
    }
}

/// What the machine is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum PanelOrder {
    Shine(Brightness),
    KeepVolume(Volume),
}

/// What the machine tells, at the start and after each change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PanelEvent {
    /// How bright it is; none where the panel cannot be turned from here.
    Light(Option<Brightness>),
    /// How loud the voice begins.
    Volume(Volume),
}

/// The thread that has light and file.
pub(super) fn start_panel(data: PathBuf, class: PathBuf, events: Sender<PanelEvent>) -> io::Result<Worker<PanelOrder>> {
    let open = move |_: &StopFlag| {
        if let Some(volume) = kept_volume(&data) {
            events.send(PanelEvent::Volume(volume));
        }
        Ok::<_, String>(Panel { data: data.clone(), class: class.clone(), events: events.clone(), told: None })
    };
    // What could not be done shows by the step that did not change.
    Worker::start("panel", open, |_, _| ())
}

struct Panel {
    data: PathBuf,
    class: PathBuf,
    events: Sender<PanelEvent>,
    told: Option<Option<Brightness>>,
}

impl Panel {
    fn tell(&mut self) {
        let level = Backlight::find(&self.class).and_then(|backlight| backlight.level().ok());
        let light = level.map(Brightness::nearest);
        if self.told != Some(light) {
            self.told = Some(light);
            self.events.send(PanelEvent::Light(light));
        }
    }
}

impl Task for Panel {
    type Command = PanelOrder;

    fn run(&mut self, order: PanelOrder) {
        match order {
            PanelOrder::Shine(brightness) => {
                let set = Backlight::find(&self.class).map(|backlight| backlight.set_level(brightness.level()));
                if let Some(Err(error)) = set {
                    tracing::warn!(%error, "the panel's light cannot be turned");
                }
                // Told anew even when it did not change: whoever asked must see that.
                self.told = None;
            }
            PanelOrder::KeepVolume(volume) => {
                if let Err(error) = keep_volume(&self.data, volume) {
                    tracing::warn!(%error, "the loudness is not kept over a restart");
                }
            }
        }
    }

    fn idle(&mut self) -> Duration {
        self.tell();
        LOOK_EVERY
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Steps above the softest.
    volume: u8,
}

/// The loudness that was kept; none when nothing was, or what is there is not ours.
fn kept_volume(data: &Path) -> Option<Volume> {
    let file = data.join(PANEL_FILE);
    if fs::metadata(&file).ok()?.len() > PANEL_FILE_MAX {
        return None;
    }
    let kept: Kept = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
    Volume::of_step(kept.volume)
}

fn keep_volume(data: &Path, volume: Volume) -> io::Result<()> {
    let (file, new) = (data.join(PANEL_FILE), data.join(format!(".{PANEL_FILE}.new")));
    let mut written = File::create(&new)?;
    written.write_all(&serde_json::to_vec(&Kept { volume: volume.step() })?)?;
    written.sync_all()?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::station::bridge::{inbox, no_wake};

    const SOON: Duration = Duration::from_secs(5);

    fn sysfs() -> tempfile::TempDir {
        let class = tempfile::tempdir().unwrap();
        let folder = class.path().join("intel_backlight");
        fs::create_dir(&folder).unwrap();
        for (file, text) in [("type", "raw"), ("max_brightness", "1000"), ("brightness", "610")] {
            fs::write(folder.join(file), text).unwrap();
        }
        class
    }

    #[test]
    fn light_and_loudness_are_told_set_and_kept() {
        let (class, data) = (sysfs(), tempfile::tempdir().unwrap());
        let start = || {
            let (sender, inbox) = inbox(no_wake());
            (start_panel(data.path().to_owned(), class.path().to_owned(), sender).unwrap(), inbox)
        };
        let (panel, told) = start();
        let light = Brightness::nearest(0.61);
        assert_eq!(light.step(), 3);
        assert_eq!(told.next(SOON), Some(PanelEvent::Light(Some(light))));
        let loudest = Volume::of_step(4).unwrap();
        assert!(panel.send(PanelOrder::KeepVolume(loudest)));
        assert!(panel.send(PanelOrder::Shine(light.brighter().unwrap())));
        assert_eq!(told.next(SOON), Some(PanelEvent::Light(light.brighter())));
        drop(panel);
        let (_panel, told) = start();
        assert_eq!(told.next(SOON), Some(PanelEvent::Volume(loudest)));
        assert_eq!(told.next(SOON), Some(PanelEvent::Light(light.brighter())));
    }

    #[test]
    fn a_panel_without_a_light_of_ours_says_so_and_a_broken_file_is_nothing() {
        let data = tempfile::tempdir().unwrap();
        for text in ["", "{", r#"{"volume":9}"#, r#"{"volume":-1}"#] {
            fs::write(data.path().join(PANEL_FILE), text).unwrap();
            assert_eq!(kept_volume(data.path()), None, "{text}");
        }
        let (sender, told) = inbox(no_wake());
        let _panel = start_panel(data.path().to_owned(), data.path().join("absent"), sender).unwrap();
        assert_eq!(told.next(SOON), Some(PanelEvent::Light(None)));
    }

    #[test]
    fn every_step_of_light_is_found_again() {
        let mut step = Some(Brightness::nearest(0.0));
        while let Some(brightness) = step {
            assert_eq!(Brightness::nearest(brightness.level()), brightness);
            step = brightness.brighter();
        }
        assert_eq!(Brightness::nearest(1.0).brighter(), None);
        assert_eq!(Brightness::nearest(0.0).darker(), None);
    }
}
