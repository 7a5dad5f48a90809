// The wall of what a class draws: a tile a phone, face down until the lecturer turns it over.
import { natural } from "../../browser/colour.js";
import { pixelsOf } from "../../browser/decode.js";
import { make } from "../../browser/dom.js";
import { mosaic } from "../../browser/draw.js";
import { _, ngettext } from "../../browser/words.js";

const SIDE = 28; // pixels of a drawing's side
const STRIP = 16; // drawings that are taken at a time

export class Wall {
  constructor() {
    this.root = make("details", "wall", "", { open: true });
    this.heading = this.root.appendChild(make("summary"));
    const acts = this.root.appendChild(make("div", "acts"));
    this.buttons = {};
    this.turned = new Map(); // tiles that were turned over, by number, until the server has said so: it hears the last act
    const add = (name, label, title = "") => {
      const onclick = () => {
        this.turned.clear();
        this.act(name);
      };
      this.buttons[name] = acts.appendChild(make("button", "", label, { title, onclick }));
    };
    const closing = _("No more drawings are taken. Each phone may then see its own one as a sum of atoms.");
    const showing = _("Drawings that come from now on are shown. Otherwise a click turns each one over.");
    add("end", _("Close the round"), closing);
    add("begin", _("Draw again"), _("Another round, on an empty wall."));
    add("at_once", _("Show new ones at once"), showing);
    add("all", _("Show all"));
    add("none", _("Hide all"));
    add("newest", _("Take the newest {n}", { n: STRIP }), _("The newest drawings that are shown go into the strip."));
    add("random", _("Take {n} at random", { n: STRIP }), _("Any of the drawings that are shown go into the strip."));
    const grid = make("div", "wall-tiles", "", { role: "group", ariaLabel: _("The class’s drawings") });
    this.grid = this.root.appendChild(grid);
    this.grid.onclick = ({ target }) => {
      const tile = target.closest("button");
      if (tile) this.turn(tile);
    };
  }

  // What the lecturer does is told the server by `act(name, turned)`.
  show({ round, is_open, shows_at_once, drawings, shown }) {
    if (this.round !== round) this.grid.replaceChildren();
    this.round = round;
    for (const [place, number, text] of drawings) {
      const tile = this.grid.children[place] ?? this.grid.appendChild(make("button"));
      tile.replaceChildren(make("canvas"));
      tile.dataset.number = number;
      mosaic(tile.firstChild, 1, SIDE, SIDE, 1)(natural(pixelsOf(text), 1));
    }
    const tiles = [...this.grid.children];
    for (const [number, isShown] of this.turned) if (shown.includes(number) === isShown) this.turned.delete(number);
    for (const tile of tiles) {
      const number = Number(tile.dataset.number);
      this.label(tile, this.turned.get(number) ?? shown.includes(number));
    }
    const { buttons } = this;
    const [n, count] = [tiles.length, shown.length];
    this.heading.textContent = ngettext("{n} drawing, {count} shown", "{n} drawings, {count} shown", n, { count });
    buttons.end.hidden = !is_open;
    buttons.begin.hidden = is_open;
    buttons.at_once.ariaPressed = shows_at_once;
    buttons.all.disabled = shown.length === tiles.length;
    for (const name of ["none", "newest", "random"]) buttons[name].disabled = !shown.length;
  }

  label(tile, isShown) {
    const values = { n: [...this.grid.children].indexOf(tile) + 1 };
    tile.ariaPressed = isShown;
    tile.ariaLabel = isShown ? _("Drawing {n}, shown", values) : _("Drawing {n}, hidden", values);
  }

  // Turns a tile over at once, and tells the server.
  turn(tile) {
    const isShown = tile.ariaPressed !== "true";
    this.label(tile, isShown);
    this.turned.set(Number(tile.dataset.number), isShown);
    this.act("turn", [...this.turned]);
  }
}
