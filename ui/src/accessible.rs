//! What a window says to who does not see it: its accessibility tree, in reading order.
//!
//! Slint has this tree for the screen readers of desktops. A kiosk has no such program, so it is read here, with the same
//! calls of `i-slint-core` as Slint's own bridge to those programs makes.

use std::fmt;

use i_slint_core::accessibility::{AccessibilityAction, AccessibleStringProperty, accessible_descendents};
use i_slint_core::item_tree::{ItemRc, ItemWeak};
use i_slint_core::items::AccessibleRole;
use i_slint_core::window::WindowInner;

/// Elements within elements that are read; ours are four deep.
const DEPTH_MAX: usize = 16;

/// Where in the window an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// In the main part: the screen itself.
    Screen,
    /// In a bar that leads on and back; bars are counted from the top.
    Bar(usize),
    /// In the header or between header and screen.
    Around,
    /// In a sheet that lies over everything; a later one lies over an earlier one.
    Sheet(usize),
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a screen or sheet.
    Title,
    /// Words.
    Text,
    /// Words that are news where they appear.
    News,
    /// A frame around others.
    Group,
    /// Something to press.
    Button,
    /// Something to press that is on or off.
    Switch {
        /// Whether it is on.
        on: bool,
    },
    /// How far something is.
    Progress,
    /// A picture.
    Image,
}

/// One element of a window.
pub struct Element {
    pub part: Part,
    pub kind: Kind,
    pub label: String,
    pub description: String,
    pub value: String,
    pub enabled: bool,
    item: ItemWeak,
}

impl fmt::Debug for Element {
    /// Without its words: they may be a NIK.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element").field("part", &self.part).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Element {
    /// Does what a touch of the element does. False when it is gone.
    pub fn press(&self) -> bool {
        let item = self.item.upgrade();
        if let Some(item) = &item {
            item.accessible_action(&AccessibilityAction::Default);
        }
        item.is_some()
    }
}

/// Reads the elements of a window.
#[must_use]
pub fn elements(window: &slint::Window) -> Vec<Element> {
    let inner = WindowInner::from_pub(window);
    let Some(root) = inner.try_component() else { return Vec::new() };
    // What a property has just let appear is not there before it is asked for.
    inner.ensure_tree_instantiated();
    let mut reading = Reading::default();
    reading.read(&ItemRc::new_root(root), Part::Around, 0);
    reading.elements
}

#[derive(Default)]
struct Reading {
    elements: Vec<Element>,
    sheets: usize,
    bars: usize,
}

impl Reading {
    fn read(&mut self, parent: &ItemRc, part: Part, depth: usize) {
        if depth == DEPTH_MAX {
            return;
        }
        for item in accessible_descendents(parent) {
            let role = item.accessible_role();
            let part = match role {
                AccessibleRole::Main => Part::Screen,
                AccessibleRole::Navigation => {
                    self.bars += 1;
                    Part::Bar(self.bars - 1)
                }
                // Frames outside the screen are sheets: there is nothing else beside it.
                AccessibleRole::Groupbox if part == Part::Around => {
                    self.sheets += 1;
                    Part::Sheet(self.sheets - 1)
                }
                _ => part,
            };
            let opens = match part {
                Part::Sheet(_) => role == AccessibleRole::Groupbox && depth == 0,
                _ => role == AccessibleRole::Main,
            };
            if let Some(kind) = kind(&item, role, opens) {
                self.elements.push(element(&item, part, kind));
            }
            self.read(&item, part, depth + 1);
        }
    }
}

fn kind(item: &ItemRc, role: AccessibleRole, opens: bool) -> Option<Kind> {
    let is = |what| item.accessible_string_property(what).is_some_and(|text| text == "true");
    Some(match role {
        _ if opens => Kind::Title,
        AccessibleRole::Text | AccessibleRole::ListItem => {
            let live = item.accessible_string_property(AccessibleStringProperty::LiveRegion);
            if live.is_some_and(|live| live != "off" && !live.is_empty()) { Kind::News } else { Kind::Text }
        }
        AccessibleRole::Groupbox => Kind::Group,
        AccessibleRole::Button if is(AccessibleStringProperty::Checkable) => {
            Kind::Switch { on: is(AccessibleStringProperty::Checked) }
        }
        AccessibleRole::Button => Kind::Button,
        AccessibleRole::ProgressIndicator => Kind::Progress,
        AccessibleRole::Image => Kind::Image,
        // The header's own name, and what has no words.
        _ => return None,
    })
}

fn element(item: &ItemRc, part: Part, kind: Kind) -> Element {
    let text = |what| item.accessible_string_property(what).map(|text| text.to_string()).unwrap_or_default();
    Element {
        part,
        kind,
        label: text(AccessibleStringProperty::Label),
        description: text(AccessibleStringProperty::Description),
        value: text(AccessibleStringProperty::Value),
        enabled: text(AccessibleStringProperty::Enabled) != "false",
        item: item.downgrade(),
    }
}
