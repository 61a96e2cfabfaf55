//! A hub with one enrolled kiosk, as programs of their own: what they need is not counted as the station's.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that was built with this one.
pub fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_anjungan")).with_file_name(name)
}

/// A hub with one enrolled kiosk.
pub struct Office {
    hub: Child,
    folder: tempfile::TempDir,
    address: String,
    token: String,
}

impl Office {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub_config = folder.path().join("hub.toml");
        let data = folder.path().join("hub");
        std::fs::write(&hub_config, format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {data:?}\n")).unwrap();
        let mut hub = Command::new(built("anjungan"))
            .arg("hub")
            .arg("--config")
            .arg(&hub_config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program anjungan");
        let mut line = String::new();
        BufReader::new(hub.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("hub ready on ").expect("a ready hub").to_owned();
        let added = Command::new(built("anjungan"))
            .args(["admin", "station", "add", "--kind", "kiosk", "--name", "K1", "--json", "--config"])
            .arg(&hub_config)
            .output()
            .unwrap();
        let added: serde_json::Value = serde_json::from_slice(&added.stdout).unwrap();
        let token = added["token"].as_str().expect("a token").to_owned();
        Self { hub, folder, address, token }
    }

    /// Where the hub answers.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The kiosk's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A configuration of the kiosk, with more sections behind its own. Each name has its own data.
    pub fn kiosk_config(&self, name: &str, hub: &str, more: &str) -> PathBuf {
        let config = self.folder.path().join(format!("{name}.toml"));
        let (token, data) = (&self.token, self.folder.path().join(name));
        let kiosk = format!("[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{hub}\"\ntoken = \"{token}\"\n");
        std::fs::write(&config, format!("{kiosk}data = {data:?}\nidle_s = 600\n{more}")).unwrap();
        config
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.hub.kill();
        let _ = self.hub.wait();
    }
}
