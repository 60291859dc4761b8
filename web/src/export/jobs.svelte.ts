/*
 * Exports that are made in the background, as the server tells of them. Whoever shows them uses the
 * store; one that was asked for here is watched until it is over, wherever one goes meanwhile.
 */
import { get } from '../api/client.ts';
import { live } from '../api/live.svelte.ts';
import { send } from '../api/send.ts';
import type { ExportJob } from '../api/types.ts';
import { x } from '../strings/export.ts';
import { toasts } from '../ui/toasts.svelte.ts';
import { isOver, merged, type ExportFormat, type ExportStretch } from './plan.ts';

class Jobs {
  list = $state.raw<ExportJob[]>([]);
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  #users = 0;
  #stop: (() => void)[] = [];
  #watched = new Map<string, () => void>();

  /** Call in an effect; the store follows the server as long as someone uses it. */
  use(): () => void {
    if (this.#users++ === 0) {
      this.#stop = [
        live.on('export', (job) => this.#take(job)),
        live.onResync(() => void this.load()),
      ];
      void this.load();
    }
    return () => {
      if (--this.#users === 0) for (const stop of this.#stop.splice(0)) stop();
    };
  }

  async load(): Promise<void> {
    try {
      const { exports } = await get('/api/v1/exports', { limit: 200 });
      this.list = exports;
      this.error = null;
      /* One that is over already is told of by nobody any more. */
      for (const job of exports) if (this.#watched.has(job.id) && isOver(job)) this.#announce(job);
    } catch (error) {
      this.error = error;
    }
    this.loaded = true;
  }

  find(id: string | null): ExportJob | null {
    return this.list.find((job) => job.id === id) ?? null;
  }

  async add(
    format: ExportFormat,
    stretches: readonly ExportStretch[],
    burnIn: boolean,
  ): Promise<ExportJob> {
    const job = await send('post', '/api/v1/exports', {
      body: {
        format,
        burn_in: burnIn && format === 'mp4',
        stretches: stretches.map(({ camera, from, to }) => ({ camera, from, to })),
      },
    });
    this.#take(job);
    return job;
  }

  /** Cancels it, or removes it when it is over. */
  async remove(id: string): Promise<void> {
    this.unwatch(id);
    this.#take(await send('delete', '/api/v1/exports/{id}', { path: { id } }));
  }

  /** Says so when it is over; for those whose dialog is closed before. */
  watch(id: string): void {
    if (this.#watched.has(id)) return;
    const known = this.find(id);
    if (known && isOver(known)) {
      this.#announce(known);
      return;
    }
    const release = this.use();
    const stop = live.on('export', (job) => {
      if (job.id === id && isOver(job)) this.#announce(job);
    });
    this.#watched.set(id, () => {
      stop();
      release();
    });
  }

  unwatch(id: string): void {
    this.#watched.get(id)?.();
    this.#watched.delete(id);
  }

  #announce(job: ExportJob): void {
    this.unwatch(job.id);
    const url = job.url;
    if (job.state === 'done' && url) {
      toasts.show({
        text: x.ready(job.file ?? ''),
        action: { label: x.download, run: () => location.assign(url) },
        ms: 60_000,
      });
    } else if (job.state === 'failed') {
      toasts.show({ text: `${x.failed}: ${job.problem ?? ''}`, kind: 'error' });
    }
  }

  #take(job: ExportJob): void {
    this.list = merged(this.list, job);
  }
}

export const jobs = new Jobs();
