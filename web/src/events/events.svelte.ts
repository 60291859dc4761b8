/*
 * Events that fit a query, read by pages: a short first one so that covers are there at once, then
 * long ones as far as the screen needs them. What happens now is merged in.
 */
import { get, isAbort } from '../api/client.ts';
import type { EventItem, EventList } from '../api/types.ts';
import type { EventSort, Filter } from '../routing/url.ts';
import { filterQuery, fits } from './filter.ts';
import { keyOf, withEvent, withPage, withStretch } from './list.ts';

export interface EventQuery extends Filter {
  cameras: string[] /* none: all */;
  from: number | null;
  to: number | null /* inclusive */;
  sort: EventSort;
}

/** What was marked, deleted or brought back, as /live tells it. */
export interface Change {
  camera: string;
  from: string;
  to: string;
}

const FIRST_PAGE = 60;
export const PAGE = 1000;
const CHANGED_MS = 150;

export class EventPages {
  list = $state.raw<EventItem[]>([]);
  total = $state(0);
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  readonly query: EventQuery;
  #next: string | null = null;
  #needed = 0;
  #running = false;
  #again = false;
  #abort = new AbortController();
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #changedTimer: ReturnType<typeof setTimeout> | undefined;
  #changed = new Map<string, { camera: string; from: number; to: number }>();

  constructor(query: EventQuery) {
    this.query = query;
  }

  get complete(): boolean {
    return this.loaded && this.#next === null;
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#refreshTimer);
    clearTimeout(this.#changedTimer);
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

  /** Shows at once what the server is being asked to do; `changed` then reads how it is. */
  assume(keys: ReadonlySet<string>, how: (event: EventItem) => EventItem | null): void {
    const next: EventItem[] = [];
    for (const event of this.list) {
      const now = keys.has(keyOf(event)) ? how(event) : event;
      if (now) next.push(now);
    }
    this.total -= this.list.length - next.length;
    this.list = next;
  }

  /** What is known of a stretch is no longer so; it is read anew, with what else changes soon. */
  changed(change: Change): void {
    const { cameras } = this.query;
    const { camera } = change;
    if (!this.loaded || (cameras.length > 0 && !cameras.includes(camera))) return;
    const from = Math.max(Date.parse(change.from), this.query.from ?? -Infinity);
    const to = Math.min(Date.parse(change.to), this.query.to ?? Infinity);
    if (from > to) return;
    const old = this.#changed.get(camera);
    this.#changed.set(camera, {
      camera,
      from: Math.min(from, old?.from ?? from),
      to: Math.max(to, old?.to ?? to),
    });
    this.#changedTimer ??= setTimeout(() => {
      this.#changedTimer = undefined;
      void this.#readChanged();
    }, CHANGED_MS);
  }

  async #readChanged(): Promise<void> {
    if (this.#running) {
      this.#changedTimer ??= setTimeout(() => {
        this.#changedTimer = undefined;
        void this.#readChanged();
      }, CHANGED_MS);
      return;
    }
    const stretches = [...this.#changed.values()];
    this.#changed.clear();
    this.#running = true;
    let all = false;
    try {
      for (const stretch of stretches) {
        const answer = await this.#page(PAGE, null, stretch);
        all ||= answer.next !== null;
        if (all) break;
        const { sort } = this.query;
        this.list = withStretch(this.list, stretch, answer.events, sort, this.complete);
      }
      if (this.complete) this.total = this.list.length;
      else if (!all) this.total = (await this.#page(1, null)).total;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    } finally {
      this.#ran();
    }
    if (all) await this.refresh();
    else void this.#run();
  }

  /** Reads all that is shown anew; what is on the screen stays until the answer is there. What could
   * not be read is tried again. */
  async refresh(): Promise<void> {
    if (!this.loaded) return this.retry();
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    try {
      const limit = Math.min(PAGE, Math.max(FIRST_PAGE, this.list.length));
      const answer = await this.#page(limit, null);
      this.list = answer.events;
      this.total = answer.total;
      this.#next = answer.next;
      this.error = null;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
    } finally {
      this.#ran();
    }
    void this.#run();
  }

  /* Something may have changed while it was being read. */
  #ran(): void {
    this.#running = false;
    if (!this.#again) return;
    this.#again = false;
    this.#refreshSoon();
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
      this.#ran();
    }
  }

  #page(
    limit: number,
    cursor: string | null,
    within?: { camera: string; from: number; to: number },
    signal = this.#abort.signal,
  ) {
    const { sort } = this.query;
    const from = within?.from ?? this.query.from;
    const to = within?.to ?? this.query.to;
    return get(
      '/api/v1/events',
      {
        camera: within ? [within.camera] : this.query.cameras,
        from: from === null ? undefined : String(from),
        to: to === null ? undefined : String(to),
        ...filterQuery(this.query),
        sort,
        limit,
        cursor: cursor ?? undefined,
      },
      signal,
    );
  }

  /** All events that fit, page by page, also those that nobody has scrolled to. */
  async *every(signal: AbortSignal): AsyncGenerator<{ events: EventItem[]; total: number }> {
    let cursor: string | null = null;
    do {
      const answer: EventList = await this.#page(PAGE, cursor, undefined, signal);
      yield answer;
      cursor = answer.next;
    } while (cursor);
  }
}
