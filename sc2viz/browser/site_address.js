// A view of the site as an address, of the site and of the app.
import { PARTS } from "./site_parts.js";
import { language } from "./words.js";

// What follows "#" in the address of a view, of the part at hand or of another one.
export const viewOf = (site, part = site.part) => {
  const { data, about, at, row, chosen, t, alone, tour } = site;
  const view = new URLSearchParams();
  if (data.name !== about.sets[0]) view.set("data", data.name);
  for (const { key, value } of data.knobs) if (at[key] !== value) view.set(key, at[key]);
  if (row) view.set("picture", row);
  const opens = data.solvers.filter(({ opens }) => opens).map(({ label }) => label);
  if (chosen.join() !== opens.join()) view.set("solvers", chosen.map((label) => site.nameOf(label)).join());
  if (part === "step" && part === site.part && t) view.set("t", t);
  if (alone) view.set("alone", "1");
  tour?.write(view);
  const text = decodeURIComponent(view.toString());
  return `#${part}${text && `&${text}`}`;
};

// The address of the same view in the app, or that of the app where it has not these data.
export const appOf = ({ part, data, about, at, row, chosen }) => {
  if (!data.in_app) return about.link;
  const { page, query } = PARTS.find(({ id }) => id === part);
  const view = new URLSearchParams({ data: data.name, lam: at.lam, T: at.T, picture: row });
  for (const label of chosen) view.append("solvers", label);
  for (const [key, value] of Object.entries(query ?? {})) view.set(key, value);
  if (language !== "en") view.set("lang", language);
  return `${about.link.replace(/\/$/, "")}/${page}?${view}`;
};
