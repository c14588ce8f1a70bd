// Behaviour of every public page: search suggestions, copying a link, printing.
"use strict";

// --- Suggestions under the search box (WAI-ARIA combobox with a list) ---
for (const box of document.querySelectorAll("[data-suggest]")) {
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  const status = box.querySelector("[data-suggest-status]");
  let timer = 0;
  let asked = null;
  let active = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  const close = () => {
    clearTimeout(timer);
    if (asked) asked.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    const all = options();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) return;
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };

  const ask = async () => {
    const text = input.value.trim();
    if (text.length < 2) return close();
    if (asked) asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: asked.signal });
      if (!answer.ok) return close();
      list.innerHTML = await answer.text();
    } catch {
      return; // overtaken by the next letter, or offline: the search itself still works
    }
    const count = options().length;
    if (!count || document.activeElement !== input) {
      close();
      status.textContent = count ? "" : "No suggestions.";
      return;
    }
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = count === 1 ? "1 suggestion." : `${count} suggestions, use the arrow keys.`;
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        ask();
      } else {
        const down = event.key === "ArrowDown";
        mark(active < 0 && !down ? -1 : active + (down ? 1 : -1));
      }
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      location.assign(options()[active].dataset.url);
    } else if (event.key === "Enter") {
      close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") {
      close();
    }
  });
  // mousedown would take the focus from the field and close the list before the click arrives
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  // Where the list pushes the page down, closing it between press and release would move the link away that was
  // pressed: the click would hit something else.
  let isPressed = false;
  document.addEventListener("pointerdown", () => { isPressed = true; }, true);
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      isPressed = false;
      if (document.activeElement !== input) setTimeout(close);
    }, true);
  }
  input.addEventListener("blur", () => { if (!isPressed) close(); });
}

// --- Copy, print: buttons that need JavaScript show only with it, also in parts that arrive later ---
const showButtons = (root) => {
  for (const button of root.querySelectorAll("[data-print], [data-show-results]")) button.hidden = false;
  if (navigator.clipboard) for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
};
showButtons(document);
document.body.addEventListener("htmx:afterSwap", () => showButtons(document));
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const status = document.querySelector("[data-copy-status]");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    if (status) status.textContent = "Copied.";
  } catch {
    if (status) status.textContent = "The browser did not allow copying. Select the text and copy it by hand.";
  }
});

// Paper says where it came from and when it was printed, not when the page was opened; some addresses stay off it.
window.addEventListener("beforeprint", () => {
  const line = document.querySelector("[data-printed]");
  if (!line) return;
  const address = line.querySelector("[data-address]");
  if (address) address.textContent = location.href;
  line.querySelector("[data-today]").textContent = new Date().toLocaleDateString("en-GB", { dateStyle: "long" });
});

// --- Map: the name of a mark beside the pointer or the focus ---
const tip = document.createElement("div");
tip.className = "map-tip";
tip.hidden = true;
document.body.append(tip);
const tellMark = (event) => {
  // Scrolling to a focused mark must not hide its name, nor leave it where the mark was.
  const target = event.type === "scroll" ? document.activeElement : event.target;
  const link = target && target.closest && target.closest("[data-map] a");
  if (!link || (event.type === "scroll" && !link.matches(":focus-visible"))) {
    tip.hidden = true;
    return;
  }
  const title = link.querySelector("title");
  if (title) {
    // The browser's own tooltip would cover ours; screen readers read the label instead.
    link.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  tip.textContent = link.getAttribute("aria-label");
  tip.hidden = false;
  const box = link.getBoundingClientRect();
  const byPointer = event.type === "mousemove";
  const left = byPointer ? event.clientX : box.left + box.width / 2;
  const top = byPointer ? event.clientY - 8 : box.top;
  tip.style.left = `${Math.max(8, Math.min(left - tip.offsetWidth / 2, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(8, top - tip.offsetHeight - 8)}px`;
};
for (const name of ["mousemove", "focusin", "scroll"]) document.addEventListener(name, tellMark);
document.addEventListener("focusout", () => { tip.hidden = true; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

// --- Comparison: what was ticked is kept while somebody pages, filters and reads profiles in this tab ---
const MAX_COMPARED = 4;
const chosen = {
  read() {
    try {
      return new Map(JSON.parse(sessionStorage.getItem("compared") || "[]"));
    } catch {
      return new Map();
    }
  },
  write(map) {
    sessionStorage.setItem("compared", JSON.stringify([...map]));
  },
};
const bar = document.getElementById("compare-form");
const fullText = document.getElementById("compare-full");
const showChosen = () => {
  const map = chosen.read();
  for (const box of document.querySelectorAll("[data-compare]")) {
    box.checked = map.has(box.value);
    // Not disabled: it can have the focus, and says why it cannot be ticked.
    const isFull = !box.checked && map.size >= MAX_COMPARED;
    box.setAttribute("aria-disabled", String(isFull));
  }
  if (!bar) return;
  fullText.textContent = "";
  bar.hidden = map.size === 0;
  bar.querySelector("[data-compare-names]").textContent = [...map.values()].join(", ") + (map.size >= MAX_COMPARED ? " (four is the most)" : "");
  bar.querySelector("button[type=submit]").textContent = map.size === 1 ? "Show, and add more later" : `Compare ${map.size} clusters`;
};
document.addEventListener("click", (event) => {
  if (!event.target.matches || !event.target.matches("[data-compare][aria-disabled=true]")) return;
  event.preventDefault();
  fullText.textContent = `${event.target.dataset.compare} was not added: four is the most. Take one away first.`;
});
// Capturing, and stopped: the list's own form would take it for a change of a filter.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches || !box.matches("[data-compare]")) return;
  event.stopPropagation();
  const map = chosen.read();
  if (box.checked) map.set(box.value, box.dataset.compare);
  else map.delete(box.value);
  chosen.write(map);
  showChosen();
}, true);
if (bar) {
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = [...chosen.read().keys()].map((slug) => `c=${encodeURIComponent(slug)}`).join("&");
    location.assign(`${bar.getAttribute("action")}?${query}`);
  });
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
  }).observe(bar);
  bar.querySelector("[data-compare-clear]").hidden = false;
  bar.querySelector("[data-compare-clear]").addEventListener("click", () => {
    chosen.write(new Map());
    showChosen();
    document.getElementById("results-heading").focus();
  });
}
for (const link of document.querySelectorAll("[data-uncompare]")) {
  link.addEventListener("click", () => {
    const map = chosen.read();
    map.delete(link.dataset.uncompare);
    chosen.write(map);
  });
}
showChosen();
document.body.addEventListener("htmx:afterSwap", showChosen);
window.addEventListener("pageshow", showChosen);
