if (!window.keiSources) {
  window.keiSources = true;
  let origin = null;
  document.addEventListener("click", (event) => {
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
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !origin || !document.activeElement.closest("#source-lists")) return;
    origin.focus();
    origin = null;
  });
}
