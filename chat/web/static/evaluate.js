// The tab "Evaluate": sends the chosen questions, shows how far the run is, then what it found. The run belongs to the
// server: whoever opens the tab sees it, and a reload loses nothing. All HTML comes from the server, escaped there.
(() => {
  "use strict";
  const KEY = "quotewire-evaluation", POLL = 400, RETRY = 2000, LOST = "The server does not answer. Is it running?";
  let root, shown = 0, seen = -1, spoken = -1, latest = 0, timer;

  const part = (selector) => root.querySelector(selector);
  const hide = (selector, hidden) => { part(selector).hidden = hidden; };
  const isMine = (state) => sessionStorage.getItem(KEY)?.startsWith(`${state.number}.`);  // the key names its run
  const get = async (path) => {
    const response = await fetch(`/evaluate/${path}`, { cache: "no-store" });
    if (!response.ok) throw new Error(response.status);
    return response;
  };

  async function open(place) {
    root = place;
    root.setAttribute("aria-busy", "true");
    try {
      root.innerHTML = await (await get("tab")).text();
      root.removeAttribute("aria-busy");
    } catch {
      root.textContent = LOST;
      setTimeout(() => { if (place.isConnected) open(place); }, RETRY);
      return;
    }
    shown = 0;
    seen = spoken = -1;
    part("form").addEventListener("submit", (event) => { event.preventDefault(); start(event.target); });
    part("[name=own]").addEventListener("change", () => {
      const own = part("[name=file][value='']");
      if (own) own.checked = true;
    });
    part(".cancel").addEventListener("click", cancel);
    poll();
  }

  function problem(words) {
    part(".problem").textContent = words;
  }

  async function start(form) {
    const known = new FormData(form).get("file"), chooser = form.elements.own, own = chooser.files[0];
    if (!known && !own) { problem("Choose a question file first."); chooser.focus(); return; }
    const most = Number(chooser.dataset.most);
    if (!known && own.size > most) {
      problem(`${own.name}: is larger than ${most / 1e6} MB: split it, or run python -m chat evaluate`);
      return;
    }
    problem("");
    form.querySelector(".main").disabled = true;
    try {
      const path = known ? `file=${encodeURIComponent(known)}` : `name=${encodeURIComponent(own.name)}`;
      const answer = await (await fetch(`/evaluate/run?${path}`, { method: "POST", body: known ? null : own })).json();
      if (answer.key) sessionStorage.setItem(KEY, answer.key);
      else problem(answer.problem);
    } catch {
      problem("The questions could not be sent. Is the server running, and the file still there?");
    }
    await poll();
    if (!part(".run").hidden) part(".cancel").focus();
  }

  async function cancel() {
    part(".cancel").disabled = true;
    part(".count").textContent = "Stopping …";
    try {
      await fetch(`/evaluate/cancel?key=${encodeURIComponent(sessionStorage.getItem(KEY))}`, { method: "POST" });
    } catch {
      problem(LOST);
      part(".cancel").disabled = false;
    }
    poll();
  }

  // Once while nothing runs; again and again while something does. Of several that are under way the last one counts.
  async function poll() {
    clearTimeout(timer);
    const mine = ++latest;
    let state, result;
    try {
      state = await (await get("state")).json();
      if (!state.running && state.result !== shown) result = await (await get("result")).text();
    } catch {
      if (mine !== latest) return;
      problem(LOST);
      timer = setTimeout(poll, RETRY);
      return;
    }
    if (mine !== latest || !root.isConnected) return;
    if (part(".problem").textContent === LOST) problem("");
    if (!state.running) { ended(state, result); return; }
    running(state);
    timer = setTimeout(poll, POLL);
  }

  function running(state) {
    if (seen !== state.number) {
      seen = state.number;
      spoken = -1;
      hide(".cancel", true);
      part(".cancel").disabled = false;
    }
    hide(".run", false);
    hide(".cancel", !isMine(state));
    part(".main").disabled = true;
    const bar = part("progress");
    bar.max = state.total;
    bar.value = state.done;
    if (!part(".cancel").disabled) part(".count").textContent = `${state.name}: ${state.said}`;
    const quarter = Math.floor(4 * state.done / state.total);
    if (quarter !== spoken) part(".spoken").textContent = `${state.name}: ${state.said}`;
    spoken = quarter;
  }

  function ended(state, result) {
    const watched = isMine(state) || (seen === state.number && !part(".run").hidden);
    hide(".run", true);
    part(".main").disabled = false;
    if (isMine(state)) sessionStorage.removeItem(KEY);
    if (watched && state.ended) problem(state.ended);
    if (result === undefined) { if (watched) part(".main").focus(); return; }
    part(".result").innerHTML = result;
    shown = state.result;
    part(".spoken").textContent = watched ? "The evaluation has ended; its result is below." : "";
    if (watched) part(".result h2")?.focus();
  }

  // Gradio makes a tab's content when the tab is first opened.
  new MutationObserver(() => {
    const place = document.querySelector("#evaluation .evaluate");
    if (place && place !== root) open(place);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
