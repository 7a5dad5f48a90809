// The sentence of a page while sliders or frames stand elsewhere than where the server wrote it.
import { component, make } from "./dom.js";
import { Follower } from "./follow.js";
import { onMoved, onSentence, sentence } from "./messages.js";

class Sentence extends Follower {
  constructor(parent) {
    super();
    this.root = parent.appendChild(make("p", "sc-sentence"));
    this.root.hidden = true;
  }

  show(data, { signal }) {
    this.data = data;
    onMoved(() => this.paint(), signal);
    onSentence(() => this.paint(), signal);
    this.paint();
  }

  // The words of the stop at hand; none where the sliders stand as the server knows them.
  get words() {
    const { says, at } = this.data;
    if (!says) return sentence();
    const where = Object.keys(at).some((axis) => this.now[axis] !== at[axis]) && this.position;
    const all = where && says[where.axis];
    return all ? all[where.k % all.length] : "";
  }

  paint() {
    const text = this.words;
    this.root.replaceChildren(...text.split("**").map((part, k) => (k % 2 ? make("b", "", part) : part)));
    this.root.hidden = !text;
    this.root.closest(".st-key-caption")?.toggleAttribute("data-following", Boolean(text));
  }
}

export default component(Sentence);
