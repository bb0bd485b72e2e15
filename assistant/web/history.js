// The list of conversations: open, rename in place (Enter keeps, Escape leaves it), delete after a question.
const name = (row) => row.querySelector(".name")?.textContent ?? "";

const rename = (row, thread) => {
  const open = row.querySelector(".open");
  const box = Object.assign(document.createElement("input"), { className: "title", value: name(row), maxLength: 120 });
  box.setAttribute("aria-label", "New title");
  // Taken out of the page it is left once more.
  const leave = () => { box.removeEventListener("blur", leave); box.replaceWith(open); };
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && box.value.trim()) trigger("renamed", { thread, title: box.value });
    if (event.key !== "Enter" && event.key !== "Escape") return;
    leave();
    (event.key === "Enter" ? document.querySelector("#question textarea") : row.querySelector(".rename"))?.focus();
  });
  box.addEventListener("blur", leave);
  open.replaceWith(box);
  box.select();
};

element.addEventListener("click", (event) => {
  const row = event.target.closest("li[data-thread]"), button = event.target.closest("button");
  if (!row || !button) return;
  const thread = row.dataset.thread;
  if (button.classList.contains("rename")) return rename(row, thread);
  if (button.classList.contains("open")) trigger("opened", { thread });
  else if (confirm(`Delete “${name(row)}” with its questions and answers?`)) trigger("deleted", { thread });
  document.querySelector("#question textarea")?.focus();
});
