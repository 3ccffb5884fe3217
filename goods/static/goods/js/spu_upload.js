// Uploads pictures as soon as they are chosen, so that they can be ordered before the form is saved.

const account = (box) => document.getElementById("id_account")?.value || box.dataset.account;

/** The pictures that were kept, [{ key, thumbnail }], and what is wrong with others; an error if it failed. */
export async function upload(box, files) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  data.set("account", account(box));
  for (const file of files) data.append("files", file);
  const answer = await fetch(box.dataset.url, { method: "POST", body: data, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Tell the rest of the page that there is another picture. */
export function announce(picture) {
  document.dispatchEvent(new CustomEvent("picture-kept", { detail: picture }));
}
