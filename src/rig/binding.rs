//! Where the rig meets Slint.

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;

use anjungan_ui as ui;
use anjungan_ui::{RigActions, RigState, RigWindow};
use slint::{ComponentHandle as _, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel};

use super::devices::{Devices, Fault, RigError, Slip};
use super::words::{Group, title};
use crate::domain::language::Language;
use crate::domain::nik::Nik;
use crate::station::languages::speak;

/// Slips in the list, newest first.
const SLIPS_SHOWN: usize = 30;

/// The rig's window over its devices.
pub(super) struct Binding {
    window: RigWindow,
    devices: Devices,
    slips: Rc<VecModel<ui::RigSlipRow>>,
    shown: RefCell<Shown>,
}

/// What the window shows, so that only a change is copied into it.
#[derive(Default)]
struct Shown {
    slips: usize,
    /// One list for each of [`Group::ALL`].
    faults: Vec<Vec<ui::RigFaultRow>>,
    cards: Vec<ui::RigCardRow>,
}

impl Binding {
    pub(super) fn new(devices: Devices) -> Result<Rc<Self>, slint::PlatformError> {
        let window = RigWindow::new()?;
        speak(Language::Indonesian);
        let binding = Rc::new(Self { window, devices, slips: Rc::default(), shown: RefCell::default() });
        let state = binding.window.global::<RigState<'_>>();
        let endpoints = binding.devices.endpoints();
        state.set_preview_mode(false);
        state.set_printer_address(SharedString::from(bare(&endpoints.printer)));
        state.set_scanner_path(SharedString::from(bare(&endpoints.document_scanner)));
        state.set_escl_address(SharedString::from(bare(&endpoints.escl)));
        state.set_reader_path(SharedString::from(bare(&endpoints.reader)));
        state.set_slips(ModelRc::from(Rc::clone(&binding.slips)));
        state.set_paper(Image::default());
        connect(&binding);
        binding.show_states();
        binding.show_slips();
        Ok(binding)
    }

    pub(super) const fn window(&self) -> &RigWindow {
        &self.window
    }

    /// Shows what the printer put out since the last look.
    pub(super) fn show_slips(&self) {
        let count = self.devices.slip_count();
        if std::mem::replace(&mut self.shown.borrow_mut().slips, count) == count {
            return;
        }
        let state = self.window.global::<RigState<'_>>();
        state.set_slip_count(i32::try_from(count).unwrap_or(i32::MAX));
        let newest = (1..=count).rev().take(SLIPS_SHOWN).filter_map(|number| self.devices.slip(number));
        let slips: Vec<Slip> = newest.collect();
        if let Some(picture) = slips.first().and_then(|slip| fs::read(&slip.picture).ok()) {
            state.set_paper(picture_of(&picture));
        }
        self.slips.set_vec(slips.iter().map(slip_row).collect::<Vec<_>>());
    }

    /// Shows faults and cards as they are now; an editor or a test may have changed them.
    pub(super) fn show_states(&self) {
        let state = self.window.global::<RigState<'_>>();
        let faults = Group::ALL.map(|group| self.faults_of(group));
        let placed = self.devices.placed_card();
        let cards: Vec<ui::RigCardRow> = self
            .devices
            .cards()
            .iter()
            .map(|card| ui::RigCardRow {
                key: SharedString::from(&card.key),
                title: SharedString::from(&card.title),
                detail: Nik::parse(&card.file.nik).map(|nik| SharedString::from(nik.masked())).unwrap_or_default(),
                placed: placed.as_ref() == Some(&card.key),
            })
            .collect();
        let mut shown = self.shown.borrow_mut();
        if shown.faults != faults {
            let on = |of: &[Group]| {
                let lists = Group::ALL.iter().zip(&faults).filter(|(group, _)| of.contains(group));
                let count = lists.flat_map(|(_, rows)| rows).filter(|row| row.active).count();
                i32::try_from(count).unwrap_or(i32::MAX)
            };
            state.set_fault_count(on(&Group::ALL));
            state.set_scanner_fault_count(on(&[Group::Scanner]));
            state.set_escl_fault_count(on(&[Group::Escl]));
            for (group, rows) in Group::ALL.into_iter().zip(&faults) {
                show_faults(&state, group, model(rows.clone()));
            }
            shown.faults = faults.to_vec();
        }
        if shown.cards != cards {
            state.set_cards(model(cards.clone()));
            shown.cards = cards;
        }
    }

    fn faults_of(&self, group: Group) -> Vec<ui::RigFaultRow> {
        let row = |fault: Fault| ui::RigFaultRow {
            key: SharedString::from(fault.key()),
            title: SharedString::from(title(fault)),
            active: self.devices.has_fault(fault),
        };
        Fault::all().filter(|fault| Group::of(*fault) == group).map(row).collect()
    }

    fn toggle_fault(&self, key: &str) -> Result<(), RigError> {
        let fault = Fault::all().find(|fault| fault.key() == key).ok_or(RigError::Unknown("such fault"))?;
        self.devices.set_fault(fault, !self.devices.has_fault(fault))
    }

    fn slip(&self, key: &str) -> Result<Slip, RigError> {
        let number = key.parse().map_err(|_| RigError::Unknown("such slip"))?;
        self.devices.slip(number).filter(|slip| !slip.qr.is_empty()).ok_or(RigError::Unknown("QR text of this slip"))
    }
}

fn show_faults(state: &RigState<'_>, group: Group, rows: ModelRc<ui::RigFaultRow>) {
    match group {
        Group::PrinterPaper => state.set_printer_paper_faults(rows),
        Group::PrinterMachine => state.set_printer_machine_faults(rows),
        Group::PrinterLine => state.set_printer_line_faults(rows),
        Group::CounterScanner => state.set_counter_scanner_faults(rows),
        Group::KioskScanner => state.set_kiosk_scanner_faults(rows),
        Group::Reader => state.set_reader_faults(rows),
        Group::Scanner => state.set_scanner_faults(rows),
        Group::Escl => state.set_escl_faults(rows),
    }
}

fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

/// A URL without its options, as people read it.
fn bare(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

fn slip_row(slip: &Slip) -> ui::RigSlipRow {
    let ticket = if slip.ticket.is_empty() { format!("Slip {}", slip.number) } else { slip.ticket.clone() };
    let detail = if slip.qr.is_empty() { "QR dicetak sebagai gambar" } else { "" };
    let copy = slip.lines.iter().any(|line| line.contains("SALINAN"));
    ui::RigSlipRow {
        key: SharedString::from(slip.number.to_string()),
        ticket: SharedString::from(ticket),
        detail: SharedString::from(if copy { "SALINAN" } else { detail }),
    }
}

/// A slip is small and its picture ours; it may be decoded here.
fn picture_of(png: &[u8]) -> Image {
    match image::load_from_memory(png) {
        Ok(picture) => {
            let rgb = picture.into_rgb8();
            Image::from_rgb8(SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(rgb.as_raw(), rgb.width(), rgb.height()))
        }
        Err(error) => {
            tracing::warn!(%error, "a slip cannot be shown");
            Image::default()
        }
    }
}

fn connect(binding: &Rc<Binding>) {
    let actions = binding.window.global::<RigActions<'_>>();
    // Weak, because the window holds the callbacks and the binding holds the window.
    macro_rules! on {
        ($callback:ident, |$binding:ident $(, $argument:ident)?| $do:expr) => {{
            let weak = Rc::downgrade(binding);
            actions.$callback(move |$($argument)?| {
                let Some($binding) = weak.upgrade() else { return };
                if let Err(error) = $do {
                    tracing::warn!(%error, "the rig did not do it");
                }
                $binding.show_states();
            });
        }};
    }
    on!(on_toggle_fault, |rig, key| rig.toggle_fault(&key));
    on!(on_clear_faults, |rig| rig.devices.clear_faults());
    on!(on_scan_slip_at_counter, |rig, key| rig.slip(&key).and_then(|slip| rig.devices.scan_at_counter(&slip.qr)));
    on!(on_scan_slip_at_kiosk, |rig, key| rig.slip(&key).and_then(|slip| rig.devices.scan_at_kiosk(&slip.qr)));
    on!(on_scan_text, |rig, text| rig.devices.scan_at_counter(&text));
    on!(on_place_card, |rig, key| rig.devices.place_card(&key));
    on!(on_remove_card, |rig| {
        rig.devices.remove_card();
        Ok::<(), RigError>(())
    });
}
