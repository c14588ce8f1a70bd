// The queue: tick all rows of the page, and how many are ticked.
"use strict";

const ticks = () => [...document.querySelectorAll(".tick input")];
const message = document.querySelector("[data-ticked-count]");
const all = document.querySelector("[data-tick-all]");
const tell = () => {
  const number = ticks().filter((tick) => tick.checked).length;
  if (message) message.textContent = number ? `${number} ticked` : "";
  if (all) all.textContent = number && number === ticks().length ? "Tick none" : "Tick all on this page";
};
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const value = ticks().some((tick) => !tick.checked);
    for (const tick of ticks()) tick.checked = value;
    tell();
  });
}
// Beside the list the filters stand open; below it they would make a phone's page twice as long.
const panel = document.querySelector("[data-narrow-closed]");
if (panel && window.matchMedia("(max-width: 1024px)").matches) panel.open = false;
document.querySelector(".to-filters")?.addEventListener("click", () => { if (panel) panel.open = true; });

document.addEventListener("change", (event) => { if (event.target.matches(".tick input")) tell(); });
tell();
