//! Programs together, over their real protocols. One binary, one module per subject.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod support;

mod contrast;
mod deploy;
mod licences;
mod tidy;

#[cfg(feature = "hub")]
mod archive_pdf;
#[cfg(feature = "hub")]
mod hub_access;
#[cfg(feature = "hub")]
mod hub_archive;
#[cfg(feature = "hub")]
mod hub_archive_page;
#[cfg(feature = "hub")]
mod hub_archive_words;
#[cfg(feature = "hub")]
mod hub_cases;
#[cfg(feature = "hub")]
mod hub_find;
#[cfg(feature = "hub")]
mod hub_hall;
#[cfg(feature = "hub")]
mod hub_hall_faults;
#[cfg(feature = "hub")]
mod hub_health;
#[cfg(feature = "hub")]
mod hub_notes;
#[cfg(feature = "hub")]
mod hub_pages;
#[cfg(feature = "hub")]
mod hub_queue;
#[cfg(feature = "hub")]
mod hub_store;
#[cfg(feature = "hub")]
mod hub_tickets;
#[cfg(feature = "hub")]
mod hub_unclaimed;
#[cfg(feature = "hub")]
mod pages_archive;
#[cfg(feature = "hub")]
mod pages_browser;
#[cfg(feature = "hub")]
mod pages_render;
#[cfg(feature = "hub")]
mod pages_unclaimed;

#[cfg(all(feature = "hub", feature = "board"))]
mod board_shell;
#[cfg(all(feature = "hub", feature = "counter"))]
mod counter_shell;
#[cfg(feature = "counter")]
mod counter_window;
#[cfg(all(feature = "hub", feature = "windows"))]
mod device_day;
#[cfg(feature = "windows")]
mod doctor;
#[cfg(feature = "windows")]
mod doctor_page;
#[cfg(all(feature = "hub", feature = "windows"))]
mod faults;
#[cfg(feature = "board")]
mod hall_voice;
#[cfg(all(feature = "hub", feature = "windows"))]
mod kill9;
#[cfg(all(feature = "hub", feature = "windows"))]
mod kiosk_by_ear;
#[cfg(all(feature = "hub", feature = "windows"))]
mod kiosk_numbers;
#[cfg(all(feature = "hub", feature = "kiosk"))]
mod kiosk_outbox;
#[cfg(all(feature = "hub", feature = "kiosk"))]
mod kiosk_shell;
#[cfg(feature = "kiosk")]
mod languages;
#[cfg(feature = "rig")]
mod rig_devices;
#[cfg(feature = "scan")]
mod scan_pages;
#[cfg(feature = "windows")]
mod voice;
#[cfg(all(feature = "hub", feature = "windows"))]
mod walk;
