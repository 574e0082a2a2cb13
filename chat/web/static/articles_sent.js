// The files that somebody adds in the tab "Articles": each is sent, and followed until it is listed or refused.
import { button, call, link, make, many } from "./articles_parts.js";

const MOST_FILES = 200, SETTLES = 25, OPEN = ["wait", "send", "read", "taken"];

export class Sent {
  #files = [];

  // `list` shows the files; `tab` has `state` (what /library told), `say` and `began` (a build is to come).
  constructor(list, tab) {
    Object.assign(this, { list, tab });
  }

  get isWaiting() {
    return this.#files.some((file) => file.step === "read");
  }

  drop(data) {
    const folders = [...data.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
    if (folders) this.tab.say("A folder cannot be added: open it, and drop the files in it.");
    else if (data.files.length) this.add([...data.files]);
  }

  async add(files) {
    if (files.length > MOST_FILES) {
      const folder = this.tab.state.folder;
      this.tab.say(`${files.length} files are too many at once: add at most ${MOST_FILES}, or copy them into ${folder}.`);
      return;
    }
    const waiting = files.map((file) => ({ file, row: make("li"), words: make("span") }));
    if (!this.#files.some((file) => OPEN.includes(file.step))) this.#files = [];
    this.#files.push(...waiting);
    waiting.forEach((file) => this.#tell(file, "wait", "waiting"));
    this.list.hidden = false;
    this.list.replaceChildren(...this.#files.map((file) => file.row));
    for (const file of waiting) await this.#send(file, { more: file !== waiting.at(-1) });
    this.#summary();
  }

  // With `more` files to come, the index follows after the last of them.
  async #send(file, { replace = false, more = false }) {
    const most = this.tab.state.most_bytes;
    if (file.file.size > most) {
      this.#tell(file, "refused", `has more than ${Math.floor(most / 2 ** 20)} MB, and is not added.`);
      return;
    }
    this.#tell(file, "send", "is being sent …");
    const answer = await call("POST", "", { name: file.file.name, replace, more }, file.file);
    Object.assign(file, { path: answer.path, hash: answer.content_hash, polls: 0 });
    if (answer.status !== 200) {
      this.#tell(file, answer.taken ? "taken" : "refused", answer.problem);
    } else if (answer.already) {
      this.#tell(file, "done", `is there already, with the same content, as ${answer.path}.`);
    } else {
      this.#tell(file, "read", "is being indexed …");
      this.tab.began();
    }
    if (replace) this.#summary();
  }

  // Looks for the files in what the server tells now.
  settle(articles, state) {
    const before = this.#files.filter((file) => file.step === "read");
    const idle = !state.building.running && !this.#files.some((file) => ["wait", "send"].includes(file.step));
    for (const file of before) {
      const article = articles.find((found) => found.path === file.path && found.content_hash === file.hash);
      const left = state.skipped.find((found) => found.path === file.path);
      if (article) {
        this.#tell(file, "done", `is in the index, in ${many(article.passages, "passage")}: `, link(article));
      } else if (idle && left) {
        this.#tell(file, "refused", left.reason);
      } else if (idle && ++file.polls > SETTLES) {
        this.#tell(file, "refused", "is in the folder, but not in the index. Rebuild, or look at the server's log.");
      }
    }
    if (before.some((file) => file.step !== "read")) this.#summary();
  }

  #tell(file, step, words, ...more) {
    const name = file.file.name, focused = file.row.contains(document.activeElement);
    file.step = step;
    file.row.className = step;
    file.words.replaceChildren(...(words.includes(name) ? [words] : [make("b", "", name), `: ${words}`]), ...more);
    file.row.replaceChildren(file.words, ...(step === "taken" ? [
      button("Replace", `Replace ${name}`, () => this.#send(file, { replace: true })),
      button("Keep the old one", `Keep the old ${name}`, () => this.#tell(file, "kept", "the old one is kept.")),
    ] : []));
    if (!focused) return;
    file.words.tabIndex = -1;
    file.words.focus();
  }

  #summary() {
    const of = (step) => this.#files.filter((file) => file.step === step).length;
    const open = of("wait") + of("send") + of("read");
    const words = [`${of("done")} of ${many(this.#files.length, "file")} can be asked about.`];
    if (open) words.push(`${open} still to come.`);
    if (of("refused")) words.push(`${of("refused")} not added: the reason stands below.`);
    if (of("taken")) words.push(`${of("taken")} there already: replace it, or keep the old one.`);
    this.tab.say(words.join(" "));
  }
}
