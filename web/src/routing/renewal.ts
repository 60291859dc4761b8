/*
 * A part of the app that could not be fetched: the server was away, or is another version now, which
 * has others. What the browser knows of it is that it failed, so only the whole page made anew helps.
 */
import { live } from '../api/live.svelte.ts';

/* A page younger than that has just been made: making it again would go on for ever. */
const YOUNG_MS = 10_000;

class Renewal {
  #due = false;

  start(): () => void {
    const onFailure = () => {
      this.#due = true;
      if (live.state === 'open' && performance.now() > YOUNG_MS) location.reload();
    };
    addEventListener('vite:preloadError', onFailure);
    const stopResync = live.onResync(() => {
      if (this.#due) location.reload();
    });
    return () => {
      removeEventListener('vite:preloadError', onFailure);
      stopResync();
    };
  }

  tryNow(): void {
    if (live.state === 'open') location.reload();
    else live.retryNow();
  }
}

export const renewal = new Renewal();
