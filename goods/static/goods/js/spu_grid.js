// The table of SKUs: combinations without loading the page anew, one price for many rows, pictures by a click.

import { fill } from "./measure.js";
import { announce, upload } from "./spu_upload.js";

let grid = document.querySelector("[data-grid]");

const rows = () => [...grid.querySelectorAll("table.skus tbody")];
const pictures = () => [...grid.querySelectorAll("[data-pictures-of-rows] li")];

function note(text) {
  grid.querySelector("[data-note]").textContent = text;
}

// --- what the server makes ---

/** The same as pressing the button, without leaving the page. */
async function ask(button) {
  const { form } = button;
  const data = new FormData(form, button);
  // Files are uploaded when the form is saved.
  for (const input of form.querySelectorAll("input[type=file]")) data.delete(input.name);
  button.disabled = true;
  try {
    const answer = await fetch(location.href, { method: "POST", body: data, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = document.adoptNode(page.querySelector("[data-grid]"));
    grid.replaceWith(fresh);
    grid = fresh;
    start();
    grid.querySelector("[data-note]").focus();
  } catch {
    // Then the page is loaded anew after all.
    button.disabled = false;
    button.dataset.plain = "";
    button.click();
  }
}

// --- many rows at once ---

function fillIn(box) {
  const ticked = grid.querySelector("[name=skus-fill-rows]:checked").value === "ticked";
  const values = [...box.querySelectorAll("[data-fill]")].filter((input) => input.value !== "");
  if (!values.length) return note(box.dataset.nothing);
  const chosen = rows().filter((row) => {
    const out = row.querySelector("[name$='-removed']").checked;
    return !out && (!ticked || row.querySelector("[name$='-ticked']").checked);
  });
  if (!chosen.length) return note(box.dataset.untouched);
  for (const row of chosen) {
    for (const { dataset, value } of values) row.querySelector(`[name$='-${dataset.fill}']`).value = value;
  }
  for (const input of values) input.value = "";
  note(fill(box.dataset.filled, { n: chosen.length }));
}

function addRow() {
  const taken = new Set(rows().map((row) => row.dataset.key));
  let number = 1;
  while (taken.has(`new-${number}`)) number += 1;
  const key = `new-${number}`;
  const row = document.importNode(grid.querySelector("[data-pattern]").content.querySelector("tbody"), true);
  row.dataset.key = key;
  for (const input of row.querySelectorAll("input")) {
    if (input.name === "skus-row") input.value = key;
    input.name = input.name.replace("new-0", key);
  }
  for (const one of row.querySelectorAll("[aria-label]")) {
    one.setAttribute("aria-label", one.getAttribute("aria-label").replace("new-0", key));
  }
  grid.querySelector("table.skus").append(row);
  showChooser(row);
  row.querySelector("td input:not([type=hidden], [type=checkbox], .hidden)").focus();
}

function addAxis() {
  const list = grid.querySelector(".axis-list");
  const fresh = list.lastElementChild.cloneNode(true);
  for (const input of fresh.querySelectorAll("input, textarea")) input.value = "";
  list.append(fresh);
  fresh.querySelector("input").focus();
}

// --- pictures of rows ---

/** A picture to press instead of its number to type. */
function showChooser(row) {
  row.querySelector("[data-choose]").hidden = false;
  row.querySelector("[name$='-picture']").classList.add("hidden");
}

function setPicture(row, number, source) {
  row.querySelector("[name$='-picture']").value = number;
  const button = row.querySelector("[data-choose]");
  if (!source) {
    button.replaceChildren("+");
    return;
  }
  const image = new Image(40, 40);
  image.src = source;
  image.alt = "";
  button.replaceChildren(image);
}

function choose(row) {
  const dialog = grid.querySelector("[data-chooser]");
  const place = dialog.querySelector(".picture-choices");
  const take = (number, source) => {
    setPicture(row, number, source);
    dialog.close();
    row.querySelector("[data-choose]").focus();
  };
  place.replaceChildren(
    ...pictures().map((item, index) => {
      const button = document.createElement("button");
      const source = item.querySelector("img")?.src;
      button.type = "button";
      if (source) button.append(item.querySelector("img").cloneNode());
      const number = document.createElement("span");
      number.textContent = index + 1;
      button.append(number);
      button.addEventListener("click", () => take(index + 1, source));
      return button;
    }),
  );
  dialog.querySelector("[data-none]").onclick = () => take("", "");
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
}

/** One more picture that rows may have. */
function offer({ key, thumbnail }) {
  const known = grid.querySelector("[name=skus-pictures]");
  const keys = JSON.parse(known.value);
  if (keys.includes(key)) return;
  known.value = JSON.stringify([...keys, key]);
  const box = grid.querySelector("[data-pictures-of-rows]");
  const item = document.createElement("li");
  const image = new Image(64, 64);
  const number = document.createElement("span");
  image.src = thumbnail;
  image.alt = "";
  number.textContent = keys.length + 1;
  item.append(image, number);
  box.querySelector("ol").append(item);
  box.hidden = false;
}

async function takeFiles(input) {
  const box = document.querySelector("[data-picture-list]");
  try {
    const { pictures: kept, errors } = await upload(box, input.files);
    kept.forEach(announce);
    input.value = "";
    note(errors.join(" "));
  } catch {
    note(box.dataset.failed);
  }
}

// --- all together ---

function start() {
  rows().forEach(showChooser);
  for (const one of grid.querySelectorAll("[data-add-axis], [data-tick-all]")) one.hidden = false;
  grid.querySelector("[data-upload-button]").hidden = true;
  grid.classList.add("scripted");
}

function press(event) {
  const button = event.target.closest("button");
  if (!button || !grid.contains(button) || "plain" in button.dataset) return;
  if (button.matches("[value=generate]")) ask(button);
  else if (button.matches("[value=fill]")) fillIn(button.closest("[data-filling]"));
  else if (button.matches("[data-add-row]")) addRow();
  else if (button.matches("[data-add-axis]")) addAxis();
  else if (button.matches("[data-choose]")) choose(button.closest("tbody"));
  else return;
  event.preventDefault();
}

function change(event) {
  const input = event.target;
  if (!grid.contains(input)) return;
  if (input.matches("[data-tick-all]")) {
    for (const row of rows()) row.querySelector("[name$='-ticked']").checked = input.checked;
  } else if (input.matches("[name$='-removed']")) {
    input.closest("tbody").classList.toggle("taken-out", input.checked);
  } else if (input.matches("[data-row-upload]") && input.files.length) takeFiles(input);
}

if (grid) {
  document.addEventListener("click", press);
  document.addEventListener("change", change);
  document.addEventListener("picture-kept", (event) => offer(event.detail));
  start();
}
