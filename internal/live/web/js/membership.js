// The page of a group of members: what it shows and what its controls do.
import { ask, mark } from "./film.js";
import { Address } from "./address.js";
import { TrialChoice } from "./trial.js";
import { Player } from "./player.js";
import { Group, kind, life, state } from "./group.js";
import { Ring, lowerBound } from "./ring.js";
import { Timeline } from "./timeline.js";
import { onTheme, ink } from "./theme.js";

const $ = (id) => document.getElementById(id);
const form = $("controls"), stage = $("stage");
const view = ["t", "speed", "observer", "case", "messages"];
let film, group, address, trial, told = -1, refreshed = 0;

const player = new Player({ rate: 1, step: 1, draw, clock: (at) => film ? `${at.toFixed(2)} s of ${film.end.toFixed(0)} s` : "" });
const ring = new Ring(stage);
const timeline = new Timeline($("timeline"), (t) => player.jump(t), (k) => tell(k, true));

function draw(t, playing) {
  if (!film) return;
  group.seek(t);
  ring.draw(t, playing || player.speed <= 2 ? player.speed : 2);
  timeline.draw(t);
  const now = performance.now();
  if (playing && now - refreshed < 100) return; // words are for reading
  refreshed = now;
  words(t);
}

function words(t) {
  let suspected = 0, wronged = 0;
  for (let i = 0; i < group.n; i++) {
    if (group.suspects[i]) suspected++;
    if (group.wrong(i)) wronged++;
  }
  $("headline").textContent = `${group.falsely} false positives so far`;
  $("subline").innerText = `${film.title}\n${group.running} running, ${suspected} suspected by somebody\n${wronged} healthy, yet held for faulty by somebody`;
  list($("counts"), [
    ["suspicions now", group.suspicions],
    ["wrong views now", group.falseViews],
    ["refutations so far", group.refutations],
    ["messages", film.one_in > 1 ? `one in ${film.one_in} shown` : "all shown"],
  ]);
  ticker(t);
  member();
}

// ticker tells the latest of what happened.
function ticker(t) {
  const lines = [];
  const f = film, until = lowerBound(f.op_at, t + 1e-9);
  for (let k = until - 1; k >= 0 && k > until - 4000 && lines.length < 5 && t - f.op_at[k] < 8; k--) {
    const by = f.op_by[k], about = f.op_about[k], own = f.op_author[k] === by;
    let text;
    if (f.op_kind[k] === kind.suspected && own) text = `${by} suspects ${about}`;
    if (f.op_kind[k] === kind.confirmed && own) text = `${by} declares ${about} faulty${f.op_healthy[k] ? ": a false positive" : ""}`;
    if (f.op_kind[k] === kind.refuted) text = `${by} refutes what ${f.op_author[k]} said of it`;
    if (f.op_kind[k] === kind.excluded) text = `${by} hears that it was declared faulty`;
    if (text) lines.push({ at: f.op_at[k], text, kind: f.op_kind[k] === kind.confirmed && f.op_healthy[k] ? "bad" : "" });
  }
  const recent = f.deeds.filter((d) => d.at <= t && t - d.at < 8);
  for (const d of recent.slice(-3)) lines.push({ at: d.at, text: `${d.id} ${d.what}`, kind: "deed" });
  lines.sort((a, b) => a.at - b.at);
  $("ticker").replaceChildren(...lines.slice(-6).map((l) => {
    const p = document.createElement("p");
    p.className = l.kind;
    p.textContent = `${l.at.toFixed(2)} s · ${l.text}`;
    return p;
  }));
}

// member tells of the member pointed at or chosen.
function member() {
  const box = $("member"), i = ring.hovered >= 0 ? ring.hovered : ring.chosen;
  box.replaceChildren();
  if (i < 0) return;
  const name = document.createElement("div");
  name.className = "name";
  name.textContent = film.places?.[i] ? `Member ${i}, ${film.places[i].name}` : `Member ${i}`;
  const dl = document.createElement("dl");
  const sees = [0, 0, 0, 0, 0], suspects = [], faulty = [];
  for (let j = 0; j < group.n; j++) {
    if (j === i) continue;
    const v = group.view(i, j);
    sees[v]++;
    if (v === state.suspect) suspects.push(j);
    if (v === state.faulty) faulty.push(j);
  }
  const some = (l) => l.length ? l.slice(0, 12).join(", ") + (l.length > 12 ? ` and ${l.length - 12} more` : "") : "nobody";
  list(dl, [
    ["in truth", ["not started", "running", "crashed", "has stopped"][group.life[i]] + (group.stalled[i] && group.life[i] === life.running ? ", reads and sends nothing now" : group.touched[i] ? ", touched by the schedule" : "")],
    film.lifeguard && ["health score", `${group.health[i]}: time-outs × ${group.health[i] + 1}`],
    ["suspected by", `${group.suspects[i]} members`],
    ["held for faulty by", `${group.faulties[i]} members`],
    ["suspects", some(suspects)],
    ["holds for faulty", some(faulty)],
  ]);
  box.append(name, dl);
}

function list(dl, rows) {
  dl.replaceChildren();
  for (const row of rows.filter(Boolean)) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = row[0];
    dd.textContent = row[1];
    dl.append(dt, dd);
  }
}

function legend() {
  const add = (colour, text, kind = "") => {
    const li = document.createElement("li"), mark = document.createElement("i");
    mark.style.background = ink(colour);
    mark.className = kind;
    li.append(mark, text);
    return li;
  };
  $("legend").replaceChildren(
    add("alive", "alive"), add("suspect", "suspected"), add("faulty", "faulty"), add("left", "crashed or left"), add("slow", "slowed by the schedule; health score"),
    add("accent", "ping, ack", "bar"), add("slow", "ping-req, nack", "bar"), add("suspect", "bears a suspicion", "bar"), add("faulty", "bears a Confirm", "bar"), add("alive", "bears a refutation or a joining", "bar"));
}

// cases lists the accusations; those that ended badly stand out.
function cases() {
  const which = $("which").value, items = [];
  film.cases.forEach((c, k) => {
    if (which === "fp" && !c.false_positive || which === "declared" && c.declared === undefined) return;
    const li = document.createElement("li"), b = document.createElement("button"), time = document.createElement("time");
    b.type = "button";
    b.className = c.false_positive ? "fp" : c.declared !== undefined ? "real" : c.cleared ? "cleared" : "";
    b.setAttribute("aria-pressed", k === told);
    time.textContent = `${c.began.toFixed(1)} s`;
    b.append(time, ` ${c.member}: ${c.false_positive ? "false positive" : c.declared !== undefined ? "declared faulty" : c.cleared ? "cleared" : "suspected, or near it"}`);
    b.onclick = () => tell(k, true);
    li.append(b);
    items.push(li);
  });
  if (!items.length) {
    const li = document.createElement("li");
    li.textContent = which === "all" ? "Nobody was accused." : "None of them.";
    items.push(li);
  }
  $("cases").replaceChildren(...items);
}

// tell shows one accusation: its story, who accused whom, and the moment.
function tell(k, jump) {
  told = k;
  const c = film.cases[k], box = $("account");
  ring.chosen = c.member;
  ring.accused = c.member;
  ring.accuser = c.accuser;
  const b = document.createElement("b");
  b.textContent = c.headline;
  box.replaceChildren(b, c.account.join("\n"));
  cases();
  $("cases").querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  if (jump) { player.pause(); player.seek((c.declared ?? c.began) + 1e-4); } // times of changes are rounded to float32
  player.redraw();
  keep();
}

function keep() {
  if (!film || document.documentElement.dataset.state !== "ready") return;
  address.set("t", player.playing ? null : String(Math.round(player.at * 1000) / 1000));
  address.set("case", told < 0 ? null : String(told));
  address.set("observer", ring.observer < 0 ? null : String(ring.observer));
  address.set("messages", ring.messages === "all" ? null : ring.messages);
  address.write();
}

function run(first) {
  player.pause();
  ask("cluster", address.query(), (got) => {
    mark("ready");
    show(got, first);
  }, () => { film = null; });
}

function show(got, first) {
  film = got;
  group = new Group(film);
  told = ring.chosen = ring.hovered = ring.observer = -1;
  ring.load(film, group);
  timeline.load(film, group);
  player.step = film.period;
  $("account").replaceChildren();
  const observers = [...Array(film.members).keys()].map((i) => new Option(`member ${ring.name(i)}`, i));
  $("observer").replaceChildren(new Option("everybody", ""), ...observers);
  legend();
  cases();
  const wanted = first ? address.get("t") : null;
  if (first && address.get("speed")) $("speed").value = address.get("speed");
  if (first && address.get("messages")) $("messages").value = ring.messages = address.get("messages");
  if (first && address.get("observer")) observe(+address.get("observer"));
  const c = first && address.get("case") ? +address.get("case") : -1;
  player.load(film.end, wanted === "end" ? film.end : Number(wanted) || 0);
  if (c >= 0 && c < film.cases.length) tell(c, wanted === null);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || wanted !== null || c >= 0;
  if (!still) player.play();
}

function observe(i) {
  ring.observer = i >= 0 && i < film.members ? i : -1;
  $("observer").value = ring.observer < 0 ? "" : ring.observer;
  player.redraw();
}

async function begin() {
  const got = await (await fetch("/api/catalogue")).json();
  trial = new TrialChoice(form, got.groups ?? []);
  for (const d of got.datasets) {
    const o = new Option(d.missing ? `${d.name} (not here)` : d.name, d.name);
    o.disabled = Boolean(d.missing);
    form.elements.dataset.add(o);
  }
  address = new Address(form, view);
  trial.fields();
  player.onpause = keep;
  await run(true);
}

form.addEventListener("submit", (e) => { e.preventDefault(); for (const k of view) address.set(k, null); address.write(); run(false); });
form.addEventListener("change", (e) => {
  if (e.target.id === "story") {
    if (!e.target.value) return;
    const wants = new URLSearchParams(e.target.value);
    trial.choose("");
    for (const [name, base] of Object.entries({ preset: "deployed", lifeguard: "false", dataset: "", loss: "0", crash: "0", slow: "0", blocked: "16s", partition: "0", duration: "60s", members: "64" })) {
      const el = form.elements[name], value = wants.get(name) ?? base;
      if (el.type === "checkbox") el.checked = value === "true"; else el.value = value;
    }
  } else {
    $("story").value = "";
    if (e.target.name === "experiment") trial.choose(e.target.value); else trial.cell();
  }
  form.requestSubmit();
});
$("observer").addEventListener("change", () => { observe($("observer").value === "" ? -1 : +$("observer").value); keep(); });
$("messages").addEventListener("change", () => { ring.messages = $("messages").value; player.redraw(); keep(); });
$("which").addEventListener("change", () => film && cases());
onTheme(() => { if (film) { legend(); player.redraw(); } });

stage.addEventListener("pointermove", (e) => {
  if (!film) return;
  const i = ring.hit(e.offsetX, e.offsetY);
  stage.classList.toggle("over", i >= 0);
  if (i !== ring.hovered) { ring.hovered = i; refreshed = 0; player.redraw(); }
});
stage.addEventListener("pointerleave", () => { ring.hovered = -1; player.redraw(); });
stage.addEventListener("click", (e) => {
  if (!film) return;
  const i = ring.hit(e.offsetX, e.offsetY);
  ring.chosen = i === ring.chosen ? -1 : i;
  ring.accuser = ring.accused = -1;
  observe(ring.chosen);
  refreshed = 0;
  keep();
});

globalThis.live = { player, ring };
begin();
