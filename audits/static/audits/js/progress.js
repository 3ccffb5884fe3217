// Keeps the page of a batch true: asks for its parts and replaces those that changed, nothing else, so that
// focus, scroll and selected text stay where they are.

const PAUSES = { working: 2000, slow: 15000 };
const HIDDEN_PAUSE = 20000;
const LONGEST_PAUSE = 30000;
const ANSWER_WITHIN = 10000;
// A reader of the screen hears of it this often at most; of its end at once.
const SPEAK_PAUSE = 20000;

const page = document.getElementById("progress-page");
const trouble = document.getElementById("progress-trouble");
const said = document.getElementById("progress-said");

let etag = "";
let timer = 0;
let failures = 0;
let spokenAt = Date.now();
let asking = false;

const parts = () => document.getElementById("progress");
const over = () => !(parts().dataset.pace in PAUSES);

function tell(text) {
  if (trouble.textContent !== text) trouble.textContent = text;
  trouble.hidden = !text;
}

function plan() {
  clearTimeout(timer);
  if (over()) return;
  let pause = PAUSES[parts().dataset.pace];
  if (failures) pause = Math.min(pause * 2 ** failures, LONGEST_PAUSE);
  if (document.hidden) pause = Math.max(pause, HIDDEN_PAUSE);
  timer = setTimeout(ask, pause);
}

async function ask() {
  if (asking || over()) return;
  asking = true;
  try {
    const answer = await fetch(parts().dataset.url, {
      headers: etag ? { "If-None-Match": etag } : {},
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (answer.type === "opaqueredirect" || (answer.status >= 400 && answer.status < 500)) {
      // Logged out, or the permission is gone: asking again would not help.
      tell(page.dataset.closed);
      return;
    }
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text());
      etag = answer.headers.get("ETag") || "";
    }
    failures = 0;
    tell("");
  } catch {
    failures += 1;
    tell(page.dataset.lost);
  } finally {
    asking = false;
  }
  plan();
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("progress");
  if (!fresh) throw new Error("not the parts of a batch");
  for (const part of fresh.querySelectorAll("[data-part]")) {
    replace(parts().querySelector(`[data-part="${part.dataset.part}"]`), part);
  }
  replaceRows(parts().querySelector("[data-rows]"), fresh.querySelector("[data-rows]"));
  const moved = parts().dataset.headline !== fresh.dataset.headline;
  Object.assign(parts().dataset, fresh.dataset);
  if (moved) speak();
}

function speak() {
  if (!over() && Date.now() - spokenAt < SPEAK_PAUSE) return;
  spokenAt = Date.now();
  said.textContent = parts().dataset.headline;
}

function replace(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const added = document.importNode(fresh, true);
  old.replaceWith(added);
  if (held) sameIn(added, held)?.focus({ preventScroll: true });
}

function sameIn(part, held) {
  const candidates = [...part.querySelectorAll("a[href], button")];
  return (
    candidates.find((one) => one.getAttribute("href") === held.getAttribute("href") && one.value === held.value) ||
    candidates[0]
  );
}

function replaceRows(body, fresh) {
  const rows = [...fresh.rows];
  const wanted = new Set(rows.map((row) => row.id));
  for (const row of [...body.rows]) if (!wanted.has(row.id)) row.remove();
  rows.forEach((row, place) => {
    const old = document.getElementById(row.id);
    if (old) replace(old, row);
    else body.insertBefore(document.importNode(row, true), body.rows[place] || null);
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) plan();
  else ask();
});
window.addEventListener("online", ask);
plan();
