/*
 * The picture of each camera at the playhead. While it moves only the newest place is asked for, one
 * at a time; a picture stays until the next one is decoded, so there is never a blank.
 */
import { thumbnail } from '../api/client.ts';
import type { Frame } from '../api/types.ts';
import { nearTo } from './near.ts';

export interface Shown {
  frame: Frame;
  src: string;
}

const WIDTH = 300;
/* Pictures one can take in at once; further cameras have their rows. */
export const PICTURES_MOST = 16;

export class Scrub {
  shown = $state.raw<ReadonlyMap<string, Shown>>(new Map());
  #wanted: { cameras: string[]; at: number } | null = null;
  #running = false;
  #gone = false;
  /* Of each camera the frame that is being decoded, and the one to be decoded next. */
  #decoding = new Map<string, Frame | null>();

  seek(cameras: string[], at: number): void {
    this.#wanted = { cameras: cameras.slice(0, PICTURES_MOST), at };
    void this.#run();
  }

  stop(): void {
    this.#gone = true;
    this.#wanted = null;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#wanted && !this.#gone) {
      const { cameras, at } = this.#wanted;
      this.#wanted = null;
      try {
        for (const frame of (await nearTo(cameras, at)).values()) this.#show(frame);
      } catch {
        /* what is shown stays; the connection's state is told elsewhere */
      }
    }
    this.#running = false;
  }

  #show(frame: Frame): void {
    const { camera } = frame;
    if (this.#decoding.has(camera)) {
      this.#decoding.set(camera, frame);
      return;
    }
    this.#decoding.set(camera, null);
    void this.#decode(frame).finally(() => {
      const next = this.#decoding.get(camera);
      this.#decoding.delete(camera);
      if (next && !this.#gone && next.id !== frame.id) this.#show(next);
    });
  }

  async #decode(frame: Frame): Promise<void> {
    if (this.shown.get(frame.camera)?.frame.id === frame.id) return;
    const image = new Image();
    image.src = thumbnail(frame.url, WIDTH);
    try {
      await image.decode();
    } catch {
      return; /* gone or damaged: the last one stays */
    }
    if (this.#gone) return;
    this.shown = new Map(this.shown).set(frame.camera, { frame, src: image.src });
  }
}
