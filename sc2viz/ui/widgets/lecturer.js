// The lecturer's side of a class: the room's code, how many have answered, the keys that reveal the answers and that
// ask again, and the answers once they are revealed. The server says what has changed without a run of the page.
import { answersDrawn } from "../../browser/answers.js";
import { Connection, ofRoom } from "../../browser/connection.js";
import { component, make } from "../../browser/dom.js";
import { mark } from "../../browser/marks.js";
import { isRight } from "../../browser/truth.js";
import { _ } from "../../browser/words.js";

const KEYS = [".", "b", "B"]; // with which a clicker makes the projector black
const TYPES = "input:not([type=range]), textarea, select, [contenteditable]";

class Lecturer {
  constructor(parent) {
    this.root = parent.appendChild(make("section", "class"));
    this.root.ariaLabel = _("Your class");
    this.code = this.root.appendChild(make("b", "code"));
    this.said = this.root.appendChild(make("span", "said"));
    this.acts = this.root.appendChild(make("span", "acts"));
    this.buttons = {};
    for (const [act, words, why] of [
      ["again", _("Discuss, then ask again"), _("The answers before and after the discussion are kept side by side.")],
      [
        "reveal",
        _("Reveal"),
        _("Show the answers and the truth. The key B does the same, and a clicker’s key for a black screen."),
      ],
    ]) {
      this.buttons[act] = this.acts.appendChild(make("button", act, words));
      this.buttons[act].title = why;
    }
    this.fold = this.acts.appendChild(make("button", "fold"));
    this.fold.onclick = () => {
      this.card.hidden = !this.card.hidden;
      this.label();
    };
    this.card = this.root.appendChild(make("div", "card"));
    this.card.hidden = true;
    this.card.role = "region";
    this.card.ariaLabel = _("The class’s answers");
  }

  show({ room, secret, path, on }, { trigger, signal }) {
    Object.assign(this, { on, signal });
    for (const [act, button] of Object.entries(this.buttons)) button.onclick = () => trigger(act, true);
    const pressed = (event) => {
      if (!KEYS.includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
      if (this.buttons.reveal.hidden || event.composedPath().some((node) => node.matches?.(TYPES))) return;
      event.preventDefault();
      this.buttons.reveal.click();
    };
    window.addEventListener("keydown", pressed, { signal });
    if (this.room === room) return this.mark();
    this.room = room;
    this.code.textContent = room;
    this.line?.end();
    const lost = () => this.tell(_("No connection. Trying again …"));
    this.line = new Connection(ofRoom(room, path), { secret }, (said) => this.hear(said), lost);
  }

  // Draws the answers of the last round on the axis of the view on which their number lives.
  mark() {
    this.marked?.abort();
    if (!this.on || this.heard?.stage !== "shown") return;
    const { rounds, truth } = this.heard;
    const marks = rounds
      .at(-1)
      .map(([value, count]) => ({ value, count, kind: isRight(value, truth) ? "right" : "wrong" }));
    this.marked = new AbortController();
    mark(this.on, marks, AbortSignal.any([this.signal, this.marked.signal]));
  }

  tell(text) {
    this.said.textContent = text;
  }

  hear(said) {
    const open = said.stage === "open";
    const round = said.number?.[1] ?? 1;
    this.buttons.reveal.hidden = !open;
    this.buttons.again.hidden = round > 1 || !(open ? said.answered : said.stage === "shown");
    this.acts.classList.toggle("split", Boolean(said.split));
    this.card.hidden = said.stage !== "shown";
    this.card.replaceChildren(...(this.card.hidden ? [] : [answersDrawn(said)]));
    this.label();
    this.heard = said;
    this.mark();
    if (said.number && round > 1) this.tell(_("After discussion · Answers: {answered} · Phones: {phones}", said));
    else if (said.number) this.tell(_("Answers: {answered} · Phones: {phones}", said));
    else if (said.stage === "wait") this.tell(_("Phones: {phones}", said));
    else {
      this.tell(_("The room is closed."));
      this.line.end();
    }
  }

  label() {
    this.fold.hidden = !this.card.childElementCount || this.buttons.reveal.hidden === false;
    this.fold.textContent = this.card.hidden ? _("Show answers") : _("Hide answers");
  }

  leave() {
    setTimeout(() => this.root.isConnected || this.line?.end(), 1000); // where it is not only shown anew
  }
}

export default component(Lecturer);
