// Charts that Plotly has drawn on the page. Plotly has no public way to ask where a number stands, so this file is the
// only one that reads its private parts.

// The chart in Streamlit's container of that key; null before it is drawn.
export const plotOf = (key) => document.querySelector(`.st-key-${key} .js-plotly-plot`);

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
