// An HTML table. A click on a measured cell sends the cell's key to the server.

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
};

const filled = (cell, send) => {
  const td = make("td");
  if (!cell.key) {
    td.textContent = cell.text;
    if (cell.hint) td.title = cell.hint;
    return td;
  }
  const button = make("button", (cell.verdict || "").replace(" ", "-"));
  button.type = "button";
  const number = make("span", "number");
  number.append(make("b", "", cell.text), " ", make("small", "", cell.spread));
  button.append(number, make("span", "mark", cell.mark || ""));
  button.title = `${cell.hint ? `${cell.hint}. ` : ""}Click to open the runs behind this number.`;
  button.onclick = () => send(cell.key);
  td.append(button);
  return td;
};

const line = (row, width, send) => {
  const tr = make("tr", row.kind);
  const head = make("th", "", row.label);
  head.scope = "row";
  tr.append(head);
  if (row.missing) {
    const td = make("td", "missing");
    td.colSpan = width;
    td.append("not measured yet: ", make("code", "", row.missing));
    tr.append(td);
  } else tr.append(...row.cells.map((cell) => filled(cell, send)));
  return tr;
};

const drawn = new WeakMap(); // the parent element of a table → the stamp of the data that it shows

export default function ({ parentElement, data, setTriggerValue }) {
  if (drawn.get(parentElement) === data.stamp) return;
  drawn.set(parentElement, data.stamp);
  const send = (key) => setTriggerValue("cell", key);
  const table = make("table");
  table.append(make("caption", "", data.caption));
  const names = make("tr");
  names.append(make("td"));
  for (const { label, colour } of data.head) {
    const th = make("th", "", label);
    th.scope = "col";
    if (colour) th.style.setProperty("--solver", colour);
    names.append(th);
  }
  table.createTHead().append(names);
  for (const block of data.blocks) {
    const body = table.createTBody();
    const title = make("th");
    title.append(make("span", "", block.title));
    title.colSpan = data.head.length + 1;
    title.scope = "rowgroup";
    const over = make("tr", "title");
    over.append(title);
    body.append(over, ...block.rows.map((row) => line(row, data.head.length, send)));
  }
  const frame = make("div", "results");
  frame.tabIndex = 0; // so that the arrow keys scroll the table if it is wider than the page
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", data.caption);
  frame.append(table);
  const fade = () => frame.classList.toggle("more", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 1);
  frame.onscroll = fade;
  new ResizeObserver(fade).observe(frame);
  parentElement.querySelector(".results")?.remove();
  parentElement.append(frame);
}
