// Heads of sortable tables become buttons. Without scripts the tables read as they stand.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const numeric = head.classList.contains("num");
        const down = now ? now === "ascending" : numeric && column > 0;
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => {
          const cell = row.cells[column];
          if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
          return numeric ? Number.NEGATIVE_INFINITY : cell.textContent;
        };
        const order = (a, b) =>
          typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort((a, b) => (down ? -1 : 1) * order(a[0], b[0]));
        body.append(...rows.map((pair) => pair[1]));
      });
    });
  }
});
