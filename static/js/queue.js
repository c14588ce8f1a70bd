// The queue: tick all rows of the page, and how many are ticked.
"use strict";

const ticks = () => [...document.querySelectorAll(".tick input")];
const told = document.querySelector("[data-ticked-count]");
const all = document.querySelector("[data-tick-all]");
const tell = () => {
  const number = ticks().filter((tick) => tick.checked).length;
  if (told) told.textContent = number ? `${number} ticked` : "";
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
document.addEventListener("change", (event) => { if (event.target.matches(".tick input")) tell(); });
tell();
