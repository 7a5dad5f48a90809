// HTML whose links open pages of this app in the reader's session, by Streamlit's own links, which are out of sight.
import { component, make } from "../../browser/dom.js";

class Linked {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "linked"));
    this.root.onclick = (event) => this.follow(event);
    this.root.onpointerover = this.root.onfocusin = (event) => this.describe(event);
    this.root.onpointerleave = () => {
      for (const place of this.root.querySelectorAll(".says")) place.textContent = place.usual ?? place.textContent;
    };
  }

  show(markup) {
    if (this.markup !== markup) this.root.innerHTML = this.markup = markup;
  }

  // A plain click goes by Streamlit's link to the same page. The browser follows one that asks for a new tab.
  follow(event) {
    const link = event.target.closest("a[data-page]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const leadsToPage = ({ href }) => new URL(href).pathname.split("/").pop() === link.dataset.page;
    const page = [...document.querySelectorAll(".st-key-linked a")].find(leadsToPage);
    if (!page) return;
    event.preventDefault();
    page.click();
  }

  // While a part of a figure is pointed at, what it says stands in the `.says` of that figure.
  describe({ target }) {
    const place = target.closest("figure")?.querySelector(".says");
    if (!place) return;
    place.usual ??= place.textContent;
    place.textContent = target.closest("[data-says]")?.dataset.says ?? place.usual;
    place.innerHTML = place.innerHTML.replace(/_(\w+)/g, "<sub>$1</sub>"); // W_e as W with a low e
  }
}

export default component(Linked);
