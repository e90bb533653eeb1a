// Globe draws the sphere: its rim and meridians, and the arcs of great circles,
// each parted where it passes behind the rim.
import { ink } from "./theme.js";

export class Globe {
  constructor(radius, camera) {
    this.radius = radius;
    this.camera = camera;
    this.px = new Float64Array(64); this.py = new Float64Array(64); this.pd = new Float64Array(64); // of a curve under way
  }

  get cx() { return this.camera.x(0, 0); }
  get cy() { return this.camera.y(0, 0, 0); }
  get rim() { return this.radius * this.camera.scale; }

  // veil dims what has been drawn of the far side, and is the near side's ground.
  veil(g) {
    const { cx, cy, rim } = this, light = g.createRadialGradient(cx - rim * 0.35, cy - rim * 0.4, rim * 0.1, cx, cy, rim);
    light.addColorStop(0, ink("globe-light"));
    light.addColorStop(1, ink("globe-dark"));
    g.globalAlpha = 0.74;
    g.fillStyle = light;
    g.beginPath(); g.arc(cx, cy, rim, 0, 6.2832); g.fill();
    g.globalAlpha = 1;
    g.strokeStyle = ink("faint");
    g.lineWidth = 1.2;
    g.stroke();
  }

  // graticule draws meridians and parallels, every 30 degrees, of one side.
  graticule(g, near) {
    g.strokeStyle = ink(near ? "line" : "grid");
    g.lineWidth = 1;
    g.beginPath();
    const R = this.radius, steps = 60;
    for (let m = 0; m < 180; m += 30) {
      const c = Math.cos(m * Math.PI / 180), s = Math.sin(m * Math.PI / 180);
      for (let k = 0; k <= steps; k++) {
        const a = k / steps * 2 * Math.PI, flat = R * Math.cos(a);
        this.point(k, flat * c, flat * s, R * Math.sin(a));
      }
      this.trace(g, steps + 1, near);
    }
    for (let p = -60; p <= 60; p += 30) {
      const z = R * Math.sin(p * Math.PI / 180), flat = R * Math.cos(p * Math.PI / 180);
      for (let k = 0; k <= steps; k++) {
        const a = k / steps * 2 * Math.PI;
        this.point(k, flat * Math.cos(a), flat * Math.sin(a), z);
      }
      this.trace(g, steps + 1, near);
    }
    g.stroke();
  }

  point(k, x, y, z) {
    this.px[k] = this.camera.x(x, y);
    this.py[k] = this.camera.y(x, y, z);
    this.pd[k] = this.camera.depth(x, y, z);
  }

  // along calls at(t, x, y, z) with steps+1 places on the great circle from one
  // place to another, t from 0 to 1. Opposite places have no one circle between
  // them; theirs is whichever rounding gives.
  along(p, a, b, steps, at) {
    const R2 = this.radius * this.radius;
    const x = p[a + 1] * p[b + 2] - p[a + 2] * p[b + 1], y = p[a + 2] * p[b] - p[a] * p[b + 2], z = p[a] * p[b + 1] - p[a + 1] * p[b];
    const sine = Math.sqrt(x * x + y * y + z * z) / R2, angle = Math.atan2(sine, (p[a] * p[b] + p[a + 1] * p[b + 1] + p[a + 2] * p[b + 2]) / R2);
    for (let k = 0; k <= steps; k++) {
      const t = k / steps;
      const u = sine < 1e-6 ? 1 - t : Math.sin((1 - t) * angle) / sine, v = sine < 1e-6 ? t : Math.sin(t * angle) / sine;
      at(k, u * p[a] + v * p[b], u * p[a + 1] + v * p[b + 1], u * p[a + 2] + v * p[b + 2]);
    }
  }

  // arc adds the side of a spring to the path.
  arc(g, p, a, b, near) {
    const dot = (p[a] * p[b] + p[a + 1] * p[b + 1] + p[a + 2] * p[b + 2]) / (this.radius * this.radius);
    const steps = dot > 0.995 ? 1 : Math.min(Math.ceil(Math.acos(Math.max(dot, -1)) / 0.2), 16);
    this.along(p, a, b, steps, (k, x, y, z) => this.point(k, x, y, z));
    this.trace(g, steps + 1, near);
  }

  // trace adds to the path what of a curve lies on one side.
  trace(g, count, near) {
    const { px, py, pd } = this, sign = near ? 1 : -1;
    let down = false;
    for (let k = 1; k < count; k++) {
      const from = sign * pd[k - 1], to = sign * pd[k];
      if (from < 0 && to < 0) { down = false; continue; }
      const cut = from < 0 || to < 0 ? from / (from - to) : 0, x = px[k - 1] + (px[k] - px[k - 1]) * cut, y = py[k - 1] + (py[k] - py[k - 1]) * cut;
      if (from < 0) g.moveTo(x, y); else if (!down) g.moveTo(px[k - 1], py[k - 1]);
      if (to < 0) { g.lineTo(x, y); down = false; } else { g.lineTo(px[k], py[k]); down = true; }
    }
  }
}
