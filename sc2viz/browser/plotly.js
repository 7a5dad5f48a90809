// Charts that Plotly has drawn. This file alone reads its private parts, because no public way says where a number is.

// The chart in Streamlit's container of that key; null before it is drawn.
export const plotOf = (key) => document.querySelector(`.st-key-${key} .js-plotly-plot`);

// All charts of the page that are drawn.
export const plots = () => [...document.querySelectorAll(".stMain .js-plotly-plot")];

const keyOf = (plot) => plot.closest('[class*="st-key-"]')?.className.match(/st-key-([\w-]+)/)[1] ?? "chart";
// What a chart is called: its own name, or the key of Streamlit's container in words.
export const plotName = (plot) => {
  if (plot.layout.meta?.name) return plot.layout.meta.name;
  const words = keyOf(plot).replaceAll("-", " ").replace("lambda", "λ");
  return words[0].toUpperCase() + words.slice(1);
};

// Saves a chart as an SVG, as large as it is on the screen.
export const saveVector = (plot) => {
  const size = { width: plot.clientWidth, height: plot.clientHeight };
  window.Plotly.downloadImage(plot, { format: "svg", filename: `sc2viz-${keyOf(plot)}`, ...size });
};

// Its axes, each with its `range` and with `d2p`, which turns a number into pixels; undefined before it is drawn.
export const axesOf = (plot) => ({ xaxis: plot?._fullLayout?.xaxis, yaxis: plot?._fullLayout?.yaxis });

// Its lines, in the order in which the server gave them.
export const linesOf = (plot) => [...(plot?.querySelectorAll(".scatterlayer .trace") ?? [])];

// The markers of a line.
export const markersOf = (line) => [...(line?.querySelectorAll(".point") ?? [])];

// The first shape of a chart, such as its upright line at λ.
export const shapeOf = (plot) => plot?.querySelector(".shapelayer path");

// Give a chart new data and layout, in Plotly's own names, for the lines at `places`.
export const redraw = (plot, data, layout, places) => window.Plotly.update(plot, data, layout, places);
