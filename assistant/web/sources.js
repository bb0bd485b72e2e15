// The panel of sources: a number of an answer opens its passage, Escape and "Back" return to it; tabs by mouse and arrow
// keys. Every source of the conversation is on the page, so no event of Gradio is needed; after each turn the panel's HTML
// is drawn anew, and what was open is opened again.
if (!window.keiSources) {
  window.keiSources = true;
  // What is shown: a turn, one of its views, and the source that is open; `from` is where Escape leads back to.
  let open = { turn: null, view: "cited", card: null, from: null };
  let drawn = "";
  let inside = false;

  const lists = () => document.getElementById("source-lists");
  const sections = () => [...(lists()?.querySelectorAll("section[data-turn]") ?? [])];
  const marks = (hash) => [...document.querySelectorAll('#chat a[href*="#src-"]')].filter((one) => one.hash === hash);

  function show() {
    for (const section of sections()) {
      const here = section.dataset.turn === open.turn;
      section.hidden = !here;
      section.dataset.view = here ? open.view : "cited";
      if (!here) continue;
      const cards = [...section.querySelectorAll(".list .source")];
      const at = Math.max(0, cards.findIndex((card) => card.id === open.card));
      open.card = cards[at].id;
      cards.forEach((card, n) => card.classList.toggle("current", n === at && open.view === "passage"));
      for (const tab of section.querySelectorAll('[role="tab"]')) {
        const chosen = tab.dataset.view === open.view;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
      }
      section.querySelector(".list").setAttribute("aria-labelledby", `${open.view === "passage" ? "passage" : "cited"}-tab-${open.turn}`);
      section.querySelectorAll(".open").forEach((button) => { button.tabIndex = open.view === "passage" ? -1 : 0; });
      section.querySelector(".steps .at").textContent = open.view === "passage" ? `${at + 1} of ${cards.length}` : "";
      section.querySelector('[data-step="-1"]').disabled = at === 0;
      section.querySelector('[data-step="1"]').disabled = at === cards.length - 1;
    }
  }

  function passage(card, from) {
    open = { turn: card.closest("section").dataset.turn, view: "passage", card: card.id, from };
    show();
    card.focus({ preventScroll: true });
    // Its steps stand above it, and must not be scrolled out of sight.
    card.closest("section").scrollIntoView({ block: window.matchMedia("(max-width: 900px)").matches ? "start" : "nearest" });
    document.getElementById("right")?.scrollTo?.({ top: 0 });
  }

  function back() {
    const { from, card } = open;
    if (from) {
      const found = marks(from.hash);
      (found[from.nth] ?? found[0])?.focus();
      open.from = null;
    } else if (open.view === "passage") {
      open.view = "cited";
      show();
      document.getElementById(card)?.querySelector(".open")?.focus();
    }
  }

  function step(by) {
    const cards = [...document.getElementById(open.card).closest(".list").querySelectorAll(".source")];
    const next = cards[cards.findIndex((card) => card.id === open.card) + by];
    if (!next) return;
    open.card = next.id;
    show();
    // A button that has just been switched off cannot hold the focus.
    if (document.activeElement === document.body || document.activeElement.disabled) next.focus();
  }

  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest('#chat a[href*="#src-"]');
    if (link) {
      event.preventDefault();
      const card = document.getElementById(link.hash.slice(1));
      if (card) passage(card, { hash: link.hash, nth: marks(link.hash).indexOf(link) });
      return;
    }
    const button = event.target.closest("#source-lists button");
    if (!button) return;
    if (button.matches(".open")) passage(button.closest(".source"), null);
    else if (button.dataset.step === "back") back();
    else if (button.dataset.step) step(Number(button.dataset.step));
    else if (button.dataset.view) choose(button);
  });

  function choose(tab) {
    open.turn = tab.closest("section").dataset.turn;
    open.view = tab.dataset.view;
    show();
    tab.focus();
  }

  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("#source-lists");
    if (!here) return;
    if (event.key === "Escape") {
      event.preventDefault();
      back();
      return;
    }
    const tab = event.target.closest('[role="tab"]');
    if (!tab) return;
    const tabs = [...tab.parentElement.children];
    const to = { ArrowRight: tabs.indexOf(tab) + 1, ArrowLeft: tabs.indexOf(tab) - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs.at(to % tabs.length));
  });
  document.addEventListener("focusin", (event) => { inside = Boolean(event.target.closest?.("#source-lists")); });

  function redrawn() {
    const all = sections();
    if (!all.length) drawn = "";
    if (all.every((section) => section.dataset.view)) return;
    // The same turns drawn anew keep what was open; another conversation or a new answer begins with its own list.
    const now = all.map((section) => section.querySelector(".asked").textContent).join("\n");
    if (now !== drawn) open = { turn: all.at(-1).dataset.turn, view: "cited", card: null, from: null };
    drawn = now;
    show();
    if (inside && document.activeElement === document.body && open.view === "passage") document.getElementById(open.card)?.focus();
  }
  new MutationObserver(redrawn).observe(document.body, { subtree: true, childList: true });
  redrawn();
}
