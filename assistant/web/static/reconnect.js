// On the chat: when the connection is lost, Gradio would load the page anew and lose what was typed. So it is not told;
// the conversation is opened again from where it is stored, and a question that got no answer is put back into the box.
// Nothing of a question is kept beyond the page, but for the moment of loading it anew when its person presses that.
(() => {
  const kei = window.keiConnection, real = kei.fetch;
  const PATIENCE = 20000;
  // What Gradio takes for "this was refused, and there is nothing to say of it": no toast, no mark, no reload.
  const refusal = () => new Response(JSON.stringify({ detail: [] }), { status: 422, headers: { "Content-Type": "application/json" } });
  const BROKEN = new TextEncoder().encode('data: {"msg":"unexpected_error","message":[]}\n\ndata: {"msg":"close_stream"}\n\n');
  const find = (what) => document.querySelector(what);
  const box = () => find("#question textarea"), turn = () => find("#status [data-turn]");
  const busy = () => turn()?.dataset.state === "busy";
  const last = () => [...document.querySelectorAll('#chat [data-testid="user"]')].pop()?.innerText.trim() ?? "";
  // What was pressed and not yet sent; what was sent; what got no answer.
  let pressed = "", asked = "", unanswered = "";
  // The conversation that is being opened again: the id of its event once it is sent, and what came of it.
  let opening = null;

  // `ready` may be true at once; the page is looked at again whenever something on it changes.
  const when = (ready, patience) => new Promise((done) => {
    const seen = new MutationObserver(() => { if (ready()) end(); });
    const end = () => { seen.disconnect(); done(); };
    if (ready()) return done();
    seen.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state", "data-thread"] });
    if (patience) setTimeout(end, patience);
  });
  const type = (text) => {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  };
  const put = (text) => { if (text && box()?.value === "") type(text); };
  const presses = (text) => {
    pressed = text.trim();
    kei.asks();
  };
  document.addEventListener("click", (event) => {
    const by = event.target.closest?.("#ask, #retry, .suggestion");
    if (by) presses(by.id === "ask" ? box()?.value ?? "" : by.id === "retry" ? last() : by.innerText);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target === box()) presses(event.target.value);
  }, true);

  const fell = () => {
    if (kei.leaving) return;
    if (busy() && asked) put(unanswered ||= asked);
    opening?.end(false);
    kei.fell();
  };
  // The server may know nothing of this page any more, so it is made to read the conversation from where it is stored.
  // Until it has, nothing can be asked: it would be read without the conversation, or given up for it.
  kei.restored = async () => {
    const focused = document.activeElement, [x, y] = [scrollX, scrollY];
    const door = find('#history-list li[aria-current="true"] .open') ?? (unanswered ? find("#clear") : null);
    if (!door) return "back";
    const whole = new Promise((end) => { opening = { id: "", seen: "", end }; });
    setTimeout(opening.end, PATIENCE, false);
    door.click();
    if (focused !== document.activeElement) focused === document.body ? document.activeElement.blur() : focused.focus({ preventScroll: true });
    scrollTo(x, y);
    const opened = await whole;
    opening = null;
    if (!opened) return "";
    if (!unanswered) return "back";
    await when(() => !busy(), PATIENCE);
    const question = unanswered;
    unanswered = "";
    if (last() !== question) return "unanswered";
    // It was answered and stored after all.
    if (box()?.value === question) type("");
    return "back";
  };

  // The events of an answer, whose end is told in Gradio's own words when it is cut off.
  const mended = (answer) => {
    const reader = answer?.ok ? answer.body.getReader() : null, text = new TextDecoder();
    let tail = "", whole = false;
    const broken = (out) => {
      out.enqueue(BROKEN);
      out.close();
      fell();
    };
    const body = new ReadableStream({
      async pull(out) {
        try {
          const { done, value } = reader ? await reader.read() : { done: true };
          const part = text.decode(value, { stream: true });
          tail = (tail + part).slice(-400);
          if (opening?.id) {
            opening.seen += part;
            if (opening.seen.includes(opening.id) && opening.seen.includes('"process_completed"')) opening.end(true);
          }
          whole ||= tail.includes('"close_stream"');
          if (tail.includes('"msg":"unexpected_error"') || (done && !whole)) broken(out);
          else if (done) out.close();
          else out.enqueue(value);
        } catch {
          if (!whole) broken(out);
        }
      },
      cancel: (why) => reader?.cancel(why),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  const refused = async (question, status) => {
    put(question);
    await kei.probe();
    if (kei.works()) kei.show([429, 503].includes(status) ? "busy" : "failed");
  };
  const joined = async (input, init) => {
    const question = pressed, opens = opening?.id === "" ? opening : null;
    pressed = "";
    let answer = null;
    try {
      if (!kei.lost || opens) answer = await real(input, init);
      if (opens && answer.ok) opens.id = (await answer.clone().json()).event_id;
    } catch { fell(); }
    if (answer?.ok || answer?.status === 422) {
      asked = question || asked;
      return answer;
    }
    refused(question, answer?.status);
    return refusal();
  };
  window.fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
    const [, door] = pathname.split("/gradio_api/");
    if (door === "queue/join") return joined(input, init);
    if (door === "queue/data") return mended(await real(input, init).catch(() => null));
    if (door?.startsWith("app_id")) {
      // Gradio has given up after all, and would load the page anew as soon as it could.
      kei.show("stuck");
      throw new TypeError("the page is loaded anew by its person");
    }
    return real(input, init);
  };

  // Loading anew by the person's own wish: what was typed goes along in the tab's history and is taken out there at once.
  kei.anew = () => {
    history.replaceState({ ...history.state, kei: unanswered || box()?.value || "" }, "");
    location.reload();
  };
  const { kei: brought, ...others } = history.state ?? {};
  if (brought !== undefined) {
    history.replaceState(others, "");
    when(() => turn() && "thread" in turn().dataset).then(() => put(brought));
  }
})();
