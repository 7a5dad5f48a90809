// Keeps the site for times without a network (site.py): all files of one version, which `SITE` names. Another version
// has another stamp, and takes the place of this one at the next visit.
const { stamp, files } = self.SITE;
const NAME = `sc2viz-${stamp}`;

self.oninstall = (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files)));
};

self.onactivate = (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith("sc2viz-") && name !== NAME));
  const gone = old.then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(gone.then(() => self.clients.claim()));
};

self.onfetch = (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
};
