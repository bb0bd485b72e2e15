// Taking out one thing that the conversation keeps in mind; then the question box is the next stop.
element.addEventListener("click", (event) => {
  const chip = event.target.closest("button[data-key]");
  if (!chip) return;
  trigger("dropped", { key: chip.dataset.key });
  document.querySelector("#question textarea")?.focus();
});
