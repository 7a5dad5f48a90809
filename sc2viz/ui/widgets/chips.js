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
const DASHES = { solid: "", dot: "1.5 3" };

function sample(dash, marker) {
  const pattern = DASHES[dash] ?? dash.replaceAll("px", "").replaceAll(",", " ");
  return `<svg aria-hidden="true" viewBox="-14 -7 28 14" width="28" height="14">
    <line x1="-14" x2="14" stroke="currentColor" stroke-width="2.5" stroke-dasharray="${pattern}"/>
    <g fill="currentColor">${MARKS[marker] ?? ""}</g></svg>`;
}

const text = (value) => Object.assign(document.createElement("i"), { textContent: value }).innerHTML.replaceAll('"', "&quot;");

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let root = parentElement.querySelector(".chips");
  if (!root) {
    root = parentElement.appendChild(document.createElement("div"));
    root.className = "chips";
    root.setAttribute("role", "group");
  }
  root.setAttribute("aria-label", data.title);
  const stamp = JSON.stringify(data);
  if (root.stamp !== stamp) {
    root.stamp = stamp;
    root.chosen = [...data.chosen];
    draw();
  }

  function draw() {
    const focused = root.querySelector(":focus")?.dataset.focus, open = root.open;
    root.innerHTML = data.rows.map((row) => `<div class="row">${row.map(chip).join("")}</div>`).join("");
    if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    if (open) show(open);
  }

  function chip(solver) {
    const on = solver.models.filter((model) => root.chosen.includes(model.label));
    const state = !on.length ? "" : on.some((model) => data.shown.includes(model.label)) ? "on" : "on hollow";
    const more = solver.models.length > 1 || solver.train;
    return `<span class="chip ${state}" style="--light:${solver.light}; --dark:${solver.dark}">
      <button class="name" data-focus="${text(solver.name)}" data-solver="${text(solver.name)}" aria-pressed="${on.length > 0}"
        aria-label="${text(solver.label)}" title="${text(solver.problem || solver.about)}" ${solver.problem ? "disabled" : ""}>
        ${sample(solver.dash, solver.marker)}<span>${text(solver.label)}</span>
        ${on.length > 1 ? `<b aria-hidden="true">${on.length}</b>` : ""}
        ${solver.problem || solver.note ? `<small>${text(solver.problem || solver.note)}</small>` : ""}</button>
      ${more ? `<button class="more" data-focus="menu-${text(solver.name)}" data-menu="${text(solver.name)}" aria-haspopup="menu"
        aria-expanded="${root.open === solver.name}" aria-label="Variants of ${text(solver.label)}">▾</button>` : ""}</span>`;
  }

  function find(name) {
    return data.rows.flat().find((solver) => solver.name === name);
  }

  function show(name) {
    root.querySelector(".menu")?.remove();
    root.open = name;
    const solver = find(name), anchor = root.querySelector(`[data-menu="${CSS.escape(name ?? "")}"]`);
    for (const other of root.querySelectorAll("[data-menu]")) other.setAttribute("aria-expanded", other === anchor);
    if (!solver || !anchor) return;
    const menu = document.createElement("div");
    menu.className = "menu";
    menu.setAttribute("role", "menu");
    menu.style.cssText = `--light:${solver.light}; --dark:${solver.dark}`;
    menu.innerHTML = solver.models.map((model) => `<button role="menuitemcheckbox" data-focus="${text(model.label)}"
        data-model="${text(model.label)}" aria-checked="${root.chosen.includes(model.label)}">
        ${sample(model.dash, solver.marker)}<span>${text(model.short)}</span><small>${text(model.note)}</small></button>`).join("")
      + (solver.train ? `<button role="menuitem" data-focus="train" data-train="${text(solver.label)}">Train it live →</button>` : "");
    anchor.parentElement.append(menu);
    const right = menu.getBoundingClientRect().right, wide = document.documentElement.clientWidth;
    if (right > wide - 8) menu.style.left = `${wide - 8 - right}px`;
  }

  function report(chosen) {
    root.chosen = chosen;
    setStateValue("chosen", chosen);
    draw();
  }

  const without = (labels) => root.chosen.filter((label) => !labels.includes(label));
  root.onclick = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const { solver: name, menu, model, train } = button.dataset;
    if (train) setTriggerValue("train", train);
    else if (menu) show(root.open === menu ? null : menu);
    else if (model) report(root.chosen.includes(model) ? without([model]) : [...root.chosen, model]);
    else {
      const all = find(name).models.map((each) => each.label), on = root.chosen.filter((label) => all.includes(label));
      const hidden = on.length && !on.some((label) => data.shown.includes(label));
      report(!on.length ? [...root.chosen, all[0]] : hidden ? [...without(on), ...on] : without(on));
    }
  };
  root.onkeydown = (event) => {
    const menu = root.querySelector(".menu");
    if (event.key === "Escape" && menu) {
      const back = root.querySelector(`[data-menu="${CSS.escape(root.open)}"]`);
      show(null);
      back?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !(menu || event.target.dataset.menu)) return;
    event.preventDefault();
    if (!menu) show(event.target.dataset.menu);
    const items = [...root.querySelectorAll(".menu button")], at = items.indexOf(root.getRootNode().activeElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
  const outside = (event) => {
    if (root.open && !event.composedPath().includes(root)) show(null);
  };
  document.addEventListener("pointerdown", outside);
  return () => document.removeEventListener("pointerdown", outside);
}
