// Group is a filmed group of members at one instant: who runs, who stalls, and what
// each believes of each. It replays the film; to go back it begins again, which
// takes milliseconds.
export const kind = { probeFailed: 1, suspected: 2, cleared: 3, confirmed: 4, supported: 5, joined: 6, departed: 7, refuted: 8, excluded: 9, stopped: 10 };
export const state = { unknown: 0, alive: 1, suspect: 2, faulty: 3, left: 4 };
export const life = { absent: 0, running: 1, crashed: 2, stopped: 3 };

const becomes = { [kind.suspected]: state.suspect, [kind.cleared]: state.alive, [kind.confirmed]: state.faulty, [kind.joined]: state.alive, [kind.departed]: state.left };

export class Group {
  constructor(film) {
    this.film = film;
    const n = this.n = film.members;
    this.views = new Uint8Array(n * n);
    this.life = new Uint8Array(n);
    this.stalled = new Uint8Array(n);
    this.health = new Uint8Array(n);
    this.touched = new Uint8Array(n);
    // Of each member, how many running others suspect it, or hold it for faulty or gone.
    this.suspects = new Uint16Array(n);
    this.faulties = new Uint16Array(n);
    this.begin();
    this.measure();
    this.begin();
  }

  begin() {
    const { n, film: f } = this;
    this.at = 0;
    this.op = this.lifeAt = this.stallAt = this.healthAt = this.deedAt = 0;
    this.views.fill(0);
    for (let i = 0; i < f.founders; i++) this.views.fill(state.alive, i * n, i * n + f.founders);
    for (const a of [this.life, this.stalled, this.health, this.touched, this.suspects, this.faulties]) a.fill(0);
    this.running = this.falsely = this.suspicions = this.falseViews = this.refutations = 0;
  }

  seek(t) {
    if (t < this.at) this.begin();
    const f = this.film;
    while (this.op < f.op_at.length && f.op_at[this.op] <= t) {
      this.lives(f.op_at[this.op]);
      this.conclude(this.op++);
    }
    this.lives(t);
    for (; this.stallAt < f.stall_at.length && f.stall_at[this.stallAt] <= t; this.stallAt++) this.stalled[f.stall_id[this.stallAt]] = f.stall_value[this.stallAt];
    for (; this.healthAt < f.health_at.length && f.health_at[this.healthAt] <= t; this.healthAt++) this.health[f.health_id[this.healthAt]] = f.health_value[this.healthAt];
    this.at = t;
  }

  lives(t) {
    const f = this.film;
    for (; this.deedAt < f.deeds.length && f.deeds[this.deedAt].at <= t; this.deedAt++) if (f.deeds[this.deedAt].touched) this.touch(f.deeds[this.deedAt].id);
    for (; this.lifeAt < f.life_at.length && f.life_at[this.lifeAt] <= t; this.lifeAt++) this.live(f.life_id[this.lifeAt], f.life_value[this.lifeAt]);
  }

  // live changes what a member's process is. The view of one that no longer runs
  // does not count, and nobody is wrong in holding it for faulty.
  live(i, now) {
    const before = this.life[i];
    if (before === now) return;
    this.each(i, -1);
    this.life[i] = now;
    this.each(i, 1);
    this.running += (now === life.running) - (before === life.running);
  }

  touch(i) {
    if (this.touched[i]) return;
    this.falseViews -= this.wrong(i);
    this.touched[i] = 1;
  }

  // wrong is how many are wrong about a member: all that hold one for faulty that
  // is running, and that no fault has touched.
  wrong(i) { return this.life[i] === life.running && !this.touched[i] ? this.faulties[i] : 0; }

  // each adds a member's views to the counts, or takes them away.
  each(by, sign) {
    const n = this.n;
    this.falseViews -= this.wrong(by) * (sign < 0 ? 1 : -1);
    if (this.life[by] !== life.running) return;
    for (let j = 0; j < n; j++) this.count(j, this.views[by * n + j], sign);
  }

  count(about, view, sign) {
    if (view === state.suspect) { this.suspects[about] += sign; this.suspicions += sign; }
    if (view === state.faulty) {
      const before = this.wrong(about);
      this.faulties[about] += sign;
      this.falseViews += this.wrong(about) - before;
    }
  }

  conclude(k) {
    const f = this.film, what = f.op_kind[k], by = f.op_by[k], about = f.op_about[k], next = becomes[what];
    if (what === kind.refuted) this.refutations++;
    if (what === kind.confirmed && f.op_healthy[k]) this.falsely++;
    if (next === undefined) return;
    const at = by * this.n + about, before = this.views[at];
    this.views[at] = next;
    if (this.life[by] !== life.running) return;
    this.count(about, before, -1);
    this.count(about, next, 1);
  }

  view(by, about) { return by === about ? state.alive : this.views[by * this.n + about]; }

  // measure replays the whole film once for the timeline: the most suspicions, and
  // the most false views, in each of many bins.
  measure() {
    const bins = 600, f = this.film;
    this.bins = bins;
    this.curveSuspicions = new Float32Array(bins);
    this.curveFalse = new Float32Array(bins);
    for (let b = 0; b < bins; b++) {
      const until = (b + 1) / bins * f.end;
      let most = this.suspicions, worst = this.falseViews;
      while (this.op < f.op_at.length && f.op_at[this.op] <= until) {
        this.lives(f.op_at[this.op]);
        this.conclude(this.op++);
        most = Math.max(most, this.suspicions);
        worst = Math.max(worst, this.falseViews);
      }
      this.lives(until);
      this.curveSuspicions[b] = Math.max(most, this.suspicions);
      this.curveFalse[b] = Math.max(worst, this.falseViews);
    }
  }
}
