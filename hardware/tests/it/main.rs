//! Every driver against its simulator, over the real protocol.
#![allow(clippy::unwrap_used)]

mod document_scanner;
mod ektp_bridge;
mod ektp_daemon;
mod ektp_helper;
mod ektp_pcsc;
mod ektp_reader;
mod qr_scanner;
mod slip_printer;
mod speaker;
mod support;
