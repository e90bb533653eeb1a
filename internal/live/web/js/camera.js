import { elsewhere } from "./player.js";

// Camera turns places in milliseconds into points on the screen: turned about the
// vertical by yaw, tilted by tilt (0 looks down on the plane), without perspective,
// so that a length means the same wherever it is drawn.
export class Camera {
  // changed is called when the view has changed, settled when a hand has let go of it.
  constructor(canvas, changed, settled) {
    this.canvas = canvas;
    this.changed = changed;
    this.settled = settled;
    this.home = { yaw: 0, tilt: 0 };
    this.tilts = [0, 1.5]; // how far it may be tilted
    this.reset();
    let from = null;
    canvas.addEventListener("pointerdown", (e) => { this.held = true; from = { x: e.clientX, y: e.clientY, moved: 0 }; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointermove", (e) => {
      if (!from || !(e.buttons & 1)) return;
      const dx = e.clientX - from.x, dy = e.clientY - from.y;
      from = { x: e.clientX, y: e.clientY, moved: from.moved + Math.hypot(dx, dy) };
      this.dragged = from.moved > 4;
      if (e.shiftKey) { this.panX += dx; this.panY += dy; } else {
        this.turn(dx * 0.008, -dy * 0.008);
      }
      changed();
    });
    canvas.addEventListener("pointerup", () => { from = null; this.held = false; if (this.dragged) settled(); setTimeout(() => { this.dragged = false; }); });
    canvas.addEventListener("pointercancel", () => { from = null; this.held = this.dragged = false; });
    canvas.addEventListener("dblclick", () => { this.reset(); changed(); settled(); });
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      this.zoomBy(Math.exp(-e.deltaY * 0.0012), e.offsetX, e.offsetY);
      clearTimeout(this.wheel);
      this.wheel = setTimeout(settled, 200); // a wheel turns in many steps
    }, { passive: false });
    addEventListener("keydown", (e) => this.key(e));
    addEventListener("keyup", (e) => { if ("wasd+-".includes(e.key) && !elsewhere(e)) settled(); });
  }

  // key turns with w, a, s and d, zooms with + and -, and 0 goes back home.
  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || elsewhere(e)) return;
    const step = 0.12, middle = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    switch (e.key) {
      case "a": this.turn(-step, 0); break;
      case "d": this.turn(step, 0); break;
      case "w": this.turn(0, -step); break;
      case "s": this.turn(0, step); break;
      case "+": this.zoomBy(1.2, ...middle); break;
      case "-": this.zoomBy(1 / 1.2, ...middle); break;
      case "0": this.reset(); break;
      default: return;
    }
    this.changed();
    if (!e.repeat) this.settled();
  }

  turn(yaw, tilt) {
    this.yaw += yaw;
    this.tilt = Math.min(Math.max(this.tilt + tilt, this.tilts[0]), this.tilts[1]);
  }

  // state is what of the view differs from home, by the names it has in addresses.
  state() {
    const { home } = this, pixel = (x) => String(Math.round(x)), angle = (x) => x.toFixed(3);
    const seen = (value, base, text) => Math.abs(value - base) < 5e-4 ? null : text(value);
    return {
      yaw: seen(this.yaw, home.yaw, angle), tilt: seen(this.tilt, home.tilt, angle), zoom: seen(this.zoom, 1, angle),
      pan_x: seen(this.panX, 0, pixel), pan_y: seen(this.panY, 0, pixel),
    };
  }

  // restore takes the view out of an address.
  restore(get) {
    const number = (key, base, low, high) => { const x = get(key) === null ? NaN : Number(get(key)); return Number.isFinite(x) ? Math.min(Math.max(x, low), high) : base; };
    this.yaw = number("yaw", this.yaw, -1e3, 1e3);
    this.tilt = number("tilt", this.tilt, ...this.tilts);
    this.zoom = number("zoom", this.zoom, 0.2, 40);
    this.panX = number("pan_x", this.panX, -1e5, 1e5);
    this.panY = number("pan_y", this.panY, -1e5, 1e5);
  }

  reset() { Object.assign(this, this.home, { zoom: 1, panX: 0, panY: 0, dragged: false }); }

  zoomBy(factor, x, y) {
    const zoom = Math.min(Math.max(this.zoom * factor, 0.2), 40);
    factor = zoom / this.zoom;
    const cx = x - this.canvas.clientWidth / 2, cy = y - this.canvas.clientHeight / 2;
    this.panX = cx - (cx - this.panX) * factor;
    this.panY = cy - (cy - this.panY) * factor;
    this.zoom = zoom;
    this.changed();
  }

  // aim fixes the view for one frame. fit is the scale in pixels a millisecond at
  // zoom 1; across and up is what of the picture at rest is in the middle, in ms.
  aim(w, h, fit, across, up) {
    this.scale = fit * this.zoom;
    this.cx = w / 2 + this.panX - across * this.scale;
    this.cy = h / 2 + this.panY + up * this.scale;
    this.cosY = Math.cos(this.yaw); this.sinY = Math.sin(this.yaw);
    this.cosT = Math.cos(this.tilt); this.sinT = Math.sin(this.tilt);
  }

  x(x, y) { return this.cx + (x * this.cosY - y * this.sinY) * this.scale; }
  y(x, y, z) { return this.cy - ((x * this.sinY + y * this.cosY) * this.cosT + z * this.sinT) * this.scale; }
  // depth is larger the nearer to the eye.
  depth(x, y, z) { return -(x * this.sinY + y * this.cosY) * this.sinT + z * this.cosT; }
}
