// On every page: says in words when the server is gone, starting or busy, and when its person was signed out, and what
// to do next; keeps a form from being sent where nobody would take it. The chat adds reconnect.js.
window.keiConnection = (() => {
  const SOON = 3000, LATER = 5000, LONGEST = 8000;
  // Gradio forgets what it knows of a page after an hour in which the page was not heard of.
  const FORGOTTEN = 50 * 60000;
  const KEPT = ["What you typed stays here.", "Your conversation is kept, and what you typed stays in the box."];
  const WORDS = {
    offline: "No connection to the Kei Assistant. %kept It is tried again every few seconds.",
    starting: "%told %kept It goes on by itself.",
    unready: "%told %kept It is tried again every few seconds.",
    out: "%told Sign in again, then come back to this window. %kept",
    renewed: "The Kei Assistant was renewed while this page was open. Load the page anew to go on. %kept",
    stuck: "This page has lost its place. Load it anew to go on. %kept",
    busy: "Too many people are asking just now. Your question is still in the box: press Ask again in a moment.",
    failed: "Your question could not be sent. It is still in the box: press Ask again.",
    back: "Connected again.",
    unanswered: "Connected again. Your last question was not answered; it is in the box: press Ask.",
    again: "You are signed in again.",
  };
  // Good news is no alert. What does not keep the page from working can be closed.
  const GOOD = ["back", "unanswered", "again"], PASSING = ["busy", "failed", ...GOOD];
  let state = "", first = null, probing = null, looked = Date.now(), timer;

  const banner = document.createElement("div");
  banner.id = "connection";
  banner.innerHTML = '<p role="alert"></p><p role="status"></p><span></span>';
  const [alert, status, ways] = banner.children;
  const way = (kind, name, more) => ways.append(Object.assign(document.createElement(kind), { textContent: name, ...more }));
  const show = (next, told = "") => {
    const text = (WORDS[next] ?? "").replace("%told", () => told).replace("%kept", KEPT[Number(Boolean(kei.restored))]);
    const here = GOOD.includes(next) ? status : alert;
    if (state === next && here.textContent === text) return;
    banner.dataset.state = state = next;
    for (const one of [alert, status]) one.textContent = one === here ? text : "";
    ways.replaceChildren();
    const signIn = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    if (next === "out") way("a", "Sign in (new tab)", { href: signIn, target: "_blank" });
    else if (["renewed", "stuck"].includes(next)) way("button", "Load anew", { type: "button", onclick: () => (kei.anew ?? (() => location.reload()))() });
    else if (PASSING.includes(next)) way("button", "Close", { type: "button", onclick: () => show("") });
    if (["back", "again"].includes(next)) setTimeout(() => { if (state === next) show(""); }, LONGEST);
  };

  // Whether the server is there: asked now and then while somebody looks, and at once when something failed.
  const probe = () => (probing ??= look().finally(() => {
    probing = null;
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(probe, kei.works() ? LATER : SOON);
  }));
  const look = async () => {
    let answer, told = {};
    try {
      answer = await kei.fetch("/session", { cache: "no-store", signal: AbortSignal.timeout(LONGEST) });
      const text = await answer.text();
      try { told = JSON.parse(text); } catch { told = { told: text }; }
    } catch { /* no answer at all */ }
    if (kei.leaving) return;
    if (answer?.status === 401) return show("out", told.told);
    if (answer?.status === 503 && told.faults) {
      kei.lost = true;
      return show("starting", told.told);
    }
    // Our own words are short and plain; a proxy's page is not.
    if (answer?.status === 503 && told.told?.length < 200 && !told.told.includes("<")) return show("unready", told.told);
    if (!answer?.ok || !told.person) {
      kei.lost = true;
      return show("offline");
    }
    first ??= told;
    if (first.process !== told.process || Date.now() - looked > FORGOTTEN) kei.lost = true;
    first.process = told.process;
    looked = Date.now();
    // Whoever signs in next must not see what was on the page.
    if (first.person !== told.person) return location.replace(location.pathname);
    if (first.edition !== told.edition) return show("renewed");
    if (state === "stuck") return;
    if (kei.lost) {
      const next = kei.restored ? await kei.restored() : "back";
      if (!next) return; // not yet
      kei.lost = false;
      show(next);
    } else if (!kei.works()) show(state === "out" ? "again" : "back");
  };

  // A form that is sent while nobody is there to take it would lose what was written into it.
  let sure = null;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || form.getAttribute("action") === "/sign-out" || sure === form) return;
    event.preventDefault();
    await probe();
    if (!kei.works()) return;
    sure = form;
    form.requestSubmit(event.submitter);
    sure = null;
  });

  addEventListener("pagehide", () => { kei.leaving = true; });
  addEventListener("beforeunload", () => {
    kei.leaving = true;
    setTimeout(() => { kei.leaving = false; }, SOON); // a download leaves the page where it is
  });
  addEventListener("pageshow", (event) => {
    kei.leaving = false;
    if (event.persisted) kei.fell();
  });
  addEventListener("online", probe);
  addEventListener("offline", () => kei.fell());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) probe(); });
  const sized = () => document.documentElement.style.setProperty("--connection", `${banner.offsetHeight}px`);
  const begin = () => {
    document.body.prepend(banner);
    new ResizeObserver(sized).observe(banner);
    probe();
  };
  if (document.body) queueMicrotask(begin);
  else document.addEventListener("DOMContentLoaded", begin);

  const kei = {
    // The browser's own, whatever is put around it later.
    fetch: window.fetch.bind(window),
    // Whether the server may know nothing of this page any more.
    lost: false,
    leaving: false,
    works: () => !state || PASSING.includes(state),
    fell: () => {
      if (kei.leaving) return;
      kei.lost = true;
      probe();
    },
    asks: () => { if (PASSING.includes(state)) show(""); },
    show,
    probe,
  };
  return kei;
})();
