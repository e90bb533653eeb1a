// The page of an embedding: what it shows and what its controls do.
import { ask, mark } from "./film.js";
import { Address } from "./address.js";
import { Player } from "./player.js";
import { Camera } from "./camera.js";
import { Moment } from "./moment.js";
import { Scene } from "./scene.js";
import { Colouring } from "./colouring.js";
import { ErrorChart } from "./chart.js";
import { describe } from "./node.js";
import { isDark, onTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const form = $("controls"), stage = $("stage");
const percent = (x) => `${(x * 100).toFixed(x < 0.1 ? 1 : 0)} %`;
let film, moment, colouring, address, described;

const player = new Player({
  rate: 11, // frames a second
  step: 1,
  draw,
  clock: (at) => {
    if (!film) return "";
    const s = moment ? film.samples[Math.min(Math.round(at), film.frames - 1)] : 0;
    return `${s < 10 ? s.toFixed(2) : s.toFixed(0)} samples a node`;
  },
});
const camera = new Camera(stage, () => player.redraw());
const scene = new Scene(stage, camera);
const chart = new ErrorChart($("chart"), (at) => { player.pause(); player.seek(at); });

function draw(at, playing) {
  if (!film) return;
  moment.seek(at);
  scene.draw(colouring, playing);
  chart.draw(at);
  const median = moment.value(film.median), p90 = moment.value(film.p90);
  $("headline").textContent = `median error ${percent(median)}`;
  $("subline").textContent = `p90 ${percent(p90)} · ${film.places.length} nodes · ${film.options.dataset} · ${film.options.space}`;
  // Tables are for reading: while all moves, ten times a second is enough.
  const who = scene.hovered >= 0 ? scene.hovered : scene.chosen, now = performance.now();
  if (!playing || described === undefined || now - described > 100) {
    describe($("node"), film, moment, who);
    described = now;
  }
}

function recolour() {
  if (!film) return;
  colouring = new Colouring(film, form.elements.colour.value, isDark());
  colouring.legend($("legend"));
  scene.springs = form.elements.springs.value;
  player.redraw();
}

function choose(i) {
  scene.chosen = i;
  address.set("node", i < 0 ? null : film.places[i].name);
  keep();
  player.redraw();
}

// keep puts into the address what is shown now.
function keep() {
  if (!film || document.documentElement.dataset.state !== "ready") return;
  address.set("t", player.playing ? null : player.at >= player.end ? "end" : String(Math.round(player.at * 100) / 100));
  address.write();
}

function run(first) {
  player.pause();
  ask("embedding", address.query(), (got) => {
    show(got, first);
    mark("ready");
  }, () => { film = null; });
}

function show(got, first) {
  film = got;
  moment = new Moment(film);
  const flat = film.dimensions < 3;
  camera.home = flat ? { yaw: 0, tilt: film.has_height ? 0.95 : 0 } : { yaw: 0.35, tilt: 0.5 };
  camera.reset();
  scene.load(film, moment);
  chart.load(film);
  described = undefined;
  recolour();
  $("names").replaceChildren(...film.places.map((p) => new Option(p.name)));
  const notes = [];
  const shown = film.shares.slice(0, 3).reduce((a, b) => a + b, 0);
  if (film.dimensions > 3) notes.push(`Of ${film.dimensions} dimensions the picture shows the three that the nodes differ in most, ${percent(shown)} of the variance; all numbers are of the whole space.`);
  if (film.oriented) notes.push("Turned, and mirrored if need be, to lie as on a map as well as can be; Vivaldi itself knows no north.");
  if (film.refused) notes.push(`${film.refused} round trips over 10 s were left out.`);
  $("note").textContent = notes.join(" ");
  const wanted = first ? address.get("t") : null;
  const node = first && film.places.findIndex((p) => p.name === address.get("node"));
  player.load(film.frames - 1, wanted === "end" ? film.frames - 1 : Number(wanted) || 0);
  if (first && node >= 0) scene.chosen = node;
  if (first) for (const key of ["yaw", "tilt", "zoom"]) if (address.get(key)) camera[key] = Number(address.get(key)) || camera[key];
  if (first && address.get("speed")) $("speed").value = address.get("speed");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || wanted !== null;
  if (!still) player.play();
}

async function begin() {
  const list = await (await fetch("/api/catalogue")).json();
  const dataset = form.elements.dataset, space = form.elements.space;
  for (const d of list.datasets) {
    const o = new Option(d.title ? `${d.name} — ${d.title}` : d.name, d.name);
    o.disabled = Boolean(d.missing);
    if (d.missing) { o.text = `${d.name} (not here)`; o.title = d.missing; }
    dataset.add(o);
  }
  for (const s of list.spaces) space.add(new Option(s));
  dataset.value = list.default_dataset;
  space.value = "2D+height";
  address = new Address(form, ["colour", "springs", "t", "node", "yaw", "tilt", "zoom", "speed"]);
  steps();
  player.onpause = keep;
  await run(true);
}

// steps shows the parameter of the chosen time step alone.
function steps() {
  const constant = form.elements.time_step.value === "constant";
  form.querySelector(".adaptive").hidden = form.elements.cc.disabled = constant;
  form.querySelector(".constant").hidden = form.elements.delta.disabled = !constant;
}

form.addEventListener("submit", (e) => { e.preventDefault(); address.set("t", null); address.set("node", null); address.write(); run(false); });
form.addEventListener("change", (e) => {
  if (["colour", "springs"].includes(e.target.name)) { recolour(); address.write(); return; }
  steps();
  form.requestSubmit();
});
onTheme(recolour);

stage.addEventListener("pointermove", (e) => {
  if (!film || e.buttons) return;
  const i = scene.hit(e.offsetX, e.offsetY);
  stage.classList.toggle("over", i >= 0);
  if (i !== scene.hovered) { scene.hovered = i; described = undefined; player.redraw(); }
});
stage.addEventListener("pointerleave", () => { scene.hovered = -1; player.redraw(); });
stage.addEventListener("click", (e) => {
  if (!film || camera.dragged) return;
  const i = scene.hit(e.offsetX, e.offsetY);
  choose(i === scene.chosen ? -1 : i);
});
$("find").addEventListener("change", () => {
  const i = film ? film.places.findIndex((p) => p.name.toLowerCase() === $("find").value.trim().toLowerCase()) : -1;
  if (i >= 0) choose(i);
});

// For measurements from outside: how long frames took, and the drawing of the last.
globalThis.live = { player, scene, camera };
begin();
