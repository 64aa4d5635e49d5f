// What only a script can do on any page: copy a field's text.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {  // over plain http, or where it is not allowed: select it for the reader
    field.focus();
    field.select();
    if (!document.execCommand("copy")) return;
  }
  button.dataset.label ??= button.textContent;
  button.textContent = button.dataset.done;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
});
