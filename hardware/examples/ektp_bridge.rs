//! A KTP-el gateway to start from: the protocol of `docs/ektp-gateway.md` over TCP, in front of a vendor's software.
//!
//! Everything about the reader is behind [`Sdk`]; write that for your reader and keep the rest. [`DummySdk`] stands
//! for it here. The example uses nothing of this crate but `serde_json`, so it can be copied out of it.
//!
//! `cargo run -p anjungan-hardware --example ektp_bridge -- 127.0.0.1:4001`, and in the kiosk's configuration
//! `[ektp_reader] url = "gateway+tcp://127.0.0.1:4001"`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

/// Newest version of the protocol spoken here.
const VERSION: u64 = 2;
/// Longest request line, with its end.
const MAX_LINE: u64 = 16 * 1024 + 2;

/// What a request is told when it fails: a result word of the protocol.
pub type Refusal = &'static str;

/// When a call must end. Look at it often: nobody may wait for a card that is long gone.
pub struct Limit {
    /// The end of the time the kiosk gave.
    pub end: Instant,
    /// Set when the kiosk cancels or hangs up.
    pub cancelled: Arc<AtomicBool>,
}

impl Limit {
    /// Fails with the word for why the call must end now.
    pub fn check(&self) -> Result<(), Refusal> {
        match (self.cancelled.load(Ordering::SeqCst), Instant::now() < self.end) {
            (true, _) => Err("cancelled"),
            (false, false) => Err("timeout"),
            (false, true) => Ok(()),
        }
    }
}

/// The vendor's software. Map its error codes to the result words of the protocol.
pub trait Sdk: Send + Sync {
    /// Reader and software, for the log.
    fn model(&self) -> String;
    /// Whether the cards are real. A bridge that says so wrongly makes the kiosk trust invented people.
    fn simulated(&self) -> bool;
    /// What can be read: `identity`, `biodata`, `photo`.
    fn scopes(&self) -> &'static [&'static str];
    /// Whether a finger can be compared with the card.
    fn has_finger_sensor(&self) -> bool;
    /// Answered at once, also while another call runs.
    fn card_present(&self) -> Result<bool, Refusal>;
    /// The fields of the card, no more than asked for. Keep nothing, log nothing.
    fn read(&self, scopes: &[String], limit: &Limit) -> Result<Map<String, Value>, Refusal>;
    /// Waits for a finger and says whether it is the card's.
    fn finger_matches(&self, limit: &Limit) -> Result<bool, Refusal>;
}

/// A reader that is not there, with a card one can lay on it.
#[derive(Default)]
pub struct DummySdk {
    /// The fields of the card that lies there.
    pub card: Mutex<Option<Map<String, Value>>>,
}

impl DummySdk {
    fn fields(&self) -> Option<Map<String, Value>> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sdk for DummySdk {
    fn model(&self) -> String {
        "Dummy SDK, example bridge".into()
    }
    fn simulated(&self) -> bool {
        true
    }
    fn scopes(&self) -> &'static [&'static str] {
        &["identity", "biodata"]
    }
    fn has_finger_sensor(&self) -> bool {
        true
    }
    fn card_present(&self) -> Result<bool, Refusal> {
        Ok(self.fields().is_some())
    }
    fn read(&self, scopes: &[String], limit: &Limit) -> Result<Map<String, Value>, Refusal> {
        limit.check()?;
        let mut fields = self.fields().ok_or("no_card")?;
        let asked = |scope: &str| scopes.iter().any(|asked| asked == scope);
        fields.retain(|key, _| match key.as_str() {
            "nik" => true,
            "name" => asked("identity"),
            _ => asked("biodata"),
        });
        Ok(fields)
    }
    fn finger_matches(&self, limit: &Limit) -> Result<bool, Refusal> {
        limit.check()?;
        self.fields().map(|_| true).ok_or("no_card")
    }
}

/// Serves kiosks until the listener fails. The reader has one user at a time.
pub fn serve(listener: &TcpListener, sdk: &Arc<dyn Sdk>) -> io::Result<()> {
    let in_use = Arc::new(AtomicBool::new(false));
    for stream in listener.incoming() {
        let (stream, sdk, in_use) = (stream?, sdk.clone(), in_use.clone());
        thread::spawn(move || talk(&stream, &sdk, &in_use));
    }
    Ok(())
}

/// One connection. Requests that wait run on a thread of their own, so `status` and `cancel` are answered meanwhile.
fn talk(stream: &TcpStream, sdk: &Arc<dyn Sdk>, in_use: &Arc<AtomicBool>) {
    let (Ok(input), Ok(output)) = (stream.try_clone(), stream.try_clone()) else { return };
    let output = Arc::new(Mutex::new(output));
    let mut running: Option<(u64, Arc<AtomicBool>)> = None;
    let mut input = BufReader::new(input);
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(1..) if line.ends_with(b"\n") => {}
            // Closed, or a line beyond the limit.
            _ => break,
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let request: Value = serde_json::from_slice(&line).unwrap_or_default();
        let Some(id) = request["id"].as_u64() else {
            send(&output, &json!({"id": 0, "result": "error", "detail": "not a request"}));
            continue;
        };
        match request["verb"].as_str().unwrap_or_default() {
            "status" => send(&output, &status(id, &request, sdk.as_ref())),
            "cancel" => {
                let target = request["target"].as_u64();
                if let Some((_, flag)) = running.as_ref().filter(|(id, _)| target.is_none_or(|target| target == *id)) {
                    flag.store(true, Ordering::SeqCst);
                }
                send(&output, &json!({"id": id, "result": "ok"}));
            }
            "wait_card" | "read" | "finger_match" => {
                if in_use.swap(true, Ordering::SeqCst) {
                    send(&output, &json!({"id": id, "result": "busy"}));
                    continue;
                }
                let flag = Arc::new(AtomicBool::new(false));
                running = Some((id, flag.clone()));
                let timeout = Duration::from_millis(request["timeout_ms"].as_u64().unwrap_or(0).min(600_000));
                let limit = Limit { end: Instant::now() + timeout, cancelled: flag };
                let (sdk, output, in_use) = (sdk.clone(), output.clone(), in_use.clone());
                thread::spawn(move || {
                    let reply = perform(id, &request, sdk.as_ref(), &limit);
                    in_use.store(false, Ordering::SeqCst);
                    send(&output, &reply);
                });
            }
            _ => send(&output, &json!({"id": id, "result": "unsupported"})),
        }
    }
    // Nobody waits any more, so nothing is read for them.
    if let Some((_, flag)) = running {
        flag.store(true, Ordering::SeqCst);
    }
}

fn status(id: u64, request: &Value, sdk: &dyn Sdk) -> Value {
    let protocol = request["protocol"].as_u64().unwrap_or(1).clamp(1, VERSION);
    match sdk.card_present() {
        Err(word) => json!({"id": id, "result": word}),
        Ok(card) => json!({"id": id, "result": "ok", "status": {
            "protocol": protocol, "model": sdk.model(), "simulated": sdk.simulated(), "card": card,
            "scopes": sdk.scopes(), "finger": sdk.has_finger_sensor(),
        }}),
    }
}

fn perform(id: u64, request: &Value, sdk: &dyn Sdk, limit: &Limit) -> Value {
    let result = match request["verb"].as_str() {
        Some("wait_card") => loop {
            match sdk.card_present() {
                Ok(true) => break Ok(json!({})),
                Ok(false) => {}
                Err(word) => break Err(word),
            }
            if let Err(word) = limit.check() {
                break Err(if word == "timeout" { "no_card" } else { word });
            }
            thread::sleep(Duration::from_millis(20));
        },
        Some("read") => {
            let scopes: Vec<String> = serde_json::from_value(request["scopes"].clone()).unwrap_or_default();
            let known = scopes.iter().all(|scope| sdk.scopes().contains(&scope.as_str()));
            let card = if known { sdk.read(&scopes, limit) } else { Err("unsupported") };
            card.map(|card| json!({"card": card}))
        }
        _ if !sdk.has_finger_sensor() => Err("unsupported"),
        _ => sdk.finger_matches(limit).map(|same| json!({"finger": if same { "matched" } else { "not_matched" }})),
    };
    let (word, mut reply) = result.map_or_else(|word| (word, json!({})), |reply| ("ok", reply));
    reply["id"] = id.into();
    reply["result"] = word.into();
    reply
}

fn send(output: &Mutex<TcpStream>, reply: &Value) {
    // A kiosk that hung up is seen by the reading side.
    let _ = output.lock().unwrap_or_else(PoisonError::into_inner).write_all(format!("{reply}\n").as_bytes());
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:4001".into());
    let sdk: Arc<dyn Sdk> = Arc::new(DummySdk::default());
    serve(&TcpListener::bind(address)?, &sdk)
}
