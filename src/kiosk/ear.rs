//! The guidance by ear meets the window: its accessibility tree goes to the screen reader, and what that wants is done.

use std::fmt;

use anjungan_ui::accessible::{Element, Kind, Part, elements};
use anjungan_ui::slint::ComponentHandle as _;
use anjungan_ui::{KioskState, KioskWindow};

use super::by_ear::{ByEar, EarEffect, EarKey, Heard, HeardRole, words as ear_words};
use crate::domain::language::Language;
use crate::station::voice::{Pace, Volume};
use crate::words;

/// The screen reader of a window.
#[derive(Default)]
pub struct Ear {
    reader: Option<ByEar>,
    /// What the reader knows, by its names.
    known: Vec<(String, Element)>,
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}

impl Ear {
    /// Looks at the window; to be called whenever it may have changed. Whoever begins to be guided hears `first_volume`.
    pub fn look(&mut self, window: &KioskWindow, language: Language, first_volume: Volume) -> Vec<EarEffect> {
        let state = window.global::<KioskState<'_>>();
        let tr = |text: &str| words::of(language, text).to_owned();
        if !state.get_by_ear() {
            self.known.clear();
            return match self.reader.take() {
                // Who does not see it must not go on pressing keys.
                Some(_) => vec![EarEffect::Mask(false), EarEffect::Say(tr(ear_words::ENDED))],
                None => Vec::new(),
            };
        }
        let (title, layer) = self.read(window);
        let heard = self.known.iter().map(|(id, element)| heard(id, element)).collect();
        // Before, during and after a scan the title is the document's, and yet nothing else is the same.
        let screen = format!("{layer}/{}/{:?}/{title}", window.get_page(), state.get_scan_phase());
        let reader = self.reader.get_or_insert_with(|| ByEar::new(Pace::default(), first_volume));
        reader.set_keys(window.get_glass_keys());
        reader.on_screen(heard, &screen, &tr)
    }

    /// Takes a key of the person.
    pub fn press(&mut self, key: EarKey, language: Language) -> Vec<EarEffect> {
        let tr = |text: &str| words::of(language, text).to_owned();
        self.reader.as_mut().map(|reader| reader.press(key, &tr)).unwrap_or_default()
    }

    /// The element that an [`EarEffect::Activate`] names.
    #[must_use]
    pub fn take(&mut self, id: &str) -> Option<Element> {
        let at = self.known.iter().position(|(known, _)| known == id)?;
        Some(self.known.swap_remove(at).1)
    }

    /// How fast and how loud the person wants it.
    #[must_use]
    pub fn voice(&self) -> (Pace, Volume) {
        self.reader.as_ref().map(|reader| (reader.pace(), reader.volume())).unwrap_or_default()
    }

    /// Reads the top-most layer: its title, and a name for it.
    fn read(&mut self, window: &KioskWindow) -> (String, String) {
        let mut all = elements(window.window());
        let sheet =
            all.iter().filter(|element| matches!(element.part, Part::Sheet(_))).map(|element| element.part).next_back();
        match sheet {
            Some(sheet) => all.retain(|element| element.part == sheet),
            None => {
                // The screen first: it is what people came for.
                all.sort_by_key(|element| matches!(element.part, Part::Around | Part::Sheet(_)));
                // The way on stands right on the screen and behind the way back in the tree; it is heard first.
                for bar in all.chunk_by_mut(|one, next| one.part == next.part) {
                    if bar.first().is_some_and(|element| matches!(element.part, Part::Bar(_))) {
                        bar.reverse();
                    }
                }
            }
        }
        let title = all.iter().find(|element| element.kind == Kind::Title).map(|element| element.label.clone());
        let title = title.unwrap_or_default();
        let mut before = String::new();
        all.retain(|element| {
            // A title is a name and a text on the screen, and so is a frame: heard once.
            let again = element.kind == Kind::Text && (element.label == title || element.label == before);
            before.clone_from(&element.label);
            !again
        });
        self.known.clear();
        for element in all {
            let id = self.name(&element);
            self.known.push((id, element));
        }
        (title, format!("{sheet:?}"))
    }

    /// The same name for the same element at the next look, though its numbers may have changed.
    fn name(&self, element: &Element) -> String {
        let label = ear_words::without_digits(&element.label);
        let name = match element.kind {
            Kind::Switch { .. } => format!("Switch/{label}"),
            kind => format!("{kind:?}/{label}"),
        };
        let count =
            self.known.iter().filter(|(known, _)| known.rsplit_once('#').is_some_and(|(it, _)| it == name)).count();
        format!("{name}#{count}")
    }
}

fn heard(id: &str, element: &Element) -> Heard {
    Heard {
        id: id.to_owned(),
        role: match element.kind {
            Kind::Title => HeardRole::Heading,
            Kind::Text => HeardRole::Text,
            Kind::News => HeardRole::Banner,
            Kind::Group => HeardRole::Group,
            Kind::Button => HeardRole::Button,
            Kind::Switch { on } => HeardRole::Checkbox { checked: on },
            Kind::Progress => HeardRole::Progress,
            Kind::Image => HeardRole::Image,
        },
        label: element.label.clone(),
        description: element.description.clone(),
        value: element.value.trim().to_owned(),
        enabled: element.enabled,
        always: element.part == Part::Around,
    }
}
