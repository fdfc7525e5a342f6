// Everything here makes a page that works without it more pleasant; nothing depends on it.
import "./confirm.js";
import "./extras.js";
import "./live.js";
import "./goes_on.js";
import "./theme.js";

document.documentElement.classList.add("script");
