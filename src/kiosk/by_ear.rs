//! The screen reader of the audio mode: the whole journey by ear and five keys.
//!
//! [`ByEar`] is told what a screen holds, in reading order, and which key was pressed; it answers with what to say and
//! what to do. Previous and Next walk over everything that can be heard, Choose does what a touch would do, Repeat says
//! the last thing again (twice: the whole screen), Help opens a spoken menu for pace, volume and the way out. Nothing
//! here knows Slint, a clock or a device.
//!
//! All words are Indonesian source texts ([`words`]) that the caller translates into the language of the session.

mod changes;
mod menu;
pub mod words;

use std::collections::VecDeque;

use crate::station::voice::{Pace, Volume};
use crate::words::put;
use menu::Menu;
use words::*;

/// Elements of one screen that are read; no screen of ours has a quarter of it.
const ELEMENTS_MAX: usize = 256;
/// Screens whose place is kept, for when an overlay closes or somebody goes back.
const PLACES_MAX: usize = 8;
/// Texts that are read without being asked for; a screen with more is walked over.
const WORDS_MAX: usize = 12;
/// From this many digits on a number is only read when it is asked for: others may listen.
const PRIVATE_DIGITS_MIN: usize = 6;

/// What an element is to the ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeardRole {
    /// The title of a screen or of a part of it.
    Heading,
    /// Words or a value.
    Text,
    /// Something to choose.
    Button,
    /// Something to choose that is on or off.
    Checkbox {
        /// Whether it is on.
        checked: bool,
    },
    /// How far something is; its value says it.
    Progress,
    /// A picture with words for who does not see it.
    Image,
    /// News that is said as soon as it appears.
    Banner,
    /// A frame around others; heard when it has a label.
    Group,
}

impl HeardRole {
    /// Whether it can be chosen.
    #[must_use]
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::Button | Self::Checkbox { .. })
    }
}

/// One element of a screen as it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Names the element as long as its screen is shown.
    pub id: String,
    /// What it is.
    pub role: HeardRole,
    /// Its words.
    pub label: String,
    /// More about it.
    pub description: String,
    /// What it holds.
    pub value: String,
    /// Whether it can be chosen now.
    pub enabled: bool,
    /// It is on every screen (language, help, the way back): found by walking, but not counted.
    pub always: bool,
}

impl Heard {
    fn is_heard(&self) -> bool {
        !(self.label.trim().is_empty() && self.value.trim().is_empty())
    }

    fn is_counted(&self) -> bool {
        self.role.is_choice() && !self.always
    }

    /// Whether its value is a number that others should not hear.
    fn is_private(&self) -> bool {
        is_number(&self.value) && digit_count(&self.value) >= PRIVATE_DIGITS_MIN
    }
}

/// The five keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EarKey {
    /// To the element before.
    Previous,
    /// To the element after.
    Next,
    /// Does what a touch of the element would do.
    Choose,
    /// Says it again.
    Repeat,
    /// Opens and closes the spoken menu.
    Help,
}

/// What the kiosk is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EarEffect {
    /// Say this now; what is being said ends.
    Say(String),
    /// Do what a touch of this element does.
    Activate {
        /// The element.
        id: String,
        /// Its words.
        label: String,
    },
    /// Speak at this pace from the next utterance on.
    SetPace(Pace),
    /// Speak this loud from the next utterance on.
    SetVolume(Volume),
    /// Hide the screen (true) or show it: who stands behind does not read along.
    Mask(bool),
    /// The audio mode ends.
    Leave,
}

/// How the words of a session are made: translation by Indonesian source text.
pub type Translate<'a> = &'a dyn Fn(&str) -> String;

/// The screen reader of one session.
#[derive(Debug, Default)]
pub struct ByEar {
    screen: Option<String>,
    elements: Vec<Heard>,
    /// Index into `elements`.
    cursor: usize,
    /// Where the person was on the screens before this one.
    places: VecDeque<(String, String)>,
    menu: Option<Menu>,
    pace: Pace,
    volume: Volume,
    masked: bool,
    /// The glass is the keys.
    by_glass: bool,
    last_said: String,
    /// The last key was Repeat.
    repeated: bool,
}

impl ByEar {
    /// A reader at the given pace and volume; the first screen is greeted with what the keys do.
    #[must_use]
    pub fn new(pace: Pace, volume: Volume) -> Self {
        Self { pace, volume, ..Self::default() }
    }

    /// Tells where the keys are: on the glass or beside it.
    pub const fn set_keys(&mut self, by_glass: bool) {
        self.by_glass = by_glass;
    }

    /// Tells what is shown now, only the top-most layer of it: after each change of screen or contents. A new
    /// `screen_key` is a new screen and read from its title; otherwise only what changed is said, which may be nothing.
    pub fn on_screen(
        &mut self,
        mut elements: Vec<Heard>,
        screen_key: &str,
        translate: Translate<'_>,
    ) -> Vec<EarEffect> {
        elements.retain(Heard::is_heard);
        elements.truncate(ELEMENTS_MAX);
        if self.screen.as_deref() == Some(screen_key) {
            let said = self.changed(elements, translate);
            return if said.is_empty() { Vec::new() } else { self.say(said) };
        }
        let keys = if self.by_glass { GLASS } else { KEYS };
        let greeting = if self.screen.is_none() { sentence(&translate(keys)) } else { String::new() };
        self.keep_place();
        self.menu = None;
        self.repeated = false;
        self.screen = Some(screen_key.to_owned());
        self.elements = elements;
        let place = self.places.iter().find(|(screen, _)| screen == screen_key).map(|(_, id)| id.clone());
        let kept = place.and_then(|id| self.position(&id));
        let first = self.elements.iter().position(|element| element.role.is_choice() && element.enabled);
        let first = first.or_else(|| self.elements.iter().position(|element| element.role.is_choice()));
        self.cursor = kept.or(first).unwrap_or(0);
        let screen = self.whole_screen(translate);
        self.say(join([greeting, screen]))
    }

    /// Tells which key was pressed. Every press says something.
    pub fn press(&mut self, key: EarKey, translate: Translate<'_>) -> Vec<EarEffect> {
        let again = std::mem::replace(&mut self.repeated, key == EarKey::Repeat);
        if self.menu.is_some() || key == EarKey::Help {
            return self.press_in_menu(key, translate);
        }
        match key {
            EarKey::Next => self.step(1, LAST, translate),
            EarKey::Previous => self.step(-1, FIRST, translate),
            EarKey::Choose => self.choose(translate),
            EarKey::Repeat | EarKey::Help => {
                let said = self.repeat(again, translate);
                self.say(said)
            }
        }
    }

    /// The pace that is set.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    /// The volume that is set.
    #[must_use]
    pub const fn volume(&self) -> Volume {
        self.volume
    }

    fn say(&mut self, text: String) -> Vec<EarEffect> {
        self.last_said.clone_from(&text);
        vec![EarEffect::Say(text)]
    }

    fn current(&self) -> Option<&Heard> {
        self.elements.get(self.cursor)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.elements.iter().position(|element| element.id == id)
    }

    fn keep_place(&mut self) {
        let place = self.screen.take().zip(self.current().map(|element| element.id.clone()));
        if let Some((screen, id)) = place {
            self.places.retain(|(kept, _)| *kept != screen);
            self.places.push_front((screen, id));
            self.places.truncate(PLACES_MAX);
        }
    }

    fn step(&mut self, by: isize, end: &str, translate: Translate<'_>) -> Vec<EarEffect> {
        let next = self.cursor.checked_add_signed(by).filter(|next| *next < self.elements.len());
        let notice = if next.is_none() { sentence(&translate(end)) } else { String::new() };
        self.cursor = next.unwrap_or(self.cursor);
        let here = self.here(translate);
        self.say(join([notice, here]))
    }

    fn choose(&mut self, translate: Translate<'_>) -> Vec<EarEffect> {
        match self.current() {
            Some(element) if element.role.is_choice() && element.enabled => {
                let (id, label) = (element.id.clone(), element.label.clone());
                let said = if label.trim().is_empty() { self.read(element, translate) } else { sentence(&label) };
                let mut effects = self.say(said);
                effects.push(EarEffect::Activate { id, label });
                effects
            }
            Some(element) => {
                let why = if element.role.is_choice() { NOT_NOW } else { NO_CHOICE };
                let said = join([sentence(&element.label), sentence(&translate(why))]);
                self.say(said)
            }
            None => self.say(sentence(&translate(EMPTY))),
        }
    }

    fn repeat(&self, again: bool, translate: Translate<'_>) -> String {
        match self.current() {
            _ if again => self.whole_screen(translate),
            Some(element) if element.is_private() => join([sentence(&element.label), sentence(&element.value)]),
            _ if self.last_said.is_empty() => self.here(translate),
            _ => self.last_said.clone(),
        }
    }

    /// Title, news, what is to be known, how many choices, and where the person is.
    fn whole_screen(&self, translate: Translate<'_>) -> String {
        let title = self.elements.iter().find(|element| element.role == HeardRole::Heading);
        let news = self.elements.iter().filter(|element| element.role == HeardRole::Banner);
        // What stands in front of the first choice is there to be known before choosing.
        let words = self.elements.iter().take_while(|element| !element.role.is_choice());
        let words: Vec<_> = words
            .filter(|element| element.role == HeardRole::Text && !element.is_private() && !element.always)
            .take(WORDS_MAX)
            .collect();
        let choices = self.elements.iter().filter(|element| element.is_counted()).count();
        let first = title.into_iter().chain(news).chain(words.iter().copied());
        let mut parts: Vec<_> = first.map(|element| self.read(element, translate)).collect();
        parts.push(sentence(&match choices {
            0 => translate(NO_CHOICES),
            _ => put(&translate(CHOICES), &[&choices.to_string()]),
        }));
        let said_already = self.current().is_some_and(|here| {
            !here.role.is_choice() && title.into_iter().chain(words).any(|said| said.id == here.id)
        });
        if !said_already && self.current().is_some() {
            parts.push(self.here(translate));
        }
        join(parts)
    }

    /// The element under the cursor, with its place among the choices.
    fn here(&self, translate: Translate<'_>) -> String {
        let Some(element) = self.current() else { return sentence(&translate(EMPTY)) };
        let mut said = self.read(element, translate);
        // The keys of a keypad are too many and too short for it.
        if element.is_counted() && element.label.trim().chars().count() > 1 {
            let choices = || self.elements.iter().filter(|element| element.is_counted());
            let place = self.elements[..self.cursor].iter().filter(|element| element.is_counted()).count() + 1;
            let place = put(&translate(PLACE), &[&place.to_string(), &choices().count().to_string()]);
            said = join([said, sentence(&place)]);
        }
        join([said, sentence(&element.description)])
    }

    /// An element by itself: label, value, state.
    fn read(&self, element: &Heard, translate: Translate<'_>) -> String {
        let state = match element.role {
            HeardRole::Checkbox { checked: true } => translate(CHECKED),
            HeardRole::Checkbox { checked: false } => translate(UNCHECKED),
            _ => String::new(),
        };
        let value = match element.is_private() {
            true => put(&translate(PRIVATE), &[&digit_count(&element.value).to_string()]),
            false => element.value.clone(),
        };
        let blocked = if element.role.is_choice() && !element.enabled { translate(NOT_NOW) } else { String::new() };
        let what = match element.role {
            HeardRole::Image => translate(PICTURE),
            HeardRole::Banner => translate(NEWS),
            _ => String::new(),
        };
        let named: Vec<_> = [what, element.label.clone()].into_iter().filter(|word| !word.trim().is_empty()).collect();
        join([sentence(&list(&[named.join(": "), state])), sentence(&value), sentence(&blocked)])
    }
}

/// Whether a value is digits alone, grouped or partly hidden.
fn is_number(value: &str) -> bool {
    digit_count(value) > 0
        && value.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, ' ' | '-' | '•' | '*' | '_'))
}

fn digit_count(value: &str) -> usize {
    value.chars().filter(char::is_ascii_digit).count()
}

#[cfg(test)]
mod tests;
