// The script of a site in one file (site.py), whose files stand compressed in it, and each module of its scripts once.
import { words } from "./decode.js";

const { css, modules, scripts, ...files } = JSON.parse(await words(document.querySelector("#files").textContent));
document.querySelector("style").before(Object.assign(document.createElement("style"), { textContent: css }));
const source = (name) => scripts[name].map((k) => modules[k]).join("\n");
for (const name in scripts) files[name] = `data:text/javascript,${encodeURIComponent(source(name))}`;
globalThis.FILES = files;
await import(files["site.js"]);
