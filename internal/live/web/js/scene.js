// The picture of an embedding: ground or globe, springs, stalks, nodes, names.
import { paper, font } from "./paper.js";
import { ink } from "./theme.js";
import { Globe } from "./globe.js";
import { outline, rolesInk } from "./roles.js";
import { frameOf } from "./film.js";

const levels = 6; // of a spring's tension; springs of one level are drawn together
const sampled = 1400; // springs drawn of a cloud, at most, unless all are asked for
const dimmed = 2; // the least level of a spring behind the globe that one could still see
const coiled = 64; // neighbours of a node whose springs are drawn as coils, at most

export class Scene {
  constructor(canvas, camera) {
    this.canvas = canvas;
    this.camera = camera;
    this.chosen = this.hovered = -1;
    this.springs = "some";
  }

  load(film, moment) {
    this.film = film;
    this.moment = moment;
    const n = this.n = moment.n, d = moment.d;
    this.sx = new Float32Array(n); this.sy = new Float32Array(n); // the ball
    this.gx = new Float32Array(n); this.gy = new Float32Array(n); // its foot on the plane
    this.depth = new Float32Array(n);
    this.order = Array.from({ length: n }, (_, i) => i);
    this.flat = d < 3;
    this.globe = film.radius ? new Globe(film.radius, this.camera) : null;
    // The view fits the last frame, and the last before each event, but for a few
    // nodes that lie far out.
    const reach = this.settled((row) => {
      let sum = 0;
      for (let k = 0; k < Math.min(d, 3); k++) sum += film.coordinates[row * d + k] ** 2;
      return [Math.sqrt(sum) + (this.globe ? film.heights[row] : 0)];
    });
    this.reach = Math.max(reach[Math.floor((reach.length - 1) * 0.97)], 1);
    this.box = this.flat ? this.extent() : { across: 0, up: 0, wide: 2 * this.reach, high: 2 * this.reach };
    this.pairs = this.choosePairs();
    this.median = medianOf(film.rtt);
    this.labels = null;
    this.chosen = this.hovered = -1;
  }

  // settled gathers numbers, sorted, of nodes where they come to rest; row is a
  // node's in a frame.
  settled(numbers) {
    const f = this.film, n = this.n, frames = [...f.events.map((e) => Math.max(frameOf(f, e.at) - 1, 0)), f.frames - 1];
    const all = [];
    for (const k of new Set(frames)) for (let i = 0; i < n; i++) if (!f.joined.length || f.joined[k * n + i]) all.push(...numbers(k * n + i));
    return all.sort((a, b) => a - b);
  }

  // extent is what those frames cover as the camera sees it at home, in ms,
  // stalks included, but for one node in fifty at each edge.
  extent() {
    const { yaw, tilt } = this.camera.home, f = this.film, d = this.moment.d;
    const x = (row) => f.coordinates[row * d], y = (row) => d > 1 ? f.coordinates[row * d + 1] : 0;
    const us = this.settled((row) => [x(row) * Math.cos(yaw) - y(row) * Math.sin(yaw)]);
    const vs = this.settled((row) => {
      const v = (x(row) * Math.sin(yaw) + y(row) * Math.cos(yaw)) * Math.cos(tilt);
      return [v, v + f.heights[row] * Math.sin(tilt)];
    });
    const edges = (values) => {
      const cut = Math.floor(values.length * 0.012);
      return [values[cut], values[values.length - 1 - cut]];
    };
    const [left, right] = edges(us), [bottom, top] = edges(vs);
    return { across: (left + right) / 2, up: (bottom + top) / 2, wide: Math.max(right - left, 1), high: Math.max(top - bottom, 1) };
  }

  // choosePairs lists each spring once, in an order that makes any beginning of
  // the list an even sample of all nodes.
  choosePairs() {
    const k = this.film.springs, all = this.film.neighbours, seen = new Set(), pairs = [];
    for (let r = 0; r < k; r++) {
      for (let i = 0; i < this.n; i++) {
        const j = all[i * k + r];
        if (j === 0xffff) continue;
        const key = i < j ? i * 65536 + j : j * 65536 + i;
        if (!seen.has(key)) { seen.add(key); pairs.push(i, j); }
      }
    }
    return pairs;
  }

  project(w, h) {
    const { moment: m, camera: c, n } = this, d = m.d, p = m.points;
    c.aim(w, h, Math.min(w * 0.88 / this.box.wide, (h - 90) * 0.94 / this.box.high), this.box.across, this.box.up);
    const lift = this.film.has_height && this.flat;
    for (let i = 0; i < n; i++) {
      if (this.globe) { this.projectOnGlobe(i, p[i * 3], p[i * 3 + 1], p[i * 3 + 2]); continue; }
      const x = p[i * d], y = d > 1 ? p[i * d + 1] : 0, z = d > 2 ? p[i * d + 2] : 0;
      this.gx[i] = this.sx[i] = c.x(x, y);
      this.gy[i] = c.y(x, y, z);
      // A stalk stands on the plane, or, where there is none, on the screen.
      this.sy[i] = lift ? c.y(x, y, m.heights[i]) : this.film.has_height ? this.gy[i] - m.heights[i] * c.scale : this.gy[i];
      this.depth[i] = c.depth(x, y, z);
    }
  }

  // projectOnGlobe stands a stalk on the sphere, away from its middle.
  projectOnGlobe(i, x, y, z) {
    const c = this.camera, up = 1 + this.moment.heights[i] / this.film.radius;
    this.gx[i] = c.x(x, y);
    this.gy[i] = c.y(x, y, z);
    this.sx[i] = c.x(x * up, y * up);
    this.sy[i] = c.y(x * up, y * up, z * up);
    this.depth[i] = c.depth(x, y, z);
  }

  clear() {
    const sheet = paper(this.canvas);
    sheet.g.fillStyle = ink("stage");
    sheet.g.fillRect(0, 0, sheet.w, sheet.h);
    return sheet;
  }

  draw(colouring) {
    const { g, w, h } = this.clear();
    this.project(w, h);
    if (this.flat) this.ground(g, w, h);
    const focus = this.hovered >= 0 ? this.hovered : this.chosen;
    this.sortSprings();
    if (this.globe) {
      this.globe.graticule(g, false);
      this.layer(g, colouring, focus, false);
      this.globe.veil(g);
      this.globe.graticule(g, true);
    }
    this.layer(g, colouring, focus, true);
    this.names(g, w, h, focus);
    this.ruler(g, w, h);
  }

  // layer draws one side of the globe, or all there is without one.
  layer(g, colouring, focus, near) {
    this.drawSprings(g, focus, near);
    if (this.film.has_height) this.stalks(g, colouring, focus, near);
    if (focus >= 0) this.coils(g, focus, near);
    this.balls(g, colouring, focus, near);
  }

  // on says whether a node is there, and on this side of the globe.
  on(i, near) { return this.moment.there(i) && (!this.globe || near === this.depth[i] >= 0); }

  // ground is a grid on the plane, so that tilting shows.
  ground(g, w, h) {
    const c = this.camera, step = nice(110 / c.scale), half = Math.ceil(this.reach * 1.3 / step);
    g.strokeStyle = ink("grid");
    g.lineWidth = 1;
    g.beginPath();
    for (let k = -half; k <= half; k++) {
      const a = k * step, b = half * step;
      g.moveTo(c.x(a, -b), c.y(a, -b, 0)); g.lineTo(c.x(a, b), c.y(a, b, 0));
      g.moveTo(c.x(-b, a), c.y(-b, a, 0)); g.lineTo(c.x(b, a), c.y(b, a, 0));
    }
    g.stroke();
  }

  // ruler says how long a millisecond is, in a plane across the line of sight.
  ruler(g, w, h) {
    const step = nice(110 / this.camera.scale), px = step * this.camera.scale, x = w - 24 - px, y = h - 22;
    g.strokeStyle = g.fillStyle = ink("soft");
    g.lineWidth = 1.5;
    g.beginPath(); g.moveTo(x, y - 4); g.lineTo(x, y); g.lineTo(x + px, y); g.lineTo(x + px, y - 4); g.stroke();
    g.font = font(12); g.textAlign = "right"; g.textBaseline = "bottom";
    const onGlobe = w < 600 ? "ms in the middle" : "ms round trip, in the middle of the disc"; // a narrow page has a note at its left
    g.fillText(`${+step.toPrecision(2)} ${this.globe ? onGlobe : "ms round trip"}`, x + px, y - 5);
  }

  // sortSprings puts the springs to draw into bins by their tension.
  sortSprings() {
    const m = this.moment, pairs = this.pairs;
    const count = this.springs === "none" ? 0 : this.springs === "all" ? pairs.length : Math.min(pairs.length, sampled * 2);
    const bins = this.bins ||= Array.from({ length: 2 * levels }, () => []);
    for (const b of bins) b.length = 0;
    this.drawn = 0;
    for (let s = 0; s < count; s += 2) {
      const i = pairs[s], j = pairs[s + 1], rtt = m.measured(i, j), over = m.predicted(i, j) - rtt;
      if (!rtt || !m.there(i) || !m.there(j)) continue;
      this.drawn++;
      const tension = Math.min(Math.abs(over) / rtt, Math.abs(over) / (0.5 * this.median) + 0.02);
      const level = Math.min(Math.floor(tension * levels / 0.8), levels - 1);
      if (level >= 0) bins[over > 0 ? level : levels + level].push(i, j);
    }
  }

  drawSprings(g, focus, near) {
    const bins = this.bins, points = this.moment.points;
    const dim = (focus >= 0 ? 0.35 : 1) * Math.min(1, 1300 / Math.max(this.drawn, 1) + 0.25);
    for (let b = 0; b < bins.length; b++) {
      const level = b % levels, list = bins[b];
      if (!list.length || !near && level < dimmed) continue;
      g.strokeStyle = ink(b < levels ? "pull" : "push");
      g.globalAlpha = (0.05 + 0.55 * (level / (levels - 1)) ** 1.2) * dim;
      g.lineWidth = 0.6 + 1.6 * level / (levels - 1);
      for (let s = 0; s < list.length; s += 2) {
        g.beginPath();
        if (this.globe) this.globe.arc(g, points, list[s] * 3, list[s + 1] * 3, near);
        else { g.moveTo(this.gx[list[s]], this.gy[list[s]]); g.lineTo(this.gx[list[s + 1]], this.gy[list[s + 1]]); }
        g.stroke();
      }
    }
    g.globalAlpha = 1;
  }

  stalks(g, colouring, focus, near) {
    const stands = (i) => this.on(i, near) && Math.hypot(this.gx[i] - this.sx[i], this.gy[i] - this.sy[i]) >= 1;
    g.lineWidth = 1.4;
    for (let i = 0; i < this.n; i++) {
      if (!stands(i)) continue;
      g.globalAlpha = focus < 0 || focus === i ? 0.8 : 0.35;
      g.strokeStyle = colouring.colour(i, this.moment);
      g.beginPath(); g.moveTo(this.gx[i], this.gy[i]); g.lineTo(this.sx[i], this.sy[i]); g.stroke();
    }
    g.globalAlpha = 0.5;
    g.fillStyle = ink("soft");
    for (let i = 0; i < this.n; i++) if (stands(i)) g.fillRect(this.gx[i] - 1.5, this.gy[i] - 0.75, 3, 1.5);
    g.globalAlpha = 1;
  }

  // coils draws the springs of one node as what they are: as many windings as
  // the spring is long at rest, so that they open and close with its tension.
  coils(g, i, near) {
    const m = this.moment, all = m.neighbours(i);
    for (const j of all) {
      const rtt = m.measured(i, j);
      if (!rtt) continue;
      const over = m.predicted(i, j) - rtt, tension = Math.min(Math.abs(over) / rtt, 1);
      g.strokeStyle = ink(over > 0 ? "pull" : "push");
      g.globalAlpha = 0.3 + 0.7 * tension;
      g.lineWidth = 0.8 + 1.4 * tension;
      g.beginPath();
      const turns = all.length > coiled ? 0 : Math.max(3, Math.min(60, Math.round(rtt * this.camera.scale / 9)));
      if (this.globe) this.coilOnGlobe(g, i, j, turns, near);
      else this.coil(g, this.gx[i], this.gy[i], this.gx[j], this.gy[j], turns);
      g.stroke();
    }
    g.globalAlpha = 1;
  }

  coil(g, x, y, toX, toY, turns) {
    const dx = toX - x, dy = toY - y, length = Math.hypot(dx, dy), width = 3.2;
    if (length < 2) return;
    const ux = dx / length, uy = dy / length;
    g.moveTo(x, y);
    for (let t = 0; t < turns; t++) {
      const side = t % 2 ? -width : width, at = (t + 0.5) / turns * length;
      g.lineTo(x + ux * at - uy * side, y + uy * at + ux * side);
    }
    g.lineTo(toX, toY);
  }

  // coilOnGlobe winds along the great circle, as far as it lies on this side.
  coilOnGlobe(g, i, j, turns, near) {
    const points = this.moment.points;
    if (!turns) { this.globe.arc(g, points, i * 3, j * 3, near); return; }
    let down = false, before = null;
    this.globe.along(points, i * 3, j * 3, turns + 1, (k, x, y, z) => {
      const at = [this.camera.x(x, y), this.camera.y(x, y, z)];
      let [px, py] = at;
      if (before && k <= turns) {
        const dx = px - before[0], dy = py - before[1], length = Math.hypot(dx, dy) || 1, side = (k % 2 ? -3.2 : 3.2) / length;
        px -= dy * side; py += dx * side;
      }
      before = at;
      if ((this.camera.depth(x, y, z) >= 0) !== near) { down = false; return; }
      if (down) g.lineTo(px, py); else g.moveTo(px, py);
      down = true;
    });
  }

  balls(g, colouring, focus, near) {
    const lit = focus >= 0 ? new Set([focus, ...this.moment.neighbours(focus)]) : null;
    const r0 = this.radiusOfBalls(), places = this.film.places;
    if (!this.flat || this.camera.tilt > 0) this.order.sort((a, b) => this.depth[a] - this.depth[b]);
    const far = this.reach;
    for (const i of this.order) {
      if (!this.on(i, near)) continue;
      const role = places[i].role, towards = Math.max(-1, Math.min(1, this.depth[i] / far));
      const r = (this.flat ? r0 : r0 * (1 + 0.35 * towards)) * (i === focus ? 1.7 : role ? 1.3 : 1);
      g.globalAlpha = lit && !lit.has(i) ? 0.3 : this.flat || this.globe ? 1 : 0.72 + 0.28 * towards;
      g.fillStyle = colouring.colour(i, this.moment);
      g.lineWidth = role ? 1.6 : 1;
      g.strokeStyle = ink(role ? rolesInk[role] : "halo");
      outline(g, role, this.sx[i], this.sy[i], r);
      g.fill();
      g.stroke();
    }
    g.globalAlpha = 1;
    if (this.chosen >= 0 && this.on(this.chosen, near)) {
      g.strokeStyle = ink("ink"); g.lineWidth = 1.6;
      g.beginPath(); g.arc(this.sx[this.chosen], this.sy[this.chosen], r0 * 1.7 + 4, 0, 6.2832); g.stroke();
    }
  }

  radiusOfBalls() { return this.n > 300 ? 3.4 : this.n > 120 ? 4.4 : 6; }

  // names are chosen once, one for each part of the picture as it ends, so that
  // they do not flicker while it moves.
  chooseLabels(w, h) {
    const places = this.film.places;
    if (!places[0].region && !places[0].city) return this.n <= 40 ? this.order.slice() : [];
    if (this.n <= 40) return this.order.slice();
    const d = this.moment.d, last = (this.film.frames - 1) * this.n, cells = new Map();
    for (let i = 0; i < this.n; i++) {
      const [x, y, z] = [0, 1, 2].map((k) => k < d ? this.film.coordinates[(last + i) * d + k] / this.reach : 0);
      const key = `${Math.round(x * 3.2)},${Math.round(y * 5)},${this.globe ? Math.round(z * 5) : 0}`;
      if (!cells.has(key) && Math.hypot(x, y) < 1.3) cells.set(key, i);
    }
    return [...cells.values()].slice(0, this.globe ? 80 : 40);
  }

  names(g, w, h, focus) {
    this.labels ||= this.chooseLabels(w, h);
    g.font = font(12);
    g.textBaseline = "middle"; g.textAlign = "left";
    g.lineJoin = "round";
    const taken = [];
    const write = (i, strong) => {
      if (!strong && !this.on(i, true) || !this.moment.there(i)) return;
      const name = this.film.places[i].city || this.film.places[i].name, x = this.sx[i] + 9, y = this.sy[i], width = name.length * 6.6;
      if (!strong && taken.some((b) => x < b[2] && x + width > b[0] && y - 7 < b[3] && y + 7 > b[1])) return;
      if (x < 0 || x > w - 20 || y < 8 || y > h - 8) return;
      taken.push([x, y - 7, x + width, y + 7]);
      g.font = font(strong ? 13.5 : 12, strong ? "600" : "");
      g.strokeStyle = ink("halo"); g.lineWidth = 3.5; g.globalAlpha = strong ? 1 : focus >= 0 ? 0.45 : 0.9;
      g.strokeText(name, x, y);
      g.fillStyle = ink(strong ? "ink" : "soft");
      g.fillText(name, x, y);
    };
    if (this.chosen >= 0) write(this.chosen, true);
    if (this.hovered >= 0 && this.hovered !== this.chosen) write(this.hovered, true);
    // At first all stand in one heap: names would be a smear.
    if (this.moment.at > 20) for (const i of this.labels) if (i !== this.chosen && i !== this.hovered) write(i, false);
    g.globalAlpha = 1;
  }

  // hit is the node nearest to a point on the screen, -1 if none is near. Of two,
  // the one on the near side of the globe counts.
  hit(x, y) {
    let best = -1, least = 14 * 14;
    for (let i = 0; i < this.n; i++) {
      if (!this.moment.there(i)) continue;
      const d = (this.sx[i] - x) ** 2 + (this.sy[i] - y) ** 2 + (this.on(i, true) ? 0 : 100);
      if (d < least) { least = d; best = i; }
    }
    return best;
  }
}

// nice is a round number of about x.
export function nice(x) {
  const power = 10 ** Math.floor(Math.log10(x)), m = x / power;
  return (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10) * power;
}

function medianOf(rtt) {
  const known = rtt.filter((x) => x > 0).sort();
  return known[known.length >> 1] || 1;
}
