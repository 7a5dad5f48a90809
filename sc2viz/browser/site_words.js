// The language of the site: that of `?lang=` in the address, else the first of the browser's that it has. What is not
// English arrives with `about`, what the site is, before any other module says a word.
const others = [...document.querySelectorAll("link[hreflang]")].map(({ hreflang }) => hreflang);
const stem = (tag) => tag.split(/[-_]/)[0].toLowerCase();
const asked = [new URLSearchParams(location.search).get("lang") ?? "", ...navigator.languages].map(stem);

export const TAGS = ["en", ...others];
const tag = TAGS.find((each) => stem(each) === asked.find((one) => TAGS.some((known) => stem(known) === one))) ?? "en";
// The ending of the files that are written in the language, and one of them.
const ending = tag === "en" ? "" : `.${tag}`;
// A file of the site, as text that stands in the document where the site is one file (site.py), or null.
const within = (path) => document.querySelector(`[data-file="${path}"]`)?.textContent ?? null;
export const json = async (path) => JSON.parse(within(path) ?? (await (await fetch(path)).text()));
export const addressOf = (path) => within(path) ?? new URL(path, document.baseURI).href;
export const inLanguage = async (path) => ({ ...(ending && (await json(`${path}${ending}.json`))) });
export const about = await json(`site${ending}.json`);
globalThis.CATALOGUE = about.words;
document.documentElement.lang = tag;
