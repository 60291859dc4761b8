/*
 * Doing something to many events: in requests of at most a thousand, with its progress, and a way
 * back. What is chosen are events that are at hand, or all that a list's query finds.
 */
import { isAbort } from '../api/client.ts';
import { send } from '../api/send.ts';
import type { EventItem, Mark } from '../api/types.ts';
import { m } from '../strings/marks.ts';
import { t } from '../strings/en.ts';
import { toasts } from '../ui/toasts.svelte.ts';
import type { EventPages } from './events.svelte.ts';
import { keyOf } from './list.ts';
import { AT_ONCE, mark, stretchOf, undoOf, type Stretch } from './mark.ts';

export type MarkDeed = 'review' | 'unreview' | 'pin' | 'unpin';
export type Deed = MarkDeed | 'delete' | 'undo';

/** Events at hand, or all that are found. */
export type Chosen = EventItem[] | 'everything';

const CHANGES = {
  review: { reviewed: true },
  unreview: { reviewed: false },
  pin: { pinned: true },
  unpin: { pinned: false },
} as const;

export class Bulk {
  running = $state.raw<{ deed: Deed; done: number; total: number } | null>(null);
  #abort: AbortController | null = null;
  #list: () => EventPages | null;

  constructor(list: () => EventPages | null) {
    this.#list = list;
  }

  stop(): void {
    this.#abort?.abort();
  }

  async *#batches(chosen: Chosen, signal: AbortSignal) {
    if (chosen !== 'everything') {
      for (let at = 0; at < chosen.length; at += AT_ONCE) {
        yield { events: chosen.slice(at, at + AT_ONCE), total: chosen.length };
      }
      return;
    }
    const list = this.#list();
    if (list) yield* list.every(signal);
  }

  /** All of the chosen, at most as many as go into one request. */
  async gather(chosen: Chosen): Promise<EventItem[] | null> {
    try {
      for await (const { events } of this.#batches(chosen, new AbortController().signal)) {
        return events;
      }
    } catch (error) {
      toasts.failed(m.failed.read, error);
    }
    return null;
  }

  /** Does `work` to each batch; true when all was done. Says how many were, when not. */
  async #each(
    deed: Deed,
    chosen: Chosen,
    failed: string,
    work: (events: EventItem[], signal: AbortSignal) => Promise<void>,
  ): Promise<number> {
    if (this.running) return 0;
    const abort = (this.#abort = new AbortController());
    const total = chosen === 'everything' ? (this.#list()?.total ?? 0) : chosen.length;
    let done = 0;
    this.running = { deed, done, total };
    try {
      for await (const { events, total } of this.#batches(chosen, abort.signal)) {
        if (abort.signal.aborted) break;
        if (events.length > 0) await work(events, abort.signal);
        done += events.length;
        this.running = { deed, done, total: Math.max(total, done) };
      }
      if (abort.signal.aborted) toasts.show({ text: m.stopped(done) });
    } catch (error) {
      if (isAbort(error)) toasts.show({ text: m.stopped(done) });
      else toasts.failed(failed, error);
    } finally {
      this.running = null;
    }
    return done;
  }

  /* Also when /live is not there to tell. */
  #changed(stretches: Stretch[]): void {
    const list = this.#list();
    for (const stretch of stretches) list?.changed(stretch);
  }

  async mark(deed: MarkDeed, chosen: Chosen): Promise<number> {
    let changed: Mark[] | null = [];
    const done = await this.#each(deed, chosen, m.failed.mark, async (events, signal) => {
      const keys = new Set(events.map(keyOf));
      const stretches = events.map(stretchOf);
      this.#list()?.assume(keys, (event) => ({ ...event, ...CHANGES[deed] }));
      try {
        const here = await mark(stretches, CHANGES[deed], signal);
        changed = changed && here && [...changed, ...here];
      } finally {
        this.#changed(stretches); /* as it really is */
      }
    });
    if (done === 0) return 0;
    const undo = undoOf(changed, CHANGES[deed], (stretches) => this.#changed(stretches));
    toasts.show({ text: m.done[deed](done), ...undo });
    return done;
  }

  async delete(chosen: Chosen): Promise<number> {
    const undos: string[] = [];
    const gone: Stretch[] = [];
    const sum = { bytes: 0, deleted: 0, pinned: 0, readonly: 0 };
    const done = await this.#each('delete', chosen, m.failed.delete, async (events, signal) => {
      const stretches = events.map(stretchOf);
      try {
        const body = { stretches };
        const answer = await send('post', '/api/v1/deletions', { body }, signal);
        if (answer.undo) undos.push(String(answer.undo));
        sum.bytes += answer.bytes;
        sum.deleted += answer.deleted;
        sum.pinned += answer.kept_pinned;
        sum.readonly += answer.kept_readonly;
        if (answer.kept_pinned + answer.kept_readonly === 0) {
          this.#list()?.assume(new Set(events.map(keyOf)), () => null);
        }
        gone.push(...stretches);
      } finally {
        this.#changed(stretches);
      }
    });
    if (done === 0) return 0;
    const text = [
      sum.deleted > 0 ? m.deleted(done, sum.bytes) : m.nothingDeleted,
      sum.pinned > 0 ? m.keptPinned(sum.pinned) : '',
      sum.readonly > 0 ? m.keptReadonly(sum.readonly) : '',
    ];
    const back = () => void this.#undoDelete(undos, gone);
    const action = undos.length > 0 ? { label: t.undo, run: back } : undefined;
    toasts.show({ text: text.filter((part) => part).join('; '), ...(action ? { action } : {}) });
    return done;
  }

  async #undoDelete(undos: string[], stretches: Stretch[]): Promise<void> {
    try {
      for (const id of undos) {
        await send('post', '/api/v1/deletions/{id}/undo', { path: { id } });
      }
      toasts.show({ text: m.restored });
    } catch (error) {
      toasts.failed(m.failed.undo, error);
    }
    this.#changed(stretches);
  }
}
