// The public form: mistakes get the focus, a button works once, long lists can be searched, characters are counted,
// pictures that are too large are refused before they are sent. All of it is extra.
"use strict";

const first = document.querySelector("[data-focus]");
if (first) first.focus();

// --- A picture that is too large is refused at once: the portal would refuse the whole page ---
for (const input of document.querySelectorAll("input[type=file][data-most-bytes]")) {
  const most = Number(input.dataset.mostBytes);
  const message = document.createElement("p");
  message.className = "field-error";
  message.id = `${input.id}_size`;
  message.setAttribute("role", "alert");
  input.before(message);
  input.dataset.described = input.getAttribute("aria-describedby") || "";
  const look = () => {
    const file = input.files[0];
    const isLarge = Boolean(file) && file.size > most;
    // Rounded up: 1.04 MB is more than 1 MB.
    message.textContent = isLarge ? `This file has ${(Math.ceil(file.size / 1e5) / 10).toFixed(1)} MB; at most ${most / 1e6} MB fit. Choose a smaller one.` : "";
    input.setAttribute("aria-describedby", `${input.dataset.described} ${isLarge ? message.id : ""}`.trim());
    input.toggleAttribute("aria-invalid", isLarge);
    if (isLarge) input.setAttribute("aria-invalid", "true");
    return isLarge;
  };
  input.addEventListener("change", look);
  input.form.addEventListener("submit", (event) => {
    if (!look()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  });
}

// --- Characters left: shown near the end, announced once when it gets close and when it is too much ---
for (const input of document.querySelectorAll("[data-limit]")) {
  const limit = Number(input.dataset.limit);
  const count = document.createElement("p");
  count.className = "count";
  count.id = `${input.id}_count`;
  const message = document.createElement("p");
  message.className = "visually-hidden";
  message.setAttribute("role", "status");
  input.after(count, message);
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${count.id}`.trim());
  const isShort = input.tagName === "TEXTAREA" && limit <= 2000;
  const number = (value) => value.toLocaleString("en");
  let timer = null;
  let last = "";
  const tell = () => {
    // As the portal counts: signs, not their halves, and without blanks around.
    const length = [...input.value.trim()].length;
    const over = length - limit;
    const state = over > 0 ? "over" : length >= 0.9 * limit ? "near" : "";
    count.hidden = !(isShort || length >= 0.8 * limit);
    count.textContent = `${number(length)} of ${number(limit)} characters${over > 0 ? `: ${number(over)} too many` : ""}`;
    count.classList.toggle("is-over", over > 0);
    clearTimeout(timer);
    if (state !== last || state === "over") timer = setTimeout(() => { message.textContent = state ? `${count.textContent}.` : ""; }, 900);
    last = state;
  };
  input.addEventListener("input", tell);
  tell();
}

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
// “S3 priorities” and “SMEs” keep their capitals.
const lower = (text) => (/^\p{Lu}[\p{Lu}\d]/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1));
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
  label.append(`Search in ${lower(pick.dataset.pick)}`);
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
