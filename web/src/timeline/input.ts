/*
 * Pointers over a timeline become what they mean: pan, zoom, scrub, select, open. Knows the element
 * and its width, nothing of what is drawn.
 */
import { partOf, panned, pinched, timeAt, zoomed, type View } from './view.ts';

export interface Place {
  x: number;
  y: number;
  time: number;
}

export interface Verbs {
  view: () => View;
  /** A place where pressing moves the playhead: the ruler, or the playhead itself. */
  scrubs: (place: Place, touch: boolean) => boolean;
  look: (view: View) => void;
  scrub: (time: number) => void;
  select: (from: number, to: number) => void;
  hover: (place: Place | null) => void;
  open: (place: Place) => void;
}

const MOVED_PX = 4;
const TWICE_MS = 260;
const WHEEL = 0.0016;
const LINE_PX = 18;

type Mode =
  | { kind: 'press' | 'pan'; start: Place; view: View; touch: boolean }
  | { kind: 'scrub' }
  | { kind: 'select'; from: number }
  | { kind: 'pinch'; view: View; parts: [number, number] };

export class Input {
  #box: HTMLElement;
  #verbs: Verbs;
  #pointers = new Map<number, number>();
  #mode: Mode | null = null;
  #click: ReturnType<typeof setTimeout> | undefined;

  constructor(box: HTMLElement, verbs: Verbs) {
    this.#box = box;
    this.#verbs = verbs;
  }

  listen(): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    const on = <K extends keyof HTMLElementEventMap>(
      kind: K,
      handler: (event: HTMLElementEventMap[K]) => void,
      passive = true,
    ) => this.#box.addEventListener(kind, handler, { signal, passive });
    on('pointerdown', (event) => this.#down(event));
    on('pointermove', (event) => this.#move(event));
    on('pointerup', (event) => this.#up(event, true));
    on('pointercancel', (event) => this.#up(event, false));
    /* Some browsers take a finger away for scrolling, whatever touch-action says. */
    on('touchmove', (event) => this.#keep(event), false);
    on('pointerleave', () => this.#verbs.hover(null));
    on('dblclick', (event) => {
      clearTimeout(this.#click);
      this.#verbs.look(zoomed(this.#verbs.view(), this.#part(event), event.shiftKey ? 2.5 : 0.4));
    });
    on('wheel', (event) => this.#wheel(event), false);
    return () => {
      stop.abort();
      clearTimeout(this.#click);
    };
  }

  #keep(event: TouchEvent): void {
    if (this.#mode && this.#mode.kind !== 'press' && event.cancelable) event.preventDefault();
  }

  #part(event: { clientX: number }): number {
    const box = this.#box.getBoundingClientRect();
    return (event.clientX - box.left) / Math.max(1, box.width);
  }

  #place(event: MouseEvent): Place {
    const box = this.#box.getBoundingClientRect();
    const time = timeAt(this.#verbs.view(), this.#part(event));
    return { x: event.clientX - box.left, y: event.clientY - box.top, time };
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const touch = event.pointerType === 'touch';
    const part = this.#part(event);
    this.#pointers.set(event.pointerId, part);
    this.#box.setPointerCapture?.(event.pointerId);
    const place = this.#place(event);
    const view = this.#verbs.view();
    const [a, b] = [...this.#pointers.values()];
    if (a !== undefined && b !== undefined) this.#mode = { kind: 'pinch', view, parts: [a, b] };
    else if (event.shiftKey) this.#mode = { kind: 'select', from: place.time };
    else if (this.#verbs.scrubs(place, touch)) {
      this.#mode = { kind: 'scrub' };
      this.#verbs.hover(null);
      this.#verbs.scrub(place.time);
    } else this.#mode = { kind: 'press', start: place, view, touch };
  }

  #move(event: PointerEvent): void {
    const mode = this.#mode;
    const place = this.#place(event);
    if (!mode || !this.#pointers.has(event.pointerId)) {
      if (event.pointerType !== 'touch') this.#verbs.hover(place);
      return;
    }
    this.#pointers.set(event.pointerId, this.#part(event));
    if (mode.kind === 'scrub') this.#verbs.scrub(place.time);
    else if (mode.kind === 'select') {
      this.#verbs.select(Math.min(mode.from, place.time), Math.max(mode.from, place.time));
    } else if (mode.kind === 'pinch') {
      const [a, b] = [...this.#pointers.values()];
      if (a !== undefined && b !== undefined) {
        this.#verbs.look(pinched(mode.view, mode.parts, [a, b]));
      }
    } else {
      const by = place.x - mode.start.x;
      if (mode.kind === 'press' && Math.abs(by) < MOVED_PX) return;
      mode.kind = 'pan';
      this.#verbs.hover(null);
      const part = by / Math.max(1, this.#box.getBoundingClientRect().width);
      this.#verbs.look(panned(mode.view, -part * (mode.view.to - mode.view.from)));
    }
  }

  #up(event: PointerEvent, done: boolean): void {
    const mode = this.#mode;
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#pointers.size > 0) {
      /* The finger that stays goes on panning from where it is. */
      const [part = 0.5] = this.#pointers.values();
      const view = this.#verbs.view();
      const x = part * this.#box.getBoundingClientRect().width;
      const start = { x, y: 0, time: timeAt(view, part) };
      this.#mode = { kind: 'pan', start, view, touch: true };
      return;
    }
    this.#mode = null;
    if (!done || mode?.kind !== 'press') return;
    const { start, touch } = mode;
    if (touch) this.#verbs.scrub(start.time);
    else if (event.detail <= 1) {
      /* A second click would be a double one. */
      clearTimeout(this.#click);
      this.#click = setTimeout(() => this.#verbs.open(start), TWICE_MS);
    }
  }

  #wheel(event: WheelEvent): void {
    if (event.altKey) return; /* scrolls what there is to scroll */
    event.preventDefault();
    const unit = event.deltaMode === 1 ? LINE_PX : event.deltaMode === 2 ? 400 : 1;
    const view = this.#verbs.view();
    const width = Math.max(1, this.#box.getBoundingClientRect().width);
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#verbs.look(panned(view, ((sideways * unit) / width) * (view.to - view.from)));
      return;
    }
    /* A pinch on a touchpad comes as small steps with ctrl. */
    const factor = Math.exp(event.deltaY * unit * (event.ctrlKey ? 0.012 : WHEEL));
    this.#verbs.look(zoomed(view, this.#part(event), Math.min(4, Math.max(0.25, factor))));
  }
}

/** Where on the box a time is, in pixels. */
export const xOf = (view: View, width: number, time: number) => partOf(view, time) * width;
