//! Every driver against its simulator, over the real protocol.
#![allow(clippy::unwrap_used)]

mod document_scanner;
mod ektp_reader;
mod qr_scanner;
mod slip_printer;
mod slip_printer_conformance;
mod slip_printer_fallback;
mod slip_printer_faults;
mod slip_printer_peers;
mod slip_printer_usb;
mod speaker;
mod support;
