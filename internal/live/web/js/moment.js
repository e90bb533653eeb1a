// Moment is an embedding at one position of its film. Between two frames
// everything is on its way in a straight line, or along the sphere.
export class Moment {
  constructor(film) {
    const n = this.n = film.places.length;
    this.film = film;
    this.d = film.dimensions;
    this.radius = film.radius; // of the sphere; 0 in a Euclidean space
    this.points = new Float32Array(n * this.d);
    this.heights = new Float32Array(n);
    this.adjustments = new Float32Array(n);
    this.estimates = new Float32Array(n);
    this.errors = new Float32Array(n);
    this.share = new Float32Array(n); // how far each node is on its way to the next frame
    this.seek(0);
  }

  seek(at) {
    const f = this.film, n = this.n, k = this.frame = Math.min(Math.floor(at), f.frames - 1), next = Math.min(k + 1, f.frames - 1);
    this.epoch = f.epochs[k];
    // A node that is not there in the next frame stays where it was last.
    for (let i = 0; i < n; i++) this.share[i] = f.joined.length && !f.joined[next * n + i] ? 0 : at - k;
    const mix = (from, into, d) => {
      for (let i = 0, x = 0, a = k * n * d, b = next * n * d; i < n; i++) {
        const share = this.share[i];
        for (let c = 0; c < d; c++, x++) into[x] = from[a + x] + (from[b + x] - from[a + x]) * share;
      }
    };
    mix(f.coordinates, this.points, this.d);
    mix(f.heights, this.heights, 1);
    if (f.adjustments.length) mix(f.adjustments, this.adjustments, 1);
    mix(f.estimates, this.estimates, 1);
    mix(f.node_errors, this.errors, 1);
    if (this.radius && at > k) this.ontoSphere();
    this.at = at;
  }

  // ontoSphere lifts places that were mixed through the sphere onto it.
  ontoSphere() {
    const p = this.points;
    for (let i = 0; i < p.length; i += 3) {
      const length = Math.hypot(p[i], p[i + 1], p[i + 2]);
      if (length > 0) for (let c = 0; c < 3; c++) p[i + c] *= this.radius / length;
    }
  }

  // there says whether a node takes part now.
  there(i) { return !this.film.joined.length || this.film.joined[this.frame * this.n + i] === 1; }

  value(track) {
    const k = Math.min(Math.floor(this.at), this.film.frames - 1), next = Math.min(k + 1, this.film.frames - 1);
    return track[k] + (track[next] - track[k]) * (this.at - k);
  }

  // predicted is the round trip between two nodes by their coordinates, in ms, as
  // film.Embedding.Predicted has it.
  predicted(i, j) {
    const distance = this.across(i, j) + this.heights[i] + this.heights[j];
    const adjusted = distance + this.adjustments[i] + this.adjustments[j];
    return adjusted > 0 ? adjusted : distance;
  }

  // across is how far apart two places are: in a straight line, or on the sphere
  // along the great circle.
  across(i, j) {
    const p = this.points, d = this.d, a = i * d, b = j * d;
    if (this.radius) {
      const x = p[a + 1] * p[b + 2] - p[a + 2] * p[b + 1], y = p[a + 2] * p[b] - p[a] * p[b + 2], z = p[a] * p[b + 1] - p[a + 1] * p[b];
      return this.radius * Math.atan2(Math.sqrt(x * x + y * y + z * z), p[a] * p[b] + p[a + 1] * p[b + 1] + p[a + 2] * p[b + 2]);
    }
    let sum = 0;
    for (let k = 0; k < d; k++) { const x = p[a + k] - p[b + k]; sum += x * x; }
    return Math.sqrt(sum);
  }

  // measured is the round trip that the network has now; 0 of none.
  measured(i, j) { return this.film.rtt[(this.epoch * this.n + i) * this.n + j]; }

  // neighbours lists whom a node samples, of those that are there.
  neighbours(i) {
    const k = this.film.springs, all = this.film.neighbours, list = [];
    if (!this.there(i)) return list;
    for (let s = i * k; s < i * k + k; s++) if (all[s] !== 0xffff && this.there(all[s])) list.push(all[s]);
    return list;
  }

  // peers lists every measured peer of a node that is there, with its error.
  peers(i) {
    const list = [];
    for (let j = 0; j < this.n; j++) {
      const measured = this.measured(i, j);
      if (j === i || !measured || !this.there(j)) continue;
      const predicted = this.predicted(i, j);
      list.push({ j, measured, predicted, error: Math.abs(predicted - measured) / measured });
    }
    return list;
  }
}
