//! Subcommands and their options.

#[cfg(feature = "hub")]
mod archive;
#[cfg(feature = "scan")]
mod scan;

use std::path::{Path, PathBuf};

use anjungan::config::Config;
use clap::{Parser, Subcommand};

/// What can go wrong at the top: one line that says what, and what to do.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// The configuration of a machine, if none is named.
const CONFIG_DEFAULT: &str = "anjungan.toml";

/// Self-service kiosk, queue and case system for the Kartu Keluarga service.
#[derive(Debug, Parser)]
#[command(name = "anjungan", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a whole office on this machine: hub, kiosk, counter, board, rig.
    #[cfg(all(feature = "hub", feature = "windows"))]
    Demo {
        /// Folder for everything the demo keeps.
        #[arg(long, default_value = "anjungan-data")]
        data: PathBuf,
    },
    /// Runs the office server.
    #[cfg(feature = "hub")]
    Hub(ConfigOption),
    /// Runs the touchscreen kiosk.
    #[cfg(feature = "kiosk")]
    Kiosk(WindowOptions),
    /// Runs a counter.
    #[cfg(feature = "counter")]
    Counter(WindowOptions),
    /// Runs a board of called numbers.
    #[cfg(feature = "board")]
    Board(WindowOptions),
    /// Gives simulated devices as real endpoints.
    #[cfg(feature = "rig")]
    Rig {
        /// Folder of the devices' states.
        #[arg(long, default_value = "anjungan-data/rig")]
        data: PathBuf,
        /// Port of the slip printer; another free one is taken when it is in use.
        #[arg(long, default_value_t = 9100)]
        printer_port: u16,
        /// The slip printer is a serial device and not on a port.
        #[arg(long, conflicts_with = "printer_port")]
        serial_printer: bool,
        /// Opens no window.
        #[arg(long)]
        headless: bool,
    },
    /// Finds devices and checks the configured ones, each within five seconds.
    #[cfg(feature = "station")]
    Doctor {
        #[command(flatten)]
        config: ConfigOption,
        /// One JSON object a line: device, url, health, detail, fix.
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        attempt: Option<DoctorCommand>,
    },
    /// Keeps a risky driver away from the window; the programs start it themselves.
    #[cfg(feature = "station")]
    #[command(hide = true)]
    DeviceHelper {
        /// Which driver, and what it needs.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Keeps users and stations.
    #[cfg(feature = "hub")]
    #[command(subcommand)]
    Admin(Admin),
    /// Checks, searches, takes along and, by a rule, destroys what the archive keeps.
    #[cfg(feature = "hub")]
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Looks at scanned pages: what may be wrong, the straight page, numbers and QR codes.
    #[cfg(feature = "scan")]
    Scan(scan::ScanOptions),
    /// Applies for cases without a window until it is stopped: for endurance tests.
    #[cfg(feature = "kiosk")]
    #[command(hide = true)]
    KioskDay {
        #[command(flatten)]
        config: ConfigOption,
        /// How many cases.
        #[arg(long, default_value_t = 1000)]
        cases: u32,
    },
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
struct ConfigOption {
    /// Configuration file. Without it, `anjungan.toml` here, or else the defaults.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
}

/// Options of programs with a window.
#[cfg(feature = "station")]
#[derive(Debug, clap::Args)]
struct WindowOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// Fills the screen.
    #[arg(long)]
    fullscreen: bool,
}

/// Tries one device for real.
#[cfg(feature = "station")]
#[derive(Debug, Subcommand)]
enum DoctorCommand {
    /// Prints a sample slip.
    Print,
    /// Scans a page into a file.
    Scan {
        /// Where the page goes; the ending follows from the picture.
        #[arg(long, default_value = "anjungan-doctor-scan")]
        to: PathBuf,
    },
    /// Waits for a QR code.
    ScanQr,
    /// Waits for a card and reads it.
    Read,
    /// Plays three notes.
    Speak,
    /// Prints an A4 page.
    Page,
    /// Makes the readiness report and sends it to the hub's journal.
    Readiness {
        /// Also prints it on the slip printer.
        #[arg(long)]
        print: bool,
    },
}

#[cfg(feature = "hub")]
#[derive(Debug, Subcommand)]
enum Admin {
    /// Stations: kiosks, counters, boards.
    #[command(subcommand)]
    Station(StationCommand),
    /// People with a login.
    #[command(subcommand)]
    User(UserCommand),
}

#[cfg(feature = "hub")]
#[derive(Debug, Subcommand)]
enum StationCommand {
    /// Enrols a station and prints its token, once.
    Add {
        /// kiosk, counter or board.
        #[arg(long)]
        kind: anjungan::domain::role::StationKind,
        /// Name, e.g. "Loket 1".
        #[arg(long)]
        name: String,
        /// One JSON line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
}

#[cfg(feature = "hub")]
#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a person and prints a one-time password.
    Add {
        /// Login.
        #[arg(long)]
        name: String,
        /// petugas_loket, operator, kabid, kadis or admin.
        #[arg(long)]
        role: anjungan::domain::role::Role,
        /// One JSON line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
    /// Replaces a forgotten password by a one-time password; every session of that person ends.
    Reset {
        /// Login.
        #[arg(long)]
        name: String,
        /// One JSON line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigOption,
    },
}

impl ConfigOption {
    fn load(&self) -> Result<Config, AnyError> {
        match &self.config {
            Some(path) => Ok(Config::load(path)?),
            None if Path::new(CONFIG_DEFAULT).exists() => Ok(Config::load(Path::new(CONFIG_DEFAULT))?),
            None => Ok(Config::parse("[hub]\n")?),
        }
    }
}

/// Sends logs to stderr: warnings by default, `ANJUNGAN_LOG=info` for more.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ANJUNGAN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,winit=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
}

/// Runs what was asked for.
pub fn execute(arguments: Arguments) -> Result<(), AnyError> {
    match arguments.command {
        #[cfg(all(feature = "hub", feature = "windows"))]
        Command::Demo { data } => Ok(anjungan::demo::run(&data)?),
        #[cfg(feature = "hub")]
        Command::Hub(option) => Ok(anjungan::hub::run(&option.load()?)?),
        #[cfg(feature = "kiosk")]
        Command::Kiosk(options) => {
            let shown = anjungan::kiosk::RunOptions { fullscreen: options.fullscreen };
            Ok(anjungan::kiosk::run(&options.config.load()?, shown)?)
        }
        #[cfg(feature = "counter")]
        Command::Counter(options) => Ok(anjungan::counter::run(&options.config.load()?, options.fullscreen)?),
        #[cfg(feature = "board")]
        Command::Board(options) => Ok(anjungan::board::run(&options.config.load()?, options.fullscreen)?),
        #[cfg(feature = "rig")]
        Command::Rig { data, printer_port, serial_printer, headless } => {
            let chosen =
                anjungan::rig::RigOptions { printer_port, printer_serial: serial_printer, ..Default::default() };
            Ok(anjungan::rig::run(&data, chosen, headless)?)
        }
        #[cfg(feature = "station")]
        Command::Doctor { config, json, attempt } => doctor(&config.load()?, json, attempt),
        #[cfg(feature = "station")]
        Command::DeviceHelper { arguments } => {
            // At once: a thread may be stuck in a driver, and nothing of ours needs an orderly end.
            std::process::exit(i32::from(anjungan_hardware::helper::helper_main(arguments)))
        }
        #[cfg(feature = "hub")]
        Command::Admin(Admin::Station(StationCommand::Add { kind, name, json, config })) => {
            let added = anjungan::admin::add_station(&config.load()?, kind, &name)?;
            if json {
                println!("{}", serde_json::to_string(&added)?);
            } else {
                println!(
                    "Station {} enrolled. Put this into its configuration:\ntoken = \"{}\"",
                    added.name, added.token
                );
            }
            Ok(())
        }
        #[cfg(feature = "hub")]
        Command::Admin(Admin::User(UserCommand::Add { name, role, json, config })) => {
            show_password(&anjungan::admin::add_user(&config.load()?, &name, role)?, json)
        }
        #[cfg(feature = "hub")]
        Command::Admin(Admin::User(UserCommand::Reset { name, json, config })) => {
            show_password(&anjungan::admin::reset_user(&config.load()?, &name)?, json)
        }
        #[cfg(feature = "hub")]
        Command::Archive(command) => archive::execute(command),
        #[cfg(feature = "scan")]
        Command::Scan(options) => scan::execute(&options),
        #[cfg(feature = "kiosk")]
        Command::KioskDay { config, cases } => Ok(anjungan::kiosk::headless::run_day(&config.load()?, cases)?),
    }
}

#[cfg(feature = "hub")]
fn show_password(user: &anjungan::admin::AddedUser, json: bool) -> Result<(), AnyError> {
    if json {
        println!("{}", serde_json::to_string(user)?);
    } else {
        println!("Password of {} for the first login: {}", user.name, user.one_time_password);
    }
    Ok(())
}

#[cfg(feature = "station")]
fn doctor(config: &Config, json: bool, attempt: Option<DoctorCommand>) -> Result<(), AnyError> {
    use anjungan::doctor::{self, Attempt};

    let (world, mut out) = (anjungan::clock::World::system(), std::io::stdout().lock());
    let attempt = match attempt {
        Some(DoctorCommand::Print) => Attempt::Print,
        Some(DoctorCommand::Scan { to }) => Attempt::Scan { to },
        Some(DoctorCommand::ScanQr) => Attempt::ScanQr,
        Some(DoctorCommand::Read) => Attempt::Read,
        Some(DoctorCommand::Speak) => Attempt::Speak,
        Some(DoctorCommand::Page) => Attempt::Page,
        Some(DoctorCommand::Readiness { print }) => {
            let examination = doctor::examine(config, &world);
            doctor::write(&examination, json, &mut out)?;
            let report = doctor::morning(&examination, &world);
            if print {
                doctor::print_report(config, &report)?;
            }
            doctor::send(config, &report)?;
            return Ok(());
        }
        None => {
            let examination = doctor::examine(config, &world);
            doctor::write(&examination, json, &mut out)?;
            let troubled = examination.troubled();
            return if troubled == 0 {
                Ok(())
            } else {
                let who = if troubled == 1 { "1 device needs".to_owned() } else { format!("{troubled} devices need") };
                Err(format!("{who} care; see the report above").into())
            };
        }
    };
    Ok(attempt.run(config, &world, &mut out)?)
}
