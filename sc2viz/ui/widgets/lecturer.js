// The lecturer's side of a class: the room's code, how many have answered, the keys that reveal the answers and that
// ask again, and the answers once they are revealed. The server says what has changed without a run of the page.
import { answersDrawn, isRight } from "../../browser/answers.js";
import { Connection, ofRoom } from "../../browser/connection.js";
import { component, make } from "../../browser/dom.js";
import { mark } from "../../browser/marks.js";
import { _ } from "../../browser/words.js";
import { Wall } from "./wall.js";

const KEYS = [".", "b", "B"]; // with which a clicker makes the projector black
const TYPES = "input:not([type=range]), textarea, select, [contenteditable]";

class Lecturer {
  constructor(parent) {
    this.root = parent.appendChild(make("section", "class", "", { ariaLabel: _("Your class") }));
    const add = (place, tag, name, text) => place.appendChild(make(tag, name, text));
    this.code = add(this.root, "b", "code");
    this.counts = add(this.root, "span", "counts");
    this.actions = add(this.root, "span", "acts");
    const again = add(this.actions, "button", "again", _("Discuss, then ask again"));
    again.title = _("The answers before and after the discussion are kept side by side.");
    const reveal = add(this.actions, "button", "reveal", _("Reveal"));
    reveal.title = _(
      "Show the answers and the truth. The key B does the same, and a clicker’s key for a black screen.",
    );
    this.buttons = { again, reveal };
    this.fold = add(this.actions, "button", "fold");
    this.fold.onclick = () => this.labelFold(this.card.toggleAttribute("hidden"));
    this.card = add(this.root, "div", "card");
    Object.assign(this.card, { hidden: true, role: "region", ariaLabel: _("The class’s answers") });
    this.wall = new Wall();
  }

  show({ room, secret, path, figure, previews }, { trigger, signal }) {
    this.wall.root.classList.toggle("previews", previews);
    Object.assign(this, { figure, signal });
    for (const [action, button] of Object.entries(this.buttons)) button.onclick = () => trigger(action, true);
    this.wall.act = (act, turned) => trigger("draws", { act, turned, time: Date.now() });
    const press = (event) => {
      if (!KEYS.includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
      if (this.buttons.reveal.hidden || event.composedPath().some((node) => node.matches?.(TYPES))) return;
      event.preventDefault();
      this.buttons.reveal.click();
    };
    addEventListener("keydown", press, { signal });
    if (this.room === room) return this.markAnswers();
    this.room = room;
    this.code.textContent = room;
    this.connection?.end();
    const showLoss = () => (this.counts.textContent = _("No connection. Trying again …"));
    this.connection = new Connection(ofRoom(room, path), { secret }, (state) => this.hear(state), showLoss);
  }

  // Draws the answers of the last round on the axis of the view on which their number lives.
  markAnswers() {
    this.marks?.abort();
    if (!this.figure || this.state?.stage !== "shown") return;
    const { rounds, truth } = this.state;
    const kind = (value) => (isRight(value, truth) ? "right" : "wrong");
    const answers = rounds.at(-1).map(([value, count]) => ({ value, count, kind: kind(value) }));
    this.marks = new AbortController();
    mark(this.figure, answers, AbortSignal.any([this.signal, this.marks.signal]));
  }

  hear(state) {
    const { stage, number } = state;
    const isShown = stage === "shown";
    const round = number?.[1] ?? 1;
    this.state = state;
    this.buttons.reveal.hidden = stage !== "open";
    this.buttons.again.hidden = round > 1 || !(stage === "open" ? state.answers : isShown);
    this.actions.classList.toggle("split", Boolean(state.split));
    this.card.hidden = !isShown;
    this.card.replaceChildren(...(isShown ? [answersDrawn(state)] : []));
    this.labelFold();
    if (!state.wall) this.wall.root.remove();
    else {
      this.wall.show(state.wall);
      if (!this.wall.root.isConnected) this.root.append(this.wall.root);
    }
    this.markAnswers();
    if (number && round > 1)
      this.counts.textContent = _("After discussion · Answers: {answers} · Phones: {phones}", state);
    else if (number) this.counts.textContent = _("Answers: {answers} · Phones: {phones}", state);
    else if (stage === "wait") this.counts.textContent = _("Phones: {phones}", state);
    else {
      this.counts.textContent = _("The room is closed.");
      this.connection.end();
    }
  }

  labelFold() {
    this.fold.hidden = !this.card.childElementCount || this.buttons.reveal.hidden === false;
    this.fold.textContent = this.card.hidden ? _("Show answers") : _("Hide answers");
  }

  leave() {
    setTimeout(() => this.root.isConnected || this.connection?.end(), 1000); // where it is not only shown anew
  }
}

export default component(Lecturer);
