/*
 * What wheel, mouse and fingers do on the picture. Dragging over it scrubs: its width is the event.
 * A closer one it moves; ctrl and wheel, or two fingers, go closer. What a tap does is not said here.
 */
import type { Engine } from './engine.svelte.ts';
import { WheelSteps } from './keys.ts';
import { panned, wheelFactor, WHOLE, zoomed, type View } from './view.ts';

const SLACK = 6; /* pixels a tap may move */
const KEY_PAN = 80;
const arrows: Record<string, [number, number]> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

interface Point {
  x: number;
  y: number;
}

interface Drag extends Point {
  part: number;
  width: number;
  moved: boolean;
}

export class Gestures {
  /** Which part of the picture is seen; it stays from event to event. */
  view = $state.raw<View>(WHOLE);
  #getEngine: () => Engine;
  #stage: () => HTMLElement | undefined;
  #tap: (pointer: string) => void;
  #wheel = new WheelSteps();
  #fingers = new Map<number, Point>();
  #drag: Drag | null = null;

  constructor(
    engine: () => Engine,
    stage: () => HTMLElement | undefined,
    tap: (pointer: string) => void,
  ) {
    this.#getEngine = engine;
    this.#stage = stage;
    this.#tap = tap;
  }

  get #engine(): Engine {
    return this.#getEngine();
  }

  get transform(): string {
    const { scale, x, y } = this.view;
    return `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** Twice as close, four times, whole again. */
  cycle(): void {
    const box = this.#box();
    const { scale } = this.view;
    const next = scale < 1.9 ? 2 : scale < 3.9 ? 4 : 1;
    this.view = zoomed(this.view, next / scale, box.width / 2, box.height / 2, box);
  }

  /** True when the key has moved the picture. */
  key(event: KeyboardEvent): boolean {
    const [dx, dy] = arrows[event.key] ?? [];
    if (!event.shiftKey || this.view.scale === 1) return false;
    if (dx === undefined || dy === undefined) return false;
    this.view = panned(this.view, dx * KEY_PAN, dy * KEY_PAN, this.#box());
    return true;
  }

  wheel = (event: WheelEvent): void => {
    event.preventDefault();
    if (event.ctrlKey) {
      const box = this.#box();
      const factor = wheelFactor(event.deltaY, event.deltaMode);
      const { clientX: x, clientY: y } = event;
      this.view = zoomed(this.view, factor, x - box.left, y - box.top, box);
      return;
    }
    const steps = this.#wheel.add(event.deltaY || event.deltaX, event.deltaMode);
    if (steps !== 0) this.#engine.step(steps);
  };

  down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y } = event;
    this.#fingers.set(event.pointerId, { x, y });
    const { part } = this.#engine;
    this.#drag =
      this.#fingers.size > 1 ? null : { x, y, part, width: this.#box().width, moved: false };
  };

  move = (event: PointerEvent): void => {
    const { clientX: x, clientY: y } = event;
    const before = this.#grip();
    if (this.#fingers.has(event.pointerId)) this.#fingers.set(event.pointerId, { x, y });
    const after = this.#grip();
    if (before && after) {
      const box = this.#box();
      const factor = after.distance / before.distance;
      const closer = zoomed(this.view, factor, before.x - box.left, before.y - box.top, box);
      this.view = panned(closer, after.x - before.x, after.y - before.y, box);
    } else if (this.#drag) this.#dragTo(this.#drag, x, y);
  };

  up = (event: PointerEvent): void => {
    const tapped = this.#drag !== null && !this.#drag.moved;
    this.cancel(event);
    if (tapped) this.#tap(event.pointerType);
  };

  cancel = (event: PointerEvent): void => {
    this.#fingers.delete(event.pointerId);
    this.#drag = null;
  };

  #dragTo(drag: Drag, x: number, y: number): void {
    const by = x - drag.x;
    const closer = this.view.scale > 1;
    if (!drag.moved && Math.hypot(by, closer ? y - drag.y : 0) < SLACK) return;
    if (closer) {
      this.view = panned(this.view, by, y - drag.y, this.#box());
      this.#drag = { ...drag, x, y, moved: true };
      return;
    }
    if (!drag.moved) this.#engine.pause();
    drag.moved = true;
    this.#engine.seekTo(Math.min(1, Math.max(0, drag.part + by / drag.width)));
  }

  #box(): DOMRect {
    return this.#stage()?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
  }

  /* Two fingers: how far apart they are, and their middle. */
  #grip(): (Point & { distance: number }) | null {
    const [a, b] = [...this.#fingers.values()];
    if (!a || !b) return null;
    const distance = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
    return { distance, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }
}
