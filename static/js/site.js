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
  input.addEventListener("blur", close);
}

// --- Copy link, print: buttons that need JavaScript show only with it ---
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const status = document.querySelector("[data-copy-status]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Link copied";
      status.textContent = "Link copied.";
    } catch {
      status.textContent = "The browser did not allow copying. Copy the address from its address bar.";
    }
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
