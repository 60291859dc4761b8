/* Which part of the picture is seen: enlarged about its middle, then moved by x and y. */

export interface View {
  scale: number;
  x: number;
  y: number;
}
export interface Box {
  width: number;
  height: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const CLOSEST = 8;

/* An enlarged picture always fills what it filled before. */
function within(view: View, box: Box): View {
  if (view.scale <= 1.001) return WHOLE;
  const far = (size: number) => ((view.scale - 1) * size) / 2;
  const hold = (at: number, most: number) => Math.min(most, Math.max(-most, at));
  return {
    scale: view.scale,
    x: hold(view.x, far(box.width)),
    y: hold(view.y, far(box.height)),
  };
}

/** Closer by a factor; what is under (px, py), from the box's upper left corner, stays there. */
export function zoomed(view: View, factor: number, px: number, py: number, box: Box): View {
  const scale = Math.min(CLOSEST, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  const dx = px - box.width / 2;
  const dy = py - box.height / 2;
  return within({ scale, x: dx - (dx - view.x) * by, y: dy - (dy - view.y) * by }, box);
}

export function panned(view: View, dx: number, dy: number, box: Box): View {
  return within({ ...view, x: view.x + dx, y: view.y + dy }, box);
}

/** What a wheel turn with ctrl, which is also what a pinch on a touchpad says, means. */
export function wheelFactor(delta: number, mode: number): number {
  const pixels = mode === 1 ? delta * 40 : mode === 2 ? delta * 400 : delta;
  return Math.exp(-Math.min(240, Math.max(-240, pixels)) / 240);
}
