// The sentence of a page while sliders or frames stand elsewhere than where the server wrote it.
import { bold, component, make } from "./dom.js";
import { onSentence, reason, sentence } from "./messages.js";
import { _ } from "./words.js";

class Sentence {
  constructor(parent) {
    this.root = parent.appendChild(make("p", "sc-sentence", "", { hidden: true }));
    this.why = parent.appendChild(make("details", "sc-why"));
    this.why.append(make("summary", "", _("Why?")), make("p"));
    this.why.hidden = true;
    this.why.ontoggle = () => this.paint();
  }

  // data.leads: no sentence of the server's stands before it.
  show({ leads }, { signal }) {
    this.leads = leads;
    onSentence(() => this.paint(), signal);
    this.paint();
  }

  paint() {
    const text = sentence();
    this.why.toggleAttribute("hidden", !reason());
    if (this.why.open) bold(this.why.lastChild, reason()?.() ?? "");
    if (text === this.said) return;
    this.said = text;
    bold(this.root, text);
    this.root.hidden = !text;
    if (this.leads) return; // its room stays (style.css)
    this.root.closest(".st-key-caption")?.toggleAttribute("data-following", Boolean(text));
  }
}

export default component(Sentence);
