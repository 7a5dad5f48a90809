// The marks of a reader's guess and of the truth.
import { component, make } from "../../browser/dom.js";
import { mark } from "../../browser/marks.js";

class Marks {
  constructor(parent) {
    this.root = parent.appendChild(make("i"));
  }

  show({ on, marks }, { signal }) {
    mark(on, marks, signal);
  }
}

export default component(Marks);
