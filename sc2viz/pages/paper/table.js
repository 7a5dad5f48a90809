// An HTML table. A click on a measured cell sends the cell's key to the server.

export default function ({ parentElement, data, setTriggerValue }) {
  let frame = parentElement.querySelector(".results");
  if (frame?.markup === data) return;
  if (!frame) {
    frame = Object.assign(document.createElement("div"), { className: "results", tabIndex: 0, role: "region" }); // arrow keys scroll it
    parentElement.append(frame);
    new ResizeObserver(() => frame.onscroll()).observe(frame);
  }
  frame.innerHTML = frame.markup = data;
  frame.ariaLabel = frame.querySelector("caption").textContent;
  frame.onscroll = () => frame.classList.toggle("more", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 1);
  frame.onclick = ({ target }) => {
    const key = target.closest("[data-key]")?.dataset.key;
    if (key) setTriggerValue("cell", key);
  };
}
