// A figure of an idea as a file: all its drawings as one PNG, and its numbers as CSV.

const SCALE = 2; // pixels of the file for each on the screen
const EDGE = 12; // px around the drawings
const HEAD = 34; // px for the title above them
const LOOKS = `fill fill-opacity stroke stroke-width stroke-dasharray stroke-linejoin stroke-linecap opacity paint-order
  image-rendering background-color font-family font-size font-weight font-style text-anchor clip-path`.split(/\s+/);

// A drawing as a picture that needs no style sheet.
const alone = async (drawing, { width, height }) => {
  const copy = drawing.cloneNode(true);
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [k, each] of [drawing, ...drawing.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(each);
    for (const look of LOOKS) copies[k].style.setProperty(look, style.getPropertyValue(look));
  }
  for (const [name, value] of Object.entries({ width, height })) copy.setAttribute(name, value);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
};

// A figure that has no title of its own on a phone has that of the page.
const titleOf = (figure) =>
  (figure.querySelector("h2")?.firstChild ?? document.querySelector(".stMain h1")).textContent;

const save = (figure, ending, blob) => {
  const link = document.createElement("a");
  const stem = titleOf(figure)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  link.download = `sc2viz-${stem}.${ending}`.replace("-.", ".");
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

const savePicture = async (figure) => {
  const drawings = [...figure.querySelectorAll("svg[role]")];
  const boxes = drawings.map((each) => each.getBoundingClientRect());
  const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])) - EDGE);
  const [right, foot] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])) + EDGE);
  const size = { width: SCALE * (right - left), height: SCALE * (foot - top + HEAD) };
  const canvas = Object.assign(document.createElement("canvas"), size);
  const draw = canvas.getContext("2d");
  draw.scale(SCALE, SCALE);
  const page = getComputedStyle(document.querySelector(".stApp"));
  draw.fillStyle = page.backgroundColor;
  draw.fillRect(0, 0, right - left, foot - top + HEAD);
  draw.fillStyle = page.color;
  draw.font = `600 20px ${page.fontFamily}`;
  draw.fillText(titleOf(figure), EDGE, HEAD - 6);
  draw.translate(-left, HEAD - top);
  for (const [k, each] of drawings.entries()) {
    const { x, y, width, height } = boxes[k];
    draw.drawImage(await alone(each, boxes[k]), x, y, width, height);
  }
  for (const grip of figure.querySelectorAll(".sc-grip")) {
    const { x, y, width, height } = grip.getBoundingClientRect();
    const { borderColor, backgroundColor } = getComputedStyle(grip, "::before");
    Object.assign(draw, { strokeStyle: borderColor, fillStyle: backgroundColor, lineWidth: 3 });
    draw.beginPath();
    draw.arc(x + width / 2, y + height / 2, 6.5, 0, 2 * Math.PI);
    draw.fill();
    draw.stroke();
  }
  canvas.toBlob((blob) => save(figure, "png", blob));
};

const saveNumbers = (figure) => {
  const written = (value) => (typeof value === "number" ? Number(value.toPrecision(7)) : `"${value}"`);
  const lines = figure.idea.table().map((row) => row.map(written).join(","));
  save(figure, "csv", new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
};

// What there is to take away of each figure of the page that is drawn, [the words of its button, what it does].
export const filesOf = () =>
  [...document.querySelectorAll(".stMain .sc-idea")]
    .filter((figure) => figure.idea && figure.querySelector("svg[role]")?.clientWidth)
    .flatMap((figure) => [
      [`${titleOf(figure)} (PNG)`, () => savePicture(figure)],
      ...(figure.idea.table ? [[`${titleOf(figure)} (CSV)`, () => saveNumbers(figure)]] : []),
    ]);
