// The page of a phone in a class: it enters a room by its code, shows the question, sends an answer, and shows what the
// class has answered. What comes is written as text and never read as HTML. A connection that is lost is opened again.
import { answersDrawn, withUnit } from "./answers.js";
import { Connection, ofRoom } from "./connection.js";
import { make } from "./dom.js";
import { questionField } from "./question.js";
import { isRight } from "./truth.js";
import { _ } from "./words.js";

const ID = "sc2viz-phone"; // the key of what the phone keeps: a random id, which says nothing about it
const ENDS = ["none", "closed", "full"]; // stages after which the phone does not try again by itself

const kept = (() => {
  try {
    return window.localStorage;
  } catch {
    return null; // the reader allows no page to keep anything
  }
})();

const ownId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = kept?.getItem(ID) || [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    kept?.setItem(ID, id);
  } catch {
    // its store is full: the id lasts as long as the page
  }
  return id;
};

class Phone {
  constructor(root) {
    this.id = ownId();
    this.root = root;
    this.letters = Number(root.dataset.letters);
    this.title = root.appendChild(make("h1", "", _("Answer a question")));
    this.place = root.appendChild(make("section"));
    this.status = root.appendChild(make("p", "status"));
    this.status.role = "status";
    this.code = this.cleaned(new URLSearchParams(location.search).get("room") ?? "");
    if (this.code.length === this.letters) this.connect();
    else this.askCode();
  }

  cleaned(code) {
    return code.replace(/\s/g, "").toUpperCase().slice(0, this.letters);
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  askCode(problem = "") {
    const form = make("form", "code");
    const label = form.appendChild(make("label", "", _("The room’s code, {letters} letters", this)));
    this.field = label.appendChild(make("input"));
    Object.assign(this.field, { required: true, autocomplete: "off", autocapitalize: "characters" });
    Object.assign(this.field, { maxLength: 2 * this.letters, spellcheck: false, value: this.code });
    form.append(make("button", "", _("Join")));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.code = this.cleaned(this.field.value);
      history.replaceState(null, "", `?room=${encodeURIComponent(this.code)}`);
      this.say(_("Looking for room {code} …", this));
      this.connect();
    };
    this.showing = "";
    this.place.replaceChildren(form);
    this.say(problem);
    if (problem) this.field.focus();
  }

  // Opens a connection in the place of the one before.
  connect() {
    this.line?.end();
    const address = ofRoom(this.code, location.pathname.replace(/join\/?$/, "live"));
    const lost = () => this.say(_("No connection. Trying again …"));
    this.line = new Connection(address, { phone: this.id }, (said) => this.show(said), lost);
  }

  show(said) {
    this.said = said;
    if (ENDS.includes(said.stage)) this.line.end();
    if (said.stage === "none") return this.askCode(_("There is no room {code}. Look at the code once more.", this));
    if (said.stage === "open") return this.open(said);
    this.showing = "";
    this.wanted = null;
    if (said.stage === "shown") this.reveal(said);
    else {
      const words = {
        wait: _("You are in room {code}. The question will come here.", this),
        closed: _("This room is closed. Nothing of it is kept."),
        full: _("This room is full."),
      };
      this.place.replaceChildren(make("p", "large", words[said.stage]));
      this.say("");
    }
  }

  open(said) {
    const name = JSON.stringify([said.number, said.words, said.choices, said.range, said.picture]);
    if (this.showing !== name) this.ask(said, name);
    const taken = said.own.at(-1);
    if (said.problem) this.wanted = null;
    else if (this.wanted !== null && taken !== this.wanted) {
      this.send(); // the answer was on its way when the connection was lost
      return;
    }
    this.wanted = null;
    if (taken !== null && this.value === null) this.set(taken);
    this.button.textContent = taken === null ? _("Send") : _("Change");
    this.button.disabled = this.value === null || this.value === taken;
    if (said.problem) this.say(_("Your answer did not count. Please answer once more."));
    else if (taken !== null) this.say(_("Your answer has arrived. You may change it until the answers are shown."));
    else this.say(said.number[1] > 1 ? _("Discuss it with those beside you, and answer again.") : "");
  }

  // Draws the form of a question.
  ask(said, name) {
    this.showing = name;
    this.value = this.wanted = null;
    const form = make("form");
    const { field, set } = questionField(said, (value) => {
      this.value = value;
      this.button.disabled = value === this.said.own.at(-1);
    });
    form.append(field);
    this.set = (value) => {
      this.value = value;
      set(value);
    };
    const before = said.own.length > 1 ? said.own[0] : null;
    if (before !== null) {
      const words = said.choices.length ? said.choices[before] : withUnit(before, said);
      form.append(make("p", "earlier", _("Before the discussion you answered: {answer}", { answer: words })));
    }
    this.button = form.appendChild(make("button", "", _("Send")));
    this.button.disabled = true;
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.value === null) return;
      this.wanted = this.value;
      this.button.disabled = true;
      this.say(_("Sending …"));
      this.send();
    };
    this.place.replaceChildren(form);
  }

  // What cannot be sent now is sent when the phone is back.
  send() {
    this.line.send({ number: this.said.number, answer: this.wanted });
  }

  reveal(said) {
    const own = said.own.at(-1);
    const verdict = isRight(own, said.truth) ? _("Your answer is right.") : _("Your answer is not right.");
    this.place.replaceChildren(make("p", "large", said.words), answersDrawn(said), make("p", "why", said.why));
    this.say(own === null ? _("You gave no answer.") : verdict);
  }
}

export default new Phone(document.querySelector("main"));
