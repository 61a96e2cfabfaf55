//! What operator, kabid and kadis do in the browser, and what an applicant sees on their own phone.

use anjungan::rig::Slip;

use crate::browser::Browser;
use crate::office::{Office, PASSWORD};

async fn sign_in(browser: &Browser, base: &str, name: &str) {
    browser.go(&format!("{base}/masuk")).await;
    browser.fill("#name", name).await;
    browser.fill("#password", PASSWORD).await;
    browser.press("#masuk").await;
    browser.see("#daftar").await;
}

/// Opens the first case on the desk.
async fn open_first(browser: &Browser, base: &str) {
    browser.go(&format!("{base}/meja")).await;
    browser.press(".rows a.row").await;
    browser.see("#tahap").await;
}

impl Office {
    /// Signs everybody in.
    pub fn sign_in_at_desks(&self) {
        self.runtime.block_on(async {
            sign_in(&self.operator, &self.base, "operator").await;
            sign_in(&self.kabid, &self.base, "kabid").await;
            sign_in(&self.kadis, &self.base, "kadis").await;
        });
    }

    fn shoot(&self, browser: &Browser, name: &str) {
        let path = self.album.next(name);
        self.runtime.block_on(browser.photograph(&path));
        println!("  {}", path.file_name().unwrap_or_default().to_string_lossy());
    }

    /// The head of the section looks at queues, counters and stations.
    pub fn look_at_hall(&self) {
        self.runtime.block_on(self.kabid.go(&format!("{}/antrean", self.base)));
        self.shoot(&self.kabid, "kabid-hall");
    }

    /// What nobody has fetched, and what is filed.
    pub fn look_at_what_stays(&self) {
        self.runtime.block_on(self.kabid.go(&format!("{}/belum-diambil", self.base)));
        self.shoot(&self.kabid, "kabid-unclaimed");
        self.runtime.block_on(self.kabid.go(&format!("{}/arsip", self.base)));
        self.shoot(&self.kabid, "kabid-archive");
    }

    /// Step 3.
    pub fn propose(&self, siak_number: &str, pictures: bool) {
        self.pass(60);
        self.runtime.block_on(self.operator.go(&format!("{}/meja", self.base)));
        if pictures {
            self.shoot(&self.operator, "operator-desk");
        }
        self.runtime.block_on(open_first(&self.operator, &self.base));
        self.pass(190);
        self.runtime.block_on(self.operator.fill("#siak_number", siak_number));
        if pictures {
            self.shoot(&self.operator, "operator-case");
        }
        self.runtime.block_on(async {
            self.operator.press("#do-propose").await;
            self.operator.see("#berhasil").await;
        });
    }

    /// Step 4.
    pub fn endorse(&self, pictures: bool) {
        self.pass(30);
        self.runtime.block_on(self.kabid.go(&format!("{}/meja", self.base)));
        if pictures {
            self.shoot(&self.kabid, "kabid-desk");
        }
        self.runtime.block_on(open_first(&self.kabid, &self.base));
        if pictures {
            self.shoot(&self.kabid, "kabid-case");
        }
        self.runtime.block_on(async {
            self.kabid.press("#do-endorse").await;
            self.kabid.see("#berhasil").await;
        });
    }

    /// Step 5; first "waits", where the office's line to BSrE is down.
    pub fn sign(&self, deferred_first: bool, pictures: bool) {
        self.pass(35);
        self.runtime.block_on(open_first(&self.kadis, &self.base));
        if deferred_first {
            self.runtime.block_on(async {
                self.kadis.press("#do-defer").await;
                self.kadis.see("#berhasil").await;
            });
            self.shoot(&self.kadis, "kadis-deferred");
            self.pass(240);
            self.runtime.block_on(open_first(&self.kadis, &self.base));
        }
        if pictures {
            self.shoot(&self.kadis, "kadis-case");
        }
        self.runtime.block_on(async {
            self.kadis.press("#do-sign").await;
            self.kadis.see("#berhasil").await;
        });
    }

    /// Step 6.
    pub fn print(&self, pictures: bool) {
        self.pass(40);
        self.runtime.block_on(open_first(&self.operator, &self.base));
        if pictures {
            self.shoot(&self.operator, "operator-print");
        }
        self.runtime.block_on(async {
            self.operator.press("#do-mark-printed").await;
            self.operator.see("#berhasil").await;
        });
    }

    /// Steps 3 to 6 without pictures.
    pub fn through_the_desks(&self, siak_number: &str, deferred_first: bool) {
        self.propose(siak_number, false);
        self.endorse(false);
        self.sign(deferred_first, false);
        self.print(false);
    }

    /// Looks at the status page behind the slip.
    pub fn look_at_status(&self, slip: &Slip, name: &str) {
        let token = slip.qr.rsplit([':', '/']).next().unwrap_or_default();
        self.runtime.block_on(async {
            self.visitor.go(&format!("{}/s/{token}", self.base)).await;
            self.visitor.see("#tahap").await;
        });
        self.shoot(&self.visitor, name);
    }
}
