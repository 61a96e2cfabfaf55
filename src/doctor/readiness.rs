//! The readiness report by hand: as the kiosk makes it each morning, for a machine on which no kiosk runs.

use super::{AttemptError, Examination, Finding, stations};
use crate::clock::World;
use crate::config::Config;
use crate::slip::{ReadinessContent, lay_out_readiness};
use crate::station::devices::open_configured_printer;
use crate::wire::client::{ClientError, HubClient};
use crate::wire::health::{Readiness, ReadinessLine};
use anjungan_hardware::PrintOutcome;

/// Turns an examination into the report that the journal keeps.
#[must_use]
pub fn morning(examination: &Examination, world: &World) -> Readiness {
    let line = |finding: &Finding| {
        let fix = if finding.fix.is_empty() { String::new() } else { format!(". {}", finding.fix) };
        ReadinessLine::new(
            &finding.device,
            finding.verdict(),
            finding.health.parse().ok(),
            &format!("{}{fix}", finding.detail),
        )
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
    let Some(station) = stations(config).next() else { return Ok(false) };
    HubClient::new(station.hub, station.token).report_readiness(report).map(|()| true)
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
        station: stations(config).next().map_or("Anjungan", |station| station.name).to_owned(),
        zone: config.office.timezone,
        at: report.at,
        lines: report.lines.clone(),
    };
    match printer.print(&lay_out_readiness(&content, u16::from(section.common_columns()))) {
        PrintOutcome::Printed => Ok(()),
        PrintOutcome::NotPrinted(fault) | PrintOutcome::Unknown(fault) => Err(AttemptError::Slip(fault.detail)),
    }
}
