// Tables whose heads sort them: numbers from the largest, words from A.

function valueOf(row, column) {
  const cell = row.cells[column];
  const value = cell.dataset.value;
  return value === undefined ? cell.textContent.toLowerCase() : Number(value);
}

function compare(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right));
}

function sortBy(table, column, descending) {
  const body = table.tBodies[0];
  // What a list leaves out is not to come first.
  const isRest = (row) => row.querySelector(".rest") !== null;
  const rows = Array.from(body.rows, (row) => [row, valueOf(row, column)]);
  rows.sort(([rowA, a], [rowB, b]) =>
    isRest(rowA) - isRest(rowB) || (descending ? compare(b, a) : compare(a, b)));
  body.append(...rows.map(([row]) => row));
}

function startTables() {
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      if (!head.textContent) return;
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = head.className.startsWith("n") ? "descending" : "ascending";
        const other = first === "descending" ? "ascending" : "descending";
        const order = before === first ? other : first;
        for (const one of heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        sortBy(table, column, order === "descending");
      });
    });
  }
}

// Paper cannot be pressed: what is folded away is printed too, but for the places of each finding.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details.others")) folded.open = true;
});
