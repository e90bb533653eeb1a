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
export async function load(kind, query, signal) {
  const answer = await fetch(`/api/film/${kind}?${query}`, { signal });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return decode(await answer.arrayBuffer());
}
