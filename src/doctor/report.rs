//! The report, for people and for programs.

use std::io::{self, Write};

use super::{Examination, Finding};
use crate::wire::health::Verdict;

/// Writes an examination: one JSON object a line, or a page to read.
///
/// # Errors
/// When the output cannot be written.
pub fn write(examination: &Examination, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        for finding in examination.configured.iter().chain(&examination.found) {
            serde_json::to_writer(&mut *out, finding)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    writeln!(out, "Perangkat pada pengaturan")?;
    if examination.configured.is_empty() {
        writeln!(out, "  (tidak ada; sebutkan berkasnya dengan --config)")?;
    }
    for finding in &examination.configured {
        line(finding, out)?;
    }
    writeln!(out, "\nPerangkat lain yang ditemukan pada mesin ini")?;
    if examination.found.is_empty() {
        writeln!(out, "  (tidak ada)")?;
    }
    for finding in &examination.found {
        line(finding, out)?;
    }
    match examination.troubled() {
        0 => writeln!(out, "\nSemua siap."),
        troubled => writeln!(out, "\n{troubled} dari {} perlu ditangani.", examination.configured.len()),
    }
}

fn line(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let mark = match finding.verdict() {
        Verdict::Ok => "ok ",
        Verdict::Warn => "!  ",
        Verdict::Fail => "X  ",
    };
    writeln!(out, "  {mark} {:<17} {:<15} {}", finding.device, finding.health, finding.url)?;
    if !finding.detail.is_empty() {
        writeln!(out, "      {}", finding.detail)?;
    }
    if !finding.fix.is_empty() {
        writeln!(out, "      > {}", finding.fix)?;
    }
    Ok(())
}
