// One chip a solver, which is the legend as well: colour, dash and marker. Its variants stand in a menu behind it.
// `chosen` is the reader's choice in the order of choosing; it is reported as a whole, so that quick clicks add up.

const MARKS = {
  circle: '<circle r="4"/>',
  square: '<rect x="-3.6" y="-3.6" width="7.2" height="7.2"/>',
  diamond: '<path d="M0-5 5 0 0 5-5 0z"/>',
  "triangle-up": '<path d="M0-5 4.8 3.6H-4.8z"/>',
  pentagon: '<path d="M0-4.8 4.6-1.5 2.8 3.9H-2.8L-4.6-1.5z"/>',
  star: '<path d="M0-5.6 1.6-1.8 5.4-1.7 2.4.8 3.4 4.6 0 2.4-3.4 4.6-2.4.8-5.4-1.7-1.6-1.8z"/>',
  cross: '<path d="M-1.7-4.8h3.4v3.1h3.1v3.4H1.7v3.1h-3.4V1.7h-3.1v-3.4h3.1z"/>',
  x: '<path d="M-3.4-5 0-1.7 3.4-5 5-3.4 1.7 0 5 3.4 3.4 5 0 1.7-3.4 5-5 3.4-1.7 0-5-3.4z"/>',
};
const DASHES = { solid: "", dot: "1.5 3", dash: "9 4" };

function sample(dash, marker) {
  const pattern = DASHES[dash] ?? dash.replaceAll("px", "").replaceAll(",", " ");
  return `<svg aria-hidden="true" viewBox="-14 -7 28 14" width="28" height="14">
    <line x1="-14" x2="14" stroke="currentColor" stroke-width="2.5" stroke-dasharray="${pattern}"/>
    <g fill="currentColor">${MARKS[marker] ?? ""}</g></svg>`;
}

const text = (value) =>
  Object.assign(document.createElement("i"), { textContent: value }).innerHTML.replaceAll('"', "&quot;");

// What stands before a colon stays where there is little room.
const brief = (said) => text(said).replace(/(: .*)$/, "<i>$1</i>");

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let root = parentElement.querySelector(".chips");
  if (!root) {
    root = parentElement.appendChild(document.createElement("div"));
    root.className = "chips";
    root.setAttribute("role", "group");
  }
  root.setAttribute("aria-label", data.title);
  const hint = (hints) => {
    window.sc2vizHints = hints;
    window.dispatchEvent(new Event("sc2viz-hints"));
  };
  hint(data.hints);
  const stamp = JSON.stringify(data);
  if (root.stamp !== stamp) {
    root.stamp = stamp;
    root.chosen = [...data.chosen];
    draw();
    if (data.train) go(60);
  }

  // To Train live, as soon as its link is there.
  function go(frames) {
    const own = document.querySelector(".st-key-to-train a");
    if (own) own.click();
    else if (frames) requestAnimationFrame(() => go(frames - 1));
  }

  function draw() {
    const focused = root.querySelector(":focus")?.dataset.focus,
      open = root.open;
    root.innerHTML = data.rows.map((row) => `<div class="row">${row.map(chip).join("")}</div>`).join("");
    fit();
    if (open) show(open);
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  function chip(solver) {
    const chosen = solver.models.filter((model) => root.chosen.includes(model.label)).length;
    const shown = solver.models.some((model) => data.shown.includes(model.label));
    const said = solver.problem || solver.note,
      name = text(solver.name),
      label = text(solver.label);
    return `<span class="chip ${shown ? "on" : chosen ? "on hollow" : ""}" style="--light:${solver.light}; --dark:${solver.dark}">
      <button class="name" data-focus="${name}" data-solver="${name}" aria-pressed="${chosen > 0}" aria-label="${label}"
        title="${text(said || solver.about)}" ${said ? `aria-description="${text(said)}"` : ""}
        ${solver.problem ? 'aria-disabled="true"' : ""}>
        ${sample(solver.dash, solver.marker)}
        <span class="words"><span>${label}</span>${said ? `<small>${brief(said)}</small>` : ""}</span>
        ${chosen > 1 ? `<b aria-hidden="true">${chosen}</b>` : ""}</button>
      ${
        menu(solver).length
          ? `<button class="more" data-focus="menu-${name}" data-menu="${name}" aria-haspopup="menu"
        aria-expanded="${root.open === solver.name}" aria-label="Variants of ${label}">▾</button>`
          : ""
      }</span>`;
  }

  // What stands behind a chip: its variants where there are several, and the way to Train live.
  function menu(solver) {
    const several = solver.models.length > 1 && !solver.problem;
    const variants = (several ? solver.models : []).map(
      (model) => `<button role="menuitemcheckbox"
        data-focus="${text(model.label)}" data-model="${text(model.label)}" ${model.problem ? "disabled" : ""} aria-checked="${root.chosen.includes(model.label)}">
        ${sample(model.dash, solver.marker)}<span>${text(model.short)}</span><small>${text(model.note)}</small></button>`,
    );
    const train = `<button role="menuitem" data-focus="train" data-train="${text(solver.label)}">Train it live →</button>`;
    return solver.train ? [...variants, train] : variants;
  }

  // Two rows at most: the chips move together, then those that are not chosen go behind a button at the end.
  function fit() {
    const rows = () => new Set([...root.querySelectorAll(".chip:not([hidden])")].map((chip) => chip.offsetTop)).size;
    root.querySelector(".rest")?.remove();
    for (const each of root.querySelectorAll("[hidden]")) each.hidden = false;
    root.classList.remove("close");
    root.classList.toggle("close", rows() > 2);
    if (rows() <= 2) return;
    const rest = document.createElement("span");
    rest.className = "chip rest";
    rest.innerHTML = `<button class="name" data-focus="rest" data-rest aria-expanded="${!!root.all}"></button>`;
    const settle = () => {
      const lines = [...root.querySelectorAll(".row")];
      for (const line of lines) line.hidden = !line.querySelector(".chip:not([hidden], .rest)");
      lines
        .filter((line) => !line.hidden)
        .at(-1)
        .append(rest);
      rest.firstChild.textContent = root.all ? "fewer" : `${root.querySelectorAll(".chip[hidden]").length} more`;
    };
    settle();
    for (const chip of root.all ? [] : [...root.querySelectorAll(".chip:not(.on, .rest)")].reverse()) {
      if (rows() <= 2) break;
      chip.hidden = true;
      settle();
    }
    if (!root.all && !root.querySelector(".chip[hidden]")) rest.remove();
  }

  function find(name) {
    return data.rows.flat().find((solver) => solver.name === name);
  }

  function show(name) {
    root.querySelector(".menu")?.remove();
    const solver = find(name),
      anchor = root.querySelector(`[data-menu="${CSS.escape(name ?? "")}"]`);
    root.open = solver && anchor ? name : null;
    for (const other of root.querySelectorAll("[data-menu]"))
      other.setAttribute("aria-expanded", !!root.open && other === anchor);
    if (!root.open) return;
    const list = document.createElement("div");
    list.className = "menu";
    list.setAttribute("role", "menu");
    list.setAttribute("aria-label", `Variants of ${solver.label}`);
    list.popover = "manual"; // above everything, so that no edge of a container cuts it off
    list.style.cssText = `--light:${solver.light}; --dark:${solver.dark}`;
    list.innerHTML = menu(solver).join("");
    anchor.parentElement.append(list);
    list.showPopover();
    place();
  }

  // Under its chip, else above it, and inside the window.
  function place() {
    const list = root.querySelector(".menu");
    if (!list) return;
    const chip = list.parentElement.getBoundingClientRect(),
      { width, height } = list.getBoundingClientRect();
    const below = chip.bottom + 4 + height <= innerHeight - 8 || chip.top < height + 12;
    list.style.left = `${Math.max(8, Math.min(chip.left, document.documentElement.clientWidth - 8 - width))}px`;
    list.style.top = `${below ? chip.bottom + 4 : chip.top - 4 - height}px`;
  }

  function report(chosen) {
    root.chosen = chosen;
    setStateValue("chosen", chosen);
    draw();
  }

  const without = (labels) => root.chosen.filter((label) => !labels.includes(label));
  root.onclick = ({ target }) => {
    const button = target.closest("button");
    if (!button || button.ariaDisabled === "true") return;
    const { solver: name, menu: behind, model, train, rest } = button.dataset;
    if (rest !== undefined) {
      root.all = !root.all;
      draw();
    } else if (train) setTriggerValue("train", train);
    else if (behind) show(root.open === behind ? null : behind);
    else if (model) report(root.chosen.includes(model) ? without([model]) : [...root.chosen, model]);
    else {
      const all = find(name).models.map((each) => each.label),
        on = root.chosen.filter((label) => all.includes(label));
      const hidden = on.length && !on.some((label) => data.shown.includes(label));
      report(!on.length ? [...root.chosen, all[0]] : hidden ? [...without(on), ...on] : without(on));
    }
  };
  root.onkeydown = (event) => {
    const list = root.querySelector(".menu");
    if (event.key === "Escape" && list) {
      const back = root.querySelector(`[data-menu="${CSS.escape(root.open)}"]`);
      show(null);
      back?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const behind = event.target.closest(".chip")?.querySelector("[data-menu]");
    if (!step || !(list || behind)) return;
    event.preventDefault();
    if (!list) show(behind.dataset.menu);
    const items = [...root.querySelectorAll(".menu button")],
      at = items.indexOf(root.getRootNode().activeElement);
    items[(Math.max(at, step < 0 ? 0 : -1) + step + items.length) % items.length]?.focus();
  };
  root.onfocusin = ({ target }) => {
    if (root.open && !target.closest(".menu") && target.dataset.menu !== root.open) show(null);
  };
  const outside = (event) => {
    if (root.open && !event.composedPath().includes(root)) show(null);
  };
  let wide = root.clientWidth;
  const resized = new ResizeObserver(() => {
    if (root.clientWidth !== wide) {
      wide = root.clientWidth;
      fit();
      place();
    }
  });
  resized.observe(root);
  document.addEventListener("pointerdown", outside);
  document.addEventListener("scroll", place, true);
  return () => {
    if (window.sc2vizHints === data.hints) hint({}); // else the chips of the next page have told theirs
    resized.disconnect();
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener("scroll", place, true);
  };
}
