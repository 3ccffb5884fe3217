// The form of a product while somebody fills it in: counters, shorter names, prices as buyers see them, the
// picture before it is saved. Without this file the form does the same after saving.

import { startTexts } from "./counters.js";
import { buyersSee, fill, fromFen, sentSize, yuan } from "./measure.js";

const PREVIEW_SIDE = 160;

const field = (name) => document.getElementById(`id_${name}`);
const aidOf = (input) => input.closest(".aided");

function startPrices() {
  const [kind, price, price2] = ["price_type", "price", "price2"].map(field);
  const preview = document.querySelector("[data-price-preview]");
  if (!kind || !price || !price2 || !preview) return;
  const words = { ...preview.dataset };
  const rows = { price: price.closest(".form-row"), price2: price2.closest(".form-row") };
  const label = (input) => document.querySelector(`label[for="${input.id}"]`);
  const usual = { price: label(price).textContent, price2: label(price2).textContent };
  const colon = usual.price.match(/[:：]?\s*$/)[0];
  // Below both prices, whichever of them are shown.
  rows.price2.after(preview);
  preview.hidden = false;

  function show() {
    for (const [name, input] of [["price", price], ["price2", price2]]) {
      const word = words[`${name}-${kind.value}`];
      label(input).textContent = word ? word + colon : usual[name];
      // The label says it now; what is wrong with the price stays.
      rows[name].querySelector(".help")?.toggleAttribute("hidden", !rows[name].querySelector(".problem"));
      hint(input);
    }
    rows.price2.hidden = kind.value === "1" && !rows.price2.classList.contains("errors");
    const seen = buyersSee(kind.value, price.value, price2.value);
    preview.querySelector("del").textContent = seen.original;
    preview.querySelector("strong").textContent = seen.price;
  }

  function hint(input) {
    const place = aidOf(input).querySelector("[data-fen]");
    const guess = fromFen(input.value);
    const text = guess && fill(place.dataset.fen, { yuan: yuan(guess).slice(1) });
    if (place.textContent !== text) place.textContent = text;
  }

  for (const input of [kind, price, price2]) input.addEventListener("input", show);
  show();
}

function startPicture() {
  const input = field("cover");
  const box = document.querySelector("[data-pictures]");
  if (!input || !box) return;
  const { bytes, pixels, side, large, unusable, wide, small } = box.dataset;
  const note = aidOf(box).querySelector("[data-picture-note]");
  const [chosen, sent] = box.querySelectorAll("figure");

  async function look() {
    const file = input.files[0];
    box.hidden = true;
    note.textContent = "";
    aidOf(box).querySelector("[data-no-picture]")?.toggleAttribute("hidden", Boolean(file));
    if (!file) return;
    if (file.size > Number(bytes)) return tell(large);
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      return tell(unusable);
    }
    if (file !== input.files[0]) return;
    const { width: w, height: h } = picture;
    if (w * h > Number(pixels)) return tell(unusable);
    const size = sentSize(w, h, Number(side));
    draw(chosen, picture, sentSize(w, h, PREVIEW_SIDE), { w, h });
    draw(sent, picture, size, { w: size[0], h: size[1] });
    box.hidden = false;
    if (w !== h) tell(fill(wide, { w, h }));
    else if (w < Number(side)) tell(fill(small, { w, h }));
  }

  const tell = (text) => {
    note.textContent = `⚠ ${text}`;
  };

  input.addEventListener("change", look);
}

/** Drawn, not linked: a canvas needs no address that a strict policy would have to allow. */
function draw(figure, picture, [width, height], words) {
  const canvas = figure.querySelector("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  const caption = figure.querySelector("figcaption");
  caption.textContent = fill(caption.dataset.text, words);
}

startTexts();
startPrices();
startPicture();
