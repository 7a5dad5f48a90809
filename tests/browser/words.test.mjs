// Words in the page's language: English without a catalogue, and German and Polish with one, as sc2viz/words writes it.
import assert from "node:assert/strict";
import { test } from "node:test";

const inLanguage = async (catalogue, name) => {
  globalThis.CATALOGUE = catalogue;
  const words = await import(`../../sc2viz/browser/words.js?${name}`);
  delete globalThis.CATALOGUE;
  return words;
};

test("without a catalogue words are English", async () => {
  const { _, language, localized, ngettext } = await inLanguage(undefined, "en");
  assert.equal(language, "en");
  assert.equal(_("At λ = {lam}: {lam}.", { lam: 0.5 }), "At λ = 0.5: 0.5.");
  assert.equal(localized("-1,234.5"), "−1,234.5");
  assert.equal(localized("-0.00 dB, -0.05, -∞"), "0.00 dB, −0.05, −∞");
  assert.deepEqual(
    [1, 2, 1200].map((n) => ngettext("{n} atom", "{n} atoms", n)),
    ["1 atom", "2 atoms", "1,200 atoms"],
  );
});

test("a catalogue gives messages, marks of numbers and forms", async () => {
  const german = { "": "de", "1,234.5": "1.234,5", "{n} atom": ["{n} Atom", "{n} Atome"], "in {place}": "an {place}" };
  const { _, language, localized, ngettext } = await inLanguage(german, "de");
  assert.equal(language, "de");
  assert.equal(_("in {place}", { place: "Ort" }), "an Ort");
  assert.equal(_("not there"), "not there");
  assert.equal(localized("-1,234.5 of 2"), "−1.234,5 of 2");
  assert.equal(ngettext("{n} atom", "{n} atoms", 1200), "1.200 Atome");
  const polish = { "": "pl", "{n} atom": ["{n} atom", "{n} atomy", "{n} atomów"] };
  const counts = await inLanguage(polish, "pl");
  assert.deepEqual(
    [1, 2, 5, 22, 112].map((n) => counts.ngettext("{n} atom", "{n} atoms", n)),
    ["1 atom", "2 atomy", "5 atomów", "22 atomy", "112 atomów"],
  );
});
