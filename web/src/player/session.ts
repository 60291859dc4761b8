/*
 * One event in the worker: its index, its compressed frames within a budget, and the decoding of
 * those that are wanted. Streams from where the playhead is; when a stream breaks, the frame it
 * broke at is fetched alone to learn why, and streaming goes on behind it.
 */
import { ApiError, apiUrl, isAbort, passes, request } from '../api/client.ts';
import type { PlaybackIndex } from '../api/types.ts';
import type { FromWorker, IndexFrame } from './messages.ts';
import { HELD, LOST, MISSING, nextFetch, stretchToHold, type Stretch } from './plan.ts';
import { StreamSlicer } from './slicer.ts';
import type { DecodeSlots } from './slots.ts';

const MB = 1024 * 1024;
/* Of all that are shown at once; and of all that come after them. */
export const BUDGET = 160 * MB;
export const BUDGET_AHEAD = 24 * MB;
const RESTART_BYTES =
  2 * MB; /* a frame further than this behind the stream's head is worth a new one */
const RESTART_MS = 80;
const STREAM_TRIES = 3; /* streams that gave no frame at all before frames are fetched one by one */
const AGAIN_MS = [500, 1000, 2000, 5000]; /* after a failure that passes, each time it fails */

interface Stream {
  abort: AbortController;
  slicer: StreamSlicer;
  last: number;
}

type Post = (message: FromWorker, transfer?: Transferable[]) => void;

export class Session {
  readonly id: number;
  ahead: boolean;
  #share: number;
  #slots: DecodeSlots;
  #camera: string;
  #from: string;
  #to: string;
  /* How far the index has been read; null: not at all. */
  #known: string | null = null;
  #at: number | null = null;
  #post: Post;
  #abort = new AbortController();
  #ids: string[] = [];
  #offsets: number[] = [];
  #lengths: number[] = [];
  #state = new Uint8Array(0);
  #bytes = new Map<number, Uint8Array<ArrayBuffer>>();
  #held = 0;
  #playhead = 0;
  #direction: 1 | -1 = 1;
  #wanted: number[] = [];
  #delivered = new Set<number>();
  #decoding = new Set<number>();
  #stream: Stream | null = null;
  #barren = 0;
  #restarted = 0;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #reading = false;
  #stale = false;
  #failures = 0;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #idle: () => void;

  constructor(
    id: number,
    range: { camera: string; from: string; to: string; ahead: boolean; share: number },
    slots: DecodeSlots,
    post: Post,
    idle: () => void,
  ) {
    this.id = id;
    this.#camera = range.camera;
    this.#from = range.from;
    this.#to = range.to;
    this.ahead = range.ahead;
    this.#share = range.share;
    this.#slots = slots;
    slots.join(this.#decode);
    this.#post = post;
    this.#idle = idle;
  }

  open(at: number | null): void {
    this.#at = at;
    void this.#readIndex();
  }

  /** Frames that came behind the last one: their offsets follow those known. */
  extend(to: string): void {
    if (Date.parse(to) <= Date.parse(this.#to)) return;
    this.#to = to;
    if (this.#known !== null) void this.#readIndex();
  }

  want(playhead: number, direction: 1 | -1, frames: number[], dropped: number[]): void {
    this.#playhead = playhead;
    this.#direction = direction;
    this.#wanted = frames;
    for (const frame of dropped) this.#delivered.delete(frame);
    this.#decode();
    this.#redirect();
    this.pump();
  }

  /** It is on the screen now. */
  show(): void {
    this.ahead = false;
    this.pump();
  }

  close(): void {
    this.#abort.abort();
    this.#slots.leave(this.#decode);
    this.#stream?.abort.abort();
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#reportTimer);
    clearTimeout(this.#againTimer);
    this.#bytes.clear();
    this.#wanted = [];
  }

  get busy(): boolean {
    return this.#stream !== null || this.#ids.length === 0;
  }

  get #budget(): number {
    return (this.ahead ? BUDGET_AHEAD : BUDGET) / this.#share;
  }

  /** Starts the next fetch if one is worth it. Reports to `idle` when not. */
  pump(): void {
    if (this.#stream || this.#abort.signal.aborted || this.#ids.length === 0) return;
    if (this.#stale) return;
    this.#evict();
    const run = nextFetch(
      {
        lengths: this.#lengths,
        state: this.#state,
        playhead: this.#playhead,
        direction: this.#direction,
      },
      this.#budget,
    );
    if (run) void this.#fetch(run);
    else this.#idle();
  }

  /* What the index says behind what is known of it: one call after the other, until all is. */
  async #readIndex(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#known !== this.#to) {
        const to = this.#to;
        const behind = this.#known && new Date(Date.parse(this.#known) + 1).toISOString();
        const first = this.#ids.length;
        const frames = await this.#loadIndex(behind ?? this.#from, to);
        if (!behind && this.#at !== null) this.#playhead = nearest(frames, this.#at);
        this.#known = to;
        if (!behind || frames.length > 0) {
          this.#post({ kind: 'index', session: this.id, first, frames });
        }
      }
      this.#failures = 0;
    } catch (error) {
      if (this.#known === null) this.#fail(error);
      else this.#againLater();
      return;
    } finally {
      this.#reading = false;
    }
    this.pump();
  }

  async #loadIndex(from: string, to: string): Promise<IndexFrame[]> {
    const url = apiUrl('/api/v1/playback/index', { camera: this.#camera, from, to });
    const response = await request(url, { signal: this.#abort.signal });
    const index = (await response.json()) as PlaybackIndex;
    const base = this.#total;
    const state = new Uint8Array(this.#ids.length + index.frames.length);
    state.set(this.#state);
    this.#state = state;
    const known = new Set(this.#ids);
    const frames = index.frames.filter((frame) => !known.has(frame.id));
    for (const frame of frames) {
      this.#ids.push(frame.id);
      this.#offsets.push(base + frame.offset);
      this.#lengths.push(frame.length);
    }
    return frames.map((frame) => ({
      id: frame.id,
      time: Date.parse(frame.time),
      windows: frame.windows,
      kinds: frame.kinds,
      trigger: frame.trigger,
    }));
  }

  get #total(): number {
    const last = this.#ids.length - 1;
    return last < 0 ? 0 : (this.#offsets[last] ?? 0) + (this.#lengths[last] ?? 0);
  }

  async #fetch(run: Stretch): Promise<void> {
    const abort = new AbortController();
    const slicer = new StreamSlicer(this.#offsets, this.#lengths, run.first);
    const stream: Stream = { abort, slicer, last: run.last };
    this.#stream = stream;
    let error: unknown = null;
    try {
      if (this.#barren >= STREAM_TRIES) await this.#fetchOne(run.first, abort.signal);
      else await this.#readStream(run, stream);
    } catch (caught) {
      error = caught;
    }
    if (this.#stream !== stream) return; /* another one took over */
    if (isAbort(error) || this.#abort.signal.aborted || this.#stale) {
      this.#stream = null;
      return;
    }
    const at = this.#barren < STREAM_TRIES ? stream.slicer.next : run.first;
    if (this.#barren < STREAM_TRIES) this.#barren = at > run.first ? 0 : this.#barren + 1;
    if (at <= run.last && this.#state[at] === MISSING) {
      try {
        await this.#fetchOne(at, abort.signal);
      } catch (caught) {
        this.#stream = null;
        if (!isAbort(caught)) this.#fail(caught);
        return;
      }
    }
    if (this.#stream === stream) this.#stream = null;
    this.pump();
  }

  async #readStream(run: Stretch, stream: Stream): Promise<void> {
    const start = this.#offsets[run.first] ?? 0;
    const end = (this.#offsets[run.last] ?? 0) + (this.#lengths[run.last] ?? 0);
    const whole = start === 0 && end === this.#total;
    const url = apiUrl('/api/v1/playback', {
      camera: this.#camera,
      from: this.#from,
      to: this.#known,
    });
    const headers = whole ? undefined : { Range: `bytes=${start}-${end - 1}` };
    const response = await request(url, { headers, signal: stream.abort.signal });
    const total = lengthOf(response);
    if (total !== null && total !== this.#total) {
      void response.body?.cancel();
      this.#stale = true;
      this.#post({ kind: 'stale', session: this.id });
      return;
    }
    if (!whole && response.status !== 206) {
      /* a server or proxy that ignores ranges sends all from the first byte */
      stream.slicer = new StreamSlicer(this.#offsets, this.#lengths, 0);
    }
    const reader = response.body?.getReader();
    if (!reader) return;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const slice of stream.slicer.push(value)) {
        this.#keep(slice.frame, slice.bytes);
      }
      this.#decode();
      if (stream.slicer.next > run.last) {
        void reader.cancel();
        return;
      }
    }
  }

  /** One frame by itself: when it is not to be had, that is remembered with the reason. */
  async #fetchOne(frame: number, signal: AbortSignal): Promise<void> {
    try {
      const response = await request(`/api/v1/frames/${this.#ids[frame]}.jpg`, { signal });
      this.#keep(frame, new Uint8Array(await response.arrayBuffer()));
      this.#decode();
    } catch (error) {
      if (!(error instanceof ApiError) || passes(error)) throw error;
      this.#lose(frame, error.message, error.status === 410 || error.status === 404);
    }
  }

  #keep(frame: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state[frame] !== MISSING) return;
    this.#bytes.set(frame, bytes);
    this.#held += bytes.length;
    this.#state[frame] = HELD;
    this.#failures = 0;
    if (this.#held > this.#budget * 1.1) this.#evict();
    this.#report();
  }

  #lose(frame: number, reason: string, gone: boolean): void {
    const bytes = this.#bytes.get(frame);
    if (bytes) this.#held -= bytes.length;
    this.#bytes.delete(frame);
    this.#state[frame] = LOST;
    this.#post({ kind: 'broken', session: this.id, frame, reason, gone });
    this.#report();
  }

  #evict(): void {
    if (this.#held <= this.#budget) return;
    const holding = {
      lengths: this.#lengths,
      state: this.#state,
      playhead: this.#playhead,
      direction: this.#direction,
    };
    const keep = stretchToHold(holding, this.#budget);
    for (const [frame, bytes] of this.#bytes) {
      if (frame >= keep.first && frame <= keep.last) continue;
      this.#bytes.delete(frame);
      this.#held -= bytes.length;
      this.#state[frame] = MISSING;
    }
    this.#report();
  }

  /* The playhead jumped to where the running stream will not be soon: start again from there. */
  #redirect(): void {
    const stream = this.#stream;
    if (!stream || this.#state[this.#playhead] !== MISSING) return;
    const next = stream.slicer.next;
    const gap = (this.#offsets[this.#playhead] ?? 0) - (this.#offsets[next] ?? 0);
    if (this.#playhead >= next && this.#playhead <= stream.last && gap < RESTART_BYTES) return;
    const wait = this.#restarted + RESTART_MS - performance.now();
    clearTimeout(this.#restartTimer);
    if (wait > 0) {
      this.#restartTimer = setTimeout(() => this.#redirect(), wait);
      return;
    }
    this.#restarted = performance.now();
    this.#stream = null;
    stream.abort.abort();
    this.pump();
  }

  #decode = (): void => {
    for (const frame of this.#wanted) {
      if (this.#delivered.has(frame) || this.#decoding.has(frame)) continue;
      const bytes = this.#bytes.get(frame);
      if (!bytes) continue;
      if (!this.#slots.take()) return;
      void this.#decodeOne(frame, bytes);
    }
  };

  async #decodeOne(frame: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#decoding.add(frame);
    try {
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      if (this.#abort.signal.aborted) {
        bitmap.close();
        return;
      }
      this.#delivered.add(frame);
      this.#post({ kind: 'bitmap', session: this.id, frame, bitmap }, [bitmap]);
    } catch {
      if (!this.#abort.signal.aborted) this.#lose(frame, '', false);
    } finally {
      this.#decoding.delete(frame);
      this.#slots.give();
    }
  }

  #report(): void {
    this.#reportTimer ??= setTimeout(() => {
      this.#reportTimer = undefined;
      const stretches: [number, number][] = [];
      for (let i = 0; i < this.#state.length; i++) {
        if (this.#state[i] === MISSING) continue;
        const last = stretches[stretches.length - 1];
        if (last && last[1] === i - 1) last[1] = i;
        else stretches.push([i, i]);
      }
      this.#post({ kind: 'held', session: this.id, stretches });
    }, 150);
  }

  #fail(error: unknown): void {
    if (isAbort(error) || this.#abort.signal.aborted) return;
    const status = error instanceof ApiError ? error.status : 0;
    const detail = error instanceof Error ? error.message : String(error);
    const again = !(error instanceof ApiError) || passes(error);
    this.#post({ kind: 'failed', session: this.id, status, detail, again });
    if (again) this.#againLater();
  }

  #againLater(): void {
    const wait = AGAIN_MS[Math.min(this.#failures++, AGAIN_MS.length - 1)];
    clearTimeout(this.#againTimer);
    this.#againTimer = setTimeout(() => {
      this.#barren = 0;
      void this.#readIndex();
    }, wait);
  }
}

/** How long all of it is of which this is the answer, or a part; null: that is not said. */
function lengthOf({ status, headers }: Response): number | null {
  const said = headers.get(status === 206 ? 'content-range' : 'content-length');
  const digits = /\d+$/.exec(said ?? '');
  return digits && Number(digits[0]);
}

function nearest(frames: IndexFrame[], at: number): number {
  let best = 0;
  frames.forEach((frame, i) => {
    if (Math.abs(frame.time - at) < Math.abs((frames[best]?.time ?? 0) - at)) best = i;
  });
  return best;
}
