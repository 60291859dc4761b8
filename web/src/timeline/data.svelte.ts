/*
 * What a timeline shows of its cameras: tiles of activity and silences. Asked for as far as a view
 * needs them, kept bounded, followed live. Drawing reads what is here; `version` says that it grew.
 */
import { get, isAbort } from '../api/client.ts';
import type { Frame } from '../api/types.ts';
import { hasMotion } from '../wall/order.ts';
import { Kept } from './kept.ts';
import { withFrameAt, type Rhythm } from './silence.ts';
import {
  addFrame,
  BUCKETS_S,
  bucketMs,
  cover,
  levelFor,
  TILE_BUCKETS,
  tileMs,
  tilesOf,
  wantedTiles,
  windowsOf,
  type Piece,
  type Tile,
  type Wanted,
} from './tiles.ts';
import { lengthOf, type View } from './view.ts';

/* 4 KB each. */
const TILES_MOST = 2000;
const RHYTHMS_MOST = 400;
const AT_ONCE = 3;
/* Cameras of one call. */
const TOGETHER = 32;
const SETTLE_MS = 60;
const RETRY_MS = 4000;

interface Job {
  cameras: string[];
  want: Wanted;
  abort: AbortController;
}

const tileKey = (camera: string, level: number, index: number) => `${camera}\n${level} ${index}`;

interface KnownRhythm extends Rhythm {
  from: number;
  to: number;
}

class TimelineData {
  version = $state(0);
  /** The last call failed; what is shown may be incomplete. */
  failed = $state(false);
  /** Windows seen to fire, of each camera; grows. */
  #windows = new Map<string, { low: number; high: number }>();
  #tiles = new Kept<Tile>(TILES_MOST);
  #stale = new Set<string>();
  #rhythms = new Kept<KnownRhythm>(RHYTHMS_MOST);
  #jobs: Job[] = [];
  #asked: { cameras: string[]; view: View; width: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = new Map<string, number>();
  #rhythmAbort: AbortController | null = null;

  get tiles(): number {
    return this.#tiles.size;
  }

  /** Says what is looked at; what is missing of it is fetched, what is asked for in vain stopped. */
  want(cameras: string[], view: View, width: number): void {
    if (width < 1 || cameras.length === 0) return;
    const first = this.#asked === null;
    this.#asked = { cameras, view, width };
    if (first) this.#fetch();
    else this.#timer ??= setTimeout(() => this.#fetch(), SETTLE_MS);
  }

  /** Nothing is looked at any longer. Frames that come now are not followed. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = null;
    for (const job of this.#jobs.splice(0)) job.abort.abort();
    this.#rhythmAbort?.abort();
    this.stale();
  }

  /** Something was missed, deleted or brought back: what is shown stays until it is read anew. */
  stale(camera: string | null = null, from = -Infinity, to = Infinity): void {
    for (const [key, tile] of this.#tiles.entries()) {
      const start = tile.index * tileMs(tile.level);
      if (camera !== null && !key.startsWith(`${camera}\n`)) continue;
      if (start <= to && start + tileMs(tile.level) > from) this.#stale.add(key);
    }
    /* What is on its way may be from before. */
    for (const job of this.#jobs.splice(0)) job.abort.abort();
    for (const [key] of [...this.#rhythms.entries()]) {
      if (camera === null || key === camera) this.#rhythms.delete(key);
    }
    if (this.#asked) this.#timer ??= setTimeout(() => this.#fetch(), SETTLE_MS);
  }

  pieces(camera: string, view: View, width: number): Piece[] {
    return this.#cover(camera, levelFor(view, width), view);
  }

  /** The tile that is shown of a time. */
  tileAt(camera: string, time: number, view: View, width: number): Tile | null {
    const moment = { from: time, to: time + 1 };
    return this.#cover(camera, levelFor(view, width), moment)[0]?.tile ?? null;
  }

  #cover(camera: string, level: number, view: View): Piece[] {
    return cover((at, index) => this.#tiles.peek(tileKey(camera, at, index)), level, view);
  }

  rhythm(camera: string): Rhythm | null {
    return this.#rhythms.peek(camera) ?? null;
  }

  windows(camera: string): number[] {
    const { low, high } = this.#windows.get(camera) ?? { low: 0, high: 0 };
    return windowsOf(low, high);
  }

  /** A frame that came now, or was catalogued now. */
  frame(frame: Frame): void {
    const time = Date.parse(frame.time);
    const { camera } = frame;
    let hit = false;
    for (let level = 0; level < BUCKETS_S.length; level++) {
      const tile = this.#tiles.peek(tileKey(camera, level, Math.floor(time / tileMs(level))));
      if (tile) hit = addFrame(tile, time, frame.windows, hasMotion(frame)) || hit;
    }
    const rhythm = this.#rhythms.peek(camera);
    const last = this.#last.get(camera) ?? null;
    if (rhythm) {
      this.#rhythms.set(camera, { ...rhythm, ...withFrameAt(rhythm, last, time) });
      hit = true;
    }
    if (last === null || time > last) this.#last.set(camera, time);
    this.#seen(camera, frame.windows);
    if (hit) this.version++;
  }

  /** The newest frame of a camera, as the camera says. */
  newest(camera: string, time: number): void {
    if (time > (this.#last.get(camera) ?? -Infinity)) this.#last.set(camera, time);
  }

  #seen(camera: string, windows: Iterable<number>): void {
    const all = this.#windows.get(camera) ?? { low: 0, high: 0 };
    for (const window of windows) {
      if (window > 32) all.high = (all.high | (1 << (window - 33))) >>> 0;
      else all.low = (all.low | (1 << (window - 1))) >>> 0;
    }
    this.#windows.set(camera, all);
  }

  #missing(camera: string, level: number, index: number): boolean {
    const key = tileKey(camera, level, index);
    return !this.#tiles.get(key) || this.#stale.has(key);
  }

  #fetch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#asked) return;
    const { cameras, view, width } = this.#asked;
    const wanted = wantedTiles(view, width);
    /* A call is worth its while as long as one of its tiles is wanted. */
    this.#jobs = this.#jobs.filter((job) => {
      const of = job.want;
      const still = wanted.some(
        (one) => one.level === of.level && one.first <= of.last && one.last >= of.first,
      );
      if (!still || !job.cameras.some((camera) => cameras.includes(camera))) job.abort.abort();
      return !job.abort.signal.aborted;
    });
    for (const want of wanted) {
      for (let at = 0; at < cameras.length; at += TOGETHER) {
        this.#ask(cameras.slice(at, at + TOGETHER), want);
      }
    }
    this.#askRhythms(cameras, view);
  }

  /* The missing tiles of a row of them, as one call. */
  #ask(cameras: string[], { level, first, last }: Wanted): void {
    const coming = (camera: string, index: number) =>
      this.#jobs.some(
        ({ want, cameras: of }) =>
          want.level === level && want.first <= index && want.last >= index && of.includes(camera),
      );
    const need = (index: number) =>
      cameras.filter((camera) => this.#missing(camera, level, index) && !coming(camera, index));
    for (let index = first; index <= last; index++) {
      if (this.#jobs.length >= AT_ONCE) return;
      const who = need(index);
      if (who.length === 0) continue;
      const start = index;
      while (index < last && need(index + 1).length > 0 && index - start < 4) index++;
      void this.#run({
        cameras: who,
        want: { level, first: start, last: index },
        abort: new AbortController(),
      });
    }
  }

  async #run(job: Job): Promise<void> {
    this.#jobs.push(job);
    const { level, first, last } = job.want;
    try {
      const answer = await get(
        '/api/v1/activity',
        {
          camera: job.cameras,
          from: String(first * tileMs(level)),
          to: String((last + 1) * tileMs(level) - 1),
          bucket: bucketMs(level) / 1000,
        },
        job.abort.signal,
      );
      for (const activity of answer.activity)
        this.#take(activity.camera, tilesOf(activity, job.want));
      this.failed = false;
      this.version++;
      this.#over(job);
      this.#fetch();
    } catch (error) {
      this.#over(job);
      if (isAbort(error)) return;
      this.failed = true;
      if (this.#asked) this.#timer ??= setTimeout(() => this.#fetch(), RETRY_MS);
    }
  }

  #over(job: Job): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
  }

  #take(camera: string, tiles: Tile[]): void {
    for (const tile of tiles) {
      const key = tileKey(camera, tile.level, tile.index);
      this.#tiles.set(key, tile);
      this.#stale.delete(key);
      let low = 0;
      let high = 0;
      for (let i = 0; i < TILE_BUCKETS; i++) {
        low |= tile.low[i] ?? 0;
        high |= tile.high[i] ?? 0;
      }
      this.#seen(camera, windowsOf(low, high));
    }
  }

  /* Silences are judged by a week around them; a view's length more on each side will do. */
  #askRhythms(cameras: string[], view: View): void {
    const here = (camera: string) => {
      const known = this.#rhythms.get(camera);
      return known && known.from <= view.from && known.to >= view.to;
    };
    const need = cameras.filter((camera) => !here(camera)).slice(0, TOGETHER);
    if (need.length === 0 || this.#rhythmAbort) return;
    const length = Math.max(lengthOf(view), 86_400_000);
    const from = Math.floor(Math.max(0, view.from - length));
    const to = Math.ceil(view.to + length);
    void this.#readRhythms(need, from, to);
  }

  async #readRhythms(cameras: string[], from: number, to: number): Promise<void> {
    const abort = new AbortController();
    this.#rhythmAbort = abort;
    try {
      const answer = await get(
        '/api/v1/silences',
        { camera: cameras, from: String(from), to: String(to) },
        abort.signal,
      );
      for (const one of answer.cameras) {
        this.#rhythms.set(one.camera, {
          from,
          to,
          silentAfter: one.silent_after * 1000,
          silences: one.silences.map((gap) => ({
            from: Date.parse(gap.from),
            to: Date.parse(gap.to),
          })),
        });
      }
      this.version++;
      this.#rhythmAbort = null;
      this.#fetch();
    } catch {
      /* without it nothing is said to be silent; asked again when the view moves */
      this.#rhythmAbort = null;
    }
  }
}

/** One for the whole app: coming back to a timeline finds it as it was. */
export const data = new TimelineData();
