// Our own script of the tab "Articles": lists what the server's /library tells, sends files, removes, puts back, rebuilds.
// The place for it (#library) is Gradio's, which draws it when the tab is first opened; what is in it is made here.
// It also keeps the count of articles at the top of the page true.
import { PARTS, button, call, link, make, many, moment, sure } from "./articles_parts.js";
import { Sent } from "./articles_sent.js";

const QUICK = 400, SLOW = 5000;
const root = document.createElement("div"), find = (selector) => root.querySelector(selector);
const rows = new Map();
let state, articles = [], known = "", asked = 0, timer, busy = false, ran = 0, after = "";

const say = (words) => put(".said-here", words);

// Only what is new: a screen reader reads a live region whenever it is written.
function put(selector, words) {
  const part = find(selector);
  if (part.textContent !== words) part.textContent = words;
}

// ---- the server ----

async function refresh() {
  clearTimeout(timer);
  const mine = ++asked;
  if (!document.hidden || busy) {
    const answer = await call("GET", "", { known });
    if (mine !== asked) return;
    if (answer.status === 200) take(answer);
    else put(".problem", answer.problem);
  }
  timer = setTimeout(refresh, working() ? QUICK : SLOW);
}

const working = () => busy || state?.building.running || sent.isWaiting;

function take(answer) {
  state = answer;
  ran = state.building.running ? ran + 1 : 0;
  if (state.articles) {
    articles = state.articles;
    known = state.generation;
    if (root.isConnected) list();
  }
  busy = busy && state.building.running;
  if (after && !state.building.running) {
    say(state.problem ? "" : after);
    after = "";
  }
  sent.settle(articles, state);
  header();
  head();
}

// ---- what is shown ----

function header() {
  const count = document.querySelector("#masthead .masthead a");
  const words = `${state.count} article${state.count === 1 ? "" : "s"}`;
  if (!count || !state.generation) return;
  const newest = count.parentElement.querySelector("time");
  if (count.textContent !== words) count.textContent = words;
  if (newest && state.newest && newest.textContent !== state.newest) newest.textContent = state.newest;
  if (!newest && state.newest) count.after(", newest of ", make("time", "", state.newest));
}

function sentence() {
  if (!state.generation) return state.problem ? "There is no index yet." : "The articles are being read for the first time.";
  if (!state.count) {
    return "There are no articles yet. " + (state.editable
      ? "Choose files or drop them here; they can be asked about a few seconds later."
      : "Put files into the corpus folder on the server; they can be asked about a few seconds later.");
  }
  const last = articles.reduce((latest, article) => (article.indexed > latest ? article.indexed : latest), "");
  return `${many(state.count, "article")} in ${many(state.passages, "passage")}`
    + (state.newest ? `, newest of ${state.newest}` : "") + (last ? `; last change indexed ${moment(last)}` : "") + ".";
}

function head() {
  put(".state", sentence());
  put(".problem", state.problem ? `The index could not be brought up to date: ${state.problem}` : "");
  find(".edit").hidden = !state.editable;
  find(".why").hidden = state.editable;
  put(".why", state.why ?? "");
  if (state.editable) {
    find("#library-files").accept = state.suffixes.join(",");
    const most = Math.floor(state.most_bytes / 2 ** 20);
    put(".drop .hint", `or drop them here: ${state.suffixes.join(" ")}, up to ${most} MB each`);
  }
  building();
  skipped();
  removed();
}

function building() {
  const { running, done, total } = state.building, bar = find("progress");
  // A build that finds nothing to do is over before it is worth a word.
  find(".building").hidden = !running || !(busy || total || ran > 2);
  find(".rebuild").disabled = running && busy;
  if (running && total) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
  put(".building span", total ? `${done} of ${many(total, "passage")} done` : "Looking for what has changed …");
}

function fold(name, items, title, row) {
  const part = find(`.${name}`), key = JSON.stringify(items);
  if (part.dataset.shown === key) return;
  const focused = part.contains(document.activeElement);
  part.dataset.shown = key;
  part.hidden = !items.length;
  part.querySelector("summary").textContent = title;
  part.querySelector("ul").replaceChildren(...items.map(row));
  if (focused) (part.hidden ? find("h2") : part.querySelector("summary")).focus();
}

function skipped() {
  const items = state.skipped, title = `${many(items.length, "file")} cannot be read`;
  fold("skipped", items, title, (file) => {
    const row = make("li"), words = make("span");
    words.append(make("b", "", file.path), `: ${file.reason}`);
    row.append(words);
    if (state.editable) row.append(button("Remove", `Remove ${file.path}`, () => remove(file)));
    return row;
  });
}

function removed() {
  const items = state.removed ?? [];
  fold("removed", items, `${many(items.length, "removed file")} can be put back`, (file) => {
    const row = make("li"), words = make("span");
    words.append(make("b", "", file.path), ` – removed ${moment(file.when)}`);
    row.append(words, button("Put back", `Put ${file.path} back`, () => putBack(file)));
    return row;
  });
  put(".removed .hint",
    `They lie in ${state.folder}/.removed until somebody deletes them there, and nobody is answered from them.`);
}

function cell(label, className, ...content) {
  const made = make("td", className);
  made.setAttribute("role", "cell");
  made.dataset.label = label;
  made.append(...content);
  return made;
}

function row(article) {
  const made = make("tr"), indexed = make("time", "", moment(article.indexed)), date = make("time", "", article.date);
  made.setAttribute("role", "row");
  indexed.dateTime = article.indexed;
  date.dateTime = article.date;
  made.append(
    cell("", "article", link(article), make("span", "file", article.path)),
    cell("Date", "", article.date ? date : "–"),
    cell("Passages", "number", String(article.passages)),
    cell("Indexed", "", indexed),
    cell("", "act", ...(state.editable ? [button("Remove", `Remove “${article.title}”`, () => remove(article))] : [])),
  );
  made.words = `${article.title} ${article.path} ${article.date}`.toLocaleLowerCase();
  made.article = article;
  return made;
}

function list() {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const next = active?.closest("tr")?.nextElementSibling ?? active?.closest("tr")?.previousElementSibling;
  const here = new Set();
  for (const article of articles) {
    const key = JSON.stringify(article);
    here.add(key);
    if (!rows.has(key)) rows.set(key, row(article));
  }
  for (const key of rows.keys()) if (!here.has(key)) rows.delete(key);
  const order = find("select").value, way = order === "title" ? 1 : -1;
  const by = ({ article }) => (order === "title" ? article.title.toLocaleLowerCase() : article[order]);
  const compare = (a, b) => (by(a) < by(b) ? -way : by(a) > by(b) ? way : a.article.path < b.article.path ? way : -way);
  find("tbody").replaceChildren(...[...rows.values()].sort(compare));
  filter();
  if (!active || active === document.activeElement) return;
  // What had the focus has moved or gone: the focus goes with it, or to what stands in its place.
  if (active.isConnected) active.focus({ preventScroll: true });
  else (next?.isConnected ? next.querySelector(".act button") : find("h2")).focus({ preventScroll: true });
}

function filter() {
  const wanted = find("[type=search]").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const made of rows.values()) {
    made.hidden = !wanted.every((word) => made.words.includes(word));
    shown += !made.hidden;
  }
  put(".shown", wanted.length ? `${shown} of ${many(rows.size, "article")}` : "");
  find(".filter").hidden = find("table").hidden = !rows.size;
}

// ---- what is done ----

// `then` is said once the index has followed.
async function change(method, path, query, words, then) {
  const answer = await call(method, path, query), well = answer.status >= 200 && answer.status < 300;
  if (well) [busy, after] = [true, then];
  say(well ? words : answer.problem);
  refresh();
}

async function remove(file) {
  const name = file.title ? `“${file.title}”` : file.path;
  const why = `${file.path} leaves the corpus folder, and nobody is answered from it any more. It can be put back.`;
  if (!await sure(find("dialog"), `Remove ${name}?`, why, "Remove")) return;
  change("DELETE", "", { path: file.path }, `Removing ${name} …`,
    `${file.path} is removed. It can be put back under “removed files”.`);
}

function putBack(file) {
  find(".removed summary").focus();
  change("POST", "/restore", { name: file.name }, `${file.path} is put back, and is being indexed …`,
    `${file.path} is back in the index.`);
}

async function rebuild() {
  const why = "Every article is read and embedded again, which takes a while; questions are answered from the present "
    + "index meanwhile. New, changed and removed files need no rebuild: the index follows them by itself.";
  if (!await sure(find("dialog"), "Make the whole index anew?", why, "Rebuild")) return;
  change("POST", "/rebuild", {}, "The index is being made anew …", "The index was made anew.");
}

// ---- the place in the page ----

function listen() {
  find("#library-files").addEventListener("change", (event) => {
    const files = [...event.target.files];
    event.target.value = "";  // so that the same file can be chosen again
    sent.add(files);
  });
  find(".rebuild").addEventListener("click", rebuild);
  find("[type=search]").addEventListener("input", filter);
  find("select").addEventListener("change", list);
  // A file that is dropped beside the place for it must not take the browser away from the page.
  const files = (event) => root.offsetParent && event.dataTransfer?.types.includes("Files");
  const over = (on) => root.classList.toggle("over", on);
  document.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = state?.editable ? "copy" : "none";
    over(Boolean(state?.editable));
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", (event) => {
    over(false);
    if (!files(event)) return;
    event.preventDefault();
    if (state?.editable) sent.drop(event.dataTransfer);
  });
}

function settleIn() {
  const place = document.querySelector("#library .loading");
  if (!place) return;
  place.replaceWith(root);
  if (state) list();
  refresh();
}

root.className = "library";
root.innerHTML = PARTS;
const sent = new Sent(find(".sent"), {
  say,
  get state() { return state; },
  began() {
    busy = true;
    refresh();
  },
});
listen();
settleIn();
new MutationObserver(settleIn).observe(document.body, { childList: true, subtree: true });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
refresh();
