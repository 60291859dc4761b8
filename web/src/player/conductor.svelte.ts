/*
 * Which stretch is played: finds what the address means, looks what lies before and after it, goes
 * on by itself at an end, follows what happens now, and keeps the address at the frame shown.
 */
import { ApiError, get, isAbort } from '../api/client.ts';
import { live } from '../api/live.svelte.ts';
import type { EventItem } from '../api/types.ts';
import { cameras } from '../cameras/store.svelte.ts';
import { keyOf } from '../events/list.ts';
import { router } from '../routing/router.svelte.ts';
import type { PlayRoute } from '../routing/url.ts';
import { t } from '../strings/en.ts';
import { knownZone } from '../time/zone.ts';
import { firstPicture, take } from './ahead.ts';
import { courseOf, type Course } from './course.ts';
import { Engine } from './engine.svelte.ts';
import { deletionOf, type Undo } from './deletion.ts';
import { grown, stretchOf, timeBeside, type Stretch } from './stretch.ts';

const RELABEL_MS = 400;
const JOIN_MS = 3000; /* an event of another camera that begins this soon belongs to what is shown */

type Route = PlayRoute;
type Early = ReturnType<typeof firstPicture>;

export class Conductor {
  readonly engine = new Engine();
  error = $state.raw<unknown>(null);
  nothing = $state(false);
  /** What was shown has been deleted, elsewhere. */
  gone = $state.raw<{ undo: Undo | null; start: number } | null>(null);
  before = $state.raw<Stretch | null>(null);
  after = $state.raw<Stretch | null>(null);
  place = $state.raw<{ n: number; total: number } | null>(null);
  #route: Route;
  #course: Course;
  #zonesKnown = false;
  #say: (text: string) => void;
  #search = new AbortController();
  #around = new AbortController();
  #labelTimer: ReturnType<typeof setTimeout> | undefined;
  #steps: Promise<unknown> = Promise.resolve();
  /* Playing reached an end with nothing behind it: goes on when something comes. */
  #atEnd = false;
  #leaving = false;

  constructor(route: Route, say: (text: string) => void) {
    this.#route = route;
    this.#say = say;
    this.#course = this.#courseOf(route);
    this.engine.onEnd = (direction) => void this.#goOn(direction);
    this.engine.onFrame = () => this.#relabelSoon();
    this.engine.onStale = () => void this.#reopen();
  }

  destroy(): void {
    this.#search.abort();
    this.#around.abort();
    clearTimeout(this.#labelTimer);
    this.engine.destroy();
  }

  /** The cameras that are shown, or will be. */
  get cameras(): string[] {
    const { camera, beside = [] } = this.#route;
    return this.engine.stretch?.cameras ?? (camera ? [camera, ...beside] : []);
  }

  /** The address of what is shown. */
  get route(): Route {
    const [camera = this.#route.camera] = this.engine.stretch?.cameras ?? [];
    return { ...this.#route, camera, at: this.engine.time ?? this.#route.at };
  }

  #courseOf(route: Route): Course {
    this.#zonesKnown = cameras.loaded;
    return courseOf(route, cameras.list, () => {
      const camera = cameras.find(route.camera);
      return camera ? knownZone(camera.timezone) : null;
    });
  }

  /** A new address is a new place to be. */
  async open(wanted: Route): Promise<void> {
    this.#route = wanted;
    this.#course = this.#courseOf(wanted);
    this.#search.abort();
    this.#search = new AbortController();
    const { signal } = this.#search;
    this.error = null;
    this.nothing = false;
    this.gone = null;
    this.#atEnd = false;
    const { camera, at } = wanted;
    const handed = wanted.beside ? null : take(camera, at);
    if (handed) return this.show(stretchOf(handed.event), at, true, handed.picture);
    try {
      const stretch = await this.#course.at(at, signal);
      /* A link to the beginning of an event plays it; one to a frame within shows that frame. */
      const play = at === null || (stretch !== null && at <= stretch.start);
      if (play) this.engine.direction = 1;
      if (stretch) this.show(stretch, at, play);
      else this.nothing = true;
    } catch (caught) {
      if (!isAbort(caught)) this.error = caught;
    }
  }

  retry(): void {
    void this.open(this.route);
  }

  show(stretch: Stretch, at: number | null, play: boolean, early: Early | null = null): void {
    this.gone = null;
    this.before = this.after = null;
    this.place = null;
    this.#atEnd = false;
    /* the first picture of an event need not wait for its index */
    const fromStart =
      stretch.cameras.length === 1 &&
      stretch.start === stretch.whole.start &&
      (at === null || at <= stretch.start);
    const first = fromStart ? () => firstPicture(stretch.event) : null;
    this.engine.show(stretch, at, play, early ? () => early : first);
    this.#relabelSoon();
    if (this.engine.hasPicture) void this.lookAround();
  }

  #relabelSoon(): void {
    this.#labelTimer ??= setTimeout(() => {
      this.#labelTimer = undefined;
      this.relabel();
    }, RELABEL_MS);
  }

  /** What comes before and after what is shown; what comes next is fetched. */
  async lookAround(): Promise<void> {
    const { stretch } = this.engine;
    if (!stretch) return;
    this.#around.abort();
    this.#around = new AbortController();
    const { signal } = this.#around;
    try {
      const [before, after] = await Promise.all([
        this.#course.next(stretch, -1, signal),
        this.#course.next(stretch, 1, signal),
      ]);
      if (signal.aborted) return;
      [this.before, this.after] = [before, after];
      const forward = this.engine.direction > 0;
      const next = forward ? after : before;
      if (next) this.engine.prefetch(next, forward ? null : next.end);
    } catch {
      /* what is shown plays all the same; n and p look again */
    }
  }

  /** The how-manieth it is; call again when more is known of the cameras. */
  async count(signal: AbortSignal): Promise<void> {
    const { stretch } = this.engine;
    if (!stretch) return;
    /* the days of a list are those of a camera's zone */
    if (this.#route.list && !this.#zonesKnown) {
      this.#course = this.#courseOf(this.#route);
      void this.lookAround();
    }
    try {
      const place = await this.#course.place(stretch, signal);
      if (!signal.aborted) this.place = place;
    } catch {
      /* it is an extra; the event plays all the same */
    }
  }

  /** False: there is none. */
  async neighbour(direction: 1 | -1, play: boolean, entry: 'start' | 'natural'): Promise<boolean> {
    const { stretch } = this.engine;
    if (!stretch) return true;
    let next = direction > 0 ? this.after : this.before;
    if (!next) {
      try {
        next = await this.#course.next(stretch, direction);
      } catch (caught) {
        if (caught instanceof ApiError) this.#say(t.errors.unreachable);
        return true;
      }
    }
    /* the same one may have been read anew meanwhile */
    if (this.engine.stretch?.start !== stretch.start) return true;
    if (!next) {
      this.#say(direction > 0 ? this.#words.last : this.#words.first);
      return false;
    }
    this.show(next, entry === 'natural' && direction < 0 ? next.end : null, play);
    return true;
  }

  /** As n and p ask: one step after the other, however quickly they are asked for. */
  step(direction: 1 | -1): void {
    this.#steps = this.#steps.then(() => this.neighbour(direction, this.engine.playing, 'start'));
  }

  get #words() {
    const sort = this.#route.list?.sort ?? 'time';
    if (sort === 'time') return { first: t.play.oldest, last: t.play.newest };
    return { first: t.play.firstOfList, last: t.play.lastOfList };
  }

  async #goOn(direction: 1 | -1): Promise<void> {
    if (await this.neighbour(direction, true, 'natural')) return;
    this.#atEnd = this.engine.playing && direction > 0 && !this.#route.list;
    this.engine.pause();
  }

  relabel(): void {
    if (this.engine.time !== null) router.relabel(this.route);
  }

  /** Events of what is shown as they are now. */
  know(events: EventItem[]): void {
    const { stretch } = this.engine;
    if (!stretch) return;
    const now = new Map(events.map((event) => [keyOf(event), event]));
    this.engine.stretch = {
      ...stretch,
      events: stretch.events.map((event) => now.get(keyOf(event)) ?? event),
      event: now.get(keyOf(stretch.event)) ?? stretch.event,
    };
  }

  /** Reads the events of what is shown anew: their marks, and whether they are there. */
  async reread(): Promise<void> {
    const { stretch } = this.engine;
    if (!stretch) return;
    const { start, end, cameras } = stretch;
    const { events } = await get('/api/v1/events', {
      camera: cameras,
      from: String(start),
      to: String(end),
      dwell: this.#route.dwell ?? undefined,
      limit: 1000,
    });
    if (this.engine.stretch?.start !== start) return;
    const now = new Map(events.map((event) => [keyOf(event), event]));
    const whole = stretch.events.every((event) => {
      const one = now.get(keyOf(event));
      return one !== undefined && one.end >= event.end && one.frames >= event.frames;
    });
    if (whole) return this.#growTo(events);
    /* some of it was deleted, or came back */
    const same = events.some((event) => stretch.events.some((one) => one.camera === event.camera));
    if (same) await this.#reopen();
    else await this.#tellGone(stretch);
  }

  /* Its events are there, perhaps with more than they had. */
  #growTo(events: EventItem[]): void {
    for (const event of events) {
      const { stretch } = this.engine;
      const known = stretch?.events.find((one) => keyOf(one) === keyOf(event));
      if (stretch && known && event.end > known.end) this.engine.extend(grown(stretch, event));
    }
    this.know(events);
  }

  async #tellGone(stretch: Stretch): Promise<void> {
    const undo = await deletionOf(stretch.event.camera, stretch.start, stretch.end).catch(
      () => null,
    );
    if (this.engine.stretch?.start !== stretch.start) return;
    this.engine.pause();
    this.gone = { undo, start: stretch.start };
  }

  /** What is shown is about to be deleted here; call what is given back with whether it was. */
  leaving(): (left: boolean) => void {
    this.#leaving = true;
    const { playing } = this.engine;
    return (left) => {
      this.#leaving = false;
      this.#course.stale?.();
      if (left) void this.#leave(playing);
    };
  }

  async #leave(playing: boolean): Promise<void> {
    const { stretch } = this.engine;
    const rest = stretch && (timeBeside(stretch, 1) ?? timeBeside(stretch, -1));
    /* what is left of the event is another one */
    if (rest) return this.openAt(rest);
    if (await this.neighbour(1, playing, 'start')) return;
    if (await this.neighbour(-1, false, 'start')) return;
    this.engine.pause();
    this.nothing = true;
  }

  /* The same moment with what there is of it now; what plays goes on. */
  async #reopen(): Promise<void> {
    const { time, stretch, playing, direction } = this.engine;
    await this.openAt(time ?? stretch?.start ?? 0);
    if (playing && this.engine.stretch !== stretch) this.engine.play(direction);
  }

  async openAt(at: number): Promise<void> {
    await this.open({ ...this.#route, camera: this.cameras[0] ?? null, at });
  }

  #changed(what: { camera: string; from: string; to: string }): void {
    const { stretch } = this.engine;
    if (this.#leaving || !stretch?.cameras.includes(what.camera)) return;
    const near = (one: Stretch) =>
      Date.parse(what.from) <= one.end && Date.parse(what.to) >= one.start;
    this.#course.stale?.();
    if (near(stretch)) void this.reread().catch(() => undefined);
    else void this.lookAround();
  }

  /** Call in an effect: follows what the server tells. */
  follow(): () => void {
    const stops = [
      live.on('event', (event) => this.#happened(event)),
      live.on('marks', (what) => this.#changed(what)),
      live.on('deleted', (what) => this.#changed(what)),
      live.on('restored', (what) => {
        if (this.gone) void this.openAt(this.gone.start);
        else this.#changed(what);
      }),
      live.onResync(() => {
        if (this.error || this.engine.failure) return this.retry();
        /* what was told meanwhile was not heard */
        this.#course.stale?.();
        void this.reread().catch(() => undefined);
        void this.lookAround();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  #happened(event: EventItem): void {
    const { stretch } = this.engine;
    /* Told of are events by the camera's own dwell, without any filter. */
    const { dwell, windows, list } = this.#route;
    if (!stretch || dwell !== null || !stretch.cameras.includes(event.camera)) return;
    const known = stretch.events.find(
      (one) => one.camera === event.camera && one.start === event.start,
    );
    const joins =
      stretch.cameras.length > 1 &&
      Date.parse(event.start) >= stretch.start &&
      Date.parse(event.start) <= stretch.end + JOIN_MS;
    if ((known && event.end > known.end) || (!known && joins)) {
      this.engine.extend(grown(stretch, event));
      if (!this.#atEnd) return;
      this.#atEnd = false;
      this.engine.play(1);
    } else if (Date.parse(event.start) > stretch.end && !this.after) {
      if (windows.length > 0 || list) return;
      if (stretch.cameras.length > 1) void this.lookAround();
      else this.after = stretchOf(event);
      if (this.#atEnd) void this.neighbour(1, true, 'natural');
    }
  }
}
