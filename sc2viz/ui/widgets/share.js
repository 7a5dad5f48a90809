// What the browser alone can hand out: each chart of the page as SVG, and figures of ideas.
import { component, make } from "../../browser/dom.js";
import { filesOf } from "../../browser/picture.js";
import { plotName, plots, saveVector } from "../../browser/plotly.js";
import { _ } from "../../browser/words.js";

const LOOK = 1000; // ms between two looks at the charts of the page

const buttons = (title, files) => {
  const nodes = files.map(([name, onclick]) => make("button", "", name, { onclick }));
  return nodes.length ? [make("span", "", title), ...nodes] : [];
};

class Share {
  show(_data, { signal }) {
    // Charts that are drawn while the menu is open are added.
    const list = () => {
      const charts = plots().map((plot) => [plotName(plot), () => saveVector(plot)]);
      const nodes = [...buttons(_("Charts (SVG):"), charts), ...buttons(_("Figures:"), filesOf())];
      if (this.root.childElementCount < nodes.length) this.root.replaceChildren(...nodes);
    };
    list();
    const timer = setInterval(list, LOOK);
    signal.addEventListener("abort", () => clearInterval(timer));
  }
}

export default component(Share, "div", "share");
