//! A link over a serial port.

use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use serialport::{ClearBuffer, SerialPort};

use super::{Deadline, Link};
use crate::{Error, ErrorKind};

struct SerialLink {
    port: Box<dyn SerialPort>,
    name: String,
}

/// Opens a serial port at 8N1 for one owner, with nothing from before in its input buffer.
pub(crate) fn open_serial(path: &Path, baud: u32) -> Result<Box<dyn Link>, Error> {
    let name = path.display().to_string();
    let port = serialport::new(name.as_str(), baud)
        // serialport's own default is a timeout of zero, with which every write fails.
        .timeout(Duration::from_millis(100))
        .dtr_on_open(true)
        .open()
        .map_err(|error| {
            let kind = match error.kind() {
                serialport::ErrorKind::NoDevice if path.exists() => ErrorKind::Busy,
                serialport::ErrorKind::Io(io::ErrorKind::PermissionDenied) => ErrorKind::Denied,
                _ => ErrorKind::NotReachable,
            };
            Error::new(kind, format!("cannot open {name}")).with_source(error)
        })?;
    // What a scanner sent while nobody listened belongs to nobody.
    let _ = port.clear(ClearBuffer::Input);
    Ok(Box::new(SerialLink { port, name }))
}

impl SerialLink {
    fn limit(&mut self, timeout: Duration) -> Result<(), Error> {
        self.port
            .set_timeout(timeout)
            .map_err(|error| Error::new(ErrorKind::NotReachable, self.name.clone()).with_source(error))
    }
}

impl Link for SerialLink {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, Error> {
        self.limit(timeout)?;
        match self.port.read(buffer) {
            Ok(0) => Err(Error::new(ErrorKind::NotReachable, format!("{}: the other side closed", self.name))),
            Ok(count) => Ok(count),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => Ok(0),
            Err(error) => Err(Error::io(self.name.clone(), error)),
        }
    }

    fn write_all(&mut self, mut bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        let deadline = Deadline::after(timeout);
        while !bytes.is_empty() {
            self.limit(deadline.left())?;
            match self.port.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io(format!("{}: {} bytes left", self.name, bytes.len()), error)),
            }
        }
        Ok(())
    }
}
