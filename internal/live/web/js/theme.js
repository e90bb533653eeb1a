// Light or dark: the system's choice unless the address or the button says otherwise.
const root = document.documentElement;
const asked = new URLSearchParams(location.search).get("theme");
if (asked === "light" || asked === "dark") root.dataset.theme = asked;

const system = matchMedia("(prefers-color-scheme: dark)");
export const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;

const listeners = [];
export function onTheme(f) { listeners.push(f); }
const tell = () => { inks.clear(); listeners.forEach((f) => f()); };

// ink is a colour of the style sheet by the name of its variable.
const inks = new Map();
export function ink(name) {
  let v = inks.get(name);
  if (!v) inks.set(name, v = getComputedStyle(root).getPropertyValue("--" + name).trim());
  return v;
}

system.addEventListener("change", tell);
addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme")?.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    tell();
  });
});
