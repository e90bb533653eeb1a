// The trial over time: how many suspicions there are, how many members are wrong in
// holding another for faulty, and what the schedule did. It is a scrub bar, too.
import { paper, font } from "./paper.js";
import { ink } from "./theme.js";
import { nice } from "./scene.js";

export class Timeline {
  constructor(canvas, scrub, pick) {
    this.canvas = canvas;
    const to = (e) => { if (this.film) scrub(Math.min(Math.max((e.offsetX - this.left) / this.width, 0), 1) * this.film.end); };
    canvas.addEventListener("pointerdown", (e) => {
      if (!this.film) return;
      const mark = this.marks.find((m) => Math.hypot(this.X(m.at) - e.offsetX, this.markY - e.offsetY) < 7);
      if (mark) { pick(mark.case); return; }
      canvas.setPointerCapture(e.pointerId);
      to(e);
    });
    canvas.addEventListener("pointermove", (e) => { if (e.buttons & 1 && canvas.hasPointerCapture(e.pointerId)) to(e); });
  }

  load(film, group) {
    this.film = film;
    this.group = group;
    this.marks = film.cases.map((c, k) => ({ at: c.declared ?? c.began, case: k, fp: c.false_positive, declared: c.declared !== undefined }));
    // The schedule does the same to many at once: one tick for each instant and deed.
    this.deeds = [...new Map(film.deeds.map((d) => [`${d.at.toFixed(1)} ${d.what}`, d])).values()];
  }

  X(t) { return this.left + t / this.film.end * this.width; }

  draw(t) {
    const { g, w, h } = paper(this.canvas), G = this.group;
    g.fillStyle = ink("panel");
    g.fillRect(0, 0, w, h);
    this.left = 46; this.width = w - 46 - 14;
    const upper = 26, lower = h - 34;
    this.markY = h - 26;
    const top = Math.max(...G.curveSuspicions, ...G.curveFalse, 10);
    const Y = (v) => lower - Math.log1p(v) / Math.log1p(top) * (lower - upper);
    g.font = font(10.5);
    g.textBaseline = "middle";
    g.textAlign = "right";
    g.lineWidth = 1;
    for (const tick of [1, 10, 100, 1000, 10000, 100000]) {
      if (tick > top) break;
      g.strokeStyle = ink("grid");
      g.beginPath(); g.moveTo(this.left, Y(tick)); g.lineTo(this.left + this.width, Y(tick)); g.stroke();
      g.fillStyle = ink("soft");
      g.fillText(tick, this.left - 5, Y(tick));
    }
    g.textAlign = "center";
    const step = nice(this.film.end / 9);
    for (let s = 0; s <= this.film.end; s += step) g.fillText(`${+s.toFixed(3)} s`, this.X(s), h - 9);
    this.area(g, G.curveSuspicions, "suspect", Y, lower);
    this.area(g, G.curveFalse, "faulty", Y, lower);
    g.textAlign = "left";
    for (const d of this.deeds) {
      const x = this.X(d.at);
      g.fillStyle = ink("slow");
      g.beginPath(); g.moveTo(x - 4, upper - 9); g.lineTo(x + 4, upper - 9); g.lineTo(x, upper - 1); g.fill();
      g.globalAlpha = 0.35; g.fillRect(x - 0.5, upper - 1, 1, lower - upper + 1); g.globalAlpha = 1;
    }
    for (const m of this.marks) {
      const x = this.X(m.at), y = this.markY, r = m.declared ? 4 : 2.2;
      g.fillStyle = ink(m.fp ? "faulty" : m.declared ? "left" : "suspect");
      g.beginPath(); g.moveTo(x, y - r); g.lineTo(x + r, y); g.lineTo(x, y + r); g.lineTo(x - r, y); g.fill();
    }
    let x = this.left;
    for (const [colour, text] of [["suspect", "■ suspicions"], ["faulty", "■ views of a healthy member as faulty"], ["slow", "▾ schedule"], ["soft", "◆ accusations: click one"]]) {
      g.fillStyle = ink(colour);
      g.fillText(text, x, 9);
      x += g.measureText(text).width + 16;
    }
    g.strokeStyle = ink("ink");
    g.beginPath(); g.moveTo(this.X(t), upper - 8); g.lineTo(this.X(t), h - 18); g.stroke();
  }

  area(g, values, colour, Y, lower) {
    const n = values.length;
    g.beginPath();
    g.moveTo(this.left, lower);
    for (let b = 0; b < n; b++) {
      const x0 = this.left + b / n * this.width, x1 = this.left + (b + 1) / n * this.width;
      g.lineTo(x0, Y(values[b])); g.lineTo(x1, Y(values[b]));
    }
    g.lineTo(this.left + this.width, lower);
    g.fillStyle = ink(colour);
    g.globalAlpha = 0.45; g.fill(); g.globalAlpha = 1;
  }
}
