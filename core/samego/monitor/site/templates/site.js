// Sorting and filtering of tables. Everything is there to be read without it.
"use strict";

const collator = new Intl.Collator("en", { numeric: true });

/** What a row sorts by in a column: the cell's data-sort, else its text. */
function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
}

function compare(one, other) {
  const numbers = [Number(one), Number(other)];
  const numeric = one !== "" && other !== "" && !numbers.some(Number.isNaN);
  return numeric ? numbers[0] - numbers[1] : collator.compare(one, other);
}

function sortBy(table, header, column) {
  const order = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [sortKey(row, column), row]);
  rows.sort((one, other) => sign * compare(one[0], other[0]));
  body.append(...rows.map(([, row]) => row));
}

function makeSortable(table) {
  table.classList.add("sorted");
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, header, column));
    header.append(button);
  });
}

function filterRows(table, text, said) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    const content = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => content.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  said.value = words.length ? `${shown} of ${rows.length} rows` : "";
}

function makeFilter(table, number) {
  const place = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const said = document.createElement("output");
  place.className = "filter";
  input.type = "search";
  input.id = `filter-${number}`;
  label.htmlFor = said.htmlFor = input.id;
  label.textContent = table.dataset.filter;
  input.addEventListener("input", () => filterRows(table, input.value, said));
  place.append(label, input, said);
  table.before(place);
}

/** Tables with fewer rows are seen at a glance. */
const FEW = 3;

document.querySelectorAll("table[data-sortable]").forEach((table, number) => {
  if (table.tBodies[0].rows.length < FEW) return;
  makeSortable(table);
  if (table.dataset.filter) makeFilter(table, number);
});
