// Camera turns places in milliseconds into points on the screen: turned about the
// vertical by yaw, tilted by tilt (0 looks down on the plane), without perspective,
// so that a length means the same wherever it is drawn.
export class Camera {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.home = { yaw: 0, tilt: 0 };
    this.reset();
    let from = null;
    canvas.addEventListener("pointerdown", (e) => { from = { x: e.clientX, y: e.clientY, moved: 0 }; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointermove", (e) => {
      if (!from || !(e.buttons & 1)) return;
      const dx = e.clientX - from.x, dy = e.clientY - from.y;
      from = { x: e.clientX, y: e.clientY, moved: from.moved + Math.hypot(dx, dy) };
      this.dragged = from.moved > 4;
      if (e.shiftKey) { this.panX += dx; this.panY += dy; } else {
        this.yaw += dx * 0.008;
        this.tilt = Math.min(Math.max(this.tilt - dy * 0.008, 0), 1.5);
      }
      changed();
    });
    canvas.addEventListener("pointerup", () => { from = null; setTimeout(() => { this.dragged = false; }); });
    canvas.addEventListener("dblclick", () => { this.reset(); changed(); });
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      this.zoomBy(Math.exp(-e.deltaY * 0.0012), e.offsetX, e.offsetY);
    }, { passive: false });
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
