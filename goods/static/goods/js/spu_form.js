// The form of a Mini Store product while somebody fills it in. Without this file everything can be typed.

import { startTexts } from "./counters.js";
import { startPictures } from "./spu_pictures.js";

const COUPON = "2";
const ANSWER_WITHIN = 10000;

const field = (name) => document.getElementById(`id_${name}`);

function startCoupon() {
  const kind = field("product_type");
  const section = document.querySelector("fieldset.coupon");
  if (!kind || !section) return;
  const wrong = section.querySelector(".errors") !== null;
  const show = () => {
    section.hidden = kind.value !== COUPON && !wrong;
  };
  kind.addEventListener("change", show);
  show();
}

/** Another account has other brands and templates: the form comes back with them. */
function startAccount() {
  const button = document.querySelector("[data-account-button]");
  if (!button) return;
  button.hidden = true;
  field("account").addEventListener("change", () => button.click());
}

function startPairs(box) {
  const button = box.querySelector("[data-add-pair]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const last = [...box.querySelectorAll(".pair")].at(-1);
    const fresh = last.cloneNode(true);
    for (const input of fresh.querySelectorAll("input")) {
      input.value = "";
      input.removeAttribute("id");
    }
    last.after(fresh);
    fresh.querySelector("input").focus();
  });
}

/** Three lists, each below the one before, instead of a path that is typed. */
function startLevels(box) {
  const aided = box.closest(".aided");
  const input = aided.querySelector("input[type=text]");
  const note = aided.querySelector("[data-levels-note]");
  const levels = [...box.querySelectorAll("select")];
  const account = field("account");

  /** The numbers, one below the other, are what is sent; a path that nobody touched stays as it is. */
  const write = () => {
    input.value = levels.map((level) => level.value).filter(Boolean).join(" › ");
  };

  function empty(from) {
    for (const level of levels.slice(from)) {
      level.replaceChildren(level.options[0]);
      level.disabled = true;
    }
  }

  async function load(index, parent) {
    empty(index);
    const query = new URLSearchParams({ account: account?.value || box.dataset.account, parent });
    try {
      const answer = await fetch(`${box.dataset.url}?${query}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
      if (!answer.ok) throw new Error(String(answer.status));
      const rows = await answer.json();
      for (const { id, name, open } of rows) {
        const text = open ? name : box.dataset.closed.replace("{name}", name);
        levels[index].append(new Option(text, id));
      }
      levels[index].disabled = rows.length === 0;
      note.textContent = "";
    } catch {
      note.textContent = box.dataset.failed;
      input.hidden = false;
    }
  }

  levels.forEach((level, index) => {
    level.addEventListener("change", () => {
      write();
      if (index + 1 < levels.length) {
        empty(index + 1);
        if (level.value) load(index + 1, level.value);
      }
    });
  });
  // What cannot be told by the lists is still to be read, and to be corrected.
  const unread = input.value !== "" && !levels.some((level) => level.value);
  input.hidden = !unread && levels[0].options.length > 1;
  box.hidden = levels[0].options.length === 1;
  for (const button of aided.querySelectorAll("[data-branch]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      input.value = button.dataset.path;
      input.hidden = false;
      box.hidden = true;
      input.focus();
    });
  }
}

startTexts();
startAccount();
startCoupon();
for (const box of document.querySelectorAll("[data-pairs]")) startPairs(box);
for (const box of document.querySelectorAll("[data-levels]")) startLevels(box);
for (const box of document.querySelectorAll("[data-picture-list]")) startPictures(box);
