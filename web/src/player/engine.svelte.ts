/*
 * The player without its controls: one event on a canvas. Keeps the clock, asks the worker for what
 * is near the playhead and draws. The page reads its $state fields and calls its verbs.
 */
import type { EventItem } from '../api/types.ts';
import {
  changed,
  clamped,
  frameAt,
  frameAtTime,
  frameNear,
  hasEnded,
  makeTimeline,
  nextSpeed,
  positionAt,
  stoppedClock,
  type Clock,
  type Timeline,
} from './clock.ts';
import type { FromWorker, IndexFrame, ToWorker } from './messages.ts';
import { framesToDecode } from './plan.ts';
import { BitmapRing } from './ring.ts';

const LONGEST_GAP_MS = 1000;
const LONGEST_TICK_MS = 500;
const STALL_MS = 120; /* a wanted picture later than this stops the clock until it is here */
const DECODE_PER_SECOND = 40;
const RING_MB = ((navigator as { deviceMemory?: number }).deviceMemory ?? 8) <= 2 ? 64 : 192;

interface Loaded {
  session: number;
  event: EventItem;
  at: number | null;
  frames: IndexFrame[];
  stretches: [number, number][];
  broken: Map<number, { reason: string; gone: boolean }>;
}

export interface PlayerFailure {
  status: number;
  detail: string;
}

export class Engine {
  event = $state.raw<EventItem | null>(null);
  frames = $state.raw<IndexFrame[]>([]);
  timeline = $state.raw<Timeline>(makeTimeline([], null));
  current = $state(0);
  playing = $state(false);
  direction = $state<1 | -1>(1);
  speed = $state(1);
  skipGaps = $state(true);
  stretches = $state.raw<[number, number][]>([]);
  /** Of the frame that is shown: why it has no picture. */
  broken = $state.raw<{ reason: string; gone: boolean } | null>(null);
  waiting = $state(false);
  failure = $state.raw<PlayerFailure | null>(null);
  ready = $state(false);
  /** The frame on the canvas; -1: none yet. For tests, and to know when a picture is late. */
  drawn = $state(-1);
  aspect = $state(4 / 3);

  onEnd: ((direction: 1 | -1) => void) | null = null;
  onFrame: (() => void) | null = null;

  #worker: Worker;
  #canvas: HTMLCanvasElement | null = null;
  #ring = new BitmapRing(RING_MB * 1024 * 1024);
  #clock: Clock = stoppedClock();
  #loaded: Loaded | null = null;
  #next: Loaded | null = null;
  #sessions = 0;
  #raf = 0;
  #ticked = performance.now();
  #lateSince = 0;
  #asked = '';
  #dropped: number[] = [];
  #endTold = false;

  constructor() {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#message(event.data);
    this.#raf = requestAnimationFrame(this.#tick);
  }

  destroy(): void {
    cancelAnimationFrame(this.#raf);
    this.#worker.terminate();
    this.#ring.clear();
  }

  attach(canvas: HTMLCanvasElement): void {
    this.#canvas = canvas;
    this.drawn = -1;
  }

  /** Shows an event, at the frame nearest to `at`, or at the end it is entered from. */
  show(event: EventItem, at: number | null, play: boolean): void {
    const ahead = this.#next;
    this.#next = null;
    if (this.#loaded) this.#close(this.#loaded);
    this.#ring.clear();
    this.event = event;
    this.failure = null;
    this.broken = null;
    this.drawn = -1;
    this.#asked = '';
    this.#dropped = [];
    this.#endTold = false;
    this.#clock = { ...this.#clock, playing: false };
    this.playing = play;
    if (ahead && ahead.event.start === event.start && ahead.event.camera === event.camera) {
      this.#loaded = { ...ahead, at };
      this.stretches = ahead.stretches;
      if (ahead.frames.length > 0) {
        this.#start();
        return;
      }
    } else {
      if (ahead) this.#close(ahead);
      this.#loaded = this.#openSession(event, at, false);
      this.stretches = [];
    }
    this.ready = false;
    this.frames = [];
    this.current = 0;
    this.#send({
      kind: 'want',
      session: this.#loaded.session,
      playhead: 0,
      direction: 1,
      frames: [],
      dropped: [],
    });
  }

  /** Fetches the beginning of the event that will come next. */
  prefetch(event: EventItem, at: number | null): void {
    if (this.#next?.event.start === event.start) return;
    if (this.#next) this.#close(this.#next);
    this.#next = this.#openSession(event, at, true);
  }

  /** The event that is shown has grown. */
  extend(event: EventItem): void {
    if (!this.#loaded || event.start !== this.event?.start) return;
    this.event = event;
    this.#send({ kind: 'extend', session: this.#loaded.session, to: event.end });
  }

  play(direction: 1 | -1 = 1): void {
    if (this.frames.length === 0) {
      this.playing = true;
      this.direction = direction;
      return;
    }
    const now = performance.now();
    this.#clock = changed(this.#clock, this.timeline, now, { playing: true, direction });
    if (direction > 0 && this.#clock.position >= this.timeline.total && this.current > 0) {
      this.#clock.position = 0;
    }
    this.direction = direction;
    this.playing = true;
    this.#endTold = false;
    this.#lateSince = 0;
  }

  pause(): void {
    this.#clock = changed(this.#clock, this.timeline, performance.now(), {
      playing: false,
      position: this.timeline.positions[this.current] ?? 0,
    });
    this.playing = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play(this.direction);
  }

  setSpeed(speed: number): void {
    this.#clock = changed(this.#clock, this.timeline, performance.now(), { speed });
    this.speed = speed;
  }

  stepSpeed(step: 1 | -1): void {
    this.setSpeed(nextSpeed(this.speed, step));
  }

  setSkipGaps(skip: boolean): void {
    this.skipGaps = skip;
    this.#retime();
  }

  step(by: number): void {
    this.pause();
    this.seek(this.current + by);
  }

  seek(frame: number): void {
    const at = Math.min(this.frames.length - 1, Math.max(0, frame));
    if (this.frames.length === 0) return;
    this.#clock = {
      ...this.#clock,
      position: this.timeline.positions[at] ?? 0,
      since: performance.now(),
    };
    this.#endTold = false;
    this.#moveTo(at);
  }

  /** 0 .. 1 of the play time. */
  seekTo(part: number): void {
    this.seek(frameNear(this.timeline, clamped(this.timeline, part * this.timeline.total)));
  }

  get part(): number {
    if (this.frames.length < 2) return 0;
    if (this.timeline.total === 0) return this.current / (this.frames.length - 1);
    return (this.timeline.positions[this.current] ?? 0) / this.timeline.total;
  }

  #openSession(event: EventItem, at: number | null, ahead: boolean): Loaded {
    const session = ++this.#sessions;
    const { camera, start, end } = event;
    this.#send({ kind: 'open', session, camera, from: start, to: end, at, ahead });
    return { session, event, at, frames: [], stretches: [], broken: new Map() };
  }

  #close(loaded: Loaded): void {
    this.#send({ kind: 'close', session: loaded.session });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #message(message: FromWorker): void {
    const loaded = [this.#loaded, this.#next].find((l) => l?.session === message.session);
    if (!loaded) {
      if (message.kind === 'bitmap') message.bitmap.close();
      return;
    }
    const shown = loaded === this.#loaded;
    switch (message.kind) {
      case 'index':
        loaded.frames =
          message.first === 0 ? message.frames : [...loaded.frames, ...message.frames];
        if (!shown) return;
        if (message.first === 0) this.#start();
        else this.#grown();
        break;
      case 'held':
        loaded.stretches = message.stretches;
        if (shown) this.stretches = message.stretches;
        break;
      case 'bitmap':
        if (this.#ring.put(message.frame, message.bitmap)) this.#ask();
        if (message.frame === this.current) this.#draw();
        break;
      case 'broken':
        loaded.broken.set(message.frame, message);
        if (!shown) return;
        if (allGone(loaded)) this.failure = { status: 410, detail: message.reason };
        else if (message.frame === this.current) this.#draw();
        break;
      case 'failed':
        if (shown) this.failure = { status: message.status, detail: message.detail };
        else this.#next = null;
        break;
    }
  }

  /* The index of the event that is shown is here. */
  #start(): void {
    const loaded = this.#loaded;
    if (!loaded) return;
    this.frames = loaded.frames;
    this.ready = true;
    if (loaded.frames.length === 0) {
      this.failure = { status: 410, detail: '' };
      this.playing = false;
      return;
    }
    const times = loaded.frames.map((frame) => frame.time);
    this.timeline = makeTimeline(times, this.skipGaps ? LONGEST_GAP_MS : null);
    const first =
      loaded.at === null
        ? this.direction > 0 || !this.playing
          ? 0
          : times.length - 1
        : frameAtTime(times, loaded.at);
    this.#clock = {
      position: this.timeline.positions[first] ?? 0,
      since: performance.now(),
      speed: this.speed,
      direction: this.direction,
      playing: this.playing,
    };
    this.#lateSince = 0;
    this.#moveTo(first);
  }

  #grown(): void {
    this.frames = this.#loaded?.frames ?? [];
    this.#endTold = false;
    this.#retime();
  }

  #retime(): void {
    const times = this.frames.map((frame) => frame.time);
    this.timeline = makeTimeline(times, this.skipGaps ? LONGEST_GAP_MS : null);
    this.#clock = {
      ...this.#clock,
      position: this.timeline.positions[this.current] ?? 0,
      since: performance.now(),
    };
    this.#asked = '';
    this.#ask();
  }

  #tick = (now: number): void => {
    this.#raf = requestAnimationFrame(this.#tick);
    /* A tab in the background gets no ticks: its play stands still meanwhile. */
    const away = now - this.#ticked - LONGEST_TICK_MS;
    if (away > 0) this.#clock = { ...this.#clock, since: this.#clock.since + away };
    this.#ticked = now;
    if (this.frames.length === 0) return;
    if (this.playing) this.#advance(now);
    if (this.drawn !== this.current) this.#draw();
    this.#watchLate(now);
  };

  #advance(now: number): void {
    if (hasEnded(this.#clock, this.timeline, now)) {
      if (this.#endTold) return;
      this.#endTold = true;
      this.onEnd?.(this.direction);
      return;
    }
    const position = clamped(this.timeline, positionAt(this.#clock, now));
    const frame = frameAt(this.timeline, position);
    if (frame !== this.current) this.#moveTo(frame);
  }

  /* The clock waits for a picture that is late, so that nothing is played unseen. */
  #watchLate(now: number): void {
    if (this.drawn === this.current) {
      this.#lateSince = 0;
      this.waiting = false;
      return;
    }
    if (this.#lateSince === 0) this.#lateSince = now;
    if (now - this.#lateSince < STALL_MS) return;
    this.waiting = now - this.#lateSince > 400;
    if (this.playing) {
      const position = this.timeline.positions[this.current] ?? 0;
      this.#clock = { ...this.#clock, position, since: now };
    }
  }

  #moveTo(frame: number): void {
    this.current = frame;
    this.#ask();
    this.#draw();
    this.onFrame?.();
  }

  #ask(): void {
    const loaded = this.#loaded;
    if (!loaded || this.frames.length === 0) return;
    const perSecond =
      this.playing && this.timeline.total > 0
        ? (this.frames.length / this.timeline.total) * 1000 * this.speed
        : 0;
    const stride = Math.max(1, Math.ceil(perSecond / DECODE_PER_SECOND));
    const wanted = framesToDecode(
      this.frames.length,
      this.current,
      this.direction,
      this.#ring.capacity,
      stride,
    );
    this.#dropped.push(...this.#ring.keepOnly(new Set(wanted)));
    const missing = wanted.filter((frame) => !this.#ring.get(frame) && !loaded.broken.has(frame));
    const asked = `${this.current} ${this.direction} ${missing.join()}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#send({
      kind: 'want',
      session: loaded.session,
      playhead: this.current,
      direction: this.direction,
      frames: missing,
      dropped: this.#dropped.splice(0),
    });
  }

  #draw(): void {
    const broken = this.#loaded?.broken.get(this.current) ?? null;
    if (broken) {
      this.broken = broken;
      this.drawn = this.current;
      return;
    }
    const bitmap = this.#ring.get(this.current);
    if (bitmap) {
      this.#paint(bitmap);
      this.drawn = this.current;
      this.broken = null;
      return;
    }
    if (!this.playing || this.drawn < 0) return;
    const near = this.#ring.nearest(this.current, this.drawn);
    const stand = near === null || near === this.drawn ? undefined : this.#ring.get(near);
    if (stand && near !== null) {
      this.#paint(stand);
      this.drawn = near;
      this.broken = null;
      this.#lateSince = 0;
    }
  }

  #paint(bitmap: ImageBitmap): void {
    const canvas = this.#canvas;
    if (!canvas) return;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      this.aspect = bitmap.width / bitmap.height;
    }
    canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0);
  }
}

function allGone(loaded: Loaded): boolean {
  if (loaded.broken.size < loaded.frames.length) return false;
  return [...loaded.broken.values()].every((frame) => frame.gone);
}
