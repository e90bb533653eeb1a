// The picture of a group: members on a ring, or where their hosts' coordinates put
// them, coloured by what is believed of them, and messages flashing between them.
import { paper, font } from "./paper.js";
import { ink } from "./theme.js";
import { life, state } from "./group.js";

const shownFor = 0.38; // seconds on the screen that a message can be seen, at least
const most = 1500; // messages drawn at once
const message = { ping: 1, pingReq: 2, ack: 3, news: 4, nack: 7 };

export class Ring {
  constructor(canvas) {
    this.canvas = canvas;
    this.chosen = this.hovered = -1;
    this.observer = -1;
    this.messages = "all";
  }

  load(film, group) {
    this.film = film;
    this.group = group;
    this.n = film.members;
    this.x = new Float32Array(this.n);
    this.y = new Float32Array(this.n);
    this.first = 0;
    this.accuser = this.accused = -1;
    this.onMap = Boolean(film.x);
    if (this.onMap) {
      const edges = (v) => { const s = [...v].sort((a, b) => a - b), cut = Math.floor(s.length * 0.02); return [s[cut], s[s.length - 1 - cut]]; };
      this.boxX = edges(film.x);
      this.boxY = edges(film.y);
    }
  }

  place(w, h) {
    const { n, film: f } = this;
    if (this.onMap) {
      const [l, r] = this.boxX, [b, t] = this.boxY, scale = Math.min(w * 0.86 / (r - l || 1), h * 0.8 / (t - b || 1));
      for (let i = 0; i < n; i++) {
        this.x[i] = Math.min(Math.max(w / 2 + (f.x[i] - (l + r) / 2) * scale, 14), w - 14);
        this.y[i] = Math.min(Math.max(h / 2 - (f.y[i] - (b + t) / 2) * scale, 14), h - 14);
      }
      this.size = n > 200 ? 5 : n > 80 ? 6.5 : 8;
      return;
    }
    this.radius = Math.min(w, h) / 2 - 58;
    this.size = Math.max(2.5, Math.min(13, Math.PI * this.radius / n * 0.8));
    for (let i = 0; i < n; i++) {
      const a = i / n * 2 * Math.PI - Math.PI / 2;
      this.x[i] = w / 2 + this.radius * Math.cos(a);
      this.y[i] = h / 2 + this.radius * Math.sin(a);
    }
  }

  draw(t, speed) {
    const { g, w, h } = paper(this.canvas);
    this.w = w; this.h = h;
    g.fillStyle = ink("stage");
    g.fillRect(0, 0, w, h);
    this.place(w, h);
    if (this.messages !== "none") this.flashes(g, t, speed);
    if (this.accuser >= 0 && this.accused >= 0) this.arrow(g);
    this.members(g);
    this.names(g);
  }

  // flashes draws the messages of the last moments: a line that runs from sender to
  // receiver and fades behind. A lost one ends on its way.
  flashes(g, t, speed) {
    const f = this.film, left = f.msg_left, window = shownFor * speed;
    const begin = lowerBound(left, t - window - 0.5), stop = lowerBound(left, t + 1e-9);
    const list = [];
    for (let k = begin; k < stop; k++) {
      const took = Math.max(f.msg_ended[k] - left[k], window);
      if (t - left[k] > took || took > window + 0.5 || !this.wanted(k)) continue;
      list.push(k);
    }
    const stride = Math.max(1, Math.ceil(list.length / most));
    g.lineCap = "round";
    for (let s = 0; s < list.length; s += stride) {
      const k = list[s], took = Math.max(f.msg_ended[k] - left[k], window), p = (t - left[k]) / took;
      const [colour, alpha, width] = this.style(k);
      g.strokeStyle = ink(colour);
      g.globalAlpha = alpha * (1 - 0.6 * p) * this.dim(k);
      g.lineWidth = width;
      const lost = f.msg_fate[k] === 2, end = lost ? Math.min(p, 0.55) : Math.min(p * 1.25, 1);
      this.curve(g, f.msg_from[k], f.msg_to[k], Math.max(0, end - 0.55), end);
      if (lost && p > 0.5) {
        const [x, y] = this.along(f.msg_from[k], f.msg_to[k], end);
        g.globalAlpha = 0.8 * (1 - p);
        g.strokeStyle = ink("faulty");
        g.lineWidth = 1.3;
        g.beginPath(); g.moveTo(x - 3, y - 3); g.lineTo(x + 3, y + 3); g.moveTo(x + 3, y - 3); g.lineTo(x - 3, y + 3); g.stroke();
      }
    }
    g.globalAlpha = 1;
    g.lineCap = "butt";
  }

  wanted(k) {
    if (this.messages === "all") return true;
    const f = this.film;
    if (this.messages === "probes") return [message.ping, message.pingReq, message.ack, message.nack].includes(f.msg_kind[k]);
    return f.msg_worst[k] >= state.suspect;
  }

  // style of a message is that of the gravest news it bears, else of its kind.
  style(k) {
    const f = this.film;
    switch (f.msg_worst[k]) {
      case state.suspect: return ["suspect", 0.75, 1.3];
      case state.faulty: return ["faulty", 0.7, 1.3];
      case state.alive: return ["alive", 0.55, 1.2];
      case state.left: return ["left", 0.6, 1.2];
    }
    switch (f.msg_kind[k]) {
      case message.ping: case message.ack: return ["accent", 0.5, 1.1];
      case message.pingReq: case message.nack: return ["slow", 0.8, 1.3];
    }
    return ["faint", 0.35, 0.9];
  }

  dim(k) {
    const who = this.hovered >= 0 ? this.hovered : this.chosen, f = this.film;
    return who < 0 || f.msg_from[k] === who || f.msg_to[k] === who ? 1 : 0.25;
  }

  // along is a point of the way from one member to another: bent towards the
  // middle on the ring, straight on the map.
  along(a, b, p) {
    const x0 = this.x[a], y0 = this.y[a], x1 = this.x[b], y1 = this.y[b];
    if (this.onMap) return [x0 + (x1 - x0) * p, y0 + (y1 - y0) * p];
    const cx = this.w / 2 * 0.7 + (x0 + x1) * 0.15, cy = this.h / 2 * 0.7 + (y0 + y1) * 0.15, q = 1 - p;
    return [q * q * x0 + 2 * q * p * cx + p * p * x1, q * q * y0 + 2 * q * p * cy + p * p * y1];
  }

  curve(g, a, b, from, to) {
    g.beginPath();
    const steps = this.onMap ? 1 : Math.max(2, Math.ceil((to - from) * 9));
    for (let s = 0; s <= steps; s++) g.lineTo(...this.along(a, b, from + (to - from) * s / steps));
    g.stroke();
  }

  // arrow shows who accused whom in the case that is told.
  arrow(g) {
    g.strokeStyle = g.fillStyle = ink("ink");
    g.lineWidth = 1.6;
    g.setLineDash([5, 4]);
    this.curve(g, this.accuser, this.accused, 0, 0.97);
    g.setLineDash([]);
    const [x0, y0] = this.along(this.accuser, this.accused, 0.9), [x1, y1] = this.along(this.accuser, this.accused, 0.97);
    const a = Math.atan2(y1 - y0, x1 - x0);
    g.beginPath();
    g.moveTo(x1, y1);
    g.lineTo(x1 - 11 * Math.cos(a - 0.4), y1 - 11 * Math.sin(a - 0.4));
    g.lineTo(x1 - 11 * Math.cos(a + 0.4), y1 - 11 * Math.sin(a + 0.4));
    g.fill();
  }

  members(g) {
    const { group: G, n } = this, r = this.size;
    for (let i = 0; i < n; i++) {
      const condition = G.life[i];
      if (condition === life.absent) continue;
      const x = this.x[i], y = this.y[i];
      const others = Math.max(G.running - (condition === life.running ? 1 : 0), 1);
      if (G.wrong(i) > 0) { // a healthy member that some hold for faulty
        g.globalAlpha = 0.18 + 0.3 * Math.min(1, G.wrong(i) / others);
        g.fillStyle = ink("faulty");
        g.beginPath(); g.arc(x, y, r * 2 + 3, 0, 7); g.fill();
        g.globalAlpha = 1;
      }
      const gone = condition !== life.running;
      if (this.observer >= 0) this.disc(g, i, x, y, r, this.colourOf(G.view(this.observer, i)));
      else {
        this.disc(g, i, x, y, r, gone ? ink("stage") : ink("alive"));
        const faulty = G.faulties[i] / others, suspect = G.suspects[i] / others;
        this.slice(g, x, y, r, 0, faulty, "faulty");
        this.slice(g, x, y, r, faulty, faulty + suspect, "suspect");
      }
      g.lineWidth = 1.2;
      g.strokeStyle = gone ? ink("left") : ink("stage");
      g.beginPath(); g.arc(x, y, r, 0, 7); g.stroke();
      if (gone) {
        g.lineWidth = 1.6;
        g.strokeStyle = ink("ink");
        const d = r * 0.55;
        g.beginPath(); g.moveTo(x - d, y - d); g.lineTo(x + d, y + d);
        if (condition === life.crashed) { g.moveTo(x + d, y - d); g.lineTo(x - d, y + d); }
        g.stroke();
      } else if (G.stalled[i]) {
        g.lineWidth = 2.2;
        g.strokeStyle = ink("slow");
        g.setLineDash([3, 2.5]);
        g.beginPath(); g.arc(x, y, r + 3, 0, 7); g.stroke();
        g.setLineDash([]);
      } else if (G.touched[i]) {
        g.lineWidth = 1.2;
        g.strokeStyle = ink("slow");
        g.beginPath(); g.arc(x, y, r + 3, 0, 7); g.stroke();
      }
      if (G.health[i] && !gone) this.health(g, i, x, y, r, G.health[i]);
      if (i === this.chosen || i === this.hovered || i === this.observer) {
        g.lineWidth = 1.8;
        g.strokeStyle = ink("ink");
        g.beginPath(); g.arc(x, y, r + 6, 0, 7); g.stroke();
      }
    }
  }

  disc(g, i, x, y, r, colour) {
    g.fillStyle = colour;
    g.beginPath(); g.arc(x, y, r, 0, 7); g.fill();
  }

  slice(g, x, y, r, from, to, colour) {
    if (to - from < 1e-6) return;
    g.fillStyle = ink(colour);
    g.beginPath();
    g.moveTo(x, y);
    g.arc(x, y, r, -Math.PI / 2 + from * 2 * Math.PI, -Math.PI / 2 + Math.min(to, 1) * 2 * Math.PI);
    g.fill();
  }

  // health is a bar away from the middle, as long as the score.
  health(g, i, x, y, r, score) {
    const a = this.onMap ? -Math.PI / 2 : i / this.n * 2 * Math.PI - Math.PI / 2;
    const from = r + 5, to = from + 3 + score * 2.6;
    g.strokeStyle = ink("slow");
    g.lineWidth = Math.max(2, Math.min(4, r * 0.6));
    g.beginPath();
    g.moveTo(x + from * Math.cos(a), y + from * Math.sin(a));
    g.lineTo(x + to * Math.cos(a), y + to * Math.sin(a));
    g.stroke();
  }

  colourOf(view) { return ink(["stage", "alive", "suspect", "faulty", "left"][view]); }

  names(g) {
    const { n } = this, every = this.onMap ? 0 : n <= 100 ? 1 : n <= 260 ? 5 : 10;
    g.font = font(n <= 64 ? 11.5 : 10);
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillStyle = ink("soft");
    for (let i = 0; every && i < n; i += every) {
      if (this.group.life[i] === life.absent) continue;
      const a = i / n * 2 * Math.PI - Math.PI / 2, far = this.radius + this.size + 30;
      g.fillText(i, this.w / 2 + far * Math.cos(a), this.h / 2 + far * Math.sin(a));
    }
    g.textAlign = "left";
    g.lineWidth = 3.5;
    for (const i of new Set([this.chosen, this.hovered, this.accuser, this.accused])) {
      if (i < 0) continue;
      const name = this.name(i);
      g.font = font(13, "600");
      g.strokeStyle = ink("stage");
      const x = Math.min(this.x[i] + this.size + 9, this.w - name.length * 7.5 - 4);
      g.strokeText(name, x, this.y[i]);
      g.fillStyle = ink("ink");
      g.fillText(name, x, this.y[i]);
    }
  }

  name(i) { return this.film.places?.[i] ? `${i} · ${this.film.places[i].name}` : `${i}`; }

  hit(x, y) {
    let best = -1, least = (this.size + 8) ** 2;
    for (let i = 0; i < this.n; i++) {
      const d = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (d < least && this.group.life[i] !== life.absent) { least = d; best = i; }
    }
    return best;
  }
}

// lowerBound is the first index whose value is at least x.
export function lowerBound(sorted, x) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid] < x) low = mid + 1; else high = mid;
  }
  return low;
}
