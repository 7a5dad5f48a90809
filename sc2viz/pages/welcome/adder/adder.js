const PLAY = 4000; // ms of the animation from no atoms to all atoms
const REST = 400; // ms after the last move until the position is sent to the server

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const shorts = (text) => new Int16Array(bytes(text).buffer);
const number = (value) => Math.abs(value).toPrecision(2).replace(/^(\d\d\d+)\.?.*/, "$1");
// The same format as phrases.share.
const percent = (share) =>
  share <= 1e-4 ? "under 0.01 %" : `${share >= 0.0995 ? (100 * share).toFixed(0) : +(100 * share).toPrecision(2)} %`;

// Paint a picture of h × w pixels; `colours(k)` returns [r, g, b] for the pixel whose first channel is entry k.
function paint(canvas, [h, w, channels], colours) {
  canvas.width = w;
  canvas.height = h;
  canvas.style.aspectRatio = `${w} / ${h}`;
  const image = new ImageData(w, h);
  for (let pixel = 0; pixel < h * w; pixel++) {
    const [r, g, b] = colours(pixel * channels);
    image.data.set([r, g, b, 255], 4 * pixel);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Draw the row as a line on the scale from low to high; `colour(v)` is that of the line where it has the value v.
function line(canvas, values, [low, high], ground, colour) {
  const [w, h] = [288, 192];
  canvas.width = w;
  canvas.height = h;
  canvas.style.aspectRatio = `${w} / ${h}`;
  const draw = canvas.getContext("2d");
  draw.fillStyle = ground;
  draw.fillRect(0, 0, w, h);
  draw.lineWidth = 4;
  draw.lineCap = "round";
  const x = (k) => 3 + (k / Math.max(1, values.length - 1)) * (w - 6);
  const y = (v) => h - 4 - Math.max(0, Math.min(1, (v - low) / (high - low))) * (h - 8);
  for (let k = 1; k < values.length; k++) {
    draw.strokeStyle = colour((values[k - 1] + values[k]) / 2);
    draw.beginPath();
    draw.moveTo(x(k - 1), y(values[k - 1]));
    draw.lineTo(x(k), y(values[k]));
    draw.stroke();
  }
}

const clip = (value) => Math.max(0, Math.min(255, Math.round(255 * value)));
const natural = (values, channels) => (at) =>
  channels === 3 ? [clip(values[at]), clip(values[at + 1]), clip(values[at + 2])] : Array(3).fill(clip(values[at]));
const row = (table, k) => [table[3 * k], table[3 * k + 1], table[3 * k + 2]];

// Whether the background colour of the theme is dark.
function isDark(element) {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g).map(Number);
  return r + g + b < 384;
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".adder");
  const find = (selector) => root.querySelector(selector);
  const state = (root.state ??= { k: null, timer: null });
  const { shape, weights, names, missing } = data;
  const [, , channels] = shape;
  const count = weights.length;
  const x = Float32Array.from(shorts(data.x), (v) => v * data.unit);
  const atoms = shorts(data.atoms);
  const error = bytes(data.error);
  const diverging = data.diverging.map(bytes);
  const slider = find("input");
  const d = x.length;
  const reach = data.range ? data.range[1] - data.range[0] : 1; // the error that is brightest

  const drawRow = (canvas, values) =>
    data.range ? line(canvas, values, data.range, "#000", () => "#fff") : paint(canvas, shape, natural(values, channels));
  const sumOf = (k) => {
    const sum = new Float32Array(d);
    for (let j = 0; j < k; j++)
      for (let i = 0, weight = weights[j] * data.scale; i < d; i++) sum[i] += weight * atoms[j * d + i];
    return sum;
  };

  const drawTerms = () => {
    const table = diverging[+isDark(find(".theme"))];
    const box = find(".equation");
    box.replaceChildren();
    const lead = box.appendChild(document.createElement("span"));
    lead.className = "lead";
    lead.textContent = count ? "≈" : "≈ 0";
    for (let j = 0; j < count; j++) {
      const term = box.appendChild(document.createElement("button"));
      term.type = "button";
      term.tabIndex = -1; // the slider serves keyboard users
      term.className = "term";
      const sign = weights[j] < 0 ? "− " : j ? "+ " : "";
      term.append(`${sign}${number(weights[j])} ·`);
      term.title = `Atom ${names[j]}, weight ${weights[j] < 0 ? "−" : ""}${number(weights[j])}`;
      term.setAttribute("aria-label", term.title);
      term.onclick = () => { stop(); show(j + 1); tell(); };
      const part = atoms.subarray(j * d, (j + 1) * d);
      const top = part.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const css = (k) => `rgb(${row(table, k)})`;
      const canvas = term.appendChild(document.createElement("canvas"));
      if (data.range) {
        line(canvas, part, [-top, top], css(128), (v) => css(v < 0 ? 0 : 255));
        continue;
      }
      const colours = channels === 3
        ? (at) => [0, 1, 2].map((c) => clip(0.5 + part[at + c] / (2 * top)))
        : (at) => row(table, clip(0.5 + part[at] / (2 * top)));
      paint(canvas, shape, colours);
    }
    state.terms = [...box.querySelectorAll(".term")];
  };

  const place = (k) => [count ? (300 * k) / count : 300, 148 - 146 * Math.min(1, missing[k])];
  const drawCourse = () => {
    const points = missing.map((_, k) => place(k).map((v) => v.toFixed(1)).join(" "));
    find(".line").setAttribute("d", `M${points.join(" L")}`);
    find(".all").textContent = `${count} atoms`;
  };

  const show = (k) => {
    state.k = k;
    slider.value = k;
    const sum = sumOf(k);
    drawRow(find(".sum"), sum);
    paint(find(".rest"), shape, (at) => {
      let total = 0;
      for (let c = 0; c < channels; c++) total += Math.abs(x[at + c] - sum[at + c]);
      return row(error, clip(total / channels / reach));
    });
    if (data.range) find(".rest").style.aspectRatio = "96 / 20";
    const atomsNow = `${k} atom${k === 1 ? "" : "s"}`;
    find(".sum-says").innerHTML = k === 1 ? "<b>1</b> atom" : `the sum of <b>${k}</b> atoms`;
    find(".rest-says").innerHTML = `missing: <b>${percent(missing[k])}</b>`;
    find(".sum").setAttribute("aria-label", `The sum of ${atomsNow}`);
    find(".rest").setAttribute("aria-label", `What is missing: ${percent(missing[k])} of the ${data.noun}`);
    find("output").textContent = `${k} of ${count}`;
    slider.setAttribute("aria-valuetext", `${atomsNow}, ${percent(missing[k])} missing`);
    const past = missing.slice(0, k + 1).map((_, j) => place(j).map((v) => v.toFixed(1)).join(" "));
    find(".now").setAttribute("d", `M${past.join(" L")}`);
    find(".area").setAttribute("d", `M0 150 L${past.join(" L")} L${place(k)[0].toFixed(1)} 150 Z`);
    const box = find(".course svg");
    const [px, py] = place(k);
    const dot = find(".point");
    dot.style.left = `calc(${box.parentElement.clientWidth - box.clientWidth}px + ${(px / 300) * box.clientWidth}px)`;
    dot.style.top = `${(py / 150) * box.clientHeight}px`;
    state.terms.forEach((term, j) => {
      term.classList.toggle("in", j < k);
      term.classList.toggle("last", j === k - 1);
    });
  };

  const stop = () => {
    clearInterval(state.timer);
    state.timer = null;
    find(".play").textContent = "Play";
  };
  const play = (atEnd) => {
    if (!count) return;
    if (state.k >= count) show(0);
    find(".play").textContent = "Pause";
    const next = () => { if (state.k < count) show(state.k + 1); else { stop(); atEnd?.(); } };
    state.timer = setInterval(next, Math.max(40, Math.min(250, PLAY / count)));
  };
  const tell = () => {
    clearTimeout(state.rest);
    state.rest = setTimeout(() => { if (!state.timer) setStateValue("at", state.k); }, REST);
  };

  const atEnd = state.k !== null && state.k >= state.count;
  const first = state.k === null;
  stop();
  state.count = count;
  slider.max = count;
  slider.disabled = find(".play").disabled = count === 0;
  drawRow(find(".picture"), x);
  find(".picture").setAttribute("aria-label", data.title);
  find(".noun").textContent = `the ${data.noun}`;
  drawTerms();
  drawCourse();
  slider.oninput = () => { stop(); show(+slider.value); tell(); };
  find(".play").onclick = () => { if (state.timer) { stop(); tell(); } else play(tell); };
  find(".theme").ontransitionend = () => { drawTerms(); show(state.k); };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const opens = data.start ?? (still ? count : 0);
  show(Math.min(count, first ? opens : atEnd ? count : state.k));
  if (first && data.start === null && !still) play();
  const sizes = new ResizeObserver(() => show(state.k));
  sizes.observe(find(".course"));
  return () => { sizes.disconnect(); clearInterval(state.timer); clearTimeout(state.rest); state.timer = null; };
}
