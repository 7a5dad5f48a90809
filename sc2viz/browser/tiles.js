// Small pictures with a bar or a note, in the order of the server: radio buttons where one is chosen, else buttons that
// lead on. The server sends one sheet of all pictures, with `columns` of them beside each other.
import { component, make } from "./dom.js";

const CALM = 250; // ms after the last arrow key until the server hears of the choice
const [SMALLEST, LARGEST] = [20, 74]; // px: the sides between which a picture is sized for a mouse
const TOUCHED = 34; // px: the least side of a picture that a finger touches
const [ACROSS, DOWN, UNDER] = [5, 7, 5]; // px between columns, between rows, and from a picture to the end of its bar
const LOWEST = 256; // px: the least height that all pictures together may take

class Tiles {
  constructor(parent) {
    this.root = parent.appendChild(make("div", "tiles"));
    this.root.onclick = ({ target }) => {
      const tile = target.closest("button");
      if (tile) this.choose(tile, 0);
    };
    this.root.onkeydown = (event) => this.key(event);
    this.sizes = new ResizeObserver(() => this.fit());
  }

  show(data, { report }) {
    this.report = report;
    const stamp = JSON.stringify({ ...data, chosen: null });
    if (this.stamp !== stamp) {
      this.stamp = stamp;
      this.build(data);
      this.chosen = data.chosen;
    } else if (this.told !== data.chosen && !this.late) this.chosen = data.chosen; // not while a later choice waits
    this.told = data.chosen;
    this.mark();
    this.sizes.observe(this.root);
    const page = document.querySelector(".stMainBlockContainer"); // what stands above may be drawn later
    if (page) this.sizes.observe(page);
  }

  // Pictures are as large as lets all of them fit in the window below the place where they begin.
  fit() {
    const { across, high, tiles } = this.data;
    if (across) return;
    const wide = this.root.clientWidth - 6;
    const top = this.root.getBoundingClientRect().top + (document.querySelector(".stMain")?.scrollTop ?? 0);
    const room = Math.max(LOWEST, window.innerHeight - top - 24);
    const least = matchMedia("(pointer: coarse)").matches ? TOUCHED : SMALLEST;
    let size = LARGEST;
    for (; size > least; size--) {
      const columns = Math.floor((wide + ACROSS) / (size + ACROSS));
      if (Math.ceil(tiles.length / columns) * (size * high + UNDER + DOWN) <= room) break;
    }
    this.root.style.setProperty("--columns", `repeat(auto-fill, minmax(${size}px, 1fr))`);
  }

  build(data) {
    const { label, sheet, columns, rows, high, tiles, radio, across } = data;
    Object.assign(this, { data, radio });
    Object.assign(this.root, { role: radio ? "radiogroup" : "group", ariaLabel: label });
    const style = { "--ratio": 1 / high, "--size": `${100 * columns}% ${100 * rows}%`, "--sheet": `url("${sheet}")` };
    if (across) style["--columns"] = `repeat(${across}, minmax(0, 62px))`;
    for (const [name, value] of Object.entries(style)) this.root.style.setProperty(name, value);
    this.fit();
    const focused = this.root.contains(this.root.getRootNode().activeElement);
    this.root.replaceChildren(
      ...tiles.map(({ number, name, bar, note }) => {
        const ariaLabel = note ? `${note}, ${name}` : name; // it begins with what is seen
        const tile = make("button", "", "", { type: "button", title: name, ariaLabel });
        tile.dataset.number = number;
        if (radio) tile.role = "radio";
        const at = (place, count) => `${count > 1 ? (100 * place) / (count - 1) : 0}%`;
        const picture = tile.appendChild(make("i"));
        picture.style.backgroundPosition = `${at(number % columns, columns)} ${at(Math.floor(number / columns), rows)}`;
        if (bar !== null) tile.appendChild(make("u")).style.setProperty("--bar", bar);
        if (note) tile.append(make("small", "", note));
        return tile;
      }),
    );
    if (focused) this.root.querySelector("button")?.focus();
  }

  mark() {
    if (!this.radio) return;
    const tiles = [...this.root.children];
    const chosen = tiles.find((tile) => Number(tile.dataset.number) === this.chosen);
    for (const tile of tiles)
      Object.assign(tile, { ariaChecked: tile === chosen, tabIndex: tile === (chosen ?? tiles[0]) ? 0 : -1 });
  }

  choose(tile, wait) {
    this.chosen = Number(tile.dataset.number);
    this.mark();
    tile.focus();
    clearTimeout(this.late);
    this.late = setTimeout(() => {
      this.late = 0;
      this.report("chosen", { number: this.chosen, at: Date.now() });
    }, wait);
  }

  key(event) {
    if (!this.radio || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...this.root.children];
    const at = all.indexOf(event.target);
    const below = all.findIndex((tile) => tile.offsetTop > all[0].offsetTop);
    const beside = Math.max(1, below);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -beside, ArrowDown: beside };
    Object.assign(steps, { Home: -at, End: all.length - 1 - at });
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const next = all[at + steps[event.key]];
    if (next) this.choose(next, CALM);
  }

  leave() {
    clearTimeout(this.late);
    this.sizes.disconnect();
  }
}

export default component(Tiles);
