// Keeps a desk's list and a case's version current. Everything works without it: then "Muat ulang" does the same.
(() => {
  "use strict";
  const desk = document.getElementById("daftar");
  const caseMain = document.querySelector("main[data-case]");
  if (!desk && !caseMain) return;
  let running = false;
  let again = false;

  const hrefs = (node) => new Set([...node.querySelectorAll("a.row")].map((row) => row.href));

  function swapList(page) {
    const list = document.getElementById("daftar");
    const fresh = page.getElementById("daftar");
    if (!fresh || !list) return;
    const known = hrefs(list);
    const focused = document.activeElement && list.contains(document.activeElement) ? document.activeElement.href : null;
    fresh.querySelectorAll("a.row").forEach((row) => { if (!known.has(row.href)) row.classList.add("fresh"); });
    list.replaceWith(document.adoptNode(fresh));
    if (focused) [...fresh.querySelectorAll("a.row")].find((row) => row.href === focused)?.focus();
    document.title = page.title;
  }

  function compareCase(page) {
    const fresh = page.querySelector("main[data-case]");
    const changed = !fresh || fresh.dataset.version !== caseMain.dataset.version;
    document.getElementById("berubah").hidden = !changed;
  }

  async function look() {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(desk ? desk.dataset.from || "/meja" : caseMain.dataset.case, { headers: { accept: "text/html" }, cache: "no-store" });
      if (new URL(answer.url).pathname === "/masuk") { location.assign("/masuk"); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (desk) swapList(page); else compareCase(page);
    } catch {
      // The office's network is away: the next event, or the next look, tries again.
    } finally {
      running = false;
      if (again) { again = false; look(); }
    }
  }

  const events = new EventSource("/api/v1/events");
  const hear = (event) => {
    if (caseMain && !event.data.includes(caseMain.dataset.case.split("/").pop())) return;
    look();
  };
  events.onmessage = hear;
  events.addEventListener("change", hear);
  let opened = false;
  events.onopen = () => { if (opened) look(); opened = true; };
  // Refused for good: look now and then instead.
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) setInterval(look, 15000); };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
})();
