/*
 * One EventSource for the whole page. Parts of the page subscribe to kinds of messages; `resync`
 * says that messages may have been missed and what is shown should be read anew. A page nobody
 * looks at lets go of its connection: a browser has only six to a server for all its tabs.
 */
import type { LiveMessages } from './types.ts';

const KINDS = [
  'frame',
  'event',
  'camera',
  'camera-gone',
  'progress',
  'marks',
  'deleted',
  'restored',
  'export',
  'purged',
] as const;
type Kind = (typeof KINDS)[number];
type Handlers = { [K in Kind]: Set<(data: LiveMessages[K]) => void> };

const HIDDEN_MS = 20_000;
const RETRY_MS = [1000, 2000, 5000, 10_000];
const BEAT_MS = 10_000;
const ASLEEP_MS = 30_000; /* a beat that is this late: the machine slept */

class Live {
  state = $state<'connecting' | 'open' | 'lost'>('connecting');
  /** How often something may have been missed; what could not be had is worth another try then. */
  breaks = $state(0);
  #source: EventSource | null = null;
  #retry = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /* Since something was asked for, the server may not have been there. */
  #missed = false;
  #handlers = Object.fromEntries(KINDS.map((kind) => [kind, new Set()])) as unknown as Handlers;
  #resyncs = new Set<() => void>();

  start(): () => void {
    this.#open();
    const onVisible = () => {
      clearTimeout(this.#timer);
      if (document.hidden) this.#timer = setTimeout(() => this.#close(), HIDDEN_MS);
      else if (!this.#source) this.#open();
    };
    /* Another network, or after a sleep: a connection may be dead without knowing. */
    const again = () => !document.hidden && this.#reopen();
    let beat = Date.now();
    const beats = setInterval(() => {
      const late = Date.now() - beat - BEAT_MS;
      beat = Date.now();
      if (late > ASLEEP_MS) again();
    }, BEAT_MS);
    document.addEventListener('visibilitychange', onVisible);
    addEventListener('online', again);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      removeEventListener('online', again);
      clearInterval(beats);
      this.#close();
    };
  }

  on<K extends Kind>(kind: K, handler: (data: LiveMessages[K]) => void): () => void {
    this.#handlers[kind].add(handler as never);
    return () => this.#handlers[kind].delete(handler as never);
  }

  onResync(handler: () => void): () => void {
    this.#resyncs.add(handler);
    return () => this.#resyncs.delete(handler);
  }

  /** Try at once instead of when the next attempt is due. */
  retryNow(): void {
    if (this.state !== 'open') this.#reopen();
  }

  #reopen(): void {
    this.#missed = true;
    this.#retry = 0;
    this.#close();
    this.#open();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const source = new EventSource('/api/v1/live');
    this.#source = source;
    source.onopen = () => {
      this.#retry = 0;
      this.state = 'open';
      if (this.#missed) this.#resync();
      this.#missed = true;
    };
    source.onerror = () => {
      this.state = 'lost';
      this.#missed = true;
      /* The browser's own retry waits as long as it likes and gives up on some answers. */
      this.#close();
      const wait = RETRY_MS[Math.min(this.#retry++, RETRY_MS.length - 1)] ?? 10_000;
      this.#timer = setTimeout(() => !document.hidden && this.#open(), wait);
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (message: MessageEvent<string>) => {
        const data = JSON.parse(message.data) as never;
        for (const handler of this.#handlers[kind]) handler(data);
      });
    }
    source.addEventListener('reset', () => this.#resync());
  }

  #resync(): void {
    this.breaks++;
    for (const handler of this.#resyncs) handler();
  }
}

export const live = new Live();
