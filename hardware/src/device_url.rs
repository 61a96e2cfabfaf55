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
    /// `gateway+ws://host:port/path`: a KTP-el gateway behind a WebSocket.
    GatewayWs {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// Path of the request, `/` when left out.
        path: String,
    },
    /// `pcsc:<reader>`: a contactless reader by its PC/SC name, or a part of the name that fits one reader only.
    Pcsc(String),
    /// `usb:vvvv:pppp` or `usb:vvvv:pppp:serial`: a printer of the USB printer class, by its identity on the bus.
    Usb {
        /// Vendor number.
        vendor: u16,
        /// Product number.
        product: u16,
        /// Serial number, where two of the same model are plugged in.
        serial: Option<String>,
    },
    /// `keyboard:`: a QR scanner that types like a keyboard.
    Keyboard,
    /// `sane:<device>`: a scanner by its SANE device name.
    Sane(String),
    /// `escl://host:port/path`: a network scanner that speaks eSCL (AirScan).
    Escl {
        /// Name or address.
        host: String,
        /// TCP port, 80 when left out.
        port: u16,
        /// Root of the service, `/eSCL` when left out.
        path: String,
    },
    /// `v4l:/dev/video0`: a document camera.
    Camera(PathBuf),
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

const SCHEMES: &str = "tcp://host:port, serial:///path, usb:vvvv:pppp, file:///path, folder:///path, sim:path, \
     gateway+tcp://host:port, gateway+ws://host:port/path, gateway+serial:///path, pcsc:reader, keyboard:, sane:device, \
     escl://host:port, v4l:/dev/video0, default, none:";

/// Where eSCL services answer unless they say otherwise.
const ESCL_PORT: u16 = 80;
const ESCL_ROOT: &str = "/eSCL";

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
            "gateway+ws" => {
                let (authority, path) = split_path(rest, "/").ok_or_else(|| bad("expected \"//host:port\""))?;
                let (host, port) = host_port(&authority, None)?;
                Address::GatewayWs { host, port, path }
            }
            "escl" => {
                let (authority, path) = split_path(rest, ESCL_ROOT).ok_or_else(|| bad("expected \"//host:port\""))?;
                let (host, port) = host_port(&authority, Some(ESCL_PORT))?;
                Address::Escl { host, port, path }
            }
            "pcsc" if rest.is_empty() => return Err(bad("expected the name of the PC/SC reader")),
            "pcsc" => Address::Pcsc(percent_decode(rest).ok_or_else(|| bad("broken percent escape"))?),
            "usb" => parse_usb(rest).ok_or_else(|| bad("expected vvvv:pppp, both four hexadecimal digits"))?,
            "keyboard" if rest.is_empty() => Address::Keyboard,
            "v4l" if !rest.starts_with('/') => return Err(bad("expected the device file, such as v4l:/dev/video0")),
            "v4l" => Address::Camera(PathBuf::from(percent_decode(rest).ok_or_else(|| bad("broken percent escape"))?)),
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

/// Splits `//host:port/path`; a path of nothing or `/` alone is `default`.
fn split_path(rest: &str, default: &str) -> Option<(String, String)> {
    let raw = rest.strip_prefix("//")?;
    let (authority, path) = raw.find('/').map_or((raw, ""), |at| raw.split_at(at));
    let path = path.trim_end_matches('/');
    let path = if path.is_empty() { default } else { path };
    // It becomes a part of a request line, where nothing but printable ASCII may stand.
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| (format!("//{authority}"), path.to_owned()))
}

/// `04b8:0202` or `04b8:0202:X3Y4`.
fn parse_usb(rest: &str) -> Option<Address> {
    let mut parts = rest.splitn(3, ':');
    let mut number = || {
        let part = parts.next()?;
        (part.len() == 4).then(|| u16::from_str_radix(part, 16).ok())?
    };
    let (vendor, product) = (number()?, number()?);
    let serial = match parts.next() {
        Some("") => return None,
        Some(serial) => Some(percent_decode(serial)?),
        None => None,
    };
    Some(Address::Usb { vendor, product, serial })
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
        assert_eq!(
            address("gateway+ws://bridge:4002/ektp"),
            Address::GatewayWs { host: "bridge".into(), port: 4002, path: "/ektp".into() }
        );
        assert_eq!(
            address("pcsc:ACS%20ACR1252%201S CL Reader?sam=ACS SAM"),
            Address::Pcsc("ACS ACR1252 1S CL Reader".into())
        );
        assert_eq!(address("usb:04b8:0202"), Address::Usb { vendor: 0x4b8, product: 0x202, serial: None });
        assert_eq!(
            address("usb:04b8:0e15:J2"),
            Address::Usb { vendor: 0x4b8, product: 0xe15, serial: Some("J2".into()) }
        );
        assert_eq!(address("keyboard:"), Address::Keyboard);
        assert_eq!(
            address("escl://scanner.local"),
            Address::Escl { host: "scanner.local".into(), port: 80, path: "/eSCL".into() }
        );
        assert_eq!(
            address("escl://[::1]:8080/scan/"),
            Address::Escl { host: "::1".into(), port: 8080, path: "/scan".into() }
        );
        assert_eq!(address("v4l:/dev/video0"), Address::Camera("/dev/video0".into()));
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
            ("pcsc:", "PC/SC"),
            ("usb:4b8:202", "hexadecimal"),
            ("usb:04b8:0202:", "hexadecimal"),
            ("v4l:video0", "device file"),
            ("escl:host", "//host:port"),
            ("gateway+ws://host/x", "host:port"),
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
