// The filter above the question box: which articles and which dates a question is asked of. It is kept for this tab of
// the browser and sent along with every question; the list of articles comes from this server when it is opened.
(() => {
  "use strict";
  const KEY = "quotewire-scope", SHOWN = 100, NONE = { articles: [], since: "", until: "" };
  let scope = restored(), articles = [];

  function restored() {
    try { return { ...NONE, ...JSON.parse(sessionStorage.getItem(KEY)) }; } catch { return { ...NONE }; }
  }

  const isAll = () => !scope.articles.length && !scope.since && !scope.until;
  const counted = (n) => `${n} article${n === 1 ? "" : "s"}`;

  function words() {
    const dates = [scope.since && `since ${scope.since}`, scope.until && `until ${scope.until}`].filter(Boolean).join(" ");
    return [scope.articles.length ? counted(scope.articles.length) : "", dates].filter(Boolean).join(", ");
  }

  function node(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function changed() {
    try { sessionStorage.setItem(KEY, JSON.stringify(scope)); } catch { /* it holds until the page is left */ }
    const chosen = document.querySelector("#filter .chosen");
    if (!chosen) return;
    chosen.replaceChildren();
    if (isAll()) return;
    const clear = node("button", { type: "button", className: "all", textContent: "×", title: "Clear the filter" });
    clear.setAttribute("aria-label", "Clear the filter");
    chosen.append(node("span", { textContent: `Only: ${words()}` }), clear);
  }

  function clear() {
    scope = { ...NONE };
    changed();
    fill();
    if (!document.querySelector("#filter details").open) document.querySelector("#filter summary").focus();
    window.quotewire.announce("All articles are asked.");
  }

  // The dates that exclude each other are never kept: the other one gives way.
  function dated(field) {
    scope[field.name] = field.validity.valid ? field.value : "";
    if (scope.since && scope.until && scope.since > scope.until) scope[field.name === "since" ? "until" : "since"] = "";
    changed();
    fill();
  }

  function fill() {
    const form = document.querySelector("#filter form");
    for (const name of ["since", "until"]) if (form.elements[name].value !== scope[name]) form.elements[name].value = scope[name];
    list();
  }

  function list() {
    const form = document.querySelector("#filter form"), wanted = form.elements.title.value.trim().toLowerCase().split(/\s+/);
    const chosen = new Set(scope.articles), gone = scope.articles.filter((path) => !articles.some((a) => a.path === path));
    const fits = (article) => wanted.every((word) => `${article.title} ${article.path} ${article.date}`.toLowerCase().includes(word));
    const found = articles.filter((article) => chosen.has(article.path) || fits(article));
    found.sort((one, two) => chosen.has(two.path) - chosen.has(one.path));
    const shown = [...gone.map((path) => ({ path, title: `${path} (no longer there)`, date: "" })), ...found].slice(0, SHOWN + chosen.size);
    form.querySelector(".count").textContent = shown.length < found.length
      ? `${found.length} found, the first ${shown.length} shown: type more of the title.` : `${counted(found.length)} shown.`;
    form.querySelector(".choices").replaceChildren(...shown.map((article, n) => {
      const box = node("input", { type: "checkbox", value: article.path, checked: chosen.has(article.path), tabIndex: n ? -1 : 0 });
      return node("li", {}, node("label", {}, box, node("span", { textContent: article.title }), node("small", { textContent: article.date })));
    }));
  }

  async function load() {
    const count = document.querySelector("#filter .count");
    try {
      const answer = await fetch("/library");
      if (!answer.ok) throw new Error(answer.status);
      articles = (await answer.json()).articles;
      articles.sort((one, two) => two.date.localeCompare(one.date) || one.title.localeCompare(two.title));
      fill();
    } catch {
      count.textContent = "The server does not list its articles. Is it running? Close the filter and open it again.";
    }
  }

  function close() {
    const details = document.querySelector("#filter details");
    if (!details?.open) return false;
    details.open = false;
    details.querySelector("summary").focus();
    return true;
  }

  function begin() {
    const filter = document.querySelector("#filter .filter");
    if (!filter) { setTimeout(begin, 100); return; }
    const form = filter.querySelector("form");
    filter.querySelector("details").addEventListener("toggle", (event) => { if (event.target.open) load(); });
    filter.addEventListener("click", (event) => { if (event.target.closest(".all")) clear(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); close(); });
    form.addEventListener("input", (event) => {
      const field = event.target;
      if (field.name === "title") list();
      else if (field.type === "date") dated(field);
      else {
        scope.articles = scope.articles.filter((path) => path !== field.value).concat(field.checked ? [field.value] : []);
        changed();  // the list stays as it is until the next search, so that nothing moves under the hand
      }
    });
    form.addEventListener("keydown", (event) => {
      const boxes = [...form.querySelectorAll(".choices input")], at = boxes.indexOf(event.target);
      if (event.target.name === "title" && event.key === "Enter") event.preventDefault();
      const down = event.target.name === "title" && event.key === "ArrowDown";
      const to = down ? 0 : at < 0 ? undefined : { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: boxes.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = boxes[to];
      if (!next) { if (to < 0) form.elements.title.focus(); return; }
      boxes.forEach((box) => { box.tabIndex = box === next ? 0 : -1; });
      next.focus();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && close()) event.stopImmediatePropagation();
    }, true);
    document.addEventListener("pointerdown", (event) => {
      const details = filter.querySelector("details");
      if (details.open && !filter.contains(event.target)) details.open = false;
    });
    changed();
  }

  Object.assign(window.quotewire ??= {}, { scope: () => scope });
  begin();
})();
