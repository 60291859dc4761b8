/*
 * What one does with the event that is shown: reviewed, pinned, notes, deleted. Of several cameras
 * all events of the stretch are meant, or those of the one that is large.
 */
import { send } from '../api/send.ts';
import type { EventItem } from '../api/types.ts';
import { stretchOf, type Stretch } from '../events/mark.ts';
import { k } from '../strings/player.ts';
import { toasts } from '../ui/toasts.svelte.ts';
import type { Conductor } from './conductor.svelte.ts';
import type { Undo } from './deletion.ts';
import { withinPart } from './stretch.ts';

export class Marking {
  notesOpen = $state(false);
  busy = $state(false);
  #player: Conductor;
  #large: () => string | null;
  #say: (text: string) => void;

  constructor(player: Conductor, large: () => string | null, say: (text: string) => void) {
    this.#player = player;
    this.#large = large;
    this.#say = say;
  }

  /** The events that are meant. */
  get events(): EventItem[] {
    const { stretch } = this.#player.engine;
    const large = this.#large();
    const all = stretch?.events ?? [];
    const own = all.filter((event) => event.camera === large);
    return stretch && stretch.cameras.length > 1 && own.length > 0 ? own : all;
  }

  /** What of them is shown, of an event that is played in parts. */
  get shown(): EventItem[] {
    const { stretch } = this.#player.engine;
    return stretch ? this.events.map((event) => withinPart(event, stretch)) : [];
  }

  get reviewed(): boolean {
    return this.events.length > 0 && this.events.every((event) => event.reviewed);
  }

  get pinned(): boolean {
    return this.events.length > 0 && this.events.every((event) => event.pinned);
  }

  get stretches(): Stretch[] {
    return this.events.map(stretchOf);
  }

  /** How many notes there are on them. */
  get noted(): number {
    return new Set(this.events.flatMap((event) => event.notes).map((note) => note.id)).size;
  }

  async review(): Promise<void> {
    const reviewed = !this.reviewed;
    await this.#mark({ reviewed }, (n) => (reviewed ? k.reviewed(n) : k.notReviewed(n)));
  }

  async pin(): Promise<void> {
    const pinned = !this.pinned;
    await this.#mark({ pinned }, (n) => (pinned ? k.pinned(n) : k.unpinned(n)));
  }

  async #mark(what: { reviewed?: boolean; pinned?: boolean }, said: (n: number) => string) {
    const { events } = this;
    if (events.length === 0) return;
    try {
      await send('post', '/api/v1/marks', {
        body: { stretches: events.map(stretchOf), ...what },
      });
      this.#player.know(events.map((event) => ({ ...event, ...what })));
      this.#say(said(events.length));
    } catch (error) {
      toasts.failed(k.notMarked, error);
    }
  }

  /** Deletes what is shown and goes on to the next; a toast brings it back. */
  async remove(): Promise<void> {
    const events = this.shown;
    const { stretch } = this.#player.engine;
    if (!stretch || events.length === 0 || this.busy) return;
    this.busy = true;
    const goOn = this.#player.leaving();
    try {
      const done = await send('post', '/api/v1/deletions', {
        body: { stretches: events.map(stretchOf) },
      });
      const kept = done.kept_pinned + done.kept_readonly;
      if (!done.undo) {
        goOn(false);
        this.#say(
          done.kept_pinned > 0
            ? k.keptPinned
            : done.kept_readonly > 0
              ? k.keptReadonly
              : k.nothingDeleted,
        );
        return;
      }
      const undo = { id: done.undo, until: done.until ?? '' };
      toasts.show({
        text: k.deleted(done.deleted, kept),
        action: { label: k.undo, run: () => void this.undo(undo, stretch.start) },
      });
      goOn(true);
    } catch (error) {
      goOn(false);
      toasts.failed(k.notDeleted, error);
    } finally {
      this.busy = false;
    }
  }

  /** Brings a deletion back and shows it again. */
  async undo({ id }: Undo, at: number): Promise<void> {
    try {
      const done = await send('post', '/api/v1/deletions/{id}/undo', { path: { id } });
      toasts.show({ text: k.restored(done.restored) });
      await this.#player.openAt(at);
    } catch (error) {
      toasts.failed(k.notRestored, error);
    }
  }
}
