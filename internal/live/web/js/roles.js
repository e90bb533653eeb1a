// What sets some nodes apart from others: each role has a shape and a colour of its
// own, so that neither is needed alone.
export const rolesInk = { newcomer: "accent", "slow link": "slow", liar: "faulty", victim: "suspect" };
export const rolesWords = { newcomer: "joins later", "slow link": "behind the link that becomes slower", liar: "lies", victim: "whom the liars isolate" };
const sides = { newcomer: [4, Math.PI / 4], "slow link": [4, 0], liar: [3, -Math.PI / 2], victim: [5, -Math.PI / 2] };

// outline makes a node's shape the path: a disc, unless it has a role.
export function outline(g, role, x, y, r) {
  g.beginPath();
  if (!sides[role]) { g.arc(x, y, r, 0, 6.2832); return; }
  const [n, first] = sides[role];
  for (let k = 0; k < n; k++) {
    const a = first + k / n * 2 * Math.PI;
    g.lineTo(x + r * 1.25 * Math.cos(a), y + r * 1.25 * Math.sin(a));
  }
  g.closePath();
}

// mark draws a role's shape into a small canvas, for the legend.
export function mark(role, colour) {
  const canvas = document.createElement("canvas"), g = canvas.getContext("2d");
  canvas.width = canvas.height = 28;
  canvas.className = "role";
  g.scale(2, 2);
  outline(g, role, 7, 7.5, 4.4);
  g.strokeStyle = colour;
  g.lineWidth = 1.8;
  g.stroke();
  return canvas;
}
