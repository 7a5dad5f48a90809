// An HTML table. A click on a measured cell sends the cell's key to the server. The measured cells are one stop of the
// Tab key, and the arrow keys go from one to the next.
import { component, make } from "../../browser/dom.js";

class Table {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "results"));
    this.root.role = "region";
    this.root.onscroll = () => this.fade();
    this.root.onclick = ({ target }) => {
      const cell = target.closest("[data-key]");
      if (!cell) return;
      this.stop(cell);
      this.trigger("cell", cell.dataset.key);
    };
    this.root.onkeydown = (event) => this.key(event);
    new ResizeObserver(() => this.fade()).observe(this.root);
  }

  show(markup, { trigger }) {
    this.trigger = trigger;
    if (this.markup === markup) return;
    this.markup = markup;
    this.root.innerHTML = markup;
    this.root.ariaLabel = this.root.firstElementChild.dataset.about;
    this.stop(this.cells()[0]);
  }

  cells() {
    return [...this.root.querySelectorAll("[data-key]")];
  }

  // Makes one cell the stop of the Tab key.
  stop(cell) {
    for (const each of this.cells()) each.tabIndex = each === cell ? 0 : -1;
  }

  key(event) {
    const from = event.target.closest("[data-key]");
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!from || !way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [column, row] = [(cell) => cell.parentElement.cellIndex, (cell) => cell.closest("tr").rowIndex];
    const beside = this.cells().filter((cell) =>
      way[0]
        ? column(cell) === column(from) && way[0] * (row(cell) - row(from)) > 0
        : row(cell) === row(from) && way[1] * (column(cell) - column(from)) > 0,
    );
    const next = beside.at(way[0] + way[1] > 0 ? 0 : -1);
    if (!next) return;
    this.stop(next);
    next.focus();
  }

  // Marks whether there are more columns on the right than are seen, where table.css lets the edge fade.
  fade() {
    const { scrollLeft, clientWidth, scrollWidth, classList } = this.root;
    classList.toggle("more", scrollLeft + clientWidth < scrollWidth - 1);
  }
}

export default component(Table);
