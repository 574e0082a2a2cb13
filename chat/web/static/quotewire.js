// Our own script: the source panel beside the chat, "Copy", "Print", the tabs' keys, and the conversation of this tab of
// the browser. No library, no request but for articles of this server. Without it, every citation is a plain link.
(() => {
  "use strict";
  let panel, opener, latest = 0, turns = [], read = false;
  const said = document.createElement("div");  // there from the beginning: a region that comes with its words is not read
  said.className = "said";
  said.setAttribute("role", "status");
  document.body.append(said);

  function announce(words) {
    said.textContent = words;
    clearTimeout(announce.timer);
    announce.timer = setTimeout(() => { said.textContent = ""; }, 2500);
  }

  async function copy(button) {
    const words = `${button.dataset.copy} ${new URL(button.dataset.link, location.origin)}`;
    try {
      await navigator.clipboard.writeText(words);
    } catch {  // no clipboard outside https and localhost
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = words;
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    announce("Copied.");
  }

  function makePanel() {
    panel = document.createElement("aside");
    panel.className = "panel";
    panel.id = "source";
    panel.setAttribute("aria-label", "Source");
    panel.innerHTML = '<div class="panel-bar"><span>Source</span><button type="button" class="close">Close</button></div>'
      + '<div class="panel-body" tabindex="0" role="region" aria-label="Article"></div>';
    document.body.append(panel);
  }

  function closePanel() {
    if (!panel || panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("source-open");
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  }

  async function openPanel(link) {
    const url = new URL(link.href), mine = ++latest;
    url.searchParams.set("panel", "1");
    let article;
    try {
      const answer = await fetch(url), text = await answer.text();  // escaped by the server
      article = answer.ok ? text : new DOMParser().parseFromString(text, "text/html").querySelector("main").innerHTML;
    } catch {
      announce("The server does not answer. Is it running?");
      return;
    }
    if (mine !== latest) return;
    if (!panel) makePanel();
    const body = panel.querySelector(".panel-body");
    body.innerHTML = article;
    panel.hidden = false;
    opener = link;
    document.body.classList.add("source-open");
    showQuote(body, true);
    if (!body.querySelector("#quote")) body.scrollTop = 0;
  }

  function showQuote(within, focus) {
    const quote = within.querySelector("#quote");
    quote?.scrollIntoView({ block: "center" });
    if (focus) (quote ?? within).focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const button = event.target.closest("[data-copy]");
    if (button) { copy(button); return; }
    if (event.target.closest(".print")) { print(); return; }
    if (event.target.closest(".panel .close")) { closePanel(); return; }
    const card = event.target.closest(".card"), link = card?.querySelector("a.cite");
    if (!link) return;
    const selecting = !getSelection().isCollapsed && !event.target.closest("a.cite");
    if (selecting) return;
    event.preventDefault();
    openPanel(link);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closePanel(); });

  // While the newest turn grows, its beginning is kept in view: a long answer is read from its first words.
  function followConversation() {
    const log = document.querySelector("#conversation .log");
    if (!log) { setTimeout(followConversation, 100); return; }
    let turns = log.children.length;
    new MutationObserver((all) => {
      const changes = all.filter((change) => !change.target.closest?.(".thumbs"));
      const last = log.lastElementChild, grown = log.children.length > turns;
      turns = log.children.length;
      if (grown || changes.some((change) => last?.contains(change.target))) last.scrollIntoView({ block: "start" });
    }).observe(log, { childList: true, subtree: true });
  }

  // The tabs as the keyboard knows tabs: one stop, arrow keys between them. Gradio's are buttons alone.
  function tabKeys() {
    const list = document.querySelector("#tabs [role=tablist]");
    if (!list) { setTimeout(tabKeys, 100); return; }
    const tabs = () => [...list.querySelectorAll("[role=tab]")];
    const mark = () => tabs().forEach((tab) => {
      tab.tabIndex = tab.ariaSelected === "true" ? 0 : -1;
      const shown = document.getElementById(`tab-${tab.dataset.tabId}`);
      tab.id = `tab-${tab.dataset.tabId}-button`;
      shown?.setAttribute("aria-labelledby", tab.id);
    });
    list.setAttribute("aria-label", "Quotewire");
    list.addEventListener("keydown", (event) => {
      const all = tabs(), at = all.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      all[to % all.length].click();
      all[to % all.length].focus();
    });
    new MutationObserver(mark).observe(list, { attributeFilter: ["aria-selected"], subtree: true });
    mark();
  }

  // A tab of the browser keeps its own conversation; a new one begins with the last that any of them had, which Gradio
  // keeps for all of them together.
  // A question that is asked before that conversation is there waits for it.
  let begin;
  const begun = new Promise((resolve) => { begin = resolve; });
  Object.assign(window.quotewire ??= {}, {
    announce,
    begin,
    async asking(known) {
      await begun;
      return [read ? turns : known, window.quotewire.scope?.() ?? {}];
    },
    turns: () => turns,
    kept(last) {
      read = true;
      try { turns = JSON.parse(sessionStorage.getItem("quotewire-turns")) ?? last; } catch { turns = last; }
      return turns;
    },
    keep(now) {
      if (!read || !Array.isArray(now)) return;
      turns = now;
      try { sessionStorage.setItem("quotewire-turns", JSON.stringify(now)); } catch { announce("The browser keeps no more: clear the conversation."); }
    },
  });

  addEventListener("beforeprint", () => {
    for (const link of document.querySelectorAll(".printed a")) link.textContent = link.href;
  });

  if (document.body.classList.contains("own-page")) showQuote(document, false);
  else { followConversation(); tabKeys(); }
})();
