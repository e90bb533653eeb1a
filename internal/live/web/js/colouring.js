// What the colour of a node says.
import { ink } from "./theme.js";
import { mark as roleMark, rolesInk, rolesWords } from "./roles.js";

const ramps = {
  light: [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [222, 195, 20]],
  dark: [[92, 55, 150], [80, 120, 200], [52, 170, 160], [120, 215, 110], [253, 231, 37]],
};

function ramp(share, dark) {
  const stops = ramps[dark ? "dark" : "light"], x = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const k = Math.min(Math.floor(x), stops.length - 2), f = x - k;
  return `rgb(${stops[k].map((c, i) => Math.round(c + (stops[k + 1][i] - c) * f)).join(" ")})`;
}

// Colouring maps nodes to colours and makes the legend.
export class Colouring {
  constructor(film, by, dark) {
    this.by = by;
    this.film = film;
    this.dark = dark;
    this.regions = [...new Set(film.places.map((p) => p.region).filter(Boolean))].sort();
    if (by === "region" && this.regions.length < 2) this.by = "error"; // not all networks say where their nodes are
    this.scale = Array.from({ length: 33 }, (_, i) => ramp(i / 32, dark));
    if (by === "height") {
      const last = [...film.heights.subarray((film.frames - 1) * film.places.length)].sort((a, b) => a - b);
      this.most = Math.max(last[Math.floor(last.length * 0.95)] || 1, 1);
    }
  }

  region(name) {
    const at = this.regions.indexOf(name);
    return at < 0 ? ink("node") : ink("c" + at % 10);
  }

  colour(i, moment) {
    switch (this.by) {
      case "region": return this.region(this.film.places[i].region);
      case "error": return this.shade(this.logShare(moment.errors[i]));
      case "estimate": return this.shade(this.logShare(moment.estimates[i]));
      case "height": return this.shade(moment.heights[i] / this.most);
    }
    return ink("node");
  }

  shade(share) { return this.scale[Math.round(Math.min(Math.max(share, 0), 1) * 32)]; }

  // logShare places a relative error between 3 % and 150 %.
  logShare(e) { return Math.log(Math.max(e, 0.03) / 0.03) / Math.log(50); }

  legend(list) {
    list.replaceChildren();
    const add = (style, text, kind = "") => {
      const li = document.createElement("li"), mark = document.createElement("i");
      mark.className = kind;
      mark.style.background = style;
      li.append(mark, text);
      list.append(li);
    };
    if (this.by === "region") for (const name of this.regions) add(this.region(name), name);
    else if (this.by !== "none") {
      const across = `linear-gradient(90deg, ${[0, 8, 16, 24, 32].map((k) => this.scale[k]).join(", ")})`;
      add(across, this.by === "height" ? `height 0 to ${this.most.toFixed(0)} ms` : this.by === "error" ? "true error 3 % to 150 %" : "own estimate 3 % to 150 %", "ramp");
    }
    for (const role of Object.keys(rolesInk)) {
      const count = this.film.places.filter((p) => p.role === role).length;
      if (!count) continue;
      const li = document.createElement("li");
      li.append(roleMark(role, ink(rolesInk[role])), `${rolesWords[role]} (${count})`);
      list.append(li);
    }
    add(ink("pull"), "stretched, pulls", "bar");
    add(ink("push"), "compressed, pushes", "bar");
  }
}
