// The address holds all that a page shows, so that it can be shared and kept.
// film are the parameters of the recording, view those of looking at it.
export class Address {
  constructor(form, view) {
    this.form = form;
    this.view = view;
    this.params = new URLSearchParams(location.search);
    for (const el of form.elements) {
      const given = el.name && this.params.get(el.name);
      if (!given) continue;
      if (el.tagName === "SELECT" && ![...el.options].some((o) => o.value === given)) el.add(new Option(given, given));
      if (el.type === "checkbox") el.checked = given === "true"; else el.value = given;
    }
  }

  get(key) { return this.params.get(key); }

  // query is what the recording depends on.
  query() {
    const q = new URLSearchParams();
    for (const el of this.form.elements) {
      if (!el.name || el.disabled || this.view.includes(el.name)) continue;
      const value = el.type === "checkbox" ? (el.checked ? "true" : "false") : el.value;
      if (value !== "") q.set(el.name, value);
    }
    return q;
  }

  // set keeps a parameter of the view; null takes it away.
  set(key, value) {
    if (value === null || value === undefined || value === "") this.params.delete(key); else this.params.set(key, value);
  }

  // write puts film and view into the address bar, and the theme if one was chosen.
  write() {
    const q = this.query();
    for (const name of this.view) {
      const el = this.form.elements[name];
      const value = !el ? this.params.get(name) : el.disabled ? "" : el.type === "checkbox" ? (el.checked ? "true" : "") : el.value;
      if (value) q.set(name, value);
    }
    const theme = document.documentElement.dataset.theme;
    if (theme) q.set("theme", theme);
    history.replaceState(null, "", "?" + q);
  }
}
