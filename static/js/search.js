// Whether a search helped: what was opened, or that nothing was.

import { find } from "./portal.js";

const results = find("[data-search-results]");

if (results?.dataset.searchResults) {
  const q = results.dataset.searchResults;
  let told = false;
  const tell = (hit) => {
    told = true;
    navigator.sendBeacon?.("/search/clicks", new URLSearchParams({ q, hit }));
  };
  results.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href]");
    if (link?.dataset.hit) tell(link.dataset.hit);
    else if (link?.href.includes("/search?")) told = true; // looking further is no sign either way
  });
  find(".tabs")?.addEventListener("click", () => { told = true; });
  addEventListener("pagehide", () => { if (!told) tell(""); });
}
