/* The cameras as the server knows them, kept up by what arrives live. */
import { apiUrl, get, request } from '../api/client.ts';
import { live } from '../api/live.svelte.ts';
import type { Camera, Frame, Progress } from '../api/types.ts';
import { hasMotion, motionOf, stillFresh, withMotion, type Motions } from '../wall/order.ts';

const FLUSH_MS = 700; /* a camera sends up to 20 frames a second; nobody sees more than this */
const LIVE_MS = 60_000;
const IDLE_MS = 1000;
/* Less is silence of no camera. */
const SILENCE_LEAST_MS = 180_000;

/** A camera after one more of its frames has come. */
export function withFrame(camera: Camera, frame: Frame): Camera {
  const motion = hasMotion(frame);
  const newest = camera.last === null || frame.time >= camera.last;
  return {
    ...camera,
    frames: camera.frames + 1,
    motion_frames: camera.motion_frames + (motion ? 1 : 0),
    bytes: camera.bytes + frame.bytes,
    first: camera.first === null || frame.time < camera.first ? frame.time : camera.first,
    last: newest ? frame.time : camera.last,
    last_received: newest ? (frame.received ?? camera.last_received) : camera.last_received,
    state:
      newest && Date.now() - Date.parse(frame.received ?? '') < LIVE_MS ? 'live' : camera.state,
    latest: newest
      ? {
          id: frame.id,
          time: frame.time,
          url: frame.url,
          windows: frame.windows,
          width: frame.width,
          height: frame.height,
        }
      : camera.latest,
  };
}

class CameraStore {
  list = $state.raw<Camera[]>([]);
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  progress = $state.raw<Progress | null>(null);
  now = $state(Date.now());
  /** Cameras something moves before now. */
  motions = $state.raw<Motions>(new Map());
  #moved = new Set<string>();
  #pending = new Map<string, Camera>();
  /* Those that went quiet here: how long they may is asked when it begins to matter. */
  #quiet = new Set<string>();
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void)[] = [];

  /** Call in an effect; the store follows the server as long as someone uses it. */
  use(): () => void {
    clearTimeout(this.#idle);
    if (this.#users++ === 0 && this.#stop.length === 0) this.#start();
    return () => {
      if (--this.#users > 0) return;
      /* not while going from page to page */
      this.#idle = setTimeout(() => {
        for (const stop of this.#stop.splice(0)) stop();
      }, IDLE_MS);
    };
  }

  find(name: string | null): Camera | null {
    return this.list.find((camera) => camera.name === name) ?? null;
  }

  /** As the server has just answered it; the same comes by /live a moment later. */
  put(camera: Camera): void {
    this.#pending.delete(camera.name);
    const rest = this.list.filter((one) => one.name !== camera.name);
    this.list = [...rest, camera].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Asks how a camera does: what it was refused comes with no frame, so nobody tells of it. */
  async examine(name: string, signal: AbortSignal | null = null): Promise<void> {
    const url = apiUrl(`/api/v1/cameras/${encodeURIComponent(name)}`, {});
    const { health, rejected } = (await (await request(url, { signal })).json()) as Camera;
    const camera = this.#pending.get(name) ?? this.find(name);
    if (camera) this.#pending.set(name, { ...camera, health, rejected });
  }

  /** A name that no longer leads anywhere. */
  drop(name: string): void {
    this.#pending.delete(name);
    this.list = this.list.filter((camera) => camera.name !== name);
  }

  async load(): Promise<void> {
    try {
      const answer = await get('/api/v1/cameras', {});
      this.#pending.clear();
      this.list = answer.cameras;
      const motions = new Map(this.motions);
      for (const camera of answer.cameras) {
        const motion = motions.has(camera.name) ? null : motionOf(camera, Date.now());
        if (motion) motions.set(camera.name, motion);
      }
      this.motions = motions;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (!this.loaded) this.error = error;
    }
  }

  #start(): void {
    void this.load();
    const flush = setInterval(() => this.#flush(), FLUSH_MS);
    this.#stop = [
      () => clearInterval(flush),
      live.on('camera', (camera) => this.#pending.set(camera.name, camera)),
      live.on('frame', (frame) => {
        const camera = this.#pending.get(frame.camera) ?? this.find(frame.camera);
        if (!camera) return;
        const next = withFrame(camera, frame);
        this.#pending.set(frame.camera, next);
        /* a frame of long ago that is catalogued now is no motion of now */
        if (hasMotion(frame) && next.state === 'live' && next.latest?.id === frame.id) {
          this.#moved.add(frame.camera);
        }
      }),
      live.on('camera-gone', ({ name }) => this.drop(name)),
      live.on('progress', (progress) => (this.progress = progress)),
      live.onResync(() => void this.load()),
    ];
  }

  #flush(): void {
    const now = Date.now();
    if (Math.floor(now / 1000) !== Math.floor(this.now / 1000)) this.now = now;
    let motions = stillFresh(this.motions, now);
    for (const camera of this.#moved) motions = withMotion(motions, camera, now);
    this.#moved.clear();
    if (motions !== this.motions) this.motions = motions;
    const fresh = this.list.filter(
      (camera) => camera.state === 'live' && now - Date.parse(camera.last_received ?? '') > LIVE_MS,
    );
    for (const camera of fresh) {
      if (!this.#pending.has(camera.name)) {
        this.#pending.set(camera.name, { ...camera, state: 'quiet' });
        this.#quiet.add(camera.name);
      }
    }
    for (const name of this.#quiet) {
      const camera = this.find(name);
      const since = now - Date.parse(camera?.last_received ?? '');
      if (camera?.state === 'quiet' && since < SILENCE_LEAST_MS) continue;
      this.#quiet.delete(name);
      if (camera?.state === 'quiet')
        void this.examine(name).catch(() => {}); /* what was known stays */
    }
    if (this.#pending.size === 0) return;
    const rest = new Map(this.#pending);
    this.#pending.clear();
    const list = this.list.map((camera) => {
      const changed = rest.get(camera.name);
      rest.delete(camera.name);
      return changed ?? camera;
    });
    this.list = [...list, ...rest.values()];
  }
}

export const cameras = new CameraStore();
