// The painter of lines over frames. A marker stands at the frame at hand, and a click or a drag goes to another one.
import { floats } from "./decode.js";
import { become, say, shape } from "./dom.js";
import { spaced } from "./measure.js";
import { frame, painters, tenth } from "./painters.js";
import { percent, short } from "./readings.js";
import { _ } from "./words.js";

const LETTER = 7; // px: about the width of a letter of 12 px

// The ticks from `low` to `high`: powers of ten on a logarithmic axis, else about `count` round numbers.
const ticks = (low, high, count, log) => {
  if (log) {
    const first = Math.round(Math.log10(low));
    return Array.from({ length: Math.floor(Math.log10(high * 1.001)) - first + 1 }, (_, k) => 10 ** (first + k));
  }
  const power = 10 ** Math.floor(Math.log10((high - low) / count));
  const step = [1, 2, 5, 10].map((m) => m * power).find((step) => step * count >= high - low);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
};

const LOWEST = 1e-3; // %, which a logarithmic axis does not go below

// The ends of an axis for the values of lines, which are all that is drawn of them. What runs away leaves the picture
// of a logarithmic axis, which ends ten times above where the lines begin, instead of flattening it.
export const endsOf = ({ log, optimum_at = null, bottom = null, top = null }, lines) => {
  const isShown = (value) => Number.isFinite(value) && (!log || value > LOWEST);
  const values = lines.flatMap((line) => [...line]).filter(isShown);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (log) {
    const starts = lines.map(([first]) => first).filter(isShown);
    low = 10 ** Math.floor(Math.log10(values.length ? low : LOWEST));
    high = Math.min(1.15 * (values.length ? high : 1), starts.length ? 10 * Math.max(...starts) : 1e6);
    return [low, Math.max(high, 10 * low)];
  }
  if (!values.length) [low, high] = [0, 1];
  low = Math.max(Math.min(low, optimum_at ?? low), bottom ?? Number.NEGATIVE_INFINITY);
  high = Math.min(high, top ?? high);
  if (high === low) high = low + 1;
  const room = 0.05 * (high - low);
  return [low - room, high + room];
};

painters.curves = (panel, stage, node) => {
  const [drawn, readings] = [node.querySelector("svg"), node.querySelectorAll("b")];
  const places = panel.places && floats(panel.places);
  const lines = panel.lines.map((line) => {
    const values = floats(line.values);
    const moved = Object.fromEntries(Object.entries(line.by_axis).map(([axis, values]) => [axis, floats(values)]));
    return { ...line, values, places: line.places && floats(line.places), by_axis: moved };
  });
  // Where a frame stands on the axis, which may be longer than the frames reach.
  const place = (t) => (places ? places[frame(t, places.length)] : t);
  // Where a number stands that is a place, or that frames have in their names, such as T = 3.
  const named = stage.data.names.map((name) => Number(name.split(" = ")[1]));
  const reached = (value) => {
    if (!places) return value;
    const k = Math.max(1, named.findIndex((each) => each >= value) % named.length);
    return place(k) + ((value - named[k]) * (place(k) - place(k - 1))) / (named[k] - named[k - 1]);
  };
  // The value of a line at a frame: the server's, or the last one whose place the frame has reached.
  const read = ({ by_axis: moved, places: own, values }, { axis, k, t }) => {
    if (moved[axis]) return moved[axis][k % moved[axis].length];
    const latest = () => own.findLastIndex((at) => at <= place(t));
    if (own && !moved.t) return values[Math.max(0, latest())];
    return (moved.t ?? values)[frame(t, (moved.t ?? values).length)];
  };
  const ends = places && Math.max(1, ...places, ...lines.map((line) => line.places?.at(-1) ?? 0));

  const [axes, moves] = ["g", "g"].map((tag) => drawn.appendChild(shape(tag, {}))); // what stays, and what moves
  let stood = ""; // what the axes depend on, as they were painted last
  let box = null; // the plotting area, as it was painted last
  const go = ({ offsetX }) => {
    const asked = ((offsetX - box.left) / (box.right - box.left)) * box.end;
    const away = (k) => Math.abs(place(k) - asked);
    stage.go([...Array(stage.count).keys()].reduce((best, k) => (away(k) < away(best) ? k : best)));
  };
  drawn.onpointerdown = (event) => {
    drawn.setPointerCapture(event.pointerId);
    go(event);
  };
  drawn.onpointermove = (event) => drawn.hasPointerCapture(event.pointerId) && go(event);

  return ({ axis, k, t, trained }) => {
    for (const line of lines) line.mine = line.solver && stage.course(line.solver);
    const now = lines.map((line) => (line.mine ? line.mine[t] : read(line, { axis, k, t })));
    const written = (value) => (panel.log && panel.unit ? percent(value) : short(value) + panel.unit);
    for (const [k, each] of readings.entries()) {
      const { legend } = lines[k];
      say(each, legend.length ? legend[frame(t, legend.length)] : Number.isNaN(now[k]) ? "–" : written(now[k]));
    }
    const [wide, high, em] = stage.size(drawn);
    if (!wide) return;
    const u = em / 12; // what lengths grow by where letters are larger than 12 px
    const values = ({ places, values, mine }) =>
      mine || (places ? values : values.subarray(0, Math.max(2, stage.count)));
    const [least, most] = endsOf(panel, lines.map(values));
    const all = ticks(least, most, 4, panel.log);
    const every = Math.ceil((all.length * 20 * u) / high); // with the room that letters need
    const levels = all.filter((_, k) => k % every === 0).map((level) => [level, short(level) + panel.unit]);
    const strip = panel.optimum ? 20 * u : 0; // px for the optimum's words, and below a logarithmic axis its line
    // Labels stand at the ends of the lines where there is room for them. The legend has all of them anyway.
    const named = Math.max(0, ...lines.map(({ label }) => LETTER * u * label.length)) + 20;
    const beside = lines.length > 1 && !panel.marks.length && named < 0.25 * wide;
    const end = ends ?? Math.max(1, stage.count - 1);
    const left = 10 + LETTER * u * Math.max(4, ...levels.map(([, text]) => text.length));
    const [right, top, bottom] = [wide - (beside ? named : 12), 10, high - 38 * u - strip];
    box = { left, right, end };
    const floor = bottom + strip;
    const scale = panel.log ? (v) => Math.log10(Math.max(v, least)) : (v) => v;
    const x = (place) => left + (place / end) * (right - left);
    const y = (v) => {
      const share = (scale(Math.min(v, 1e9 * most)) - scale(least)) / (scale(most) - scale(least));
      return Number.isFinite(v) ? bottom - share * (bottom - top) : -9;
    };

    let made = shape("g", {});
    const add = (to, tag, name, attributes, text) => to.appendChild(shape(tag, { class: name, ...attributes }, text));
    const across = (name, y) => add(made, "path", name, { d: `M${left} ${y}H${right}` });
    const upright = (name, x) => add(made, "path", name, { d: `M${x} ${top}V${floor}` });
    const write = (name, x, y, text, more) => add(made, "text", name, { x, y, ...more }, text);
    const stands = [left, right, high, u, end, least, most, trained].join();
    if (stands !== stood) {
      stood = stands;
      if (trained !== null && trained < end) {
        add(made, "rect", "beyond", { x: x(trained), y: top, width: right - x(trained), height: floor - top });
        if (right - x(trained) > 110 * u) write("level", right - 6, top + 14 * u, _("beyond training"));
      }
      for (const [level, text] of levels) {
        across("grid", Math.round(y(level)) + 0.5);
        write("level", left - 8, y(level) + 4 * u, text);
      }
      for (const at of ticks(0, end, Math.max(3, Math.floor(wide / (70 * u))), false))
        if (Number.isInteger(at)) write("place", x(at), floor + 16 * u, at.toLocaleString("en"));
      write("place", (left + right) / 2, floor + 31 * u, panel.axis);
      if (panel.optimum) {
        const level = panel.log ? floor : y(panel.optimum_at);
        across("optimum", level);
        write("", left + 6, floor - 5, panel.optimum);
      }
      become(axes, made);
      made = shape("g", {});
    }
    upright("here", x(place(t)));
    for (const [at] of panel.marks) upright("mark", x(at));

    drawn.share = (value) => x(reached(value)) / wide;
    const inside = add(made, "svg", axis === "t" ? "" : "away", { width: wide, height: floor + 8 });
    // While the slider of another axis moves, the lines turn pale and stay, and only their markers move.
    for (const line of lines) {
      const points = Array.from(values(line), (v, k) => `${tenth(x(line.places?.[k] ?? k))} ${tenth(y(v))}`);
      const stroke = line.colour ?? "currentColor";
      add(inside, "path", "line", { d: `M${points.join("L")}`, stroke, "stroke-dasharray": line.dash.join(" ") });
    }
    lines.forEach(({ colour, places, values }, k) => {
      if (!places && t >= (lines[k].mine ?? values).length) return;
      const point = { cx: x(Math.min(place(t), places?.at(-1) ?? end)), cy: y(now[k]), r: 6 * u, "data-value": now[k] };
      add(inside, "circle", "point", { ...point, fill: colour ?? "currentColor" });
    });
    const last = lines.map((line) => Math.min(Math.max(y(values(line).at(-1)), top), bottom));
    for (const [k, at] of beside ? spaced(last, 15 * u, top, bottom).entries() : [])
      write("name", right + 9, at + 4 * u, lines[k].label, { style: `--own: ${lines[k].colour ?? "currentColor"};` });
    for (const [at, text] of panel.marks) {
      const first = x(at) < (left + right) / 2;
      write(first ? "said" : "said level", x(at) + (first ? 4 : -4), top + 10 * u, text);
    }
    become(moves, made);
  };
};
