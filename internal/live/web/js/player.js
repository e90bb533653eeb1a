// Player moves a position through a film: play, pause, step, scrub, keyboard.
// It owns the frame loop, so that drawing happens once a screen frame at most.
const $ = (id) => document.getElementById(id);
const steps = ["ArrowLeft", "ArrowRight", "Home", "End"];

// elsewhere says that a key is for a control that it is typed into.
export const elsewhere = (e) => Boolean(e.target.closest?.("input:not([type=range], [type=checkbox]), select, textarea"));

export class Player {
  // rate is how much of the film passes in a second at speed 1; step is an
  // arrow key's; draw(position, playing) paints; clock(position) is its text.
  constructor({ rate, step, draw, clock }) {
    Object.assign(this, { rate, step, draw, clock, at: 0, end: 0, playing: false, dirty: false, frames: [] });
    $("play").onclick = () => this.toggle();
    $("back").onclick = () => this.jump(this.at - this.step);
    $("forth").onclick = () => this.jump(this.at + this.step);
    $("scrub").oninput = () => { this.stop(); this.seek(+$("scrub").value); };
    $("scrub").onchange = () => this.onpause?.();
    addEventListener("keydown", (e) => this.key(e));
    addEventListener("keyup", (e) => { if (steps.includes(e.key) && !this.playing && !elsewhere(e)) this.onpause?.(); });
    addEventListener("resize", () => this.redraw());
  }

  load(end, at) {
    this.end = end;
    $("scrub").max = end;
    this.seek(at);
  }

  get speed() { return +$("speed").value; }

  seek(at) {
    this.at = Math.min(Math.max(at, 0), this.end);
    $("scrub").value = this.at;
    $("clock").textContent = this.clock(this.at);
    $("scrub").setAttribute("aria-valuetext", this.clock(this.at));
    this.redraw();
  }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  play() {
    if (this.at >= this.end) this.seek(0);
    this.playing = true;
    this.last = undefined;
    this.show();
    this.redraw();
  }

  // onpause is called when the film stands still somewhere.
  pause() {
    this.stop();
    this.onpause?.();
  }

  stop() {
    this.playing = false;
    this.show();
  }

  // jump goes somewhere and stays there.
  jump(at) {
    this.stop();
    this.seek(at);
    this.onpause?.();
  }

  show() {
    $("play").textContent = this.playing ? "Pause" : "Play";
    $("play").setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }

  redraw() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.dirty = false;
    if (this.playing) {
      if (this.last !== undefined) {
        // A tab that slept does not jump ahead when it wakes.
        const passed = Math.min((now - this.last) / 1000, 0.25);
        this.frames.push(now - this.last);
        if (this.frames.length > 600) this.frames.shift();
        this.at = Math.min(this.at + passed * this.rate * this.speed, this.end);
        $("scrub").value = this.at;
        $("clock").textContent = this.clock(this.at);
      }
      this.last = now;
    }
    const began = performance.now();
    this.draw(this.at, this.playing);
    this.cost = performance.now() - began;
    if (this.playing && this.at >= this.end) this.pause();
    if (this.playing) this.redraw();
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (elsewhere(e)) return;
    const big = e.shiftKey ? 10 : 1;
    // A key that is held down moves on and on; where it ends, keyup tells.
    const to = (at) => { if (e.repeat) this.seek(at); else this.jump(at); };
    switch (e.key) {
      case " ":
        if (e.target.closest("button, summary, a")) return;
        this.toggle();
        break;
      case "ArrowLeft": to(this.at - this.step * big); break;
      case "ArrowRight": to(this.at + this.step * big); break;
      case "Home": to(0); break;
      case "End": to(this.end); break;
      default: return;
    }
    e.preventDefault();
  }
}
