// A number opens its source and takes the keyboard there; Escape goes back to the number.
let origin = null;
document.addEventListener("click", (event) => {
  const mark = event.target.closest("a.mark");
  const card = mark && document.getElementById(mark.hash.slice(1));
  if (!card) return;
  event.preventDefault();
  origin = mark;
  document.querySelectorAll(".source.current").forEach((one) => one.classList.remove("current"));
  card.classList.add("current");
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !origin || !document.activeElement.closest(".source")) return;
  origin.focus();
  origin = null;
});
