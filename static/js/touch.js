// Small touches only. Every page works without this file.
// 1. Move focus to the error summary when there is one.
document.querySelector(".errsum")?.focus();
// 2. Count a hold down. The server decides; this only shows the time that is left.
const countDown = (part) => {
  for (const el of part.querySelectorAll("[data-until]")) {
    const end = Date.parse(el.dataset.until);
    if (!(end > Date.now())) continue;
    const tick = () => {
      const s = Math.max(0, Math.round((end - Date.now()) / 1000));
      el.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
      if (s && el.isConnected) setTimeout(tick, 1000);
    };
    tick();
  }
};
countDown(document);
document.addEventListener("htmx:load", (event) => countDown(event.detail.elt));
// 3. Put the browser's own time zone into the place form as a suggestion. Nothing is sent by itself.
for (const list of document.querySelectorAll("select[data-own-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone?.includes("/")) continue;
  const known = [...list.options].find((option) => option.value === zone);
  if (!known) list.add(new Option(zone.split("/").pop().replaceAll("_", " "), zone));
  list.value = zone;
}
