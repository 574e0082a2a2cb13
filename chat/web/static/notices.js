// What the page says when the server refuses: logged out, too many questions, a full queue, a server that stops. It looks
// at the answers to the page's own requests, whoever sends them (Gradio, or our own scripts), and changes none but for
// the words that Gradio would show.
(() => {
  "use strict";
  const LOGGED_OUT = "You have been logged out", send = window.fetch;
  const bar = document.createElement("div");
  bar.className = "notices";
  bar.setAttribute("role", "alert");
  document.body.append(bar);
  const again = document.createElement("a");
  again.href = location.pathname;  // who is not logged in is sent to the log-in page, or the proxy's, and back
  again.textContent = "log in again";
  let timer;

  function show(words, seconds) {
    clearTimeout(timer);
    bar.textContent = words;
    if (seconds) timer = setTimeout(() => { bar.textContent = ""; }, 1000 * seconds);
  }

  const isGradios = (url) => url.pathname.startsWith("/gradio_api/");

  async function refused(answer, url) {
    if (answer.status === 401 || (answer.status === 403 && isGradios(url))) {
      show(`${LOGGED_OUT}: `);
      bar.append(again);
      return isGradios(url) ? Response.json({ detail: `${LOGGED_OUT}.` }, { status: 401 }) : answer;
    }
    if (!isGradios(url) || ![413, 429, 503].includes(answer.status)) return answer;
    let words;
    try { words = (await answer.clone().json()).detail; } catch { return answer; }
    show(words, 15);
    return Response.json({ detail: words }, { status: 429 });  // for 503 Gradio has words of its own
  }

  window.fetch = async (...asked) => {
    const answer = await send(...asked);
    const url = new URL(asked[0]?.url ?? asked[0], location);
    if (url.origin !== location.origin) return answer;
    if (!answer.ok) return refused(answer, url);
    const wait = Number(answer.headers.get("X-Quotewire-Wait"));
    if (wait) show(`Others are asking too: your answer begins in about ${wait} second${wait === 1 ? "" : "s"}.`, wait + 1);
    return answer;
  };
})();
