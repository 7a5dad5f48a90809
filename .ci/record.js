// Every line that a reader sees, shadow roots included, without the sidebar and the header; the last values of curves.
() => {
  const lines = [];
  const isShown = (element) => {
    const style = getComputedStyle(element);
    return style.display !== "none" && style.visibility !== "hidden";
  };
  const skipped = "script, style, annotation, .katex-mathml, [data-testid=stSidebar], [data-testid=stHeader]";
  const walk = (node, line) => {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim()) line.push(node.data.trim());
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(skipped) || !isShown(node)) return;
    const inner = /inline|contents/.test(getComputedStyle(node).display) ? line : [];
    for (const child of node.shadowRoot?.childNodes ?? node.childNodes) walk(child, inner);
    if (inner !== line && inner.length) lines.push(inner.join(" ").replace(/\s+/g, " "));
  };
  walk(document.querySelector(".stMain") ?? document.body, lines);
  const within = (root) =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      element,
      ...(element.shadowRoot ? within(element.shadowRoot) : []),
    ]);
  const elements = within(document);
  const lastValue = ({ name, y }) => [name ?? "", Array.from(y ?? []).filter(Number.isFinite).at(-1) ?? null];
  return {
    lines,
    curves: elements.filter((e) => e.matches(".js-plotly-plot")).map((plot) => plot.data.map(lastValue)),
    canvases: elements.filter((e) => e.matches("canvas, img")).length,
    headings: elements.filter((e) => e.matches("h1, h2")).map((e) => e.innerText),
  };
};
