// What the browser alone can hand out: a link to the view, each chart of the page as SVG, and figures of ideas.
import { component, make, shape } from "../../browser/dom.js";
import { filesOf } from "../../browser/picture.js";
import { plotName, plots, saveVector } from "../../browser/plotly.js";
import { _ } from "../../browser/words.js";

const SAID = 2500; // ms until the button's own words are back
const LOOK = 1000; // ms between two looks at the charts of the page

const LINK =
  "M10 13a4.5 4.5 0 0 0 6.7.5l3-3a4.5 4.5 0 0 0-6.4-6.4l-1.4 1.4" +
  "M14 11a4.5 4.5 0 0 0-6.7-.5l-3 3a4.5 4.5 0 0 0 6.4 6.4l1.4-1.4";
const DONE = "M5 12.5l4.5 4.5L19 7.5";

class Share {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "share"));
  }

  show({ kind, names }, { signal }) {
    if (kind === "link") return this.root.replaceChildren(...this.link(names));
    // Charts that are drawn while the menu is open are added.
    const list = () => {
      const [charts, files] = [this.vectors(), this.files()];
      if (this.root.childElementCount < charts.length + files.length) this.root.replaceChildren(...charts, ...files);
    };
    list();
    const timer = setInterval(list, LOOK);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  // names: what stands in the link for the words of the address, by key, so that it opens in every language.
  link(names) {
    const [button, said] = [make("button", "copy"), make("span", "said")];
    const icon = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    const draw = (d) => icon.replaceChildren(shape("path", { d }));
    Object.assign(said, { role: "status" });
    Object.assign(button, { ariaLabel: _("Copy link"), title: _("Copy a link that opens this view") });
    button.append(icon);
    button.onclick = async () => {
      const address = new URL(window.location.href);
      address.searchParams.delete("class"); // the room that a lecturer leads is shared with nobody
      for (const [key, told] of Object.entries(names)) {
        const name = told[address.searchParams.get(key)];
        if (name) address.searchParams.set(key, name);
      }
      const { href } = address;
      try {
        await navigator.clipboard.writeText(href);
      } catch {
        window.prompt(_("The link to this view:"), href); // a page that is not served by https may not write there
        return;
      }
      draw(DONE);
      said.textContent = _("The link is copied.");
      setTimeout(() => {
        draw(LINK);
        said.textContent = "";
      }, SAID);
    };
    draw(LINK);
    return [button, said];
  }

  // A button for each chart that is drawn.
  vectors() {
    return this.buttons(
      _("Charts (SVG):"),
      plots().map((plot) => [plotName(plot), () => saveVector(plot)]),
    );
  }

  // Buttons for each figure of an idea.
  files() {
    return this.buttons(_("Figures:"), filesOf());
  }

  buttons(title, all) {
    const made = all.map(([name, onclick]) => Object.assign(make("button", "", name), { onclick }));
    return made.length ? [make("span", "", title), ...made] : [];
  }
}

export default component(Share);
