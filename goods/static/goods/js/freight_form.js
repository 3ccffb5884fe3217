// The form of a freight template while somebody fills it in: more rows for rules, places from lists. Without
// this file places are typed, and saving brings new empty rows.

const source = document.getElementById("regions");
const MOST = 100;
let loading = null;

/** Provinces with their cities and counties, fetched once. */
function regions() {
  loading ??= fetch(source.dataset.url, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  });
  return loading;
}

function choices(select, first, names) {
  select.replaceChildren(new Option(first, ""), ...names.map((name) => new Option(name, name)));
  select.hidden = names.length === 0;
}

/** Lists beside a field for places; what is picked is written into it. */
function startPicker(input) {
  const { province: title, city: whole, county: wholeCity, add, pick } = source.dataset;
  const box = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = pick;
  const lists = [title, whole, wholeCity].map((name) => {
    const select = document.createElement("select");
    select.setAttribute("aria-label", name);
    select.hidden = true;
    return select;
  });
  const [province, city, county] = lists;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = add;
  box.className = "picker";
  box.append(summary, ...lists, button);
  input.after(box);

  box.addEventListener("toggle", async () => {
    if (!box.open || province.options.length) return;
    choices(province, title, Object.keys(await regions()));
  });
  province.addEventListener("change", async () => {
    choices(city, whole, Object.keys((await regions())[province.value] ?? {}));
    choices(county, wholeCity, []);
  });
  city.addEventListener("change", async () => {
    choices(county, wholeCity, (await regions())[province.value]?.[city.value] ?? []);
  });
  button.addEventListener("click", () => {
    const place = lists.map((select) => select.value).filter(Boolean).join(" ");
    const lines = input.dataset.places === "one" ? [] : input.value.split("\n").filter((line) => line.trim());
    if (place && !lines.includes(place)) input.value = [...lines, place].join("\n");
  });
}

function startRows(rules) {
  const body = rules.querySelector("tbody");
  const count = rules.querySelector(`input[name="${rules.dataset.rules}-rows"]`);
  const button = rules.querySelector("[data-add-row]");
  const blank = body.lastElementChild.cloneNode(true);
  button.hidden = false;
  button.addEventListener("click", () => {
    const index = Number(count.value);
    if (index >= MOST) return;
    const row = blank.cloneNode(true);
    for (const input of row.querySelectorAll("[name]")) {
      input.name = input.name.replace(/-\d+-/, `-${index}-`);
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, index + 1));
    }
    body.append(row);
    count.value = index + 1;
    row.querySelectorAll("[data-places]").forEach(startPicker);
    row.querySelector("textarea, input").focus();
  });
}

document.querySelectorAll("[data-rules]").forEach(startRows);
if (source) document.querySelectorAll("textarea[data-places]").forEach(startPicker);
