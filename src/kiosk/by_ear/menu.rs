//! The spoken menu behind Help: how it sounds, and the way out.

use super::words::*;
use super::{ByEar, EarEffect, EarKey, Translate};
use crate::station::voice::{Pace, Volume};
use crate::words::put;

/// Where in the menu the person is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Menu {
    at: usize,
    /// Leaving was chosen once.
    leaving: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Slower,
    Faster,
    Louder,
    Softer,
    Mask,
    Leave,
    Back,
}

const ENTRIES: [Entry; 7] =
    [Entry::Slower, Entry::Faster, Entry::Louder, Entry::Softer, Entry::Mask, Entry::Leave, Entry::Back];

impl ByEar {
    pub(super) fn press_in_menu(&mut self, key: EarKey, translate: Translate<'_>) -> Vec<EarEffect> {
        let Some(mut menu) = self.menu else {
            self.menu = Some(Menu::default());
            let said = join([sentence(&translate(HELP)), self.entry(0, translate)]);
            return self.say(said);
        };
        let (at, leaving) = (menu.at, std::mem::take(&mut menu.leaving));
        let moved = match key {
            EarKey::Help => return self.close(translate),
            EarKey::Choose => return self.choose_entry(at, leaving, translate),
            EarKey::Next => Some(at + 1).filter(|next| *next < ENTRIES.len()).ok_or(LAST),
            EarKey::Previous => at.checked_sub(1).ok_or(FIRST),
            EarKey::Repeat => Ok(at),
        };
        menu.at = moved.unwrap_or(at);
        self.menu = Some(menu);
        let notice = moved.err().map(|end| sentence(&translate(end))).unwrap_or_default();
        let said = join([notice, self.entry(menu.at, translate)]);
        self.say(said)
    }

    fn close(&mut self, translate: Translate<'_>) -> Vec<EarEffect> {
        self.menu = None;
        let said = join([sentence(&translate(BACK)), self.here(translate)]);
        self.say(said)
    }

    fn entry(&self, at: usize, translate: Translate<'_>) -> String {
        let words = match ENTRIES[at.min(ENTRIES.len() - 1)] {
            Entry::Slower => SLOWER,
            Entry::Faster => FASTER,
            Entry::Louder => LOUDER,
            Entry::Softer => SOFTER,
            Entry::Mask if self.masked => SHOW,
            Entry::Mask => HIDE,
            Entry::Leave => LEAVE,
            Entry::Back => BACK,
        };
        let place = put(&translate(PLACE), &[&(at + 1).to_string(), &ENTRIES.len().to_string()]);
        join([sentence(&translate(words)), sentence(&place)])
    }

    fn choose_entry(&mut self, at: usize, leaving: bool, translate: Translate<'_>) -> Vec<EarEffect> {
        self.menu = Some(Menu { at, leaving: false });
        match ENTRIES[at.min(ENTRIES.len() - 1)] {
            Entry::Slower => self.set_pace(self.pace.slower(), SLOWER, SLOWEST, translate),
            Entry::Faster => self.set_pace(self.pace.faster(), FASTER, FASTEST, translate),
            Entry::Louder => self.set_volume(self.volume.louder(), LOUDER, LOUDEST, translate),
            Entry::Softer => self.set_volume(self.volume.softer(), SOFTER, SOFTEST, translate),
            Entry::Mask => {
                self.masked = !self.masked;
                let said = sentence(&translate(if self.masked { HIDDEN } else { SHOWN }));
                self.set(EarEffect::Mask(self.masked), said)
            }
            Entry::Leave if leaving => {
                self.menu = None;
                let mut effects = self.say(sentence(&translate(LEFT)));
                effects.push(EarEffect::Leave);
                effects
            }
            Entry::Leave => {
                self.menu = Some(Menu { at, leaving: true });
                self.say(sentence(&translate(LEAVE_SURE)))
            }
            Entry::Back => self.close(translate),
        }
    }

    fn set_pace(&mut self, pace: Option<Pace>, words: &str, end: &str, translate: Translate<'_>) -> Vec<EarEffect> {
        let Some(pace) = pace else { return self.say(sentence(&translate(end))) };
        self.pace = pace;
        self.set(EarEffect::SetPace(pace), sentence(&translate(words)))
    }

    fn set_volume(
        &mut self,
        volume: Option<Volume>,
        words: &str,
        end: &str,
        translate: Translate<'_>,
    ) -> Vec<EarEffect> {
        let Some(volume) = volume else { return self.say(sentence(&translate(end))) };
        self.volume = volume;
        self.set(EarEffect::SetVolume(volume), sentence(&translate(words)))
    }

    /// The setting comes before its words, so that they already sound like it.
    fn set(&mut self, effect: EarEffect, said: String) -> Vec<EarEffect> {
        let mut effects = vec![effect];
        effects.extend(self.say(said));
        effects
    }
}
