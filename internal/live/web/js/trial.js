// TrialChoice is the part of a page's form that chooses a trial of an experiment:
// the definition and a level of each axis of its sweep. Without one the reader's
// own settings hold, which are hidden otherwise.
const $ = (id) => document.getElementById(id);

export class TrialChoice {
  constructor(form, experiments) {
    this.form = form;
    this.experiments = experiments;
    for (const e of experiments) {
      const o = new Option(`${e.id} — ${e.title}`, e.id);
      if (e.cannot) { o.disabled = true; o.text = `${e.id} (no film)`; o.title = e.cannot; }
      form.elements.experiment.add(o);
    }
  }

  get chosen() { return this.experiments.find((e) => e.id === this.form.elements.experiment.value); }

  // choose takes another definition, or none.
  choose(id, cell = "") {
    this.form.elements.experiment.value = id;
    this.form.elements.cell.value = cell;
    this.fields();
  }

  // fields shows the axes of the chosen definition, or the reader's own settings.
  fields() {
    const own = $("own"), cell = this.form.elements.cell, given = Boolean(this.form.elements.experiment.value);
    own.hidden = given;
    for (const el of own.querySelectorAll("input, select")) el.disabled = given;
    cell.disabled = !given;
    const now = new Map((cell.value || "").split(" ").map((pair) => { const k = pair.indexOf("="); return [pair.slice(0, k), pair.slice(k + 1)]; }));
    $("axes").replaceChildren(...(this.chosen?.axes ?? []).map((axis) => {
      const label = document.createElement("label"), select = document.createElement("select");
      select.dataset.axis = axis.name;
      for (const level of axis.levels) {
        const o = new Option(level), why = axis.cannot?.[level];
        if (why) { o.disabled = true; o.text = `${level} (no film)`; o.value = level; o.title = why; }
        select.add(o);
      }
      select.value = axis.levels.find((level) => !axis.cannot?.[level]) ?? axis.levels[0];
      if (axis.levels.includes(now.get(axis.name))) select.value = now.get(axis.name);
      label.append(`${axis.name} `, select);
      return label;
    }));
    this.cell();
  }

  // cell names the cell of the sweep as the server does. An experiment that is not
  // listed is left to the server to refuse.
  cell() {
    const selects = [...$("axes").querySelectorAll("select")];
    if (selects.length || this.chosen) this.form.elements.cell.value = selects.map((s) => `${s.dataset.axis}=${s.value}`).join(" ");
  }
}
