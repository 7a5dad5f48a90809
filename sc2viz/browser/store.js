// Arrays that the browser keeps between visits, as the texts in which they travelled, by their names, which stand for
// what they hold. A browser that keeps nothing, as some private windows do, has none, and the server sends them.
const [DATABASE, TABLE, MOST] = ["sc2viz", "parcels", 400]; // arrays that are kept at most
const LONGEST_LOOK = 5000; // ms; a busy computer needs one second, and a database that hangs never answers

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const table = async (mode) => {
  const asked = indexedDB.open(DATABASE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE).createIndex("since", "since");
  return (await done(asked)).transaction(TABLE, mode).objectStore(TABLE);
};

const found = async (names) => {
  try {
    const all = await table("readonly");
    const texts = await Promise.all(names.map((name) => done(all.get(name))));
    return Object.fromEntries(names.flatMap((name, k) => (texts[k] ? [[name, texts[k].text]] : [])));
  } catch {
    return {};
  }
};

// The texts of those names that are kept; none where the database does not answer.
export const kept = (names) =>
  Promise.race([found(names), new Promise((resolve) => setTimeout(resolve, LONGEST_LOOK, {}))]);

// Keeps texts by name, and lets the oldest go where there are too many.
export const keep = async (texts) => {
  try {
    const all = await table("readwrite");
    for (const [name, text] of Object.entries(texts)) all.put({ text, since: Date.now() }, name);
    const more = (await done(all.count())) - MOST;
    if (more <= 0) return;
    const oldest = await done(all.index("since").getAllKeys(null, more));
    for (const name of oldest) all.delete(name);
  } catch {
    // They travel again at the next visit.
  }
};
