// The page of a phone in a class: it enters a room by its code, answers a question, shows what the class has answered,
// or sends a drawing. What comes is written as text and never read as HTML. A lost connection is opened again.
import { answersDrawn, isRight, withUnit } from "./answers.js";
import { Connection, ofRoom } from "./connection.js";
import { make, say } from "./dom.js";
import { questionField } from "./question.js";
import { _ } from "./words.js";

const ID = "sc2viz-phone"; // the key of what the phone keeps: a random id, which says nothing about it
const ENDS = ["none", "closed", "full"]; // stages after which the phone does not try again by itself
const [TOO_SOON, INTERVAL] = [429, 1000]; // the code of a drawing that comes too soon, and ms until it is sent again

const phoneId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    localStorage.setItem(ID, localStorage.getItem(ID) || id);
    return localStorage.getItem(ID);
  } catch {
    return id; // the reader allows no page to keep anything, or the store is full: it lasts as long as the page
  }
};

class Phone {
  constructor(root) {
    this.id = phoneId();
    this.root = root;
    this.letters = Number(root.dataset.letters);
    this.title = root.appendChild(make("h1", "", _("Answer a question")));
    this.place = root.appendChild(make("section"));
    this.status = root.appendChild(make("p", "status", "", { role: "status" }));
    this.sum = root.appendChild(make("section", "sum"));
    this.code = this.cleaned(new URLSearchParams(location.search).get("room") ?? "");
    if (this.code.length === this.letters) this.connect();
    else this.askCode();
  }

  cleaned(code) {
    return code.replace(/\s/g, "").toUpperCase().slice(0, this.letters);
  }

  say(text) {
    say(this.status, text);
  }

  askCode(problem = "") {
    const form = make("form", "code");
    const label = form.appendChild(make("label", "", _("The room’s code, {letters} letters", this)));
    const field = label.appendChild(make("input"));
    Object.assign(field, { required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: false });
    Object.assign(field, { maxLength: 2 * this.letters, value: this.code });
    form.append(make("button", "", _("Join")));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.code = this.cleaned(field.value);
      history.replaceState(null, "", `?room=${encodeURIComponent(this.code)}`);
      this.say(_("Looking for room {code} …", this));
      this.connect();
    };
    this.showing = "";
    this.place.replaceChildren(form);
    this.say(problem);
    if (problem) field.focus();
  }

  // The address of what the server has beside this page.
  address(name) {
    return location.pathname.replace(/join\/?$/, name);
  }

  // Opens a connection in the place of the one before.
  connect() {
    this.line?.end();
    const lose = () => this.say(_("No connection. Trying again …"));
    const address = ofRoom(this.code, this.address("live"));
    this.line = new Connection(address, { phone: this.id }, (message) => this.show(message), lose);
  }

  show(message) {
    this.message = message;
    const { stage } = message;
    if (ENDS.includes(stage)) this.line.end();
    this.title.textContent = stage === "draw" ? _("Draw a digit") : _("Answer a question");
    this.offerSum(stage === "draw" ? "" : message.drawing);
    if (stage === "none") return this.askCode(_("There is no room {code}. Look at the code once more.", this));
    if (stage === "open") return this.open(message);
    if (stage === "draw") return this.draw();
    this.showing = "";
    this.pending = null;
    if (stage === "shown") return this.reveal(message);
    const sentences = {
      wait: _("You are in room {code}. The question will come here.", this),
      closed: _("This room is closed. Nothing of it is kept."),
      full: _("This room is full."),
    };
    this.place.replaceChildren(make("p", "large", sentences[stage]));
    this.say("");
  }

  open(message) {
    const name = JSON.stringify([message.number, message.words, message.choices, message.range, message.picture]);
    if (this.showing !== name) this.ask(message, name);
    const answer = message.own.at(-1);
    const isLost = !message.problem && this.pending !== null && answer !== this.pending;
    if (isLost) return this.send(); // the answer was on its way when the connection was lost
    this.pending = null;
    if (answer !== null && this.value === null) this.set(answer);
    this.button.textContent = answer === null ? _("Send") : _("Change");
    this.button.disabled = this.value === null || this.value === answer;
    if (message.problem) this.say(_("Your answer did not count. Please answer once more."));
    else if (answer !== null) this.say(_("Your answer has arrived. You may change it until the answers are shown."));
    else this.say(message.number[1] > 1 ? _("Discuss it with those beside you, and answer again.") : "");
  }

  // Draws the form of a question.
  ask(message, name) {
    this.showing = name;
    this.value = this.pending = null;
    const form = make("form");
    const { field, set } = questionField(message, (value) => {
      this.value = value;
      this.button.disabled = value === this.message.own.at(-1);
    });
    form.append(field);
    this.set = (value) => {
      this.value = value;
      set(value);
    };
    const first = message.own.length > 1 ? message.own[0] : null;
    if (first !== null) {
      const answer = message.choices.length ? message.choices[first] : withUnit(first, message);
      form.append(make("p", "earlier", _("Before the discussion you answered: {answer}", { answer })));
    }
    this.button = form.appendChild(make("button", "", _("Send"), { disabled: true }));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.value === null) return;
      this.pending = this.value;
      this.button.disabled = true;
      this.say(_("Sending …"));
      this.send();
    };
    this.place.replaceChildren(form);
  }

  // What cannot be sent now is sent when the phone is back.
  send() {
    this.line.send({ number: this.message.number, answer: this.pending });
  }

  reveal(message) {
    const answer = message.own.at(-1);
    const verdict = isRight(answer, message.truth) ? _("Your answer is right.") : _("Your answer is not right.");
    this.place.replaceChildren(make("p", "large", message.words), answersDrawn(message), make("p", "why", message.why));
    this.say(answer === null ? _("You gave no answer.") : verdict);
  }

  // The canvas, which stays while the class draws. A drawing that was lost, or came too soon, is sent again.
  async draw() {
    if (this.showing !== "draw") {
      this.showing = "draw";
      this.form = this.pending = null;
      const module = await import("./drawing.js").catch(() => null);
      if (!module) this.showing = ""; // without a connection: the next message tries again
      if (this.showing !== "draw") return; // meanwhile the round may have ended
      const send = (pixels) => {
        this.pending = this.form.text;
        this.say(_("Sending …"));
        this.line.send(pixels);
        this.mark();
      };
      this.form = new module.DrawingForm(() => this.mark(), send);
      this.place.replaceChildren(this.form.root);
      if (this.message.drawing) module.showDrawing(this.form.preview, this.message.drawing);
    }
    if (!this.form) return; // the module is on its way
    const { drawing, problem, code } = this.message;
    const again = () => this.pending && this.pending === this.form.text && this.line.send(this.form.pixels);
    if (code === TOO_SOON) setTimeout(again, INTERVAL);
    else if (!problem && this.pending && this.pending !== drawing) again();
    else {
      this.pending = null;
      const sent = _("Your digit has arrived. You may send another one until the lecturer closes the round.");
      this.say(problem ? _("Your digit did not count. Please send it once more.") : drawing ? sent : "");
    }
    this.mark();
  }

  // Whether there is something new to send.
  mark() {
    const { text, button } = this.form;
    button.disabled = !text || text === this.pending || (!this.pending && text === this.message.drawing);
  }

  // After the round the phone's own drawing is coded, once its reader asks for that.
  offerSum(drawing = "") {
    if (this.summed === drawing) return;
    this.summed = drawing;
    const button = make("button", "", _("See your digit as a sum of atoms"));
    const show = async () => {
      const { showSum } = await import("./drawing.js");
      await showSum(this.sum, drawing, `${this.address("atoms")}?room=${encodeURIComponent(this.code)}`);
    };
    button.onclick = () => {
      button.disabled = true;
      show().catch(() => (button.disabled = false)); // without a connection
    };
    this.sum.replaceChildren(...(drawing ? [button] : []));
  }
}

export const phone = new Phone(document.querySelector("main"));
