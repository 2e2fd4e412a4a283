// How a part is worked in: what the reader opened stays open, and a row that comes the same again is left alone, since
// most rows of a long list do.

/** Rows as the server wrote them: the page has told their times in the reader's zone since. */
const written = new WeakMap();

export function keepRows() {
  const on = Idiomorph.defaults.callbacks;
  on.beforeAttributeUpdated = (name, node) => !(name === "open" && node.localName === "details");
  on.beforeNodeMorphed = isNew;
  on.afterNodeAdded = note;
}

function isNew(row, fresh) {
  if (!isRow(fresh)) return true;
  const text = fresh.outerHTML;
  if (row.id === fresh.id && written.get(row) === text) return false;
  written.set(row, text);
  return true;
}

/** @param {Node} added as it was written, before its times are told */
function note(added) {
  if (isRow(added)) written.set(added, added.outerHTML);
}

function isRow(node) {
  return (node.localName === "tr" || node.localName === "li") && node.id !== "";
}
