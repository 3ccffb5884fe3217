// The pictures of a product: put them in order by mouse or keyboard, upload more at once.

import { fill } from "./measure.js";
import { announce, upload } from "./spu_upload.js";

const KEYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export function startPictures(box) {
  const list = box.querySelector("ol");
  const name = box.dataset.pictureList;
  const said = box.querySelector("[data-said]");
  const input = box.closest(".aided").querySelector("[data-upload]");
  let dragged = null;

  function renumber() {
    const pictures = [...list.children];
    pictures.forEach((picture, index) => {
      picture.querySelector(".place input").value = index + 1;
    });
    const staying = pictures.filter((picture) => !picture.querySelector(".remove input").checked).length;
    const excess = staying - Number(box.dataset.most);
    box.querySelector("[data-picture-count]").textContent = staying;
    box.querySelector("[data-warning]").textContent = excess > 0 ? `⚠ ${fill(box.dataset.over, { n: excess })}` : "";
    box.querySelector(".counter").classList.toggle("warned", excess > 0);
  }

  function move(picture, by) {
    const beside = by < 0 ? picture.previousElementSibling : picture.nextElementSibling;
    if (!beside) return;
    if (by < 0) beside.before(picture);
    else beside.after(picture);
    renumber();
    const place = [...list.children].indexOf(picture) + 1;
    said.textContent = fill(box.dataset.moved, { place });
  }

  function show(picture) {
    picture.draggable = true;
    picture.querySelector(".moves").hidden = false;
  }

  function append({ key, thumbnail }) {
    const there = [...list.querySelectorAll("input[type=hidden]")].some((one) => one.value === String(key));
    if (there) return;
    const picture = box.querySelector("template").content.firstElementChild.cloneNode(true);
    picture.querySelector("input[type=hidden]").value = key;
    picture.querySelector("img").src = thumbnail;
    picture.querySelector(".place input").name = `${name}-place-${key}`;
    picture.querySelector(".remove input").value = key;
    show(picture);
    list.append(picture);
  }

  async function take() {
    if (!input.files.length) return;
    said.textContent = box.dataset.working;
    try {
      const { pictures, errors } = await upload(box, input.files);
      for (const picture of pictures) {
        append(picture);
        announce(picture);
      }
      said.textContent = errors.join(" ");
      input.value = "";
      renumber();
    } catch {
      // The files stay chosen, and go along when the form is saved.
      said.textContent = box.dataset.failed;
    }
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    move(button.closest("li"), Number(button.dataset.move));
    button.focus();
  });
  list.addEventListener("keydown", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button || !KEYS[event.key]) return;
    event.preventDefault();
    move(button.closest("li"), KEYS[event.key]);
    button.focus();
  });
  list.addEventListener("change", renumber);
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { left, width } = over.getBoundingClientRect();
    if (event.clientX < left + width / 2) over.before(dragged);
    else over.after(dragged);
  });
  list.addEventListener("dragend", () => {
    dragged = null;
    renumber();
  });
  input.addEventListener("change", take);
  for (const picture of list.children) show(picture);
  box.classList.add("scripted");
  renumber();
}
