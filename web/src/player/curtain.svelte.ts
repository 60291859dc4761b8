/*
 * The first picture of an event, shown in the player's place from the click until the player has it:
 * making the player's page takes as long as fetching the picture, and may follow it.
 */
import { router } from '../routing/router.svelte.ts';
import type { EarlyPicture } from './track.svelte.ts';

const LONGEST_MS = 5000; /* then there is no player */

class Curtain {
  picture = $state.raw<EarlyPicture>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows it while the page waits for it, not later; done when it is on the screen. */
  async raise(picture: HTMLImageElement): Promise<void> {
    if (!router.coming) return;
    this.picture = picture;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.lower(), LONGEST_MS);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }

  lower(): void {
    clearTimeout(this.#timer);
    this.picture = null;
  }
}

export const curtain = new Curtain();
