// What the client says of the last answer: one button is one message, with the words of the box beside it.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-kind]");
  if (!button) return;
  const note = element.querySelector("textarea");
  if (button.dataset.kind === "other" && !note.value.trim()) return note.focus();
  trigger("given", { kind: button.dataset.kind, note: note.value });
  note.value = "";
});
