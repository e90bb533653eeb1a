// Films as package film encodes them: a header and typed arrays, read in place.
const views = { f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };

export function decode(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const film = { ...header.film };
  let at = 4 + size;
  for (const t of header.tracks) {
    const View = views[t.type];
    film[t.name] = new View(buffer, at, t.len);
    at += Math.ceil(t.len * View.BYTES_PER_ELEMENT / 4) * 4;
  }
  return film;
}

// load fetches a film; what the server says is wrong becomes the error's message.
async function load(kind, query, signal) {
  const answer = await fetch(`/api/film/${kind}?${query}`, { signal });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return decode(await answer.arrayBuffer());
}

// mark puts what a page's film is in into the document: loading, ready or wrong.
export function mark(state) { document.documentElement.dataset.state = state; }

let under; // the request under way

// ask has a page's film made, tells of it in the page's notice, and gives it to
// show. A request under way is given up for it. What goes wrong is put into the
// notice, with what fail has to add.
export async function ask(kind, query, show, fail) {
  under?.abort();
  under = new AbortController();
  const notice = document.getElementById("notice");
  notice.hidden = false;
  notice.className = "notice";
  notice.textContent = "Recording …";
  mark("loading");
  try {
    const film = await load(kind, query, under.signal);
    notice.hidden = true;
    show(film);
  } catch (e) {
    if (e.name === "AbortError") return;
    const more = fail();
    notice.className = "notice wrong";
    notice.textContent = more ? `${e.message}\n${more}` : e.message;
    mark("wrong");
  }
}

// frameOf is the first frame in which something has happened.
export function frameOf(film, at) {
  let k = 0;
  while (k < film.frames - 1 && film.at[k] <= at) k++;
  return k;
}
