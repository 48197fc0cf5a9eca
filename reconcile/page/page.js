"use strict";
// The page is whole without this script, which only filters the list of findings.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const field = form.elements;
  const cards = [...document.querySelectorAll("article[data-severity]")];
  const words = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
  const status = form.querySelector("[role=status]");

  const holds = (list, value) => !value || (list || "").split(" ").includes(value);
  const fits = (card, wanted) =>
    (!wanted.severity || card.dataset.severity === wanted.severity) &&
    (!wanted.kind || card.dataset.kind === wanted.kind) &&
    holds(card.dataset.monitors, wanted.monitor) &&
    holds(card.dataset.cells, wanted.cell) &&
    (!wanted.from || (card.dataset.day || "") >= wanted.from) &&
    (!wanted.to || (card.dataset.day && card.dataset.day <= wanted.to)) &&
    wanted.words.every((word) => words.get(card).includes(word));

  const apply = () => {
    const wanted = {
      severity: field.severity.value, kind: field.kind.value, monitor: field.monitor.value, cell: form.dataset.cell || "",
      from: field.from.value, to: field.to.value, words: field.words.value.toLowerCase().split(/\s+/).filter(Boolean),
    };
    let count = 0;
    for (const card of cards) {
      card.hidden = !fits(card, wanted);
      count += card.hidden ? 0 : 1;
    }
    for (const level of document.querySelectorAll("section.level")) {
      level.hidden = !level.querySelector("article:not([hidden])");
    }
    status.textContent = `${count} of the ${cards.length} findings listed here are shown.`;
  };
  const clear = () => {
    delete form.dataset.cell;
    field.cell.value = "";
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { clear(); apply(); }));

  document.addEventListener("click", (event) => {
    const spot = event.target.closest("[data-cell]");
    const bar = event.target.closest("rect[data-from]");
    if (spot && spot !== form) {
      form.dataset.cell = spot.dataset.cell;
      field.cell.value = (spot.querySelector("title") || spot.querySelector("th")).textContent.split(";")[0];
    } else if (bar) {
      field.from.value = bar.dataset.from;
      field.to.value = bar.dataset.to;
    } else {
      return;
    }
    apply();
    document.getElementById("findings").scrollIntoView();
  });

  // A link to a finding that the filter hides shows it again.
  const reveal = () => {
    const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (card && card.hidden) {
      form.reset();
      clear();
      apply();
      card.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", reveal);

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });

  form.hidden = false;
  document.body.classList.add("live");
  apply();
})();
