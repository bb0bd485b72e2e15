// The page as a whole: the folded list of conversations, the address of the conversation, where the log is read from.
if (!window.keiPage) {
  window.keiPage = true;
  document.addEventListener("click", (event) => {
    // These are about to vanish, or fill the box.
    if (event.target.closest("#stop, #edit, #clear")) document.querySelector("#question textarea")?.focus();
    const fold = event.target.closest("#history-title");
    if (fold) fold.setAttribute("aria-expanded", String(document.querySelector("#columns").classList.toggle("history-open")));
  });
  // A new answer is read from its question down, not from its end up.
  const read = () => {
    const asked = [...document.querySelectorAll('#chat [data-testid="user"]')].pop();
    const log = asked?.closest('[role="log"]');
    if (!log) return;
    const top = asked.getBoundingClientRect().top;
    // On a narrow page the log is as long as it is, and the page scrolls.
    const scrolls = log.scrollHeight > log.clientHeight + 1 && getComputedStyle(log).overflowY !== "visible";
    if (scrolls) log.scrollTop += top - log.getBoundingClientRect().top - 40;
    else if (top > innerHeight / 2) scrollBy(0, top - 40);
  };
  // Gradio's list of states is no stop of the keyboard; its box is.
  const skip = () => document.querySelectorAll('#place ul[role="listbox"]:not([tabindex])').forEach((list) => { list.tabIndex = -1; });
  new MutationObserver(skip).observe(document.body, { subtree: true, childList: true });
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
    read();
    setTimeout(read, 400);  // a conversation that is opened again is drawn after its status
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state", "data-thread"] });
  document.addEventListener("keydown", (event) => {
    const busy = document.querySelector('#status [data-state="busy"]');
    if (event.key === "Escape" && busy && !event.defaultPrevented) document.querySelector("#stop")?.click();
    if (event.key !== "/" || event.target.closest("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector("#question textarea")?.focus();
  });
}
