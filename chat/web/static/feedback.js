// A thumb up or down on an answer: sent to this server, which keeps it as a test question. What was pressed is kept by
// this browser. The form that asks what a wrong answer should have been is put back when Gradio patches the turns.
(() => {
  "use strict";
  const KEY = "quotewire-verdicts", KEPT = 200;
  let form;

  const thumbsOf = (id) => document.querySelector(`.thumbs[data-turn="${CSS.escape(id)}"]`);

  function verdicts() {
    try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
  }

  function saved(id, verdict) {
    const all = Object.entries({ ...verdicts(), [id]: verdict }).slice(-KEPT);
    try { localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(all))); } catch { /* it is shown until a reload */ }
    show(thumbsOf(id), verdict);
  }

  function show(thumbs, verdict) {
    if (!thumbs) return;
    for (const button of thumbs.querySelectorAll("[data-verdict]")) {
      button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    }
    thumbs.toggleAttribute("data-saved", Boolean(verdict));
  }

  function showAll() {
    const all = verdicts();
    for (const thumbs of document.querySelectorAll(".thumbs")) show(thumbs, all[thumbs.dataset.turn]);
    if (form && !form.isConnected) thumbsOf(form.dataset.of)?.append(form);
  }

  async function send(id, verdict, said = {}) {
    const turns = window.quotewire.turns(), at = turns.findIndex((turn) => turn.id === id);
    if (at < 0) return { message: "This answer is not whole yet: wait a moment." };
    const before = turns.slice(0, at).filter((turn) => "answer" in turn).map(({ question, answer }) => ({ question, answer }));
    try {
      const answer = await fetch("/feedback", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Quotewire": "1" },
        body: JSON.stringify({ verdict, turn: turns[at], before, ...said }),
      });
      return { ok: answer.ok, ...await answer.json() };
    } catch {
      return { message: "The server does not answer. Is it running?" };
    }
  }

  async function up(id) {
    const { ok, message } = await send(id, "up");
    if (ok) { saved(id, "up"); if (form?.dataset.of === id) closeForm(false); }
    window.quotewire.announce(message);
  }

  function openForm(thumbs) {
    const abstention = thumbs.dataset.kind === "abstention";
    form?.remove();
    form = document.createElement("form");
    form.className = "wrong";
    form.dataset.of = thumbs.dataset.turn;
    form.setAttribute("aria-label", "What should it have been?");
    const notSaid = '<label><input type="radio" name="should" value="not said"> The articles do not say it</label>';
    form.innerHTML = `<fieldset><legend>What should it have been?</legend>${abstention ? "" : notSaid}`
      + '<label><input type="radio" name="should" value="said"> They say it, in these words:</label>'
      + '<textarea name="words" rows="3" maxlength="4000" aria-label="The right words, pasted from an article"></textarea>'
      + '<label><input type="radio" name="should" value=""> I only know that it is wrong</label></fieldset>'
      + '<label class="comment">Anything to add? <input name="comment" maxlength="4000" autocomplete="off"></label>'
      + '<p class="problem" role="alert"></p><p class="buttons"><button type="button" class="save">Save</button>'
      + '<button type="button" class="short" hidden>Save as a short answer</button>'
      + '<button type="button" class="cancel">Cancel</button></p>';
    thumbs.append(form);
    form.elements.should[0].checked = true;
    form.elements.should[0].focus();
    form.scrollIntoView({ block: "nearest" });
  }

  function closeForm(focus) {
    const thumbs = thumbsOf(form.dataset.of);
    form.remove();
    form = undefined;
    if (focus) thumbs?.querySelector('[data-verdict="down"]').focus();
  }

  async function submit(should) {
    const mine = form, problem = mine.querySelector(".problem"), short = mine.querySelector(".short");
    const said = { should, words: mine.elements.words.value, comment: mine.elements.comment.value };
    problem.textContent = "";
    const answer = await send(mine.dataset.of, "down", said);
    if (answer.ok) {
      saved(mine.dataset.of, "down");
      if (form === mine) closeForm(true);
      window.quotewire.announce(answer.message);
    } else {
      problem.textContent = answer.message;
      short.hidden = !answer.short;
      mine.scrollIntoView({ block: "nearest" });
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".thumbs button");
    if (!button) return;
    const thumbs = button.closest(".thumbs");
    if (button.dataset.verdict === "up") up(thumbs.dataset.turn);
    else if (button.dataset.verdict === "down") openForm(thumbs);
    else if (button.className === "cancel") closeForm(true);
    else if (button.className === "short") submit("short");
    else if (button.className === "save") submit(form.elements.should.value);
  });
  document.addEventListener("submit", (event) => {
    if (event.target === form) event.preventDefault();  // Enter, which opened the form, must not send it too
  });
  document.addEventListener("input", (event) => {
    if (form && event.target === form.elements.words) form.querySelector('[value="said"]').checked = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !form?.contains(event.target)) return;
    event.stopImmediatePropagation();
    closeForm(true);
  }, true);

  function begin() {
    const log = document.querySelector("#conversation .log");
    if (!log) { setTimeout(begin, 100); return; }
    new MutationObserver(showAll).observe(log, { childList: true, subtree: true });
    showAll();
  }
  begin();
})();
