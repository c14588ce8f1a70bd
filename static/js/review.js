// The review page: keys, reasons that are inserted, counts that follow. Everything works without it too.
"use strict";

const page = document.querySelector(".review-page");
const form = document.getElementById("review");

// --- Decisions on fields ---
const radios = () => [...document.querySelectorAll(".field input[type=radio]")];
const number = (value) => radios().filter((radio) => radio.checked && radio.value === value).length;
const count = () => {
  for (const place of document.querySelectorAll("[data-count]")) {
    place.textContent = number(place.dataset.count);
  }
  if (!radios().length) return;
  const kept = number("accept") + number("edit");
  const verb = !number("refuse") ? "Approve" : kept ? "Approve in part" : "Refuse everything";
  for (const button of document.querySelectorAll("[data-verb]")) button.textContent = verb;
};
const setAll = (value) => {
  for (const radio of radios()) if (radio.value === value) radio.checked = true;
  count();
};
for (const button of document.querySelectorAll("[data-all]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    setAll(button.dataset.all);
  });
}
// With the arrow keys somebody only passes over a choice; focus must not jump away under their hands.
let byPointer = false;
document.addEventListener("pointerdown", () => { byPointer = true; });
document.addEventListener("keydown", () => { byPointer = false; });
document.addEventListener("change", (event) => {
  if (event.target.matches(".field input[type=radio]")) {
    count();
    if (!byPointer) return;
    // Who chose to write something goes on where it is written.
    const field = event.target.closest(".field");
    if (event.target.value === "refuse") field.querySelector(".why textarea")?.focus();
    if (event.target.value === "edit") field.querySelector(".editor input, .editor textarea, .editor select")?.focus();
  }
  if (event.target.matches("select.canned")) {
    const text = event.target.selectedOptions[0].dataset.text;
    const box = document.getElementById(event.target.dataset.insert);
    if (text && box) {
      box.value = box.value.trim() ? `${box.value.trim()}\n\n${text}` : text;
      event.target.value = "";
      box.focus();
    }
  }
});

// --- Boxes of the decision ---
const openBox = (id) => {
  const box = document.getElementById(id);
  if (!box) return false;
  box.open = true;
  box.scrollIntoView({ block: "center" });
  box.querySelector("textarea").focus({ preventScroll: true });
  return true;
};
for (const link of document.querySelectorAll("[data-open]")) {
  link.addEventListener("click", (event) => {
    if (openBox(link.dataset.open)) event.preventDefault();
  });
}
document.querySelector("[data-focus]")?.focus();

// --- Keys: never while somebody types, never with Ctrl, Alt or Meta, and they can be switched off ---
const keysOn = document.getElementById("shortcuts-on");
const STORE = "review-shortcuts";
try {
  if (keysOn && localStorage.getItem(STORE) === "off") keysOn.checked = false;
} catch {
  // no storage: the keys stay on
}
keysOn?.addEventListener("change", () => {
  try {
    localStorage.setItem(STORE, keysOn.checked ? "on" : "off");
  } catch {
    // no storage: it holds for this page
  }
});
const isTyping = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
const KEYS = {
  j: () => document.querySelector("[data-key=j]")?.click(),
  k: () => document.querySelector("[data-key=k]")?.click(),
  a: () => setAll("accept"),
  d: () => document.querySelector("[data-decide]")?.focus(),
  c: () => openBox("changes-box"),
  r: () => openBox("reject-box"),
  "?": () => {
    const list = document.getElementById("shortcuts");
    list.open = !list.open;
    if (list.open) list.querySelector("summary").focus();
  },
};
document.addEventListener("keydown", (event) => {
  if (!keysOn?.checked || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (isTyping(event.target) || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// --- Tell that nobody has it open any more; a page that is sent answers that itself ---
let isSent = false;
form?.addEventListener("submit", () => { isSent = true; });
if (page?.dataset.left && form) {
  addEventListener("pagehide", () => {
    if (isSent) return;
    const note = new FormData();
    note.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    navigator.sendBeacon(page.dataset.left, note);
  });
}
