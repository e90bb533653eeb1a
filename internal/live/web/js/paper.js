// paper readies a canvas for drawing in CSS pixels at the screen's resolution.
export function paper(canvas) {
  const dense = Math.min(devicePixelRatio || 1, 2);
  const w = canvas.clientWidth, h = canvas.clientHeight;
  if (canvas.width !== Math.round(w * dense) || canvas.height !== Math.round(h * dense)) {
    canvas.width = Math.round(w * dense);
    canvas.height = Math.round(h * dense);
  }
  const g = canvas.getContext("2d", { alpha: false });
  g.setTransform(dense, 0, 0, dense, 0, 0);
  g.globalAlpha = 1;
  return { g, w, h };
}

export const font = (px, weight = "") => `${weight} ${px}px system-ui, "Liberation Sans", "DejaVu Sans", sans-serif`;
