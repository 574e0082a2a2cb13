// Our own script: the source panel beside the chat, "Copy", and the quote scrolled into view. No library, no request
// but for articles of this server. Without it, every citation is a plain link to the article's own page.
(() => {
  "use strict";
  let panel, said, opener, latest = 0;

  function announce(words) {
    if (!said) {
      said = document.body.appendChild(document.createElement("div"));
      said.className = "said";
      said.setAttribute("role", "status");
    }
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
      article = await (await fetch(url)).text();  // escaped by the server, also where there is no such article
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
    new MutationObserver((changes) => {
      const last = log.lastElementChild, grown = log.children.length > turns;
      turns = log.children.length;
      if (grown || changes.some((change) => last?.contains(change.target))) last.scrollIntoView({ block: "start" });
    }).observe(log, { childList: true, subtree: true });
  }

  if (document.body.classList.contains("own-page")) showQuote(document, false);
  else followConversation();
})();
