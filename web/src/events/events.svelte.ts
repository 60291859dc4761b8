/*
 * Events that fit a query, read by pages: a short first one so that covers are there at once, then
 * long ones as far as the screen needs them. What happens now is merged in.
 */
import { get, isAbort } from '../api/client.ts';
import type { EventItem } from '../api/types.ts';
import type { EventSort, Filter } from '../routing/url.ts';
import { fits } from './filter.ts';
import { withEvent, withPage } from './list.ts';

export interface EventQuery extends Filter {
  cameras: string[] /* none: all */;
  from: number | null;
  to: number | null /* inclusive */;
  sort: EventSort;
}

const FIRST_PAGE = 60;
const PAGE = 1000;

export class EventPages {
  list = $state.raw<EventItem[]>([]);
  total = $state(0);
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  readonly query: EventQuery;
  #next: string | null = null;
  #needed = 0;
  #running = false;
  #abort = new AbortController();
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(query: EventQuery) {
    this.query = query;
  }

  get complete(): boolean {
    return this.loaded && this.#next === null;
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#refreshTimer);
  }

  /** Reads on until the list has this many events or ends. */
  need(count: number): void {
    this.#needed = Math.max(this.#needed, count);
    void this.#run();
  }

  retry(): void {
    this.error = null;
    void this.#run();
  }

  /** Reads on until the list is long enough to say where the first event at or after a time is. */
  async indexAt(ms: number): Promise<number> {
    const at = () => {
      const latest = this.query.sort === '-time';
      const list = this.list;
      const index = list.findIndex((event) =>
        latest ? Date.parse(event.start) <= ms : Date.parse(event.end) >= ms,
      );
      return index;
    };
    await this.readUntil(() => at() >= 0);
    const index = at();
    return index < 0 ? Math.max(0, this.list.length - 1) : index;
  }

  /** Reads on until the list is long enough for something, ends, or cannot be read. */
  async readUntil(enough: () => boolean): Promise<void> {
    while (!enough() && !this.complete && !this.error && !this.#abort.signal.aborted) {
      this.#needed = Math.max(this.#needed, this.list.length + 1);
      if (!this.#running) await this.#run();
      else await new Promise((done) => setTimeout(done, 30));
    }
  }

  /** An event as it stands now, split by its camera's own dwell. */
  live(event: EventItem, zone: string): void {
    const { cameras, from, to, dwell, sort } = this.query;
    if (!this.loaded || (cameras.length > 0 && !cameras.includes(event.camera))) return;
    if (Date.parse(event.end) < (from ?? -Infinity)) return;
    if (Date.parse(event.start) > (to ?? Infinity)) return;
    if (dwell !== null) {
      this.#refreshSoon();
      return;
    }
    if (!fits(event, this.query, zone)) return;
    const merged = withEvent(this.list, event, sort, this.complete);
    this.list = merged.list;
    this.total += merged.added;
    if (merged.added === 0 && !merged.list.includes(event)) this.#refreshSoon();
  }

  /** Reads all that is shown anew; what is on the screen stays until the answer is there. */
  async refresh(): Promise<void> {
    if (!this.loaded || this.#running) return;
    this.#running = true;
    try {
      const limit = Math.min(PAGE, Math.max(FIRST_PAGE, this.list.length));
      const answer = await this.#page(limit, null);
      this.list = answer.events;
      this.total = answer.total;
      this.#next = answer.next;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    } finally {
      this.#running = false;
    }
    void this.#run();
  }

  #refreshSoon(): void {
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.refresh();
    }, 1500);
  }

  async #run(): Promise<void> {
    if (this.#running || this.error) return;
    this.#running = true;
    try {
      while (!this.complete && (!this.loaded || this.list.length < this.#needed)) {
        const answer = await this.#page(this.loaded ? PAGE : FIRST_PAGE, this.#next);
        this.list = withPage(this.list, answer.events);
        this.total = answer.total;
        this.#next = answer.next;
        this.loaded = true;
      }
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    } finally {
      this.#running = false;
    }
  }

  #page(limit: number, cursor: string | null) {
    const { cameras, from, to, dwell, windows, kinds, weekdays, hours, sort } = this.query;
    return get(
      '/api/v1/events',
      {
        camera: cameras,
        from: from === null ? undefined : String(from),
        to: to === null ? undefined : String(to),
        dwell: dwell ?? undefined,
        window: windows,
        kind: kinds,
        weekday: weekdays,
        hours: hours ?? undefined,
        sort,
        limit,
        cursor: cursor ?? undefined,
      },
      this.#abort.signal,
    );
  }
}
