// The page as a whole: the folded list of conversations, the address of the conversation, where the log is read from.
if (!window.keiPage) {
  window.keiPage = true;
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("#history-title");
    if (fold) fold.setAttribute("aria-expanded", String(document.querySelector("#columns").classList.toggle("history-open")));
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
    if (!log) return;
    // On a narrow page the log is as long as it is, and the page scrolls.
    const scrolls = log.scrollHeight > log.clientHeight + 1 && getComputedStyle(log).overflowY !== "visible";
    if (scrolls) log.scrollTop += asked.getBoundingClientRect().top - log.getBoundingClientRect().top - 40;
    else if (asked.getBoundingClientRect().top > innerHeight / 2) scrollBy(0, asked.getBoundingClientRect().top - 40);
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state", "data-thread"] });
  document.addEventListener("keydown", (event) => {
    const busy = document.querySelector('#status [data-state="busy"]');
    if (event.key === "Escape" && busy && !event.defaultPrevented) document.querySelector("#stop")?.click();
    if (event.key !== "/" || event.target.closest("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector("#question textarea")?.focus();
  });
}
