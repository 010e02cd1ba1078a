
"use strict";
const filter = document.getElementById("filter");
const count = document.getElementById("count");
const sections = [...document.querySelectorAll("section[data-words]")];
const links = new Map(
  [...document.querySelectorAll("nav li")].map((item) => [item.dataset.for, item]),
);

function apply() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of sections) {
    const fits = words.every((word) => section.dataset.words.includes(word));
    section.hidden = !fits;
    links.get(section.id).hidden = !fits;
    shown += fits ? 1 : 0;
  }
  const all = sections.length;
  count.textContent = shown === all ? `${all} topics` : `${shown} of ${all} topics`;
}

// A link may lead into a version that is folded up, or to a topic that is filtered out.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const section = target.closest("section");
  if (section && section.hidden) {
    filter.value = "";
    apply();
  }
  const version = target.closest("details");
  if (version) version.open = true;
  target.scrollIntoView();
}

document.getElementById("search").hidden = false;
filter.addEventListener("input", apply);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== filter) {
    event.preventDefault();
    filter.focus();
  }
});
window.addEventListener("hashchange", reveal);
apply();
reveal();
