// The painter of lines over frames: a marker at the present one, and a click or a drag goes to another.
import { floats } from "./decode.js";
import { make } from "./dom.js";
import { frame, framed, painters, pen, told } from "./draw.js";
import { percent, short } from "./readings.js";

// Move `at` of things in ascending order, so that each is `size` from the next and all stay between top and bottom.
const spread = (things, size, top, bottom) => {
  things.forEach((one, k) => (one.at = Math.max(one.at, k ? things[k - 1].at + size : top)));
  for (let k = things.length - 1, limit = bottom; k >= 0; k--) limit = (things[k].at = Math.min(things[k].at, limit)) - size;
};

const nice = (top) => {
  const power = 10 ** Math.floor(Math.log10(top));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= top);
};

painters.curves = (panel, stage) => {
  const { node, heading, canvas } = framed(panel);
  const lines = panel.lines.map((line) => ({
    ...line,
    values: floats(line.values),
    places: line.places && floats(line.places),
    moved: Object.fromEntries(Object.entries(line.moved).map(([axis, values]) => [axis, floats(values)])),
  }));
  // Where a frame stands on the axis, and which of a line's values holds there. Lines may go on beyond the last frame.
  const places = panel.places && floats(panel.places);
  const shown = (line) => (line.places ? line.values : line.values.subarray(0, Math.max(2, stage.count)));
  const ends = places && Math.max(1, ...places, ...lines.map((line) => line.places?.at(-1) ?? 0));
  const placed = (t) => (places ? places[frame(t, places.length)] : t);
  const holding = (line, t) => {
    if (!line.places) return frame(t, line.values.length);
    const later = line.places.findIndex((place) => place > placed(t));
    return Math.max(0, (later < 0 ? line.places.length : later) - 1);
  };
  const legend = make("ul", "legend");
  const readings = lines.map((line) => {
    const item = make("li");
    const swatch = make("i");
    const [on, off] = line.dash.length ? line.dash : [1, 0];
    const colour = line.colour || "currentColor";
    swatch.style.background = `repeating-linear-gradient(to right, ${colour} 0 ${on}px, transparent ${on}px ${on + off}px)`;
    const value = make("b");
    item.append(swatch, make("span", "", line.label), value);
    legend.append(item);
    return value;
  });
  heading.append(legend);

  const limits = () => {
    const finite = lines.flatMap((line) => [...shown(line)]).filter((v) => Number.isFinite(v));
    const within = panel.log ? finite.filter((v) => v > panel.floor) : finite;
    let low = within.reduce((a, b) => Math.min(a, b), Infinity);
    let high = within.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!within.length) [low, high] = panel.log ? [panel.floor, 1] : [0, 1];
    if (panel.log) {
      low = 10 ** Math.floor(Math.log10(Math.max(low, panel.floor)));
      // What runs away leaves the picture instead of flattening it.
      const starts = lines.map((line) => line.values[0]).filter((v) => v > panel.floor && Number.isFinite(v));
      high = Math.min(high * 1.15, starts.length ? 10 * Math.max(...starts) : 1e6);
      return [low, Math.max(high, low * 10)];
    }
    if (panel.optimum_at !== null) low = Math.min(low, panel.optimum_at);
    if (panel.bottom !== null) low = Math.max(low, panel.bottom);
    if (panel.top !== null) high = Math.min(high, panel.top);
    if (high === low) high = low + 1;
    const room = 0.05 * (high - low);
    return [low - room, high + room];
  };
  const scale = panel.log ? Math.log10 : (v) => v;
  const ticks = (low, high) => {
    if (!panel.log) {
      const step = nice((high - low) / 4);
      const from = Math.ceil(low / step);
      return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, k) => (from + k) * step);
    }
    const out = [];
    for (let p = Math.round(Math.log10(low)); 10 ** p <= high * 1.001; p++) out.push(10 ** p);
    return out;
  };

  let box = null; // the plotting area at the last paint
  let end = 1; // of the axis
  let heldX = null;
  const place = (event) => {
    const left = canvas.getBoundingClientRect().left;
    return ((event.clientX - left - box.left) / (box.right - box.left)) * end;
  };
  const nearest = (place) => {
    if (!places) return Math.max(0, Math.min(stage.count - 1, Math.round(place)));
    return places.reduce((best, at, k) => (Math.abs(at - place) < Math.abs(places[best] - place) ? k : best), 0);
  };
  const go = (event) => box && stage.go(nearest(place(event)));
  canvas.addEventListener("pointerdown", (event) => {
    heldX = event.pointerId;
    canvas.setPointerCapture(event.pointerId);
    go(event);
  });
  canvas.addEventListener("pointermove", (event) => heldX !== null && go(event));
  for (const over of ["pointerup", "pointercancel"]) canvas.addEventListener(over, () => (heldX = null));

  const paint = (look) => {
    const { t, axis, k: stop } = look;
    told(panel, canvas, t);
    end = ends ?? Math.max(1, stage.count - 1);
    const [low, high] = limits();
    // Of another axis there is one value at a stop, while the lines stay those of the place at hand.
    const value = (line) => (line.moved[axis] ? line.moved[axis][stop % line.moved[axis].length] : line.values[holding(line, t)]);
    const away = lines.some((line) => line.moved[axis]);
    readings.forEach((node, k) => {
      const now = value(lines[k]);
      node.textContent = panel.log && panel.unit ? percent(now) : short(now) + panel.unit;
    });
    const { draw, wide, high: tall } = pen(canvas, look);
    if (!wide) return;
    const labels = ticks(low, high);
    const margin = Math.max(...labels.map((v) => draw.measureText(short(v) + panel.unit).width), 30) + 10;
    const strip = panel.log && panel.optimum ? 20 : 0; // below the axis's end: the optimum, which no logarithm reaches
    // Labels at the ends of lines, where there is room for them; the legend has them all.
    const named = Math.max(0, ...lines.map((line) => draw.measureText(line.label).width)) + 20;
    const beside = lines.length > 1 && !panel.marks.length && named < 0.25 * wide;
    box = { left: margin, right: wide - (beside ? named : 12), top: 10, bottom: tall - 38 - strip };
    const x = (place) => box.left + (place / end) * (box.right - box.left);
    const y = (v) => {
      const held = panel.log ? Math.max(v, low) : v;
      const share = (scale(Math.min(held, 1e9 * high)) - scale(low)) / (scale(high) - scale(low));
      return Number.isFinite(v) ? box.bottom - share * (box.bottom - box.top) : -9;
    };
    const floor = box.bottom + strip;

    if (look.trained !== null && look.trained < end) {
      draw.fillStyle = look.ink;
      draw.globalAlpha = 0.06;
      draw.fillRect(x(look.trained), box.top, box.right - x(look.trained), floor - box.top);
      draw.globalAlpha = 0.65;
      draw.textAlign = "right";
      draw.textBaseline = "top";
      if (box.right - x(look.trained) > 110) draw.fillText("beyond training", box.right - 6, box.top + 4);
    }
    draw.fillStyle = draw.strokeStyle = look.ink;
    draw.lineWidth = 1;
    draw.textBaseline = "middle";
    draw.textAlign = "right";
    for (const tick of labels) {
      draw.globalAlpha = 0.14;
      draw.fillRect(box.left, Math.round(y(tick)), box.right - box.left, 1);
      draw.globalAlpha = 0.75;
      draw.fillText(short(tick) + panel.unit, box.left - 8, y(tick));
    }
    draw.textBaseline = "top";
    draw.textAlign = "center";
    const apart = Math.max(1, nice(end / Math.max(3, Math.floor(wide / 70))));
    for (let k = 0; k <= end; k += apart) draw.fillText(k.toLocaleString("en"), x(k), floor + 6);
    draw.fillText(panel.axis, (box.left + box.right) / 2, floor + 21);

    if (panel.optimum) {
      const level = panel.log ? floor : y(panel.optimum_at);
      draw.globalAlpha = 0.9;
      draw.setLineDash([6, 4]);
      draw.beginPath();
      draw.moveTo(box.left, level);
      draw.lineTo(box.right, level);
      draw.stroke();
      draw.textAlign = "left";
      draw.textBaseline = "bottom";
      draw.fillText(panel.optimum, box.left + 6, level - 3);
    }
    draw.globalAlpha = 0.6;
    draw.setLineDash([2, 3]);
    draw.beginPath();
    draw.moveTo(x(placed(t)), box.top);
    draw.lineTo(x(placed(t)), floor);
    draw.stroke();
    draw.setLineDash([]);
    for (const [place] of panel.marks) draw.fillRect(Math.round(x(place)), box.top, 1, floor - box.top);
    draw.globalAlpha = 1;
    draw.lineJoin = "round";
    draw.save();
    draw.beginPath();
    draw.rect(box.left, 0, wide - box.left, floor + 8);
    draw.clip();
    for (const line of lines) {
      draw.strokeStyle = line.colour || look.ink;
      draw.lineWidth = 2.5;
      draw.globalAlpha = away ? 0.3 : 1;
      draw.setLineDash(line.dash);
      draw.beginPath();
      shown(line).forEach((v, k) => draw[k ? "lineTo" : "moveTo"](x(line.places ? line.places[k] : k), y(v)));
      draw.stroke();
    }
    draw.setLineDash([]);
    draw.globalAlpha = 1;
    for (const line of lines) {
      if (!line.places && t >= line.values.length) continue;
      draw.fillStyle = line.colour || look.ink;
      draw.strokeStyle = look.paper;
      draw.lineWidth = 2;
      draw.beginPath();
      draw.arc(x(placed(t)), y(value(line)), 6, 0, 7);
      draw.fill();
      draw.stroke();
    }
    draw.restore();
    if (beside) {
      draw.textAlign = "left";
      draw.textBaseline = "middle";
      const ends = lines.map((line) => ({ line, at: Math.min(Math.max(y(shown(line).at(-1)), box.top), box.bottom) }));
      spread(ends.sort((a, b) => a.at - b.at), 15, box.top, floor);
      for (const { line, at } of ends) {
        draw.fillStyle = line.colour || look.ink;
        draw.fillText(line.label, box.right + 9, at);
      }
    }
    draw.fillStyle = look.ink; // the words on top of the lines, each on a little paper of its own
    draw.strokeStyle = look.paper;
    draw.lineWidth = 4;
    draw.textBaseline = "top";
    for (const [place, text] of panel.marks) {
      const left = x(place) < (box.left + box.right) / 2;
      draw.textAlign = left ? "left" : "right";
      draw.strokeText(text, x(place) + (left ? 4 : -4), box.top);
      draw.fillText(text, x(place) + (left ? 4 : -4), box.top);
    }
  };
  return { node, paint };
};
