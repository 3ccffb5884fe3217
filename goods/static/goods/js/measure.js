// What the form of a product calculates while somebody types. The server decides; this only tells sooner.

/** Length of a name as WeChat counts it: a half-width character is 1 unit, every other one 2. */
export function nameUnits(name) {
  let units = 0;
  for (const character of name) units += character.codePointAt(0) < 128 ? 1 : 2;
  return units;
}

export const characters = (text) => [...text].length;

/** A price as it is shown everywhere; a dash for what is no price. */
export function yuan(text) {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return "–";
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `¥${value.toLocaleString("en-US", options)}`;
}

/** What buyers see for a kind of price (1 one price, 2 from – to, 3 original and present). */
export function buyersSee(kind, price, price2) {
  if (kind === "2") return { price: `${yuan(price)} – ${yuan(price2)}`, original: "" };
  if (kind === "3") return { price: yuan(price2), original: yuan(price) };
  return { price: yuan(price), original: "" };
}

/** A price that looks like fen, in yuan; "" for one that does not: 6800 may be ¥68.00. */
export function fromFen(text) {
  const whole = text.trim().replace(/\.0*$/, "");
  return /^[1-9]\d*00$/.test(whole) && whole.length > 3 ? (Number(whole) / 100).toFixed(2) : "";
}

/** The size in which a picture is sent: never enlarged, no side longer than this, same shape. */
export function sentSize(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return [width, height].map((length) => Math.max(1, Math.round(length * scale)));
}

/** Put values into a translated text: "{w} × {h}". */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, key) => values[key]);
