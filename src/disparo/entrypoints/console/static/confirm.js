// <form data-confirm="Recolocar 12 mensagens?" data-confirm-yes="Recolocar"> asks before it is sent.
// The words may hold {count}: the boxes ticked in it. What cannot be undone has ui.confirm instead, which needs no script.
const asked = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const text = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!text || asked.has(form)) {
    asked.delete(form);
    return;
  }
  event.preventDefault();
  const count = form.querySelectorAll("input[type=checkbox]:checked[data-pick]").length;
  ask(text.replace("{count}", String(count)), form, event.submitter);
});

function ask(text, form, submitter) {
  const told = { ...form.dataset, ...submitter?.dataset };
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const words = document.createElement("p");
  words.textContent = text;
  words.id = "asked";
  dialog.setAttribute("aria-labelledby", words.id);
  const actions = document.createElement("div");
  actions.className = "actions end";
  const no = button(told.confirmNo ?? (document.documentElement.lang === "en" ? "Back" : "Voltar"), "button");
  const yes = button(told.confirmYes ?? submitter?.textContent ?? "OK", `button ${told.confirmKind ?? "primary"}`);
  actions.append(no, yes);
  const frame = document.createElement("div");
  frame.className = "stack";
  frame.append(words, actions);
  dialog.append(frame);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    asked.add(form);
    dialog.close();
    form.requestSubmit(submitter);
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  no.focus();
}

function button(text, classes) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = classes;
  made.textContent = text.trim();
  return made;
}
