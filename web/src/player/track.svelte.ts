/*
 * One camera of what is played: its frames, those of them that are decoded, and the canvas they are
 * drawn on. Which frame is due the engine says.
 */
import type { FromWorker, IndexFrame, ToWorker } from './messages.ts';
import { framesToDecode } from './plan.ts';
import { BitmapRing } from './ring.ts';

export interface Broken {
  reason: string;
  gone: boolean;
}

export interface PlayerFailure {
  status: number;
  detail: string;
  /** It is tried again by itself. */
  again: boolean;
}

/** The first picture, fetched before the index says what there is; null: that was not to be. */
export type EarlyPicture = HTMLImageElement | null;

export class Track {
  readonly session: number;
  readonly camera: string;
  frames = $state.raw<IndexFrame[]>([]);
  /** The frame that is due; -1: the camera has none at this time. */
  current = $state(-1);
  /** The frame on the canvas; -1: none yet. */
  drawn = $state(-1);
  /** Something is on the canvas, if only of another frame. */
  painted = $state(false);
  /** Of the frame that is due: why it has no picture. */
  broken = $state.raw<Broken | null>(null);
  failure = $state.raw<PlayerFailure | null>(null);
  stretches = $state.raw<[number, number][]>([]);
  aspect = $state(4 / 3);
  indexed = false;
  lateSince = 0;

  #send: (message: ToWorker) => void;
  #canvas: HTMLCanvasElement | null = null;
  #ring: BitmapRing;
  #lost = new Map<number, Broken>();
  #early: EarlyPicture = null;
  #asked = '';
  #dropped: number[] = [];

  constructor(
    session: number,
    camera: string,
    ringBytes: number,
    send: (message: ToWorker) => void,
  ) {
    this.session = session;
    this.camera = camera;
    this.#ring = new BitmapRing(ringBytes);
    this.#send = send;
  }

  get times(): number[] {
    return this.frames.map((frame) => frame.time);
  }

  /** The pictures of all frames are known to be gone. */
  get allGone(): boolean {
    if (this.frames.length === 0 || this.#lost.size < this.frames.length) return false;
    return [...this.#lost.values()].every((frame) => frame.gone);
  }

  get isLate(): boolean {
    if (this.failure && !this.failure.again) return false;
    return this.current >= 0 && this.drawn !== this.current;
  }

  attach(canvas: HTMLCanvasElement): void {
    if (this.#canvas === canvas) return;
    this.#canvas = canvas;
    this.drawn = -1;
    if (this.#early) this.#paint(this.#early);
    this.draw();
  }

  close(): void {
    this.#ring.clear();
    this.#early = null;
    this.#canvas = null;
    this.#send({ kind: 'close', session: this.session });
  }

  takeEarly(picture: EarlyPicture): void {
    if (this.drawn >= 0 || !picture) return;
    this.#early = picture;
    this.#paint(picture);
  }

  take(message: FromWorker): void {
    switch (message.kind) {
      case 'index':
        this.frames = message.first === 0 ? message.frames : [...this.frames, ...message.frames];
        this.indexed = true;
        this.failure = null;
        break;
      case 'held':
        this.stretches = message.stretches;
        break;
      case 'bitmap':
        this.#asked = this.#ring.put(message.frame, message.bitmap) ? '' : this.#asked;
        this.failure = null;
        this.draw();
        break;
      case 'broken':
        this.#lost.set(message.frame, message);
        if (message.frame === this.current) this.draw();
        break;
      case 'failed':
        this.failure = message;
        break;
    }
  }

  /** Which frame is due. `perSecond`: how many frames a second play goes through; 0: it stands. */
  move(frame: number, direction: 1 | -1, stride: number): void {
    this.current = frame;
    this.ask(direction, stride);
    this.draw();
  }

  ask(direction: 1 | -1, stride: number): void {
    if (this.frames.length === 0) return;
    const playhead = Math.max(0, this.current);
    const wanted = framesToDecode(
      this.frames.length,
      playhead,
      direction,
      this.#ring.capacity,
      stride,
    );
    this.#dropped.push(...this.#ring.keepOnly(new Set(wanted)));
    const missing = wanted.filter((frame) => !this.#ring.get(frame) && !this.#lost.has(frame));
    const asked = `${playhead} ${direction} ${missing.join()}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#send({
      kind: 'want',
      session: this.session,
      playhead,
      direction,
      frames: missing,
      dropped: this.#dropped.splice(0),
    });
  }

  /** Draws the frame that is due, or until it is here one that comes closer to it. */
  draw(): void {
    if (this.current < 0 || this.drawn === this.current) return;
    const broken = this.#lost.get(this.current) ?? null;
    if (broken) {
      this.broken = broken;
      this.drawn = this.current;
      return;
    }
    const from = this.drawn < 0 ? this.current : this.drawn;
    const frame = this.#ring.nearest(this.current, from);
    const bitmap = frame === null || frame === this.drawn ? undefined : this.#ring.get(frame);
    if (!bitmap || frame === null || !this.#paint(bitmap)) return;
    this.drawn = frame;
    this.#early = null;
    this.broken = null;
    this.lateSince = 0;
  }

  #paint(picture: ImageBitmap | HTMLImageElement): boolean {
    const canvas = this.#canvas;
    if (!canvas) return false;
    const { width, height } = picture;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.aspect = width / height;
    canvas.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0);
    this.painted = true;
    return true;
  }
}
