// How a reader of the site chooses a picture: one of the data set, or one of their own.
import { LINE, line, natural } from "./colour.js";
import { make } from "./dom.js";
import { mosaic } from "./draw.js";
import { _ } from "./words.js";

const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114]; // of the luminance, as files/pictures.py has it
const PAPER = 0.5; // what has a brighter border is taken for ink on paper

// The pictures as buttons, of which the one at hand is pressed. They are parts of one image: each canvas would be a
// layer of its own, and Chromium looks at all layers whenever one is drawn.
export const thumbnails = (root, { data, pictures, main }, choose) => {
  const { shape, base, line: scale } = data.board;
  const [count] = data.pictures.size;
  const [high, wide, channels] = scale ? [LINE.high, LINE.wide, 1] : shape;
  const size = high * wide;
  const tiles = scale ? new Float32Array(count * size) : pictures;
  for (let k = 0; scale && k < count; k++) line(pictures, k, scale, tiles.subarray(k * size, (k + 1) * size));
  const sheet = make("canvas");
  mosaic(sheet, count, high, wide, 1)(natural(tiles, channels, scale ? 0 : base));
  main.style.setProperty("--sheet", `url("${sheet.toDataURL()}")`);
  main.style.setProperty("--ratio", wide / high);
  const buttons = Array.from({ length: count }, (_, k) => {
    const [title] = data.names[k];
    const button = make("button", "", "", { title, ariaLabel: title, onclick: () => choose(k) });
    button.appendChild(make("i")).style.backgroundPositionY = `${(100 * k) / Math.max(1, count - 1)}%`;
    return button;
  });
  root.append(...buttons);
  return (chosen) => {
    for (const [k, button] of buttons.entries()) button.ariaPressed = k === chosen;
  };
};

// A picture as pixels of the data: its middle, resized, less what is added where they are drawn. Grey is luminance,
// inverted where the data are white on black and the border is bright, as paper is.
const fitted = (bitmap, [high, wide, channels], base, black) => {
  const canvas = make("canvas", "", "", { width: wide, height: high });
  const side = Math.min(bitmap.width / wide, bitmap.height / high);
  const [w, h] = [side * wide, side * high];
  const paper = canvas.getContext("2d");
  Object.assign(paper, { fillStyle: "#fff", imageSmoothingQuality: "high" });
  paper.fillRect(0, 0, wide, high);
  paper.drawImage(bitmap, (bitmap.width - w) / 2, (bitmap.height - h) / 2, w, h, 0, 0, wide, high);
  const { data } = paper.getImageData(0, 0, wide, high);
  const x = new Float32Array(high * wide * channels);
  for (let k = 0; k < high * wide; k++) {
    const [r, g, b] = data.subarray(4 * k, 4 * k + 3);
    if (channels === 3) x.set([r / 255, g / 255, b / 255], 3 * k);
    else x[k] = Math.round(RED * r + GREEN * g + BLUE * b) / 255;
  }
  if (base) return x.map((value) => value - base);
  const border = x.filter((_, k) => k < wide || k >= wide * (high - 1) || k % wide === 0 || k % wide === wide - 1);
  const bright = border.reduce((sum, value) => sum + value, 0) / border.length > PAPER;
  return black && bright ? x.map((value) => 1 - value) : x;
};

// A field for a file with a picture. `then(x)` gets its pixels.
export const uploaded = ({ shape, base }, black, then) => {
  const label = make("label", "upload", `${_("Or bring a picture")} `);
  const field = label.appendChild(make("input", "", "", { type: "file", accept: "image/*" }));
  const says = label.appendChild(make("small", "", "", { role: "status" }));
  field.onchange = async () => {
    try {
      then(fitted(await createImageBitmap(field.files[0]), shape, base, black));
      says.textContent = "";
    } catch {
      says.textContent = _("This file is no picture that this browser reads: choose a PNG or JPEG.");
    }
  };
  return label;
};
