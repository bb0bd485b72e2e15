// The page that is shown while the law book is being opened: it looks again by itself, and goes on when it is open.
const EVERY = 2000;
const [told, lost, progress] = ["#told", "#lost", "#progress"].map((id) => document.querySelector(id));
const look = async () => {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    const state = answer.ok ? {} : await answer.json();
    if (!state.faults?.includes("starting")) return location.reload();
    told.textContent = state.told;
    lost.textContent = "";
    if (state.total) {
      progress.max = state.total;
      progress.value = state.done;
    }
  } catch {
    lost.textContent = "No connection to the Kei Assistant: it may have been stopped. This page goes on looking.";
  }
  setTimeout(look, EVERY);
};
setTimeout(look, EVERY);
