// The page of an embedding: what it shows and what its controls do.
import { ask, frameOf, mark } from "./film.js";
import { Address } from "./address.js";
import { Player, elsewhere } from "./player.js";
import { Camera } from "./camera.js";
import { Moment } from "./moment.js";
import { Scene } from "./scene.js";
import { Colouring } from "./colouring.js";
import { ErrorChart } from "./chart.js";
import { TrialChoice } from "./trial.js";
import { describe } from "./node.js";
import { isDark, onTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const form = $("controls"), stage = $("stage");
const percent = (x) => `${(x * 100).toFixed(x < 0.1 ? 1 : 0)} %`;
const view = ["colour", "springs", "turning", "t", "node", "yaw", "tilt", "zoom", "pan_x", "pan_y", "speed"];
let film, moment, colouring, address, trial, described, turned;
let turns = true; // a globe by itself, unless the reader has stopped it

const player = new Player({
  rate: 11, // frames a second
  step: 1,
  draw,
  clock: (at) => {
    if (!film) return "";
    const now = film.at[Math.min(Math.round(at), film.frames - 1)];
    return `${now < 10 ? now.toFixed(2) : now.toFixed(0)} ${film.clock}`;
  },
});
const camera = new Camera(stage, () => player.redraw(), keep);
const scene = new Scene(stage, camera);
const chart = new ErrorChart($("chart"), (at) => player.jump(at));

function draw(at, playing) {
  if (!film) return;
  moment.seek(at);
  turn();
  scene.draw(colouring);
  chart.draw(at);
  const median = moment.value(film.median), p90 = moment.value(film.p90);
  $("headline").textContent = Number.isNaN(median) ? "nobody is there yet" : `median error ${percent(median)}`;
  $("subline").textContent = `${Number.isNaN(p90) ? "" : `p90 ${percent(p90)} · `}${film.network} · ${film.space}`;
  $("event").textContent = latest(at);
  // Tables are for reading: while all moves, ten times a second is enough.
  const who = scene.hovered >= 0 ? scene.hovered : scene.chosen, now = performance.now();
  if (!playing || described === undefined || now - described > 100) {
    describe($("node"), film, moment, who);
    described = now;
  }
}

// turn turns the globe a little further, once a frame, unless a hand holds it.
function turn() {
  const now = performance.now(), passed = Math.min((now - (turned ?? now)) / 1000, 0.1);
  turned = undefined;
  if (!film.radius || !form.elements.turning.checked) return;
  if (!camera.held) camera.turn(-0.2 * passed, 0);
  turned = now;
  player.redraw();
}

// latest tells what of the trial's events has happened last.
function latest(at) {
  const k = Math.min(Math.floor(at), film.frames - 1), past = film.events.filter((e) => frameOf(film, e.at) <= k), e = past[past.length - 1];
  return e ? `at ${count(e.at)}: ${e.what}` : "";
}

const count = (at) => film.clock === "s" ? `${at} s` : `${at} ${film.clock}`;

// events lists what happens, to jump to.
function events() {
  $("events").replaceChildren(...film.events.map((e) => {
    const li = document.createElement("li"), b = document.createElement("button"), time = document.createElement("time");
    b.type = "button";
    time.textContent = count(e.at);
    b.append(time, ` ${e.what}`);
    b.onclick = () => player.jump(frameOf(film, e.at));
    li.append(b);
    return li;
  }));
  $("happens").hidden = !film.events.length;
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
  address.set("speed", $("speed").value === "1" ? null : $("speed").value);
  for (const [key, value] of Object.entries(camera.state())) address.set(key, key === "yaw" && film.radius && form.elements.turning.checked ? null : value);
  address.write();
}

function run(first) {
  player.pause();
  ask("embedding", address.query(), (got) => {
    show(got, first);
    mark("ready");
  }, () => {
    film = null;
    scene.clear();
    for (const id of ["headline", "title", "subline", "event", "note"]) $(id).textContent = "";
    for (const id of ["legend", "events", "node", "names"]) $(id).replaceChildren();
    $("happens").hidden = true;
    return trial.chosen?.cannot && `There are films of ${trial.experiments.filter((e) => !e.cannot).map((e) => e.id).join(", ")}.`;
  });
}

function show(got, first) {
  film = got;
  moment = new Moment(film);
  const flat = film.dimensions < 3;
  camera.home = film.radius ? facing() : flat ? { yaw: 0, tilt: film.has_height ? 0.95 : 0 } : { yaw: 0.35, tilt: 0.5 };
  camera.tilts = film.radius ? [0.05, Math.PI - 0.05] : [0, 1.5];
  camera.reset();
  form.querySelector(".globe").hidden = !film.radius;
  form.elements.turning.disabled = !film.radius;
  scene.load(film, moment);
  chart.load(film);
  described = undefined;
  recolour();
  events();
  $("judged").textContent = film.judged;
  $("title").textContent = film.title ?? "";
  $("names").replaceChildren(...film.places.map((p) => new Option(p.name)));
  const notes = [];
  const shown = film.shares.slice(0, 3).reduce((a, b) => a + b, 0);
  if (film.dimensions > 3) notes.push(`Of ${film.dimensions} dimensions the picture shows the three that the nodes differ in most, ${percent(shown)} of the variance; all numbers are of the whole space.`);
  if (film.radius) notes.push(`A sphere of ${+film.radius.toFixed(3)} ms a radian, seen from afar: springs are great circles, dimmed behind the rim.`);
  if (film.oriented) notes.push("Turned, and mirrored if need be, to lie as on a map as well as can be; Vivaldi itself knows no north.");
  if (film.refused) notes.push(`${film.refused} round trips over 10 s were left out.`);
  $("note").textContent = notes.join(" ");
  const wanted = first ? address.get("t") : null;
  const node = first && film.places.findIndex((p) => p.name === address.get("node"));
  player.load(film.frames - 1, wanted === "end" ? film.frames - 1 : Number(wanted) || 0);
  if (first && node >= 0) scene.chosen = node;
  if (first) camera.restore((key) => address.get(key));
  if (first && address.get("speed")) $("speed").value = address.get("speed");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || wanted !== null;
  if (still) return;
  if (film.radius) form.elements.turning.checked = turns;
  player.play();
}

// facing is the view of the side of the globe that nodes stand on in the end.
function facing(nodes = film.places.keys()) {
  const last = (film.frames - 1) * film.places.length, sum = [0, 0, 0];
  for (const i of nodes) for (let k = 0; k < 3; k++) sum[k] += film.coordinates[(last + i) * 3 + k];
  const north = Math.atan2(sum[2], Math.hypot(sum[0], sum[1]));
  return { yaw: -Math.PI / 2 - Math.atan2(sum[1], sum[0]), tilt: Math.min(Math.max(Math.PI / 2 - north, 0.6), 2.5) };
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
  trial = new TrialChoice(form, list.embeddings ?? []);
  cannot(list.embeddings ?? []);
  address = new Address(form, view);
  trial.fields();
  steps();
  player.onpause = keep;
  await run(true);
}

// cannot says of which definitions no film can be made, and why.
function cannot(experiments) {
  const list = experiments.filter((e) => e.cannot);
  $("cannot").hidden = !list.length;
  $("cannot").querySelector("ul").replaceChildren(...list.map((e) => {
    const li = document.createElement("li");
    li.textContent = `${e.id}: ${e.cannot}.`;
    return li;
  }));
}

// steps shows the parameters alone that the chosen time step and space have.
function steps() {
  const chosen = Boolean(form.elements.experiment.value);
  const only = (name, label, is) => { form.querySelector(label).hidden = !is; form.elements[name].disabled = chosen || !is; };
  only("cc", ".adaptive", form.elements.time_step.value !== "constant");
  only("delta", ".constant", form.elements.time_step.value === "constant");
  only("radius", ".sphere", form.elements.space.value.startsWith("sphere"));
}

form.addEventListener("submit", (e) => { e.preventDefault(); for (const key of view) address.set(key, null); address.write(); run(false); });
form.addEventListener("change", (e) => {
  const { name, id } = e.target;
  if (["colour", "springs"].includes(name)) { recolour(); keep(); return; }
  if (name === "turning") { turns = e.target.checked; player.redraw(); keep(); return; }
  if (id === "story") {
    if (!e.target.value) return;
    tell(new URLSearchParams(e.target.value));
  } else {
    $("story").value = "";
    if (name === "experiment") trial.choose(e.target.value); else trial.cell();
  }
  steps();
  form.requestSubmit();
});
$("speed").addEventListener("change", keep);

// tell sets the controls to what a story is of.
function tell(story) {
  trial.choose(story.get("experiment") ?? "", story.get("cell") ?? "");
  for (const [name, value] of story) if (!["experiment", "cell"].includes(name)) form.elements[name].value = value;
}

addEventListener("keydown", (e) => {
  if (e.key !== "r" || e.ctrlKey || e.metaKey || e.altKey || !film?.radius || elsewhere(e)) return;
  form.elements.turning.checked = turns = !form.elements.turning.checked;
  player.redraw();
  keep();
});
onTheme(() => { recolour(); keep(); });

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
  if (i < 0) return;
  if (film.radius) Object.assign(camera, facing([i]));
  choose(i);
});

// For measurements from outside: how long frames took, and the drawing of the last.
globalThis.live = { player, scene, camera, get moment() { return moment; } };
begin();
