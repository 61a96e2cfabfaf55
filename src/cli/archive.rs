//! `anjungan archive`.

use std::io::{BufRead as _, Read as _};
use std::path::PathBuf;

use anjungan::archivist;
use anjungan::clock::World;
use anjungan::domain::archive::ArchiveNumber;
use anjungan::hub::ArchiveQuery;
use clap::Subcommand;
use jiff::civil::Date;

use super::{AnyError, ConfigOption};

/// Longest line that is read from standard input, in bytes.
const LINE_BYTES_MAX: u64 = 64;

#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Reads the whole archive again, opens and compares each document; exit 1 with a list if anything is wrong.
    Check {
        /// One JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Searches the archive.
    Find {
        #[command(flatten)]
        by: FindBy,
        /// Last day of --from; without it, the same day.
        #[arg(long, requires = "from")]
        to: Option<Date>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Writes a case as one ZIP: its PDFs and a manifest.
    Export {
        /// Archive number, e.g. 2026-000042.
        #[arg(long)]
        number: ArchiveNumber,
        /// File to write; it must not be there yet.
        #[arg(long)]
        to: PathBuf,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Lists the cases whose time is over by `[archive] retention_years`.
    Retain {
        /// Destroys their keys, for ever.
        #[arg(long)]
        destroy: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
}

/// By what to search: one of them.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct FindBy {
    /// Archive number, e.g. 2026-000042.
    #[arg(long)]
    number: Option<ArchiveNumber>,
    /// A NIK, read from standard input so that it stands in no history of commands.
    #[arg(long)]
    nik: bool,
    /// A No KK, read from standard input.
    #[arg(long)]
    no_kk: bool,
    /// First day of the register book, e.g. 2026-11-23.
    #[arg(long)]
    from: Option<Date>,
}

impl FindBy {
    fn query(&self, to: Option<Date>) -> Result<ArchiveQuery, AnyError> {
        if let Some(number) = self.number {
            return Ok(ArchiveQuery::Number(number));
        }
        if let Some(from) = self.from {
            return Ok(ArchiveQuery::Registered { from, to: to.unwrap_or(from) });
        }
        let mut line = String::new();
        std::io::stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line)?;
        Ok(if self.nik { ArchiveQuery::Nik(line.trim().parse()?) } else { ArchiveQuery::NoKk(line.trim().parse()?) })
    }
}

/// Runs what was asked for.
pub fn execute(command: ArchiveCommand) -> Result<(), AnyError> {
    match command {
        ArchiveCommand::Check { json, config } => check(json, &config),
        ArchiveCommand::Find { by, to, json, config } => {
            for row in archivist::find(&config.load()?, &World::system(), &by.query(to)?)? {
                if json {
                    println!("{}", serde_json::to_string(&row)?);
                } else {
                    println!("{}  {}  {}  {}  {}", row.number, row.shelf, row.filed_at, row.state, row.title);
                }
            }
            Ok(())
        }
        ArchiveCommand::Export { number, to, config } => {
            archivist::export(&config.load()?, &World::system(), number, &to)?;
            println!("{} written to {}", number, to.display());
            Ok(())
        }
        ArchiveCommand::Retain { destroy, json, config } => retain(destroy, json, &config),
    }
}

fn check(json: bool, config: &ConfigOption) -> Result<(), AnyError> {
    let report = archivist::check(&config.load()?, &World::system())?;
    if json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!(
            "{} cases, {} documents, {} bytes read and compared; {} destroyed by rule; {} finished cases wait",
            report.cases, report.documents, report.bytes, report.destroyed, report.waiting
        );
        for finding in &report.findings {
            let number = finding.number.map(|number| format!(" {number}")).unwrap_or_default();
            let case = finding.case_id.map(|case| format!(" case {case}")).unwrap_or_default();
            let document = finding.document_id.map(|document| format!(" document {document}")).unwrap_or_default();
            println!("{}{number}{case}{document}: {}", finding.what, finding.detail);
        }
    }
    match report.findings.len() {
        0 => Ok(()),
        1 => Err("1 thing is wrong; see the report above and docs/archive.md".into()),
        many => Err(format!("{many} things are wrong; see the report above and docs/archive.md").into()),
    }
}

fn retain(destroy: bool, json: bool, config: &ConfigOption) -> Result<(), AnyError> {
    let found = archivist::retain(&config.load()?, &World::system(), destroy)?;
    if json {
        println!("{}", serde_json::to_string(&found)?);
        return Ok(());
    }
    match &found.rule {
        None => println!("No rule: everything is kept for ever ([archive] retention_years is not set)."),
        Some(rule) => println!("{rule}: {} cases are due", found.due.len()),
    }
    for due in &found.due {
        let done = if due.destroyed { "key destroyed; destroy the papers too" } else { "due" };
        println!("{}  filed {}  {}  {done}", due.number, due.filed_on, due.shelf);
    }
    Ok(())
}
