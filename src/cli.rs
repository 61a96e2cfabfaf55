//! Subcommands and their options.

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
        /// Opens no window.
        #[arg(long)]
        headless: bool,
    },
    /// Keeps users and stations.
    #[cfg(feature = "hub")]
    #[command(subcommand)]
    Admin(Admin),
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
    #[arg(long)]
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
        Command::Rig { data, printer_port, headless } => Ok(anjungan::rig::run(&data, printer_port, headless)?),
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
