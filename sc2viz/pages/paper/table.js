// An HTML table. A click on a measured cell sends the cell's key to the server. The measured cells are one stop of the
// Tab key, and the arrow keys go from one to the next.
import { component, make } from "../../browser/dom.js";

class Table {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "results", "", { role: "region", onscroll: () => this.fade() }));
    this.root.onclick = ({ target }) => {
      const cell = target.closest("[data-key]");
      if (!cell) return;
      this.makeStop(cell);
      this.trigger("cell", cell.dataset.key);
    };
    this.root.onkeydown = (event) => this.moveByKey(event);
    new ResizeObserver(() => this.fade()).observe(this.root);
  }

  show(markup, { trigger }) {
    this.trigger = trigger;
    if (this.markup === markup) return;
    this.markup = markup;
    this.root.innerHTML = markup;
    this.root.ariaLabel = this.root.firstElementChild.dataset.about;
    this.makeStop(this.cells()[0]);
  }

  cells() {
    return [...this.root.querySelectorAll("[data-key]")];
  }

  // Makes one cell the stop of the Tab key.
  makeStop(cell) {
    for (const node of this.cells()) node.tabIndex = node === cell ? 0 : -1;
  }

  moveByKey(event) {
    const start = event.target.closest("[data-key]");
    const direction = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!start || !direction || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [column, row] = [(cell) => cell.parentElement.cellIndex, (cell) => cell.closest("tr").rowIndex];
    const candidates = this.cells().filter((cell) =>
      direction[0]
        ? column(cell) === column(start) && direction[0] * (row(cell) - row(start)) > 0
        : row(cell) === row(start) && direction[1] * (column(cell) - column(start)) > 0,
    );
    const next = candidates.at(direction[0] + direction[1] > 0 ? 0 : -1);
    if (!next) return;
    this.makeStop(next);
    next.focus();
  }

  // Marks whether there are more columns on the right than are seen, where table.css lets the edge fade.
  fade() {
    const { scrollLeft, clientWidth, scrollWidth, classList } = this.root;
    classList.toggle("more", scrollLeft + clientWidth < scrollWidth - 1);
  }
}

export default component(Table);
