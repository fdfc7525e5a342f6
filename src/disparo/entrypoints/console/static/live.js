// <div data-live="/console/…/fragment" data-live-every="2" data-live-events="/console/…/events"> stays up to date:
// the fragment is fetched every so many seconds (5) and whenever the server sends an event, and put in its place when
// it is another. Nothing is fetched while nobody looks, or while somebody writes into it or has something open in it.
// A fragment may end it: the answer 204, or an element with data-live-done in it.
const SLOWEST_S = 60;

class Live {
  constructor(place) {
    this.place = place;
    this.every = Math.max(1, Number(place.dataset.liveEvery) || 5);
    this.failures = 0;
    this.shown = null;
    this.timer = 0;
    this.events = null;
  }

  start() {
    if (this.place.dataset.liveEvents && "EventSource" in window) this.listen();
    this.plan();
  }

  listen() {
    this.events = new EventSource(this.place.dataset.liveEvents);
    this.events.onmessage = () => this.soon();
    this.events.addEventListener("changed", () => this.soon());
    this.events.addEventListener("done", () => this.events.close());
  }

  // Many events in a moment are one fetch.
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), 150);
  }

  plan() {
    clearTimeout(this.timer);
    const wait = Math.min(this.every * 2 ** this.failures, SLOWEST_S);
    this.timer = setTimeout(() => this.fetch(), wait * 1000);
  }

  async fetch() {
    if (!this.place.isConnected) return this.stop();
    if (document.hidden || this.busy()) return this.plan();
    try {
      const answer = await fetch(this.place.dataset.live, { headers: { Accept: "text/html" }, redirect: "manual" });
      // Signed out meanwhile: the next click leads to the sign-in page.
      if (answer.status === 204 || answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return this.stop();
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      this.failures = 0;
      if (text !== this.shown && !this.busy()) this.show(text);
      this.shown = text;
      if (this.place.querySelector("[data-live-done]")) return this.stop();
    } catch {
      this.failures += 1;
    }
    this.plan();
  }

  busy() {
    const within = document.activeElement;
    const writes = within && this.place.contains(within) && within.matches("input, select, textarea");
    return Boolean(writes || this.place.querySelector("[popover]:popover-open, details.menu[open], dialog[open]"));
  }

  show(text) {
    const focused = this.place.contains(document.activeElement) ? document.activeElement : null;
    const mark = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.getAttribute("href") && `[href="${CSS.escape(focused.getAttribute("href"))}"]`);
    const open = [...this.place.querySelectorAll("details[id][open]")].map((one) => one.id);
    const scrolled = [...this.place.querySelectorAll("[id]")].filter((one) => one.scrollTop || one.scrollLeft).map((one) => [one.id, one.scrollTop, one.scrollLeft]);
    const made = new DOMParser().parseFromString(text, "text/html").body;
    this.place.replaceChildren(...made.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, top, left] of scrolled) document.getElementById(id)?.scrollTo(left, top);
    if (mark) this.place.querySelector(mark)?.focus({ preventScroll: true });
    this.place.dispatchEvent(new CustomEvent("live", { bubbles: true }));
  }

  stop() {
    clearTimeout(this.timer);
    this.events?.close();
  }
}

const all = [];

// Keeps what is live within an element up to date from now on.
export function follow(root) {
  for (const place of root.querySelectorAll("[data-live]")) {
    const one = new Live(place);
    all.push(one);
    one.start();
  }
}

follow(document);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const one of all) one.soon();
});
window.addEventListener("pagehide", () => {
  for (const one of all) one.stop();
});
