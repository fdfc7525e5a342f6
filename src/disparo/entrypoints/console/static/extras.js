// Small comforts: rows that are links, filters that send themselves, texts to copy, boxes for a whole list, menus that close.
document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  for (const open of document.querySelectorAll("details[data-menu][open]")) if (!open.contains(target)) open.removeAttribute("open");
  const row = target.closest("tr[data-href]");
  if (row && !target.closest("a, button, input, label, select, summary") && !String(getSelection())) {
    const link = row.querySelector("a[href]");
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else if (link) link.click();
    else location.assign(row.dataset.href);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.activeElement?.closest("details[data-menu][open]") ?? document.querySelector("details[data-menu][open]");
    if (open) {
      open.removeAttribute("open");
      open.querySelector("summary")?.focus();
    }
  }
  const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submits]")) field.form.requestSubmit();
  if (field.matches("[data-pick-all]")) {
    for (const box of pickable(field)) box.checked = field.checked;
  }
  if (field.matches("[data-pick], [data-pick-all]")) count(field.form);
});

function pickable(field) {
  return [...(field.form ?? document).querySelectorAll("input[data-pick]")];
}

// What needs a selection is only there when there is one: <button data-needs-pick>, <span data-pick-count>.
function count(form) {
  if (!form) return;
  const boxes = pickable({ form });
  const picked = boxes.filter((box) => box.checked).length;
  for (const one of form.querySelectorAll("[data-pick-count]")) one.textContent = String(picked);
  for (const one of form.querySelectorAll("[data-needs-pick]")) one.disabled = picked === 0;
  for (const one of form.querySelectorAll("[data-pick-all]")) {
    one.checked = picked > 0 && picked === boxes.length;
    one.indeterminate = picked > 0 && picked < boxes.length;
  }
}

function copyButtons(root) {
  if (!navigator.clipboard) return;
  for (const place of root.querySelectorAll("[data-copy]:not(.ready)")) {
    place.classList.add("ready");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small quiet";
    button.textContent = place.dataset.copyLabel;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(place.dataset.copy);
      button.textContent = place.dataset.copied;
      setTimeout(() => (button.textContent = place.dataset.copyLabel), 1500);
    });
    place.append(button);
  }
}

for (const place of document.querySelectorAll("[data-drop]")) {
  for (const kind of ["dragenter", "dragover"]) place.addEventListener(kind, () => place.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) place.addEventListener(kind, () => place.classList.remove("over"));
}

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const button = event.submitter;
  if (button) setTimeout(() => button.setAttribute("aria-disabled", "true"));
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
  // An answer that is a file leaves the page where it is.
  setTimeout(() => free(event.target, button), 4000);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) free(form, form.querySelector(".button[aria-disabled]"));
});

function free(form, button) {
  delete form.dataset.sent;
  button?.removeAttribute("aria-disabled");
}

// Tabs that do not fit: the one of this page is where one sees it.
for (const tab of document.querySelectorAll(".tabs [aria-current], .scrolls [aria-current]")) {
  const frame = tab.closest(".tabs, .scrolls");
  if (frame.scrollWidth > frame.clientWidth) frame.scrollLeft += tab.getBoundingClientRect().left - frame.getBoundingClientRect().left - (frame.clientWidth - tab.offsetWidth) / 2;
}

document.addEventListener("live", (event) => copyButtons(event.target));
for (const form of document.forms) count(form);
copyButtons(document);
