// What is known of one node: its coordinate in numbers, the peers its prediction
// misses most, and which peers are nearest, by coordinate and in truth.
import { rolesWords } from "./roles.js";

const ms = (x) => x >= 100 ? x.toFixed(0) : x.toFixed(1);
const percent = (x) => `${(x * 100).toFixed(x < 0.1 ? 1 : 0)} %`;

export function describe(box, film, moment, i) {
  box.replaceChildren();
  if (i < 0) {
    const p = document.createElement("p");
    p.textContent = "Point at a node, or click one to keep it: its springs are drawn as coils.";
    box.append(p);
    return;
  }
  const place = film.places[i], d = moment.d;
  const name = document.createElement("div");
  name.className = "name";
  name.textContent = place.name;
  box.append(name);
  if (!moment.there(i)) {
    const p = document.createElement("p");
    p.textContent = "It is not there yet.";
    box.append(p);
    return;
  }
  const vec = Array.from(moment.points.subarray(i * d, i * d + d), (x) => x.toFixed(1)).join("  ");
  facts(box, [
    place.region && ["region", place.region],
    place.role && ["role", rolesWords[place.role]],
    ["Vec, ms", vec],
    film.has_height && ["Height, ms", moment.heights[i].toFixed(1)],
    film.adjustments.length && ["Adjustment, ms", moment.adjustments[i].toFixed(1)],
    ["error estimate", percent(moment.estimates[i])],
    ["true error", `${percent(moment.errors[i])} (median over its peers)`],
  ]);
  const peers = moment.peers(i);
  const byTruth = peers.toSorted((a, b) => a.measured - b.measured);
  byTruth.forEach((p, k) => { p.rank = k + 1; });
  const byCoordinate = peers.toSorted((a, b) => a.predicted - b.predicted).slice(0, 6);
  const best = byCoordinate[0];
  table(box, "Nearest by coordinate", ["peer", "predicted", "measured", "true rank"],
    byCoordinate.map((p) => [film.places[p.j].name, `${ms(p.predicted)} ms`, `${ms(p.measured)} ms`, p.rank]));
  if (best) {
    const loss = document.createElement("p");
    const extra = best.measured - byTruth[0].measured;
    loss.textContent = extra < 0.05 ? "Its nearest by coordinate is its nearest in truth." :
      `In truth ${film.places[byTruth[0].j].name} is nearest, at ${ms(byTruth[0].measured)} ms: the coordinates cost ${ms(extra)} ms.`;
    box.append(loss);
  }
  table(box, "Worst predicted", ["peer", "predicted", "measured", "error"],
    peers.toSorted((a, b) => b.error - a.error).slice(0, 5).map((p) => [film.places[p.j].name, `${ms(p.predicted)} ms`, `${ms(p.measured)} ms`, percent(p.error)]), true);
}

function facts(box, rows) {
  const dl = document.createElement("dl");
  for (const row of rows.filter(Boolean)) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    [dt.textContent, dd.textContent] = row;
    dl.append(dt, dd);
  }
  box.append(dl);
}

function table(box, title, head, rows, off) {
  const h = document.createElement("h2");
  h.textContent = title;
  const t = document.createElement("table");
  const cells = (kind, values, parent) => {
    const tr = document.createElement("tr");
    for (const v of values) { const c = document.createElement(kind); c.textContent = v; tr.append(c); }
    parent.append(tr);
    return tr;
  };
  cells("th", head, t.createTHead());
  const body = t.createTBody();
  for (const r of rows) cells("td", r, body).classList.toggle("off", Boolean(off));
  box.append(h, t);
}
