//! A relay in front of the simulated printer that notices when a job begins.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// `ESC @`, with which every job begins. It comes after an answer of the printer, so it begins a burst, with at most the
/// three bytes of `GS a` before it.
const INIT: [u8; 2] = [0x1b, 0x40];
const BEFORE_INIT_MAX: usize = 3;

/// Passes bytes on to the printer and back; `job_begins` is called at each job's first bytes, before the printer gets
/// them. Status questions before it are not the job.
pub fn relay(printer: SocketAddr, job_begins: impl Fn() + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for kiosk in listener.incoming().map_while(Result::ok) {
            let Ok(printer) = TcpStream::connect(printer) else { return };
            kiosk.set_nodelay(true).unwrap();
            printer.set_nodelay(true).unwrap();
            let back = (printer.try_clone().unwrap(), kiosk.try_clone().unwrap());
            std::thread::spawn(move || pass(back.0, back.1, |_| {}));
            let job_begins = job_begins.clone();
            std::thread::spawn(move || {
                pass(kiosk, printer, move |bytes| {
                    if bytes.windows(2).take(BEFORE_INIT_MAX + 1).any(|pair| pair == INIT) {
                        job_begins();
                    }
                });
            });
        }
    });
    address
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        seen(&bytes[..length]);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
