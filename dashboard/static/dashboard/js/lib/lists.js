// Filters and pages of lists: they go along whenever the list's part asks for itself.

/** By list, the id that the page that is shown ends before; the newest page has none. */
const before = new Map();

/** A list is a part with a heading `<name>-title`, buttons `data-do="page"`, and a form with `data-list="<name>"`. */
export function watchLists(page) {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const list = detail.elt.id.replace(/^part-/, "");
    const form = page.querySelector(`form[data-list="${list}"]`);
    for (const input of form?.elements ?? []) {
      if (input.name !== "") detail.parameters[input.name] = input.type === "checkbox" && !input.checked ? "" : input.value;
    }
    if (before.has(list)) detail.parameters[`${list}_before`] = before.get(list);
  });
  page.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-list]");
    if (form !== null) turn(form.dataset.list, "");
  });
  page.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-list]")) event.preventDefault();
  });
  page.addEventListener("click", (event) => {
    const button = event.target.closest('[data-do="page"]');
    if (button === null) return;
    turn(button.dataset.list, button.dataset.before);
    const heading = document.getElementById(`${button.dataset.list}-title`);
    heading.tabIndex = -1;
    heading.focus();
  });
}

function turn(list, cursor) {
  before.set(list, cursor);
  htmx.trigger(document.getElementById(`part-${list}`), "refresh");
}
