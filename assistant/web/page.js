// A number in an answer opens its source in the panel; Escape goes back to the number. `trigger('cite')` is not needed:
// every source of the conversation is already on the page.
if (!window.keiCites) {
  window.keiCites = true;
  let origin = null;
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("#history-title");
    if (fold) fold.setAttribute("aria-expanded", String(document.querySelector("#columns").classList.toggle("history-open")));
    const link = event.target.closest('#chat a[href*="#src-"]');
    if (!link) return;
    event.preventDefault();
    const card = document.getElementById(link.hash.slice(1));
    if (!card) return;
    origin = link;
    document.querySelectorAll("#source-lists section").forEach((list) => { list.hidden = !list.contains(card); });
    document.querySelectorAll("#source-lists .current").forEach((one) => one.classList.remove("current"));
    card.classList.add("current");
    card.scrollIntoView({ block: "nearest" });
    card.focus();
  });
  // A new answer is read from its question down, not from its end up.
  let turn = "";
  new MutationObserver(() => {
    const now = document.querySelector("#status [data-turn]");
    // The address names the conversation, so that a reload finds it; it holds no word of it.
    if (now && "thread" in now.dataset) {
      const named = now.dataset.thread ? `?thread=${encodeURIComponent(now.dataset.thread)}` : location.pathname;
      if (named !== (location.search || location.pathname)) history.replaceState(history.state, "", named);
    }
    if (!now || now.dataset.turn + now.dataset.state === turn) return;
    turn = now.dataset.turn + now.dataset.state;
    const asked = [...document.querySelectorAll('#chat [data-testid="user"]')].pop();
    const log = asked?.closest('[role="log"]');
    if (log) log.scrollTop += asked.getBoundingClientRect().top - log.getBoundingClientRect().top - 40;
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state", "data-thread"] });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && origin && document.activeElement.closest("#source-lists")) {
      origin.focus();
      origin = null;
    } else if (event.key === "/" && !event.target.closest("input, textarea, [contenteditable]")) {
      event.preventDefault();
      document.querySelector("#question textarea")?.focus();
    }
  });
}
