// The builder, live: whatever is changed in the form is shown at once, and stands in the address. What can't be shown
// is said, and a pressed button then asks for the whole page, as it does without a script.
const form = document.getElementById("builder");
const preview = document.getElementById("preview");
const slider = document.getElementById("slider");
const least = document.getElementById("min_upvotes");
const here = location.pathname.replace(/\/$/, "");
const PAUSE = 200; // milliseconds without typing
let timer, asking, suggesting;

const query = () => {
  const given = [...new FormData(form)].filter(([, value]) => value.trim());
  return new URLSearchParams(given).toString();
};

const fail = () => {
  const told = document.createElement("p");
  told.className = "warning";
  told.role = "alert";
  told.textContent = form.dataset.failed;
  preview.replaceChildren(told);
};

const put = (page) => {
  const focused = preview.contains(document.activeElement) && document.activeElement.dataset.set;
  const value = document.activeElement.value;
  const open = [...preview.querySelectorAll("details")].map((one) => one.open);
  preview.replaceChildren(...page.body.childNodes);
  preview.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? false; });
  if (focused) steps().find((step) => step.value === value)?.focus();
  if (document.activeElement !== slider) place();
};

const mark = () => {
  for (const error of form.querySelectorAll(".error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const wrong = preview.querySelector("[data-parameter]")?.dataset.parameter;
  if (wrong) document.getElementById(wrong)?.setAttribute("aria-invalid", "true");
};

const show = async (pressed) => {
  asking?.abort();
  const going = (asking = new AbortController());
  const asked = query();
  history.replaceState(null, "", asked ? `${here}?${asked}` : here);
  preview.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${here}/preview?${asked}`, { signal: going.signal });
    if (!answer.ok) throw new Error(`${answer.status}`);
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    mark();
  } catch {
    if (going.signal.aborted) return;
    if (pressed) location.assign(location.href);
    fail();
  }
  preview.removeAttribute("aria-busy");
};

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
};

const suggest = async (field) => {
  suggesting?.abort();
  suggesting = new AbortController();
  const typed = field.value.slice(field.value.lastIndexOf(",") + 1).trim();
  if (!typed) return;
  const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
  const asked = new URLSearchParams({ of: field.dataset.suggests, typed });
  try {
    const answer = await fetch(`${here}/suggestions?${asked}`, { signal: suggesting.signal });
    if (!answer.ok) return;
    const options = (await answer.json()).map((one) => Object.assign(document.createElement("option"), { value: before + one }));
    field.list.replaceChildren(...options);
  } catch {
    return; // suggestions are a convenience
  }
};

// The slider stands at one of the thresholds that the preview lists, and says what it would bring.
const steps = () => [...preview.querySelectorAll("[data-set=min_upvotes]")];
const place = () => {
  const below = steps().filter((one) => Number(one.value) <= Number(least.value));
  slider.disabled = steps().length === 0;
  slider.value = below.length;
  tell();
};
const tell = () => {
  const step = steps()[slider.value - 1];
  const own = least.value && step?.value !== least.value ? preview.querySelector(".rate")?.textContent.trim() : null;
  const told = own ? `≥ ${least.value}: ${own}` : step && `≥ ${step.value}: ${step.dataset.brings}`;
  slider.nextElementSibling.value = slider.disabled ? "" : told ?? slider.dataset.none;
};
slider.addEventListener("input", () => {
  least.value = steps()[slider.value - 1]?.value ?? "";
  tell();
});
place();

form.addEventListener("input", (event) => {
  if (event.target === least) place();
  later();
  if (event.target.dataset.suggests) suggest(event.target);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed?.name) document.getElementById(pressed.name).value = pressed.value;
  clearTimeout(timer);
  show(true);
});
