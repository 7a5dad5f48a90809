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
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE).createIndex("since", "since");
  return (await done(request)).transaction(TABLE, mode).objectStore(TABLE);
};

const read = async (names) => {
  const rows = await table("readonly");
  const texts = await Promise.all(names.map((name) => done(rows.get(name))));
  return Object.fromEntries(names.flatMap((name, k) => (texts[k] ? [[name, texts[k].text]] : [])));
};

// The texts of those names that are kept; none where the database does not answer.
export const kept = (names) => {
  const timeout = new Promise((resolve) => setTimeout(resolve, LONGEST_LOOK, {}));
  return Promise.race([read(names).catch(() => ({})), timeout]);
};

const write = async (texts) => {
  const rows = await table("readwrite");
  for (const [name, text] of Object.entries(texts)) rows.put({ text, since: Date.now() }, name);
  const excess = (await done(rows.count())) - MOST;
  const oldest = excess > 0 ? await done(rows.index("since").getAllKeys(null, excess)) : [];
  for (const name of oldest) rows.delete(name);
};

// Keeps texts by name, and lets the oldest go where there are too many. Those that are not kept travel again.
export const keep = (texts) => write(texts).catch(() => {});
