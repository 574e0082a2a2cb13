// Of what the tab "Articles" is made: its parts, and the small things that write them.
export const PARTS = `
  <h2 tabindex="-1">Articles</h2>
  <p class="state"></p>
  <p class="problem" role="alert"></p>
  <div class="edit" hidden>
    <div class="drop">
      <input type="file" id="library-files" class="unseen" multiple>
      <label for="library-files" class="button main">Choose files</label>
      <span class="hint"></span>
    </div>
    <button type="button" class="button rebuild">Rebuild</button>
  </div>
  <p class="why" hidden></p>
  <div class="building" hidden><progress aria-label="The index is being built"></progress><span></span></div>
  <p class="said-here" role="status"></p>
  <ul class="sent" aria-label="Files added" hidden></ul>
  <details class="skipped" open hidden><summary></summary><ul></ul></details>
  <details class="removed" hidden><summary></summary><p class="hint"></p><ul></ul></details>
  <div class="filter">
    <p><label for="library-find">Find</label>
      <input type="search" id="library-find" placeholder="title, file or date"></p>
    <p><label for="library-order">Order</label> <select id="library-order">
      <option value="date">newest first</option><option value="indexed">last indexed first</option>
      <option value="title">by title</option></select></p>
    <span class="shown" role="status"></span>
  </div>
  <table role="table" aria-label="Articles in the index">
    <thead role="rowgroup"><tr role="row">
      <th role="columnheader" scope="col">Article</th><th role="columnheader" scope="col">Date</th>
      <th role="columnheader" scope="col" class="number">Passages</th>
      <th role="columnheader" scope="col">Indexed</th>
      <th role="columnheader" scope="col" class="act"><span class="unseen">Remove</span></th></tr></thead>
    <tbody role="rowgroup"></tbody>
  </table>
  <dialog aria-labelledby="library-ask" aria-describedby="library-ask-why"><form method="dialog">
    <h3 id="library-ask"></h3><p id="library-ask-why"></p>
    <p class="buttons"><button class="button" value="">Cancel</button><button class="button main" value="yes"></button></p>
  </form></dialog>`;

export function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

export function button(text, label, act) {
  const made = make("button", "button", text);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

export const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
export const moment = (iso) => {  // local time, in the order of an article's date
  const at = new Date(iso), two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
};
const page = (path) => `/articles/${path.split("/").map(encodeURIComponent).join("/")}`;

// An answer of the server's /library, with its status; `problem` says what went wrong.
export async function call(method, path, query, body) {
  try {
    const url = `/library${path}?${new URLSearchParams(query)}`;
    const answer = await fetch(url, { method, body, headers: { "X-Quotewire": "1" } });
    const json = answer.headers.get("content-type")?.startsWith("application/json");
    return { status: answer.status, ...(json ? await answer.json() : { problem: await answer.text() }) };
  } catch {
    return { status: 0, problem: "The server does not answer, or could not read the file. Try again." };
  }
}

export function link(article) {
  const made = make("a", "", article.title || article.path);
  Object.assign(made, { href: page(article.path), target: "_blank", dir: "auto" });
  return made;
}

// Asks in the dialog; whether the answer is yes.
export function sure(dialog, title, why, action) {
  dialog.querySelector("h3").textContent = title;
  dialog.querySelector("p").textContent = why;
  dialog.querySelector(".main").textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
