/*
 * Activity as tiles: of each camera, at each of some bucket lengths, the same number of buckets a
 * tile. Tiles of a level are cut where those of the next coarser level are, so each has one parent.
 * What is not here yet is shown by what is: a coarser tile stretched, or finer ones.
 */
import type { CameraActivity } from '../api/types.ts';
import { lengthOf, type View } from './view.ts';

/** Seconds of a bucket at each level. Each is a multiple of the one before. */
export const BUCKETS_S = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200] as const;
export const TILE_BUCKETS = 256;
const LEAST_PX = 3;
const COARSEST = BUCKETS_S.length - 1;

export const bucketMs = (level: number) => (BUCKETS_S[level] ?? 1) * 1000;
export const tileMs = (level: number) => bucketMs(level) * TILE_BUCKETS;

export interface Tile {
  level: number;
  index: number;
  frames: Uint32Array;
  motion: Uint32Array;
  /** Windows that fired: 1 to 32, and 33 to 64. */
  low: Uint32Array;
  high: Uint32Array;
}

export function emptyTile(level: number, index: number): Tile {
  const array = () => new Uint32Array(TILE_BUCKETS);
  return { level, index, frames: array(), motion: array(), low: array(), high: array() };
}

function fire(tile: Tile, bucket: number, window: number): void {
  const half = window > 32 ? tile.high : tile.low;
  half[bucket] = ((half[bucket] ?? 0) | (1 << ((window - 1) % 32))) >>> 0;
}

/** The finest level whose bars are not too thin. */
export function levelFor(view: View, width: number): number {
  const least = (lengthOf(view) / Math.max(1, width)) * LEAST_PX;
  const level = BUCKETS_S.findIndex((seconds) => seconds * 1000 >= least);
  return level < 0 ? COARSEST : level;
}

/** First and last tile that overlap a stretch. */
export function tilesOver(level: number, from: number, to: number): [number, number] {
  const span = tileMs(level);
  return [Math.floor(from / span), Math.max(Math.floor(from / span), Math.ceil(to / span) - 1)];
}

export interface Wanted {
  level: number;
  first: number;
  last: number;
}

/** What should be here for a view, the most urgent first: what is seen, what is beside it, and one
 * level coarser for going away. */
export function wantedTiles(view: View, width: number): Wanted[] {
  const level = levelFor(view, width);
  const length = lengthOf(view);
  const list: Wanted[] = [];
  const add = (at: number, margin: number) => {
    const [first, last] = tilesOver(at, view.from - margin * length, view.to + margin * length);
    list.push({ level: at, first, last });
  };
  add(level, 0);
  if (level < COARSEST) add(level + 1, 0.5);
  add(level, 0.3);
  return list;
}

/** Buckets of an answer, put into the tiles of its stretch. */
export function tilesOf(activity: CameraActivity, { level, first, last }: Wanted): Tile[] {
  const tiles: Tile[] = [];
  for (let index = first; index <= last; index++) tiles.push(emptyTile(level, index));
  for (const one of activity.buckets) {
    const number = Math.floor(Date.parse(one.start) / bucketMs(level));
    const tile = tiles[Math.floor(number / TILE_BUCKETS) - first];
    if (!tile) continue;
    const bucket = number - tile.index * TILE_BUCKETS;
    tile.frames[bucket] = one.frames;
    tile.motion[bucket] = one.motion_frames;
    for (const window of Object.keys(one.windows)) fire(tile, bucket, Number(window));
  }
  return tiles;
}

/** One more frame; false when it is not of this tile. */
export function addFrame(tile: Tile, time: number, windows: number[], motion: boolean): boolean {
  const bucket = Math.floor(time / bucketMs(tile.level)) - tile.index * TILE_BUCKETS;
  if (bucket < 0 || bucket >= TILE_BUCKETS) return false;
  tile.frames[bucket] = (tile.frames[bucket] ?? 0) + 1;
  if (motion) tile.motion[bucket] = (tile.motion[bucket] ?? 0) + 1;
  for (const window of windows) fire(tile, bucket, window);
  return true;
}

export interface Piece {
  tile: Tile;
  from: number;
  to: number;
}

type Find = (level: number, index: number) => Tile | undefined;

function clipped(tile: Tile, from: number, to: number): Piece {
  const start = tile.index * tileMs(tile.level);
  return { tile, from: Math.max(from, start), to: Math.min(to, start + tileMs(tile.level)) };
}

function substitutes(find: Find, level: number, from: number, to: number): Piece[] {
  for (let at = level + 1; at <= COARSEST; at++) {
    const parent = find(at, Math.floor(from / tileMs(at)));
    if (parent) return [clipped(parent, from, to)];
  }
  for (let at = level - 1; at >= Math.max(0, level - 2); at--) {
    const [first, last] = tilesOver(at, from, to);
    const pieces: Piece[] = [];
    for (let index = first; index <= last; index++) {
      const tile = find(at, index);
      if (tile) pieces.push(clipped(tile, from, to));
    }
    if (pieces.length > 0) return pieces;
  }
  return [];
}

/** What to draw of a camera: pieces in order of time that do not overlap. Without holes when tiles
 * of this level or a coarser one are there. */
export function cover(find: Find, level: number, view: View): Piece[] {
  const pieces: Piece[] = [];
  const [first, last] = tilesOver(level, view.from, view.to);
  for (let index = first; index <= last; index++) {
    const from = Math.max(view.from, index * tileMs(level));
    const to = Math.min(view.to, (index + 1) * tileMs(level));
    const tile = find(level, index);
    if (tile) pieces.push(clipped(tile, from, to));
    else pieces.push(...substitutes(find, level, from, to));
  }
  return pieces;
}

/** Numbers of the windows of two masks. */
export function windowsOf(low: number, high: number): number[] {
  const windows: number[] = [];
  for (let bit = 0; bit < 32; bit++) if ((low >>> bit) & 1) windows.push(bit + 1);
  for (let bit = 0; bit < 32; bit++) if ((high >>> bit) & 1) windows.push(bit + 33);
  return windows;
}

/** What a tile says of the bucket a time is in. */
export function bucketAt(tile: Tile, time: number) {
  const bucket = Math.floor(time / bucketMs(tile.level)) - tile.index * TILE_BUCKETS;
  return {
    frames: tile.frames[bucket] ?? 0,
    motion: tile.motion[bucket] ?? 0,
    windows: windowsOf(tile.low[bucket] ?? 0, tile.high[bucket] ?? 0),
  };
}
