// Words in the page's language, as sc2viz/words has them in Python. CATALOGUE, which the server writes before the
// modules of a page in another language than English, has the translations of their messages, and the language by "".
const catalogue = typeof CATALOGUE === "undefined" ? {} : CATALOGUE;
const ORDER = ["zero", "one", "two", "few", "many", "other"]; // of the forms of a message

export const language = catalogue[""] ?? "en";
const plurals = new Intl.PluralRules(language);
const forms = ORDER.filter((form) => plurals.resolvedOptions().pluralCategories.includes(form));
const asText = (value) => (typeof value === "number" ? localized(String(value)) : value);
const filled = (text, given) =>
  given ? text.replace(/\{(\w+)(?::[^}]*)?\}/g, (all, name) => asText(given[name]) ?? all) : text;

// A number with commas. `toLocaleString` would look for its format each time.
export const grouped = new Intl.NumberFormat("en").format;

// A message that is translated where it is used.
export const N_ = (message) => message;

// A message with what is `given` for its placeholders, numbers as the language has them: _("λ = {lam:g}", { lam: 1 }).
export const _ = (message, given) => filled(catalogue[message] ?? message, given);

// A number's text as the language writes it: "-1,234.5" is "−1,234.5", and "−1.234,5" in German. Zero has no sign.
const marksOf = ([, comma, , , , point]) => ({ ",": comma, ".": point, "-": "−" });
const marks = marksOf(catalogue["1,234.5"] ?? "1,234.5");
export const localized = (number) =>
  number.replace(/-(?=0[0.,]*([^\d.,]|$))/g, "").replace(/[-,.]/g, (mark) => marks[mark]);

// A message in the form that a number asks for, with the number as {n}.
export const ngettext = (one, others, n, given) => {
  const known = catalogue[one] ?? [one, others];
  const said = known[Math.min(forms.indexOf(plurals.select(n)), known.length - 1)];
  return filled(said, { n: localized(grouped(n)), ...given });
};

// A number in words up to twelve, and "a", "a and b", "a, b and c", as sc2viz/words has them.
export const numeral = (many) =>
  _("no one two three four five six seven eight nine ten eleven twelve").split(" ")[many] ?? many;
export const andList = (names) => {
  const first = names
    .slice(0, -1)
    .reduce((said, next) => (said ? _("{first}, {next}", { first: said, next }) : next), "");
  return first ? _("{first} and {last}", { first, last: names.at(-1) }) : (names[0] ?? "");
};
