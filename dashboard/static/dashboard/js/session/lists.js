// Filters and pages of the lists: they go along whenever the list's part asks for itself.

/** By list, the id that the page that is shown ends before; the newest page has none. */
const before = new Map();

export function watchLists(page) {
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const list = detail.elt.id.replace(/^part-/, "");
    const { parameters } = detail;
    const form = page.querySelector(`form[data-list="${list}"]`);
    if (form !== null) {
      parameters.token = form.elements.token.value;
      parameters.trades = form.elements.trades.checked ? "1" : "";
    }
    if (before.has(list)) parameters[`${list}_before`] = before.get(list);
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
