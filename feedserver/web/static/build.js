// The builder, live: whatever is changed in the form is shown at once, and stands in the address.
const form = document.getElementById("builder");
const preview = document.getElementById("preview");
const PAUSE = 200; // milliseconds without typing
let timer, asking;

const query = () => {
  const given = [...new FormData(form)].filter(([, value]) => value.trim());
  return new URLSearchParams(given).toString();
};

const show = async () => {
  asking?.abort();
  asking = new AbortController();
  const asked = query();
  preview.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${form.dataset.preview}?${asked}`, { signal: asking.signal });
    preview.removeAttribute("aria-busy");
    if (!answer.ok) return;
    const open = [...preview.querySelectorAll("details")].map((one) => one.open);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    preview.replaceChildren(...page.body.childNodes);
    preview.querySelectorAll("details").forEach((one, place) => { one.open = open[place] ?? false; });
    if (document.activeElement !== slider) place();
    history.replaceState(null, "", asked ? `${form.action}?${asked}` : form.action);
    for (const error of form.querySelectorAll(".error")) error.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const wrong = preview.querySelector("[data-parameter]")?.dataset.parameter;
    if (wrong) document.getElementById(wrong)?.setAttribute("aria-invalid", "true");
  } catch (error) {
    if (error.name !== "AbortError") preview.removeAttribute("aria-busy");
  }
};

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
};

const suggest = async (field) => {
  const typed = field.value.slice(field.value.lastIndexOf(",") + 1).trim();
  if (!typed) return;
  const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
  const asked = new URLSearchParams({ of: field.dataset.suggests, typed });
  const answer = await fetch(`${form.dataset.suggestions}?${asked}`);
  if (!answer.ok) return;
  const options = (await answer.json()).map((one) => {
    const option = document.createElement("option");
    option.value = before + one;
    return option;
  });
  field.list.replaceChildren(...options);
};

// The slider stands at one of the thresholds that the preview lists, and says what it would bring.
const slider = document.getElementById("slider");
const least = document.getElementById("min_upvotes");
const steps = () => [...preview.querySelectorAll("[data-set=min_upvotes]")];
const place = () => {
  const wanted = Number(least.value);
  const found = steps().filter((one) => Number(one.value) <= wanted);
  slider.value = found.length;
  tell();
};
const tell = () => {
  const step = steps()[slider.value - 1];
  slider.nextElementSibling.value = step ? `≥ ${step.value}: ${step.dataset.brings}` : slider.dataset.none;
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
  show();
});
