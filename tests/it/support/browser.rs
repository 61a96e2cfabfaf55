//! A real browser for the pages: Debian's chromedriver and Chromium, without a display.
//!
//! Nothing here sleeps for a fixed time: a test waits for the element it wants, at most [`PATIENCE`].

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

/// Longest wait for an element; only a failing test ever waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// How somebody looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// 360 by 780, as an approver's phone.
    Phone,
    /// 1366 by 900, as the operator's desk.
    Desk,
    /// The phone with JavaScript switched off.
    PhoneWithoutScript,
}

/// A running chromedriver on its own port. Ends, with every browser it started, when dropped.
pub struct Driver {
    child: Child,
    port: u16,
    profiles: TempDir,
    opened: AtomicU32,
}

impl Driver {
    /// Starts chromedriver on a port of its own choice.
    pub fn start() -> Self {
        let mut child = Command::new("/usr/bin/chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts (Debian packages chromium and chromium-driver)");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = loop {
            let line = lines.next().expect("chromedriver says its port before it ends").expect("text");
            if let Some((_, port)) = line.rsplit_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        // Its later lines are drained, so that the pipe never fills.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port, profiles: TempDir::new().expect("a folder"), opened: AtomicU32::new(0) }
    }

    /// Opens a browser with an empty profile.
    pub async fn open(&self, view: View) -> Browser {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let profile = self.profiles.path().join(number.to_string());
        let mut args: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=id",
        ]
        .map(str::to_owned)
        .to_vec();
        args.push(format!("--user-data-dir={}", profile.display()));
        let mut options = json!({ "binary": "/usr/bin/chromium" });
        match view {
            View::Desk => args.push("--window-size=1366,900".to_owned()),
            View::Phone | View::PhoneWithoutScript => {
                options["mobileEmulation"] =
                    json!({ "deviceMetrics": { "width": 360, "height": 780, "pixelRatio": 2.0, "touch": true } });
            }
        }
        if view == View::PhoneWithoutScript {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        options["args"] = json!(args);
        let mut wanted = Capabilities::new();
        wanted.insert("browserName".to_owned(), json!("chrome"));
        wanted.insert("goog:chromeOptions".to_owned(), options);
        if view == View::PhoneWithoutScript {
            // Without script chromedriver never learns that a page is loaded; every step waits for its element anyway.
            wanted.insert("pageLoadStrategy".to_owned(), json!("none"));
        }
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("chromedriver opens Chromium");
        Browser { client }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked politely, chromedriver closes its browsers too; killed, it would leave them behind.
        if let Ok(mut line) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = line.set_read_timeout(Some(PATIENCE));
            let _ = line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            let _ = line.read_to_end(&mut Vec::new());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One browser with its own cookies.
pub struct Browser {
    client: Client,
}

impl Browser {
    /// Opens an address.
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|e| panic!("{address}: {e}"));
    }

    /// Waits for an element.
    pub async fn see(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(e) => panic!("no {css}: {e}\n{}", self.source().await),
        }
    }

    /// Waits for an element and returns its words.
    pub async fn read(&self, css: &str) -> String {
        self.see(css).await.text().await.expect("the words of an element")
    }

    /// Presses a link or a button. A live page may put a new one in its place just then, which is pressed instead.
    pub async fn press(&self, css: &str) {
        let began = Instant::now();
        loop {
            match self.see(css).await.click().await {
                Ok(()) => return,
                Err(e) if e.is_stale_element_reference() && began.elapsed() < PATIENCE => {}
                Err(e) => panic!("cannot press {css}: {e}"),
            }
        }
    }

    /// Goes to a link or a button with the keyboard and presses Enter.
    pub async fn enter(&self, css: &str) {
        let key = fantoccini::key::Key::Enter.to_string();
        self.see(css).await.send_keys(&key).await.unwrap_or_else(|e| panic!("cannot enter {css}: {e}"));
    }

    /// Types into an empty field.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.clear().await.expect("an emptied field");
        field.send_keys(text).await.unwrap_or_else(|e| panic!("cannot type into {css}: {e}"));
    }

    /// Tells whether an element is there now.
    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.expect("a page to search").is_empty()
    }

    /// Returns the page as it stands.
    pub async fn source(&self) -> String {
        self.client.source().await.unwrap_or_default()
    }

    /// Returns the path of the address.
    pub async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// Asserts that nothing reaches beyond the right edge.
    pub async fn fits(&self) {
        let page = self
            .run("return [document.documentElement.scrollWidth, document.documentElement.clientWidth, innerWidth]")
            .await;
        let width = |at: usize| page[at].as_u64().expect("a width");
        assert!(width(0) <= width(1) && width(0) <= width(2), "{} scrolls sideways: {page}", self.path().await);
    }

    /// Returns the bytes of the page and of its own files, as they came; scans are not counted.
    pub async fn weight(&self) -> u64 {
        let script = "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];\
                      return all.filter((e) => !e.name.includes('/dokumen/') && !e.name.includes('/api/'))\
                      .reduce((sum, e) => sum + e.encodedBodySize, 0)";
        self.run(script).await.as_u64().expect("a number of bytes")
    }

    /// Runs a script and returns what it returns.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Photographs what is on screen.
    #[allow(dead_code, reason = "for the tour, which shares this file")]
    pub async fn photograph(&self, path: &Path) {
        // A page is shown from its top, wherever the last press left it.
        self.run("window.scrollTo(0, 0)").await;
        let png = self.client.screenshot().await.expect("a picture of the page");
        std::fs::write(path, png).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// Closes the browser.
    pub async fn close(self) {
        self.client.close().await.expect("a browser that closes");
    }
}
