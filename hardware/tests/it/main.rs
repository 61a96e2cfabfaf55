//! Every driver against its simulator, over the real protocol.
#![allow(clippy::unwrap_used)]

mod document_scanner;
mod ektp_bridge;
mod ektp_daemon;
mod ektp_helper;
mod ektp_pcsc;
mod ektp_reader;
mod qr_scanner;
mod qr_scanner_conformance;
mod qr_scanner_faults;
mod qr_scanner_keyboard;
mod qr_scanner_simulator;
mod slip_printer;
mod slip_printer_conformance;
mod slip_printer_fallback;
mod slip_printer_faults;
mod slip_printer_peers;
mod slip_printer_usb;
mod sound_server;
mod speaker;
mod speaker_peer;
mod support;
