// What every form of a product says about its texts while somebody types: how long they are, shorter ones.

import { characters, fill, nameUnits } from "./measure.js";

const SPEAK_AFTER = 800;

const aidOf = (input) => input.closest(".aided");

function startCounter(counter) {
  const aid = aidOf(counter);
  const input = aid.querySelector("input[type=text]");
  const spoken = aid.querySelector("[data-spoken]");
  const { most, least, over, under, save = "" } = counter.dataset;
  const measure = counter.dataset.counter === "units" ? nameUnits : characters;
  let timer = 0;

  /** Shows where the text stands, and returns it in words. */
  function count() {
    const length = measure(input.value.trim());
    const excess = length - Number(most);
    let warning = "";
    if (excess > 0) warning = fill(over, { n: excess });
    else if (length > 0 && length < Number(least)) warning = under;
    const advice = excess > 0 && save ? ` · ${save}` : "";
    counter.querySelector("[data-count]").textContent = `${length} / ${most}`;
    counter.querySelector("[data-warning]").textContent = warning && `⚠ ${warning}${advice}`;
    counter.classList.toggle("warned", Boolean(warning));
    aid.querySelector("[data-proposals]")?.toggleAttribute("hidden", excess <= 0);
    return `${length} / ${most} ${warning}`;
  }

  input.addEventListener("input", () => {
    const words = count();
    clearTimeout(timer);
    timer = setTimeout(() => {
      spoken.textContent = words;
    }, SPEAK_AFTER);
  });
  counter.hidden = false;
  count();
}

function startProposals() {
  for (const button of document.querySelectorAll("[data-use]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const input = aidOf(button).querySelector("input[type=text]");
      input.value = button.dataset.use;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
  }
}

/** What was wrong with the saved value is not told of another one. */
function startProblems() {
  for (const problem of document.querySelectorAll(".form-row .help .problem")) {
    const input = problem.closest(".form-row").querySelector(".aided input[type=text], .aided input[type=number]");
    input?.addEventListener("input", () => {
      problem.classList.toggle("hidden", input.value !== input.defaultValue);
    });
  }
}

/** Counters, proposals and problems of all fields of the page. */
export function startTexts() {
  for (const counter of document.querySelectorAll("[data-counter]")) startCounter(counter);
  startProposals();
  startProblems();
}
