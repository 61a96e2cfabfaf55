//! Device URLs, the one way a configuration names a device.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// Where a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// `tcp://host:port`: a raw byte stream (port 9100 when left out).
    Tcp {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// `serial:///path`: a serial port, a USB-CDC device or a pseudo-terminal.
    Serial(PathBuf),
    /// `file:///path`: a plain file or a character device such as `/dev/usb/lp0`.
    File(PathBuf),
    /// `folder:///path`: a folder another program writes to.
    Folder(PathBuf),
    /// `sim:<path>`: a simulated device whose state is in this folder.
    Sim(PathBuf),
    /// `gateway+tcp://host:port`: a KTP-el gateway process on the network.
    GatewayTcp {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// `gateway+serial:///path`: a KTP-el gateway on a serial line.
    GatewaySerial(PathBuf),
    /// `sane:<device>`: a scanner by its SANE device name.
    Sane(String),
    /// `default`: the device the system offers first.
    Default,
    /// `none:`: no device, on purpose.
    Silent,
}

/// A parsed device URL. [`fmt::Display`] gives back the text it was made from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceUrl {
    text: String,
    address: Address,
    query: BTreeMap<String, String>,
}

const SCHEMES: &str = "tcp://host:port, serial:///path, file:///path, folder:///path, sim:path, gateway+tcp://host:port, \
     gateway+serial:///path, sane:device, default, none:";

/// The raw-printing port, used when a `tcp://` URL names none.
const RAW_PRINT_PORT: u16 = 9100;

impl DeviceUrl {
    /// Parses a device URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`] with the reason and the known forms.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let bad = |why: &str| Error::new(ErrorKind::InvalidUrl, format!("device URL \"{text}\": {why}"));
        let (body, query) = match text.split_once('?') {
            Some((body, query)) => (body, parse_query(query).ok_or_else(|| bad("the query is not key=value"))?),
            None => (text, BTreeMap::new()),
        };
        let (scheme, rest) = body.split_once(':').unwrap_or((body, ""));
        let path = |rest: &str| {
            let raw = rest.strip_prefix("//").ok_or_else(|| bad("expected \"//\" and an absolute path"))?;
            if !raw.starts_with('/') {
                return Err(bad("the path must be absolute (three slashes)"));
            }
            Ok(PathBuf::from(percent_decode(raw).ok_or_else(|| bad("broken percent escape"))?))
        };
        let host_port = |rest: &str, default: Option<u16>| {
            let raw = rest.strip_prefix("//").ok_or_else(|| bad("expected \"//host:port\""))?;
            let raw = raw.strip_suffix('/').unwrap_or(raw);
            split_host_port(raw, default).ok_or_else(|| bad("expected host:port"))
        };
        let address = match scheme.to_ascii_lowercase().as_str() {
            "tcp" => {
                let (host, port) = host_port(rest, Some(RAW_PRINT_PORT))?;
                Address::Tcp { host, port }
            }
            "gateway+tcp" => {
                let (host, port) = host_port(rest, None)?;
                Address::GatewayTcp { host, port }
            }
            "serial" => Address::Serial(path(rest)?),
            "gateway+serial" => Address::GatewaySerial(path(rest)?),
            "file" => Address::File(path(rest)?),
            "folder" => Address::Folder(path(rest)?),
            "sim" => {
                let raw = rest.strip_prefix("//").unwrap_or(rest);
                if raw.is_empty() {
                    return Err(bad("a simulated device needs the path of its state folder"));
                }
                Address::Sim(PathBuf::from(percent_decode(raw).ok_or_else(|| bad("broken percent escape"))?))
            }
            "sane" if rest.is_empty() => return Err(bad("expected the SANE device name")),
            "sane" => Address::Sane(rest.to_owned()),
            "default" if rest.is_empty() => Address::Default,
            "none" if rest.is_empty() => Address::Silent,
            _ => return Err(bad(&format!("unknown scheme; known are {SCHEMES}"))),
        };
        Ok(Self { text: text.to_owned(), address, query })
    }

    /// Where the device is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// One option of the query part.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.query.get(key).map(String::as_str)
    }

    /// All options of the query part, by name.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether the URL itself names a simulated device: `sim:`, or `simulated=1` in the query.
    pub fn is_simulated(&self) -> bool {
        matches!(self.address, Address::Sim(_)) || matches!(self.option("simulated"), Some("1" | "true" | "yes"))
    }

    /// A number from the query part.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`] when the option is there and is not a number.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u32>, Error> {
        self.option(key).map(|value| value.parse::<u32>()).transpose().map_err(|_| {
            Error::new(ErrorKind::InvalidUrl, format!("device URL \"{self}\": {key} must be a whole number"))
        })
    }

    /// The error for a device kind that has no driver for this scheme.
    pub(crate) fn unsupported(&self, device: &str, known: &str) -> Error {
        Error::new(
            ErrorKind::UnsupportedScheme,
            format!("\"{self}\" cannot be used for the {device}; use one of {known}"),
        )
    }
}

impl fmt::Display for DeviceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for DeviceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceUrl({})", self.text)
    }
}

impl FromStr for DeviceUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DeviceUrl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<DeviceUrl> for String {
    fn from(url: DeviceUrl) -> Self {
        url.text
    }
}

fn parse_query(query: &str) -> Option<BTreeMap<String, String>> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=')?;
            Some((percent_decode(key)?, percent_decode(value)?))
        })
        .collect()
}

fn split_host_port(raw: &str, default: Option<u16>) -> Option<(String, u16)> {
    // An IPv6 address stands in brackets, so its colons are not the port's.
    let (host, port) = match raw.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match raw.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (raw, None),
        },
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => default?,
    };
    let valid = !host.is_empty() && !host.contains(['/', '@', ' ']);
    valid.then(|| (host.to_owned(), port))
}

fn percent_decode(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        DeviceUrl::parse(text).unwrap().address
    }

    #[test]
    fn every_form_of_the_configuration_is_understood() {
        assert_eq!(address("tcp://10.0.0.7:9100"), Address::Tcp { host: "10.0.0.7".into(), port: 9100 });
        assert_eq!(address("tcp://printer"), Address::Tcp { host: "printer".into(), port: 9100 });
        assert_eq!(address("tcp://[::1]:9101"), Address::Tcp { host: "::1".into(), port: 9101 });
        assert_eq!(address("serial:///dev/ttyUSB0?baud=9600"), Address::Serial("/dev/ttyUSB0".into()));
        assert_eq!(address("file:///dev/usb/lp0"), Address::File("/dev/usb/lp0".into()));
        assert_eq!(address("folder:///var/scan%20in"), Address::Folder("/var/scan in".into()));
        assert_eq!(address("sim:data/reader"), Address::Sim("data/reader".into()));
        assert_eq!(
            address("gateway+tcp://localhost:4001"),
            Address::GatewayTcp { host: "localhost".into(), port: 4001 }
        );
        assert_eq!(address("gateway+serial:///dev/ttyS1"), Address::GatewaySerial("/dev/ttyS1".into()));
        assert_eq!(address("sane:genesys:libusb:001:004"), Address::Sane("genesys:libusb:001:004".into()));
        assert_eq!(address("default"), Address::Default);
        assert_eq!(address("none:"), Address::Silent);
    }

    #[test]
    fn options_and_the_simulated_mark() {
        let url = DeviceUrl::parse("serial:///dev/ttyUSB0?baud=9600&simulated=1").unwrap();
        assert_eq!(url.number("baud").unwrap(), Some(9600));
        assert!(url.is_simulated());
        assert!(DeviceUrl::parse("sim:/tmp/x").unwrap().is_simulated());
        assert!(!DeviceUrl::parse("tcp://printer").unwrap().is_simulated());
        assert!(DeviceUrl::parse("tcp://printer?baud=fast").unwrap().number("baud").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, why) in [
            ("bluetooth:x", "unknown scheme"),
            ("", "unknown scheme"),
            ("tcp:printer", "//host:port"),
            ("tcp://printer:0", "host:port"),
            ("tcp://printer:99999", "host:port"),
            ("gateway+tcp://host", "host:port"),
            ("serial://dev/ttyUSB0", "three slashes"),
            ("folder:///a%zz", "percent"),
            ("sim:", "state folder"),
            ("sane:", "SANE"),
            ("tcp://a?x", "key=value"),
        ] {
            let error = DeviceUrl::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidUrl, "{text}");
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn serde_keeps_the_text() {
        let url: DeviceUrl = serde_json::from_str("\"tcp://printer:9100?simulated=1\"").unwrap();
        assert_eq!(serde_json::to_string(&url).unwrap(), "\"tcp://printer:9100?simulated=1\"");
    }
}
