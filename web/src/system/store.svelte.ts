/* What the System page shows, kept up while somebody looks at it. */
import { get } from '../api/client.ts';
import { live } from '../api/live.svelte.ts';
import type { Deletion, System } from '../api/types.ts';

const LOOK_MS = 5000;
const SOON_MS = 250; /* a long deletion is told in many steps */
const PAGE = 20;

class SystemStore {
  system = $state.raw<System | null>(null);
  deletions = $state.raw<Deletion[]>([]);
  total = $state(0);
  error = $state.raw<unknown>(null);
  now = $state(Date.now());
  #shown = PAGE;
  #timer: ReturnType<typeof setInterval> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #loading: AbortController | null = null;

  /** Call in an effect. */
  use(): () => void {
    void this.load();
    this.#timer = setInterval(() => {
      /* On a slow line the answer is let come. */
      if (!document.hidden && !this.#loading) void this.load();
    }, LOOK_MS);
    const stop = [
      ...(['deleted', 'restored', 'purged'] as const).map((kind) =>
        live.on(kind, () => this.#loadSoon()),
      ),
      live.onResync(() => void this.load()),
    ];
    return () => {
      for (const one of stop) one();
      clearInterval(this.#timer);
      clearTimeout(this.#soon);
      this.#soon = undefined;
      this.#loading?.abort();
    };
  }

  #loadSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.load();
    }, SOON_MS);
  }

  async load(): Promise<void> {
    this.#loading?.abort();
    const own = (this.#loading = new AbortController());
    try {
      const [system, list] = await Promise.all([
        get('/api/v1/system', {}, own.signal),
        get('/api/v1/deletions', { limit: this.#shown }, own.signal),
      ]);
      this.system = system;
      this.deletions = list.deletions;
      this.total = list.total;
      this.error = null;
      this.now = Date.now();
    } catch (error) {
      if (!own.signal.aborted) this.error = error;
    } finally {
      if (this.#loading === own) this.#loading = null;
    }
  }

  more(): void {
    this.#shown = Math.min(1000, this.#shown + 5 * PAGE);
    void this.load();
  }
}

export const system = new SystemStore();
