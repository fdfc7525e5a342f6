// The theme changes at once; the cookie is the one that the link would have set.
document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("[data-theme-choice]");
  if (!choice || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const theme = choice.dataset.themeChoice;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `disparo_theme=${theme}; Path=/console; Max-Age=31536000; SameSite=Lax${secure}`;
  document.documentElement.dataset.theme = theme;
  for (const one of document.querySelectorAll("[data-theme-choice]")) {
    if (one.dataset.themeChoice === theme) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
});
