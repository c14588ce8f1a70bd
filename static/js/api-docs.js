/* Shows the OpenAPI description on the page /api/docs/. Swagger UI's own start script stands inline in
   the page, which the Content-Security-Policy forbids. */
(() => {
  "use strict";
  const place = document.getElementById("api");
  if (!place || !window.SwaggerUIBundle) return;

  // Swagger UI knows its dark scheme by a class only.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", paint);
  paint();

  // What Swagger UI leaves out for keyboards and screen readers.
  const repair = () => {
    place.querySelectorAll("tr[data-param-name] select:not([aria-label])").forEach((select) => {
      select.setAttribute("aria-label", select.closest("tr").dataset.paramName);
    });
    place.querySelectorAll(".microlight:not([tabindex])").forEach((block) => block.setAttribute("tabindex", "0"));
    // Swagger UI brings a main part of its own, and a page has one only.
    place.querySelectorAll("main:not([role])").forEach((part) => part.setAttribute("role", "group"));
  };
  new MutationObserver(repair).observe(place, { childList: true, subtree: true });

  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    // Title and introduction stand above, readable without JavaScript.
    plugins: [() => ({ wrapComponents: { InfoContainer: () => () => null } })],
    layout: "BaseLayout",
    deepLinking: false, // its links would stand inside buttons
    syntaxHighlight: false, // its colours are too faint, and it is slow for a page of 50
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    supportedSubmitMethods: ["get"],
    validatorUrl: null, // the default asks another host whether the description is right
  });
})();
