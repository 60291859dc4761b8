/* Where the rows of the cameras are, from the top of the first one. */

export const RULER = 28;
const LABEL = 18;
const LANE = 5;
const GAP = 8;
/* More lanes than these are one, unless they are asked for. */
export const LANES_MOST = 8;

export type Lanes = 'own' | 'one' | 'none';

export interface Row {
  camera: string;
  top: number;
  height: number;
  /** Bars stand on this line and are so high at most. */
  ground: number;
  bars: number;
  lanes: { windows: number[]; top: number }[];
}

/** How lanes are shown when nobody has chosen. */
export function usualLanes(windows: number[][]): Lanes {
  return windows.some((list) => list.length > LANES_MOST) ? 'one' : 'own';
}

export function rowsOf(cameras: string[], windows: number[][], lanes: Lanes): Row[] {
  const bars = cameras.length === 1 ? 84 : cameras.length <= 4 ? 48 : 30;
  const label = cameras.length === 1 ? 4 : LABEL;
  let top = 0;
  return cameras.map((camera, i) => {
    const all = windows[i] ?? [];
    const groups =
      lanes === 'none' || all.length === 0 ? [] : lanes === 'one' ? [all] : all.map((n) => [n]);
    const ground = top + label + bars;
    const row = {
      camera,
      top,
      ground,
      bars,
      lanes: groups.map((group, n) => ({ windows: group, top: ground + 4 + n * LANE })),
      height: label + bars + (groups.length > 0 ? 4 + groups.length * LANE : 0) + GAP,
    };
    top += row.height;
    return row;
  });
}

export const heightOf = (rows: Row[]) => {
  const last = rows[rows.length - 1];
  return last ? last.top + last.height : 0;
};

/** The row at a height, the nearest when it is above or below all. */
export function rowAt(rows: Row[], y: number): number {
  const at = rows.findIndex((row) => y < row.top + row.height);
  return at < 0 ? rows.length - 1 : at;
}
