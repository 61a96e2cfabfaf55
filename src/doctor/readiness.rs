//! The readiness report by hand: as the kiosk makes it each morning, for a machine on which no kiosk runs.

use super::{AttemptError, Examination, Finding};
use crate::clock::World;
use crate::config::Config;
use crate::slip::{ReadinessContent, lay_out_readiness};
use crate::station::devices::open_configured_printer;
use crate::wire::client::{ClientError, HubClient};
use crate::wire::health::{Readiness, ReadinessLine, Verdict};
use anjungan_hardware::PrintOutcome;

/// Turns an examination into the report that the journal keeps.
#[must_use]
pub fn morning(examination: &Examination, world: &World) -> Readiness {
    let line = |finding: &Finding| {
        let verdict = match finding.health.as_str() {
            "ready" | "media_absent" => Verdict::Ok,
            "media_low" => Verdict::Warn,
            _ => Verdict::Fail,
        };
        let fix = if finding.fix.is_empty() { String::new() } else { format!(". {}", finding.fix) };
        ReadinessLine::new(&finding.device, verdict, finding.health.parse().ok(), &format!("{}{fix}", finding.detail))
    };
    Readiness {
        request_id: world.request_id(),
        at: world.now(),
        lines: examination.configured.iter().map(line).collect(),
    }
}

/// Sends a report to the hub, for the journal. Without a hub in the configuration nothing is sent.
///
/// # Errors
/// When the hub does not take it.
pub fn send(config: &Config, report: &Readiness) -> Result<bool, ClientError> {
    let kiosk = config.kiosk.as_ref().map(|kiosk| (&kiosk.hub, &kiosk.token));
    let counter = config.counter.as_ref().map(|counter| (&counter.hub, &counter.token));
    let board = config.board.as_ref().map(|board| (&board.hub, &board.token));
    let Some((hub, token)) = kiosk.or(counter).or(board) else { return Ok(false) };
    HubClient::new(hub, token).report_readiness(report).map(|()| true)
}

/// Prints a report on the slip printer.
///
/// # Errors
/// When there is no printer, or the slip does not come out.
pub fn print_report(config: &Config, report: &Readiness) -> Result<(), AttemptError> {
    let section = config.printer.as_ref().ok_or(AttemptError::SectionMissing("printer"))?;
    let mut printer = open_configured_printer(section)?;
    let content = ReadinessContent {
        office: config.office.name.clone(),
        station: station_name(config).to_owned(),
        zone: config.office.timezone,
        at: report.at,
        lines: report.lines.clone(),
    };
    match printer.print(&lay_out_readiness(&content, u16::from(section.common_columns()))) {
        PrintOutcome::Printed => Ok(()),
        PrintOutcome::NotPrinted(fault) | PrintOutcome::Unknown(fault) => Err(AttemptError::Slip(fault.detail)),
    }
}

fn station_name(config: &Config) -> &str {
    let kiosk = config.kiosk.as_ref().map(|kiosk| kiosk.name.as_str());
    let counter = config.counter.as_ref().map(|counter| counter.name.as_str());
    let board = config.board.as_ref().map(|board| board.name.as_str());
    kiosk.or(counter).or(board).unwrap_or("Anjungan")
}
