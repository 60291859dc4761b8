/* Cameras and events that the stand-in server answers from. */
import type {
  Camera,
  EventItem,
  Frame,
  KeptFile,
  LogLine,
  Note,
  WindowArea,
} from '../../src/api/types.ts';
import { PICTURES, SIZE } from './pictures.ts';

export const STEP = 200; /* ms between the frames of an event; picture = time / STEP mod 64 */

export interface Burst {
  start: number;
  frames: number;
  windows: number[];
  step?: number;
  kinds?: string[];
}

export interface Reception {
  quarantine: KeptFile[];
  attachments: KeptFile[];
  log: LogLine[];
  facts: { account: string | null; new: boolean; disabled: boolean; rejected: number };
}

export interface WorldCamera {
  name: string;
  /** Where its motion windows are in the picture. */
  areas?: WindowArea[];
  timezone: string;
  bursts: Burst[];
  /** Seconds; a longer gap is silence. */
  silentAfter?: number;
  /** What a server that receives by FTP knows besides; without it that answers 404. */
  reception?: Reception;
}

const DAY_S = 86_400;
const iso = (ms: number) => new Date(ms).toISOString();

interface Stretch {
  camera: string;
  from: string;
  to: string;
}

export class World {
  cameras: WorldCamera[] = [];
  /** What came over accounts that cameras share, and is nobody's. */
  shared: Record<string, Reception> = {};
  /* What was said of each burst as a whole: tests mark whole events. */
  #said = new WeakMap<Burst, { reviewed: boolean; pinned: boolean }>();
  #saidTimes = 0;
  notes: Note[] = [];
  #deleted = new Map<string, { camera: string; bursts: Burst[] }[]>();

  mark(stretches: Stretch[], wish: { reviewed?: boolean; pinned?: boolean }) {
    this.#saidTimes++;
    const changed: { camera: string; kind: 'reviewed' | 'pinned'; from: string; to: string }[] = [];
    for (const { camera, from, to } of stretches) {
      const [start, end] = [Date.parse(from), Date.parse(to)];
      for (const burst of this.#within(camera, start, end)) {
        const inside = burst.start >= start && this.end(burst) <= end;
        const said = this.#is(burst);
        const before = { ...said };
        if (wish.reviewed !== undefined) said.reviewed = wish.reviewed && (inside || said.reviewed);
        if (wish.pinned !== undefined) said.pinned = wish.pinned;
        this.#said.set(burst, said);
        for (const kind of ['reviewed', 'pinned'] as const) {
          if (said[kind] === before[kind]) continue;
          changed.push({ camera, kind, from: iso(burst.start), to: iso(this.end(burst)) });
        }
      }
    }
    return changed;
  }

  marks(camera: WorldCamera, from: number, to: number) {
    return this.#within(camera.name, from, to).flatMap((burst) => {
      const said = this.#is(burst);
      return (['reviewed', 'pinned'] as const)
        .filter((kind) => said[kind])
        .map((kind) => ({
          camera: camera.name,
          kind,
          from: iso(burst.start),
          to: iso(this.end(burst)),
        }));
    });
  }

  #is(burst: Burst) {
    return this.#said.get(burst) ?? { reviewed: false, pinned: false };
  }

  /* Bursts are in order of time. */
  #within(camera: string, from: number, to: number): Burst[] {
    const bursts = this.find(camera)?.bursts ?? [];
    let low = 0;
    let high = bursts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.end(bursts[middle] as Burst) < from) low = middle + 1;
      else high = middle;
    }
    const list: Burst[] = [];
    for (let burst = bursts[low]; burst && burst.start <= to; burst = bursts[++low]) {
      list.push(burst);
    }
    return list;
  }

  /** Takes what lies within the stretches away; pinned bursts stay. */
  delete(stretches: Stretch[]) {
    const gone: { camera: string; bursts: Burst[] }[] = [];
    let deleted = 0;
    let kept = 0;
    for (const { camera: name, from, to } of stretches) {
      const camera = this.find(name);
      if (!camera) continue;
      const within = this.#within(name, Date.parse(from), Date.parse(to));
      const going = within.filter((burst) => !this.#is(burst).pinned);
      const sum = (list: Burst[]) => list.reduce((frames, burst) => frames + burst.frames, 0);
      deleted += sum(going);
      kept += sum(within) - sum(going);
      gone.push({ camera: name, bursts: going });
      const out = new Set(going);
      camera.bursts = camera.bursts.filter((burst) => !out.has(burst));
    }
    const undo = deleted > 0 ? String(this.#deleted.size + 1) : null;
    if (undo) this.#deleted.set(undo, gone);
    return { deleted, kept_pinned: kept, kept_readonly: 0, bytes: deleted * 20_000, undo };
  }

  /** Brings a deletion back; null when there is none. */
  restore(id: string) {
    const gone = this.#deleted.get(id);
    if (!gone) return null;
    this.#deleted.delete(id);
    for (const { camera: name, bursts } of gone) {
      const camera = this.find(name);
      if (!camera) continue;
      camera.bursts = [...camera.bursts, ...bursts].sort((a, b) => a.start - b.start);
    }
    return gone;
  }

  find(name: string | null): WorldCamera | undefined {
    return this.cameras.find((camera) => camera.name === name);
  }

  number(camera: WorldCamera): number {
    return this.cameras.indexOf(camera) + 1;
  }

  times(burst: Burst): number[] {
    return Array.from({ length: burst.frames }, (_, i) => burst.start + i * (burst.step ?? STEP));
  }

  end(burst: Burst): number {
    return burst.start + (burst.frames - 1) * (burst.step ?? STEP);
  }

  picture(ms: number): number {
    return Math.floor(ms / STEP) % PICTURES;
  }

  frame(camera: WorldCamera, burst: Burst, i: number): Frame {
    const time = burst.start + i * (burst.step ?? STEP);
    const id = `${this.number(camera)}-${time}-0`;
    const windows = this.windowsOf(burst, i);
    return {
      id,
      camera: camera.name,
      time: iso(time),
      received: iso(time),
      sequence: null,
      kinds: [windows.length > 0 ? 'motion' : 'none'],
      windows,
      trigger: i === Math.floor(burst.frames / 4) ? 0 : null,
      bytes: 0,
      ...SIZE,
      time_source: 'vendor',
      url: `/api/v1/frames/${id}.jpg`,
      path: `/pictures/${id}.jpg`,
    };
  }

  event(camera: WorldCamera, bursts: Burst[]): EventItem {
    const first = bursts[0] as Burst;
    const last = bursts[bursts.length - 1] as Burst;
    const start = first.start;
    const end = this.end(last);
    const frames = bursts.reduce((sum, burst) => sum + burst.frames, 0);
    const cover = this.frame(camera, first, Math.floor(first.frames / 4));
    return {
      camera: camera.name,
      start: iso(start),
      end: iso(end),
      duration: (end - start) / 1000,
      frames,
      motion_frames: Math.floor(frames / 2),
      windows: [...new Set(bursts.flatMap((burst) => burst.windows))].sort((a, b) => a - b),
      kinds: first.kinds ?? ['motion', 'none'],
      cover: { ...cover, trigger: 0 },
      bytes: frames * 20_000,
      ...this.saidOf(camera.name, bursts, start, end),
    };
  }

  saidOf(camera: string, bursts: Burst[], start: number, end: number) {
    return {
      reviewed: bursts.every((burst) => this.#is(burst).reviewed),
      pinned: bursts.some((burst) => this.#is(burst).pinned),
      notes: this.notes.filter(
        (note) =>
          note.camera === camera && Date.parse(note.from) <= end && Date.parse(note.to) >= start,
      ),
    };
  }

  /* A list of bursts is never changed, only replaced: what was made of it is kept. */
  #made = new WeakMap<Burst[], Map<string, unknown>>();
  once<T>(camera: WorldCamera, what: string, make: () => T): T {
    const made = this.#made.get(camera.bursts) ?? new Map<string, unknown>();
    this.#made.set(camera.bursts, made);
    if (!made.has(what)) made.set(what, make());
    return made.get(what) as T;
  }

  events(camera: WorldCamera, dwell: number): EventItem[] {
    const said = `${this.#saidTimes} ${JSON.stringify(this.notes)}`;
    return this.once(camera, `events ${dwell} ${said}`, () => this.#events(camera, dwell));
  }

  #events(camera: WorldCamera, dwell: number): EventItem[] {
    const groups: Burst[][] = [];
    let end = -Infinity;
    for (const burst of camera.bursts) {
      if (burst.start - end <= dwell * 1000) groups[groups.length - 1]?.push(burst);
      else groups.push([burst]);
      end = this.end(burst);
    }
    return groups.map((group) => this.event(camera, group));
  }

  frames(camera: WorldCamera, from: number, to: number): Frame[] {
    const list: Frame[] = [];
    for (const burst of camera.bursts) {
      if (burst.start > to || this.end(burst) < from) continue;
      this.times(burst).forEach((time, i) => {
        if (time >= from && time <= to) list.push(this.frame(camera, burst, i));
      });
    }
    return list;
  }

  /** Times and windows of frames, without making the frames. */
  *moments(camera: WorldCamera, from: number, to: number): Generator<[number, number[]]> {
    for (const burst of camera.bursts) {
      if (burst.start > to || this.end(burst) < from) continue;
      for (let i = 0; i < burst.frames; i++) {
        const time = burst.start + i * (burst.step ?? STEP);
        if (time >= from && time <= to) yield [time, this.windowsOf(burst, i)];
      }
    }
  }

  /* The middle half of an event has the motion; its trigger is where that begins. */
  windowsOf(burst: Burst, i: number): number[] {
    const from = Math.floor(burst.frames / 4);
    return burst.windows.length > 0 && i >= from && i < burst.frames * 0.75 ? burst.windows : [];
  }

  near(camera: WorldCamera, at: number): Frame | null {
    let best: { burst: Burst; i: number; away: number } | null = null;
    for (const burst of camera.bursts) {
      const step = burst.step ?? STEP;
      const i = Math.min(burst.frames - 1, Math.max(0, Math.round((at - burst.start) / step)));
      const away = Math.abs(burst.start + i * step - at);
      if (!best || away < best.away) best = { burst, i, away };
    }
    return best && this.frame(camera, best.burst, best.i);
  }

  silences(camera: WorldCamera, from: number, to: number) {
    const after = camera.silentAfter ?? null;
    const silences: { from: string; to: string }[] = [];
    camera.bursts.forEach((burst, i) => {
      const before = camera.bursts[i - 1];
      if (!before || after === null) return;
      const begin = this.end(before);
      if (burst.start - begin <= after * 1000 || begin > to || burst.start < from) return;
      silences.push({ from: iso(begin), to: iso(burst.start) });
    });
    return {
      camera: camera.name,
      usual: after && after / 3,
      silent_after: after ?? DAY_S,
      silences,
    };
  }

  camera(camera: WorldCamera): Camera {
    const { bursts } = camera;
    const frames = bursts.reduce((sum, burst) => sum + burst.frames, 0);
    const first = bursts[0];
    const last = bursts[bursts.length - 1];
    const newest = last ? this.frame(camera, last, last.frames - 1) : null;
    return {
      name: camera.name,
      mac: null,
      model: null,
      timezone: camera.timezone,
      dwell: 3,
      template: null,
      windows: camera.areas ?? [],
      frames,
      motion_frames: Math.floor(frames / 2),
      bytes: frames * 20_000,
      first: first ? iso(first.start) : null,
      last: newest?.time ?? null,
      last_received: newest?.time ?? null,
      state: newest ? 'quiet' : 'empty',
      latest: newest,
      account: null,
      new: false,
      disabled: false,
      rejected: 0,
      health: {
        rate: 0,
        usual_rate: null,
        usual_days: 0,
        clock_skew: null,
        time_source: null,
        silent_since: null,
        silent_after: camera.silentAfter ?? DAY_S,
        overdue: false,
        rejected: [],
      },
      ...camera.reception?.facts,
    };
  }
}
