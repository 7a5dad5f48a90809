// The marks of a reader's guess and of the truth.
import { component } from "../../browser/dom.js";
import { mark } from "../../browser/marks.js";

class Marks {
  show({ figure, marks }, { signal }) {
    mark(figure, marks, signal);
  }
}

export default component(Marks, "i");
