// An HTML table. A click on a measured cell sends the cell's key to the server.
import { component, make } from "../../stage/dom.js";

class Table {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "results"));
    Object.assign(this.root, { tabIndex: 0, role: "region" }); // it takes the focus, so that arrow keys scroll it
    this.root.onscroll = () => this.fade();
    this.root.onclick = ({ target }) => {
      const key = target.closest("[data-key]")?.dataset.key;
      if (key) this.trigger("cell", key);
    };
    new ResizeObserver(() => this.fade()).observe(this.root);
  }

  show(markup, { trigger }) {
    this.trigger = trigger;
    if (this.markup === markup) return;
    this.markup = markup;
    this.root.innerHTML = markup;
    this.root.ariaLabel = this.root.querySelector("caption").textContent;
  }

  // Marks whether there are more columns on the right than are seen, where table.css lets the edge fade.
  fade() {
    const { scrollLeft, clientWidth, scrollWidth, classList } = this.root;
    classList.toggle("more", scrollLeft + clientWidth < scrollWidth - 1);
  }
}

export default component(Table);
