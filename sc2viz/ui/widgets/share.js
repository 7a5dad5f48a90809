// What the browser alone can hand out: each chart of the page as SVG, and figures of ideas.
import { component, make } from "../../browser/dom.js";
import { filesOf } from "../../browser/picture.js";
import { plotName, plots, saveVector } from "../../browser/plotly.js";
import { _ } from "../../browser/words.js";

const LOOK = 1000; // ms between two looks at the charts of the page

class Share {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "share"));
  }

  show(_data, { signal }) {
    // Charts that are drawn while the menu is open are added.
    const list = () => {
      const [charts, files] = [this.vectors(), this.files()];
      if (this.root.childElementCount < charts.length + files.length) this.root.replaceChildren(...charts, ...files);
    };
    list();
    const timer = setInterval(list, LOOK);
    signal.addEventListener("abort", () => clearInterval(timer));
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
