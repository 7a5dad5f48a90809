// The files and the language of the site: that of `?lang=` in the address, else the first of the browser's that it has,
// else its own. Words arrive with `about`, what the site is, before any other module says one.
const files = globalThis.FILES ?? {}; // by their paths, where the site is one file (one_file.js)
export const json = async (path) => JSON.parse(files[path] ?? (await (await fetch(path)).text()));
export const addressOf = (path) => files[path] ?? new URL(path, document.baseURI).href;

const stem = (language) => language.split(/[-_]/)[0].toLowerCase();
const wanted = [new URLSearchParams(location.search).get("lang") ?? "", ...navigator.languages].map(stem);
const translations = [...document.querySelectorAll("link[hreflang]")].map(({ hreflang }) => hreflang);
export const TAGS = [document.documentElement.lang, ...translations];
const chosen = wanted.map((first) => TAGS.find((language) => stem(language) === first)).find(Boolean) ?? TAGS[0];
const ending = chosen === TAGS[0] ? "" : `.${chosen}`; // of the files that are written in the language
export const inLanguage = async (path) => ({ ...(ending && (await json(`${path}${ending}.json`))) });
export const about = await json(`site${ending}.json`);
globalThis.CATALOGUE = about.words;
document.documentElement.lang = chosen;
