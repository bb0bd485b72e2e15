// Keys of the review desk: v verifies, n goes on, d and c decide once their box was filled and lead to it before.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") return document.querySelector("#next")?.click();
  const button = document.querySelector(`#decide button[data-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  const box = { d: "#note", c: "#proposed" }[event.key];
  const field = box && document.querySelector(box);
  if (field && field.value === field.defaultValue) field.focus();
  else button.click();
});
