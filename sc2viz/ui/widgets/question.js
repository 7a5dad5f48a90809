// The question that covers a page. The answer counts once something is chosen. While a class answers on its phones, the
// projector shows what is asked, and nothing to answer with.
import { component, make } from "../../browser/dom.js";
import { questionField } from "../../browser/question.js";
import { _ } from "../../browser/words.js";

class Card {
  constructor(parent) {
    this.root = parent.appendChild(make("form", "ask", "", { ariaLabel: _("Question"), ariaLive: "polite" }));
    this.answer = make("button", "answer", _("Answer"));
    this.look = make("button", "", _("Show me"), { type: "button" });
    this.keys = make("div", "keys");
    this.keys.append(this.answer, this.look);
  }

  show(data, { trigger }) {
    const text = JSON.stringify(data);
    if (this.text !== text) {
      this.text = text;
      this.value = null;
      this.answer.disabled = true;
      const { field } = questionField(data, (value) => {
        this.value = value;
        this.answer.disabled = false;
      });
      this.root.classList.toggle("led", data.led);
      this.root.replaceChildren(field, this.keys);
    }
    this.root.onsubmit = (event) => {
      event.preventDefault();
      if (this.value !== null) trigger("answer", this.value);
    };
    this.look.onclick = () => trigger("look", true);
  }
}

export default component(Card);
