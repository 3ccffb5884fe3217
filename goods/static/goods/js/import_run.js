// Moves the page of an import while a worker is at it, and loads it anew once there is something to look at.

const PAUSE = 1500;
const LONGEST_PAUSE = 20000;
const ANSWER_WITHIN = 10000;

const section = document.getElementById("import-progress");
const said = document.getElementById("import-said");
const bar = document.getElementById("import-bar");
const idle = document.getElementById("import-idle");
const trouble = document.getElementById("import-trouble");

let failures = 0;

function show(progress) {
  if (said.textContent !== progress.text) said.textContent = progress.text;
  idle.hidden = progress.alive;
  if (progress.most) {
    bar.max = progress.most;
    bar.value = progress.done;
  }
}

async function ask() {
  try {
    const answer = await fetch(section.dataset.url, {
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    if (answer.type === "opaqueredirect" || (answer.status >= 400 && answer.status < 500)) {
      // Logged out, or the permission is gone: the page itself says so.
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const progress = await answer.json();
    if (!progress.working) {
      location.reload();
      return;
    }
    show(progress);
    failures = 0;
    trouble.hidden = true;
  } catch {
    failures += 1;
    trouble.textContent = section.dataset.lost;
    trouble.hidden = false;
  }
  setTimeout(ask, Math.min(PAUSE * 2 ** failures, LONGEST_PAUSE));
}

setTimeout(ask, PAUSE);
