/* Rectangles of motion windows, in parts of the picture: 0 to 1 both ways. Pure. */
import type { WindowArea } from '../api/types.ts';

export type Box = Pick<WindowArea, 'x' | 'y' | 'width' | 'height'>;

export const LEAST = 0.01;
export const NUMBERS = 64;

const clamp = (value: number, least: number, most: number) =>
  Math.min(most, Math.max(least, value));
const round = (value: number) => Math.round(value * 1e5) / 1e5;

/** As the server keeps them; a box that ends with the picture still does. */
function rounded(left: number, top: number, right: number, bottom: number): Box {
  const x = round(left);
  const y = round(top);
  return { x, y, width: round(round(right) - x), height: round(round(bottom) - y) };
}

/** The box from one point to another, wherever they are; never smaller than LEAST. */
export function drawn(x1: number, y1: number, x2: number, y2: number): Box {
  const span = (a: number, b: number): [number, number] => {
    const from = clamp(Math.min(a, b), 0, 1);
    const to = clamp(Math.max(a, b), 0, 1);
    if (to - from >= LEAST) return [from, to];
    const start = Math.min(from, 1 - LEAST);
    return [start, start + LEAST];
  };
  const [left, right] = span(x1, x2);
  const [top, bottom] = span(y1, y2);
  return rounded(left, top, right, bottom);
}

export function moved(box: Box, dx: number, dy: number): Box {
  const left = clamp(box.x + dx, 0, 1 - box.width);
  const top = clamp(box.y + dy, 0, 1 - box.height);
  return rounded(left, top, left + box.width, top + box.height);
}

/** Which edges follow the pointer: -1 left or top, 1 right or bottom, 0 neither. */
export interface Grip {
  x: -1 | 0 | 1;
  y: -1 | 0 | 1;
}
export const GRIPS: readonly Grip[] = ([-1, 0, 1] as const).flatMap((y) =>
  ([-1, 0, 1] as const).filter((x) => x !== 0 || y !== 0).map((x) => ({ x, y })),
);

export function resized(box: Box, grip: Grip, dx: number, dy: number): Box {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  if (grip.x < 0) left = clamp(left + dx, 0, right - LEAST);
  if (grip.x > 0) right = clamp(right + dx, left + LEAST, 1);
  if (grip.y < 0) top = clamp(top + dy, 0, bottom - LEAST);
  if (grip.y > 0) bottom = clamp(bottom + dy, top + LEAST, 1);
  return rounded(left, top, right, bottom);
}

/** The lowest number that no window has; 0 when there is none left. */
export function freeNumber(windows: readonly { window: number }[]): number {
  const used = new Set(windows.map((one) => one.window));
  for (let n = 1; n <= NUMBERS; n++) if (!used.has(n)) return n;
  return 0;
}

/** The first number that two windows have. */
export function twiceUsed(windows: readonly { window: number }[]): number | null {
  const seen = new Set<number>();
  for (const { window } of windows) {
    if (seen.has(window)) return window;
    seen.add(window);
  }
  return null;
}
