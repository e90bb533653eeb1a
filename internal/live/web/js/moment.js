// Moment is an embedding at one position of its film. Between two frames
// everything is on its way in a straight line.
export class Moment {
  constructor(film) {
    const n = this.n = film.places.length;
    this.film = film;
    this.d = film.dimensions;
    this.points = new Float32Array(n * this.d);
    this.heights = new Float32Array(n);
    this.estimates = new Float32Array(n);
    this.errors = new Float32Array(n);
    this.seek(0);
  }

  seek(at) {
    const f = this.film, k = Math.min(Math.floor(at), f.frames - 1), next = Math.min(k + 1, f.frames - 1), share = at - k;
    const mix = (from, into) => {
      const size = into.length, a = k * size, b = next * size;
      for (let i = 0; i < size; i++) into[i] = from[a + i] + (from[b + i] - from[a + i]) * share;
    };
    mix(f.coordinates, this.points);
    mix(f.heights, this.heights);
    mix(f.estimates, this.estimates);
    mix(f.node_errors, this.errors);
    this.at = at;
  }

  value(track) {
    const k = Math.min(Math.floor(this.at), this.film.frames - 1), next = Math.min(k + 1, this.film.frames - 1);
    return track[k] + (track[next] - track[k]) * (this.at - k);
  }

  // predicted is the round trip between two nodes by their coordinates, in ms.
  predicted(i, j) {
    const p = this.points, d = this.d;
    let sum = 0;
    for (let k = 0, a = i * d, b = j * d; k < d; k++) { const x = p[a + k] - p[b + k]; sum += x * x; }
    return Math.sqrt(sum) + this.heights[i] + this.heights[j];
  }

  measured(i, j) { return this.film.rtt[i * this.n + j]; }

  neighbours(i) {
    const k = this.film.options.neighbours, all = this.film.neighbours;
    const list = [];
    for (let s = i * k; s < i * k + k; s++) if (all[s] !== 0xffff) list.push(all[s]);
    return list;
  }

  // peers lists every measured peer of a node with its error.
  peers(i) {
    const list = [];
    for (let j = 0; j < this.n; j++) {
      const measured = this.measured(i, j);
      if (j === i || !measured) continue;
      const predicted = this.predicted(i, j);
      list.push({ j, measured, predicted, error: Math.abs(predicted - measured) / measured });
    }
    return list;
  }
}
