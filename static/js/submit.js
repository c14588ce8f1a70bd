// The public form: mistakes get the focus, a button works once, long lists can be searched. All of it is extra.
"use strict";

const first = document.querySelector("[data-focus]");
if (first) first.focus();

// --- A second click on a button sends nothing twice ---
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
}
// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// --- Lists of many terms: how many are chosen, and a field to search in them ---
const SEARCHED_FROM = 9;
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
for (const pick of document.querySelectorAll("[data-pick]")) {
  const items = [...pick.querySelectorAll(".pick-list > li")].filter((item) => item.querySelector("input"));
  const count = pick.querySelector("[data-pick-count]");
  const summary = pick.querySelector("summary");
  const tell = () => {
    const chosen = items.filter((item) => item.querySelector("input").checked);
    count.textContent = String(chosen.length);
    let names = summary.querySelector(".pick-names");
    if (!names) {
      names = document.createElement("span");
      names.className = "pick-names";
      summary.append(names);
    }
    names.textContent = chosen.length ? `: ${chosen.map((item) => item.textContent.trim()).join(", ")}` : "";
  };
  pick.addEventListener("change", tell);
  if (items.length < SEARCHED_FROM) continue;
  const label = document.createElement("label");
  label.className = "pick-search";
  label.append(`Search in ${pick.dataset.pick.toLowerCase()}`);
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  label.append(input);
  const none = document.createElement("p");
  none.className = "pick-none";
  none.setAttribute("role", "status");
  pick.querySelector(".pick-list").before(label);
  pick.querySelector(".pick-list").after(none);
  input.addEventListener("input", () => {
    const wanted = plain(input.value.trim());
    let shown = 0;
    for (const item of items) {
      item.hidden = !plain(item.textContent).includes(wanted);
      shown += item.hidden ? 0 : 1;
    }
    none.textContent = shown ? "" : "Nothing in the list has these letters.";
  });
  // Enter would send the form.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
