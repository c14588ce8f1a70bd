// Behaviour of the filtered list on top of htmx. Without this file the form works by its buttons.
"use strict";

const form = document.getElementById("filters");
const narrow = window.matchMedia("(max-width: 59.99rem)");

// On a phone the filters start folded, so that results come first; inside, those without a choice are folded too.
const panel = document.getElementById("facets-panel");
if (narrow.matches) {
  panel.open = Boolean(panel.querySelector(".field-error"));
  for (const facet of panel.querySelectorAll(".facet")) {
    if (!facet.querySelector("input:checked:not([value='']), .field-error")) facet.open = false;
  }
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-show-results]")) return;
  event.preventDefault();
  document.getElementById("facets-panel").open = false;
  const heading = document.getElementById("results-heading");
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
});

// A chosen value far down its list is brought into sight, within the list only.
for (const list of document.querySelectorAll(".facet-values")) {
  const first = list.querySelector("input:checked");
  if (first && first.type === "checkbox") list.scrollTop = first.closest("li").offsetTop - list.offsetTop - 40;
}

// Typing in the search box asks by itself; its "change" on leaving the field must not ask again.
const q = document.getElementById("q");
q.addEventListener("change", (event) => event.stopPropagation());

// One entry in the browser's history for one stretch of typing: the first pause adds it, the rest replace it.
q.addEventListener("focus", () => {
  q.setAttribute("hx-push-url", "true");
  q.removeAttribute("hx-replace-url");
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt === q && event.detail.successful) {
    q.setAttribute("hx-push-url", "false");
    q.setAttribute("hx-replace-url", "true");
  }
});

// Empty fields stay out of the address.
document.body.addEventListener("htmx:configRequest", (event) => {
  const data = event.detail.formData;
  if (event.detail.verb !== "get" || !data) return;
  for (const name of [...new Set(data.keys())]) {
    const values = data.getAll(name).filter((value) => String(value).trim() !== "");
    data.delete(name);
    for (const value of new Set(values)) data.append(name, value);
  }
});

// Folded parts and scroll positions survive the exchange of the result part; focus goes to what replaced it.
let remembered = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "results") return;
  const link = event.detail.requestConfig && event.detail.requestConfig.elt;
  remembered = {
    open: new Map([...document.querySelectorAll("#results details[id]")].map((item) => [item.id, item.open])),
    scroll: [...document.querySelectorAll("#results .facet-values")].map((item) => item.scrollTop),
    column: document.querySelector("#results .facets").scrollTop,
    // A link says which text is looked for then: without a part that was read, or none.
    text: link && link.href ? new URL(link.href).searchParams.get("q") || "" : null,
    refocus: Boolean(link && link.closest && link.closest("[data-refocus], .pager")),
  };
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (!remembered || !document.getElementById("results")) return;
  for (const [id, open] of remembered.open) {
    const item = document.getElementById(id);
    if (item) item.open = open;
  }
  document.querySelectorAll("#results .facet-values").forEach((item, index) => {
    item.scrollTop = remembered.scroll[index] || 0;
  });
  document.querySelector("#results .facets").scrollTop = remembered.column;
  // The search box is outside of the part that was exchanged, the message about it inside.
  if (document.getElementById("message-q")) q.setAttribute("aria-invalid", "true");
  else q.removeAttribute("aria-invalid");
  if (remembered.text !== null) q.value = remembered.text;
  if (remembered.refocus) document.getElementById("results-heading").focus({ preventScroll: true });
  remembered = null;
});

// An answer that never came is said, not swallowed. Leaving the page cancels requests too; that is no fault.
let leaving = false;
window.addEventListener("pagehide", () => { leaving = true; });
window.addEventListener("beforeunload", () => { leaving = true; });
const fault = document.getElementById("list-fault");
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, () => {
    if (!leaving) fault.hidden = false;
  });
}
document.body.addEventListener("htmx:afterSwap", () => { fault.hidden = true; });
