// The search in the header of staff pages: "/" leads to it, arrow keys move through what was found.
"use strict";

const searchBox = document.getElementById("staff-search");
const hits = [...document.querySelectorAll(".hits a")];
// One switch for all keys that need no Ctrl or Alt; the review page has it, too.
const KEYS_STORE = "review-shortcuts";
const keysAreOn = () => {
  try {
    return localStorage.getItem(KEYS_STORE) !== "off";
  } catch {
    return true; // no storage: the keys stay on
  }
};
const isField = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (!searchBox || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.key === "/" && keysAreOn() && !isField(event.target)) {
    event.preventDefault();
    searchBox.focus();
    searchBox.select();
    return;
  }
  if (!hits.length || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const place = hits.indexOf(event.target);
  if (place < 0 && event.target !== searchBox) return;
  event.preventDefault();
  const next = place + (event.key === "ArrowDown" ? 1 : -1);
  if (next >= 0) hits[Math.min(next, hits.length - 1)].focus();
  else if (place >= 0) searchBox.focus();
});

const keysSwitch = document.querySelector("[data-single-keys]");
if (keysSwitch) {
  keysSwitch.closest("[hidden]").hidden = false;
  keysSwitch.checked = keysAreOn();
  keysSwitch.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS_STORE, keysSwitch.checked ? "on" : "off");
    } catch {
      // no storage: the keys stay on
    }
  });
}
if (document.querySelector(".search-page") && searchBox && !hits.length) searchBox.focus();
