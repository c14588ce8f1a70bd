// Small helpers of the workplace's forms.
//
// Django's fields that search (Select2) get the names of the labels that stand before them.
"use strict";

const named = (element, ...ids) => element.setAttribute("aria-labelledby", ids.join(" "));
const nameAll = () => {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible[id]")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector(".select2-selection");
    if (!label || !box) continue;
    label.id ||= `${select.id}_label`;
    const value = box.querySelector(".select2-selection__rendered");
    if (box.matches(".select2-selection--single") && value) {
      named(box, label.id, value.id);
      named(value, label.id); // Select2 calls it a field, too
    } else named(box, label.id);
    const search = box.querySelector(".select2-search__field");
    if (search) named(search, label.id);
  }
};
// "Clear all" would be no item of the list that it stands in; each value has its own cross.
for (const select of document.querySelectorAll("select.admin-autocomplete[multiple]")) select.dataset.allowClear = "false";
// They are made some time after this page is read, and again for each row that is added.
nameAll();
new MutationObserver((changes) => {
  const isNew = (node) => node.nodeType === 1 && (node.matches(".select2") || node.querySelector(".select2"));
  if (changes.some((change) => [...change.addedNodes].some(isNew))) nameAll();
}).observe(document.body, { childList: true, subtree: true });
// The field inside the list that opens.
if (window.django?.jQuery) {
  window.django.jQuery(document).on("select2:open", (event) => {
    const label = document.querySelector(`label[for="${event.target.id}"]`);
    const search = document.querySelector(".select2-container--open .select2-dropdown .select2-search__field");
    if (!label || !search) return;
    label.id ||= `${event.target.id}_label`;
    named(search, label.id);
  });
}

// A text is shown as it is typed, in the place where readers will find it.
for (const shown of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(shown.dataset.shows);
  const show = () => {
    const text = field.value.trim() || shown.dataset.default;
    shown.textContent = text ? `${shown.dataset.before || ""}${text}` : "";
  };
  if (field) field.addEventListener("input", show);
}
