// The error over the film, on a logarithmic axis, with a cursor to scrub by. The
// horizontal axis goes by frames, which are dense where much happens; its labels
// are the samples a node has taken.
import { paper, font } from "./paper.js";
import { ink } from "./theme.js";
import { frameOf } from "./film.js";

const captions = { "samples a node": "samples a node has taken", s: "seconds; a node takes one sample in each", frames: "frames of round trips" };

export class ErrorChart {
  constructor(canvas, scrub) {
    this.canvas = canvas;
    const to = (e) => { if (this.film) scrub((e.offsetX - this.left) / this.width * (this.film.frames - 1)); };
    canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); to(e); });
    canvas.addEventListener("pointermove", (e) => { if (e.buttons & 1) to(e); });
  }

  load(film) {
    this.film = film;
    this.caption = captions[film.clock] ?? film.clock;
    this.events = film.events.map((e) => frameOf(film, e.at));
    const end = film.at[film.frames - 1];
    // After an event the ticks are those since it, from the instant that it happened.
    this.ticks = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000].filter((t) => !film.events.length || t < film.events[0].at);
    film.events.forEach((e, k) => {
      const next = film.events[k + 1]?.at ?? end;
      this.ticks.push(e.at, ...[10, 50, 100, 300, 1000].map((t) => e.at + t).filter((t) => t < next));
    });
    if (film.events.length) this.ticks.push(end);
    let top = 0.1, bottom = 0.1;
    for (let k = 1; k < film.frames; k++) {
      if (Number.isNaN(film.median[k])) continue; // nobody is there yet
      top = Math.max(top, film.p90[k]);
      bottom = Math.min(bottom, film.median[k]);
    }
    this.top = Math.min(10 ** (Math.ceil(Math.log10(top) * 2) / 2), 10);
    this.bottom = 10 ** (Math.floor(Math.log10(Math.max(bottom, 1e-3)) * 2) / 2);
  }

  draw(at) {
    const { g, w, h } = paper(this.canvas), f = this.film;
    g.fillStyle = ink("panel");
    g.fillRect(0, 0, w, h);
    this.left = 46; this.width = w - 46 - 50;
    const upper = 8, lower = h - 34;
    const X = (k) => this.left + k / (f.frames - 1) * this.width;
    const Y = (v) => {
      const share = Math.log(Math.min(Math.max(v, this.bottom), this.top) / this.bottom) / Math.log(this.top / this.bottom);
      return lower - share * (lower - upper);
    };
    g.lineWidth = 1;
    g.font = font(11);
    g.textBaseline = "middle";
    g.textAlign = "right";
    for (const tick of [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]) {
      if (tick < this.bottom * 0.99 || tick > this.top * 1.01) continue;
      g.strokeStyle = ink("grid");
      g.beginPath(); g.moveTo(this.left, Y(tick)); g.lineTo(this.left + this.width, Y(tick)); g.stroke();
      g.fillStyle = ink("soft");
      g.fillText(tick >= 0.01 ? `${Math.round(tick * 100)} %` : `${tick * 100} %`, this.left - 5, Y(tick));
    }
    g.textAlign = "center";
    let k = 0, free = -1e9;
    for (const tick of this.ticks) {
      while (k < f.frames - 1 && f.at[k] < tick) k++;
      if (f.at[k] < tick * 0.999 || X(k) < free) continue;
      free = X(k) + 26;
      g.strokeStyle = ink("grid");
      g.beginPath(); g.moveTo(X(k), upper); g.lineTo(X(k), lower); g.stroke();
      g.fillStyle = ink("soft");
      g.fillText(tick, X(k), lower + 10);
    }
    g.fillText(this.caption, this.left + this.width / 2, h - 9);
    g.fillStyle = g.strokeStyle = ink("slow");
    for (const x of this.events.map((frame) => X(frame))) {
      g.beginPath(); g.moveTo(x - 4, 0); g.lineTo(x + 4, 0); g.lineTo(x, upper - 1); g.fill();
      g.globalAlpha = 0.4; g.fillRect(x - 0.5, upper - 1, 1, lower - upper + 1); g.globalAlpha = 1;
    }
    const now = Math.min(Math.round(at), f.frames - 1);
    for (const [name, label] of [["p90", "p90"], ["median", "median"]]) {
      const values = f[name];
      const line = (to, alpha, width) => {
        g.globalAlpha = alpha; g.lineWidth = width; g.strokeStyle = ink(name);
        g.beginPath();
        for (let i = 0; i <= to; i++) g.lineTo(X(i), Y(values[i]));
        g.stroke();
        g.globalAlpha = 1;
      };
      line(f.frames - 1, 0.3, 1);
      line(now, 1, 2);
      g.fillStyle = ink(name);
      g.beginPath(); g.arc(X(now), Y(values[now]), 3.2, 0, 7); g.fill();
      g.textAlign = "left";
      g.fillText(label, this.left + this.width + 5, Y(values[f.frames - 1]));
    }
    g.strokeStyle = ink("ink");
    g.lineWidth = 1;
    g.beginPath(); g.moveTo(X(at), upper); g.lineTo(X(at), lower); g.stroke();
  }
}
