//! The example bridge, driven by the driver: what a vendor starts from must work.

#[path = "../../examples/ektp_bridge.rs"]
#[allow(dead_code)]
mod bridge;

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anjungan_hardware::{CardEvent, ErrorKind, FingerMatch, Health, Origin, Scope, open_ektp_reader};
use bridge::{DummySdk, Sdk, serve};
use serde_json::json;

use crate::support::{PATIENCE, eventually, url};

#[test]
fn the_example_bridge_speaks_the_protocol() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sdk = Arc::new(DummySdk::default());
    let served: Arc<dyn Sdk> = sdk.clone();
    thread::spawn(move || serve(&listener, &served));
    let open = || open_ektp_reader(&url(format!("gateway+tcp://{address}?photo=1"))).unwrap();
    let mut reader = open();
    let status = reader.status().unwrap();
    assert_eq!((status.health, status.card_present, status.simulated), (Health::Ready, false, true));
    assert_eq!(reader.wait_card(Duration::from_millis(400)).unwrap(), CardEvent::NoCard);
    assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap_err().kind(), ErrorKind::MediaAbsent);

    // A second kiosk is told that the reader is taken; the first one's wait can be cancelled.
    let cancel = reader.cancel_handle();
    let waiting = thread::spawn(move || {
        // The second kiosk may be first.
        let result = loop {
            match reader.wait_card(PATIENCE) {
                Err(error) if error.kind() == ErrorKind::Busy => {}
                other => break other,
            }
        };
        (result, reader)
    });
    let mut second = open();
    eventually("busy", || {
        let kind = second.wait_card(Duration::from_millis(300)).err().map(|error| error.kind());
        (kind == Some(ErrorKind::Busy)).then_some(())
    });
    cancel.cancel();
    let (result, mut reader) = waiting.join().unwrap();
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);

    let card = json!({"nik": "3315136808909001", "name": "CONTOH PEMOHON", "birth_place": "GROBOGAN"});
    *sdk.card.lock().unwrap() = card.as_object().cloned();
    let reading = eventually("a reading", || reader.read(&[Scope::Identity], PATIENCE).ok());
    assert_eq!((reading.name.as_deref(), reading.birth_place), (Some("CONTOH PEMOHON"), None));
    assert_eq!(reading.origin, Origin::Simulated);
    assert_eq!(reader.finger_match(PATIENCE).unwrap(), FingerMatch::Matched);
    // It offers no photo, so none is asked for.
    assert_eq!(reader.read(&[Scope::Photo], PATIENCE).unwrap_err().kind(), ErrorKind::InvalidRequest);
}
