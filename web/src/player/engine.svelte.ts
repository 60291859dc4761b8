/*
 * The player without its controls: a stretch of time of one or several cameras, each on a canvas of
 * its own, all on one clock. Keeps the clock, tells each track which frame is due, and hands on what
 * the worker says. The page reads its $state fields and calls its verbs.
 */
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
import { instantOf, mergeInstants, noInstants, type Instants } from './instants.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { sameStretch, type Stretch } from './stretch.ts';
import { Track, type EarlyPicture, type PlayerFailure } from './track.svelte.ts';

const LONGEST_GAP_MS = 1000;
const LONGEST_TICK_MS = 500;
const STALL_MS = 120; /* a wanted picture later than this stops the clock until it is here */
const TELL_MS = 400; /* and later than this is told */
const DECODE_PER_SECOND = 40;
const RING_BYTES =
  (((navigator as { deviceMemory?: number }).deviceMemory ?? 8) <= 2 ? 64 : 128) * 1024 * 1024;

/* A stretch and what is held of it. */
interface Scene {
  stretch: Stretch;
  at: number | null;
  tracks: Track[];
}

const newWorker = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
let spare: Worker | null = null;

/** Starts the worker that the next engine will take. */
export function warm(): void {
  spare ??= newWorker();
}

export class Engine {
  stretch = $state.raw<Stretch | null>(null);
  tracks = $state.raw<Track[]>([]);
  instants = $state.raw<Instants>(noInstants);
  timeline = $state.raw<Timeline>(makeTimeline([], null));
  /** The instant that is shown. */
  current = $state(0);
  playing = $state(false);
  direction = $state<1 | -1>(1);
  speed = $state(1);
  skipGaps = $state(true);
  waiting = $state(false);
  failure = $state.raw<PlayerFailure | null>(null);
  ready = $state(false);

  onEnd: ((direction: 1 | -1) => void) | null = null;
  onFrame: (() => void) | null = null;
  /** What is shown is not what there is any more. */
  onStale: (() => void) | null = null;

  #worker: Worker;
  #clock: Clock = stoppedClock();
  #at: number | null = null;
  #next: Scene | null = null;
  #sessions = 0;
  #raf = 0;
  #ticked = performance.now();
  #endTold = false;
  #stalled = false;

  constructor() {
    this.#worker = spare ?? newWorker();
    spare = null;
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#message(event.data);
    this.#raf = requestAnimationFrame(this.#tick);
  }

  destroy(): void {
    cancelAnimationFrame(this.#raf);
    for (const track of [...this.tracks, ...(this.#next?.tracks ?? [])]) track.close();
    this.#worker.terminate();
    setTimeout(warm, 1000);
  }

  get count(): number {
    return this.instants.times.length;
  }

  /** Something is on the screen: what only helps may begin. */
  get hasPicture(): boolean {
    return this.tracks.some((track) => track.painted || track.failure !== null);
  }

  /** The time of the instant that is shown; null: not known yet. */
  get time(): number | null {
    return this.instants.times[this.current] ?? null;
  }

  track(camera: string | null): Track | null {
    return this.tracks.find((track) => track.camera === camera) ?? null;
  }

  /** Shows a stretch, at the instant nearest to `at`, or at the end it is entered from. */
  show(
    stretch: Stretch,
    at: number | null,
    play: boolean,
    early: (() => Promise<EarlyPicture>) | null = null,
  ): void {
    const ahead = this.#next;
    this.#next = null;
    const before = this.tracks;
    for (const track of before) track.close();
    this.stretch = stretch;
    this.failure = null;
    this.#endTold = false;
    this.#at = at;
    this.#clock = { ...this.#clock, playing: false };
    this.playing = play;
    if (ahead && sameStretch(ahead.stretch, stretch)) {
      this.tracks = ahead.tracks;
    } else {
      for (const track of ahead?.tracks ?? []) track.close();
      this.tracks = this.#open(stretch, at, false);
      const first = this.tracks[0];
      void early?.().then((picture) => first?.takeEarly(picture));
    }
    for (const track of this.tracks) {
      track.aspect = before.find((one) => one.camera === track.camera)?.aspect ?? track.aspect;
      track.ask(this.direction, 1);
      this.#send({ kind: 'show', session: track.session });
    }
    this.ready = false;
    this.instants = noInstants;
    this.current = 0;
    this.#startWhenIndexed();
  }

  /** Fetches the beginning of what will come next. */
  prefetch(stretch: Stretch, at: number | null): void {
    if (this.#next && sameStretch(this.#next.stretch, stretch)) return;
    for (const track of this.#next?.tracks ?? []) track.close();
    this.#next = { stretch, at, tracks: this.#open(stretch, at, true) };
  }

  /** What is shown has grown at its end. */
  extend(stretch: Stretch): void {
    if (!this.stretch || stretch.start !== this.stretch.start) return;
    this.stretch = stretch;
    const to = new Date(stretch.end).toISOString();
    for (const track of this.tracks) this.#send({ kind: 'extend', session: track.session, to });
  }

  play(direction: 1 | -1 = 1): void {
    this.direction = direction;
    this.playing = true;
    if (this.count === 0) return;
    const now = performance.now();
    this.#clock = changed(this.#clock, this.timeline, now, { playing: true, direction });
    if (direction > 0 && this.#clock.position >= this.timeline.total && this.current > 0) {
      this.#clock.position = 0;
    }
    this.#endTold = false;
    for (const track of this.tracks) track.lateSince = 0;
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

  seek(instant: number): void {
    if (this.count === 0) return;
    const at = Math.min(this.count - 1, Math.max(0, instant));
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

  seekTime(ms: number): void {
    this.seek(frameAtTime(this.instants.times, ms));
  }

  get part(): number {
    if (this.count < 2) return 0;
    if (this.timeline.total === 0) return this.current / (this.count - 1);
    return (this.timeline.positions[this.current] ?? 0) / this.timeline.total;
  }

  #open(stretch: Stretch, at: number | null, ahead: boolean): Track[] {
    const share = stretch.cameras.length;
    const to = new Date(stretch.end).toISOString();
    return stretch.cameras.map((camera, k) => {
      const session = ++this.#sessions;
      const from = new Date(stretch.from[k] ?? stretch.start).toISOString();
      this.#send({ kind: 'open', session, camera, from, to, at, ahead, share });
      return new Track(session, camera, RING_BYTES / share, (message) => this.#send(message));
    });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #message(message: FromWorker): void {
    const all = [...this.tracks, ...(this.#next?.tracks ?? [])];
    const track = all.find((one) => one.session === message.session);
    if (!track) {
      if (message.kind === 'bitmap') message.bitmap.close();
      return;
    }
    track.take(message);
    if (!this.tracks.includes(track)) {
      if (message.kind === 'failed' || message.kind === 'stale') this.#dropNext();
      return;
    }
    switch (message.kind) {
      case 'index':
        this.failure = null;
        if (this.ready) this.#grown();
        else this.#startWhenIndexed();
        break;
      case 'failed':
        if (this.ready) break;
        if (this.tracks.every((one) => one.failure)) this.failure = track.failure;
        else this.#startWhenIndexed();
        break;
      case 'broken':
        if (this.tracks.every((one) => one.allGone)) {
          this.failure = { status: 410, detail: message.reason, again: false };
        }
        break;
      case 'stale':
        this.onStale?.();
        break;
      case 'bitmap':
        this.#askFor(track);
        break;
    }
  }

  #dropNext(): void {
    for (const track of this.#next?.tracks ?? []) track.close();
    this.#next = null;
  }

  /* The indexes of all that is shown are here, as far as they are to be had. */
  #startWhenIndexed(): void {
    if (!this.stretch || this.tracks.length === 0) return;
    if (!this.tracks.every((track) => track.indexed || track.failure)) return;
    this.instants = mergeInstants(
      this.tracks.map((track) => track.times),
      this.stretch.start,
    );
    this.ready = true;
    if (this.count === 0) {
      this.failure = this.tracks[0]?.failure ?? { status: 410, detail: '', again: false };
      this.playing = false;
      return;
    }
    this.timeline = makeTimeline(this.instants.times, this.skipGaps ? LONGEST_GAP_MS : null);
    const fromStart = this.direction > 0 || !this.playing;
    const first =
      this.#at === null
        ? fromStart
          ? 0
          : this.count - 1
        : frameAtTime(this.instants.times, this.#at);
    this.#clock = {
      position: this.timeline.positions[first] ?? 0,
      since: performance.now(),
      speed: this.speed,
      direction: this.direction,
      playing: this.playing,
    };
    this.#moveTo(first);
  }

  #grown(): void {
    if (!this.stretch) return;
    const lead = Math.max(
      0,
      this.tracks.findIndex((track) => track.frames.length > 0),
    );
    const frame = this.instants.frames[lead]?.[this.current] ?? 0;
    const time = this.time ?? 0;
    this.instants = mergeInstants(
      this.tracks.map((track) => track.times),
      this.stretch.start,
    );
    this.current =
      this.tracks.length === 1
        ? instantOf(this.instants, lead, frame)
        : frameAtTime(this.instants.times, time);
    this.#endTold = false;
    this.#retime();
  }

  #retime(): void {
    this.timeline = makeTimeline(this.instants.times, this.skipGaps ? LONGEST_GAP_MS : null);
    this.#clock = {
      ...this.#clock,
      position: this.timeline.positions[this.current] ?? 0,
      since: performance.now(),
    };
    for (const track of this.tracks) this.#askFor(track);
  }

  #tick = (now: number): void => {
    this.#raf = requestAnimationFrame(this.#tick);
    /* A tab in the background gets no ticks: its play stands still meanwhile. */
    const away = now - this.#ticked - LONGEST_TICK_MS;
    if (away > 0) this.#clock = { ...this.#clock, since: this.#clock.since + away };
    this.#ticked = now;
    if (this.count === 0) return;
    if (this.playing && !this.#stalled) this.#advance(now);
    for (const track of this.tracks) track.draw();
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
    const instant = frameAt(this.timeline, position);
    if (instant !== this.current) this.#moveTo(instant);
  }

  /* The clock waits for a picture that is late, so that nothing is played unseen. */
  #watchLate(now: number): void {
    let latest = 0;
    for (const track of this.tracks) {
      if (!track.isLate) {
        track.lateSince = 0;
        continue;
      }
      if (track.lateSince === 0) track.lateSince = now;
      latest = Math.max(latest, now - track.lateSince);
    }
    this.waiting = latest > TELL_MS;
    this.#stalled = this.playing && latest >= STALL_MS;
    if (!this.#stalled) return;
    const position = this.timeline.positions[this.current] ?? 0;
    this.#clock = { ...this.#clock, position, since: now };
  }

  #moveTo(instant: number): void {
    this.current = instant;
    this.tracks.forEach((track, k) => {
      const frame = this.instants.frames[k]?.[instant] ?? -1;
      track.move(frame, this.direction, this.#stride(track));
    });
    this.onFrame?.();
  }

  #askFor(track: Track): void {
    if (!this.ready) return;
    const frame = this.instants.frames[this.tracks.indexOf(track)]?.[this.current];
    if (frame !== undefined) track.move(frame, this.direction, this.#stride(track));
  }

  /* Every how-manieth frame is decoded, so that all cameras together stay within what is possible. */
  #stride(track: Track): number {
    if (!this.playing || this.timeline.total === 0) return 1;
    const perSecond = (track.frames.length / this.timeline.total) * 1000 * this.speed;
    return Math.max(1, Math.ceil((perSecond * this.tracks.length) / DECODE_PER_SECOND));
  }
}
