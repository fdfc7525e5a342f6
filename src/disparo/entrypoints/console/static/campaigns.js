// <form data-look="/console/…/look"> shows what contacts would see while somebody writes: the form is sent there after
// a pause, and what comes back takes the place of #preview. <div data-fetch="/console/…"> is filled once, and what is
// live in that is followed.
import { follow } from "./live.js";

const PAUSE_MS = 450;

for (const form of document.querySelectorAll("form[data-look]")) {
  const place = document.getElementById("preview");
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const fields = new URLSearchParams(new FormData(form));
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.look, {
        method: "POST",
        body: fields,
        headers: { Accept: "text/html", "X-CSRF-Token": fields.get("csrf") ?? "" },
        redirect: "manual",
      });
      if (!answer.ok || mine !== asked) return;
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (!place.contains(document.activeElement)) place.replaceChildren(...made.childNodes);
    } catch {
      // The next letter asks again.
    } finally {
      if (mine === asked) place.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}

for (const place of document.querySelectorAll("[data-fetch]")) {
  fetch(place.dataset.fetch, { headers: { Accept: "text/html" }, redirect: "manual" })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      place.replaceChildren(...made.childNodes);
      follow(place);
    })
    .catch(() => {
      for (const one of place.querySelectorAll("[data-without-script]")) one.removeAttribute("data-without-script");
      place.querySelector("progress")?.remove();
    });
}
