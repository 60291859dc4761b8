/* Which key does what. The list of keys that is shown is in the strings; a test holds them together. */
export type Action =
  | 'toggle'
  | 'pause'
  | 'backward'
  | 'forward'
  | 'stepBack'
  | 'stepForward'
  | 'nextEvent'
  | 'previousEvent'
  | 'home'
  | 'end'
  | 'faster'
  | 'slower'
  | 'gaps'
  | 'overlay'
  | 'zoom'
  | 'fullScreen'
  | 'copy'
  | 'save'
  | 'review'
  | 'pin'
  | 'note'
  | 'remove'
  | 'export'
  | 'keys';

const actions: Record<string, Action> = {
  ' ': 'toggle',
  k: 'toggle',
  j: 'backward',
  l: 'forward',
  ArrowLeft: 'stepBack',
  ArrowRight: 'stepForward',
  n: 'nextEvent',
  p: 'previousEvent',
  Home: 'home',
  End: 'end',
  '+': 'faster',
  '=': 'faster',
  '-': 'slower',
  g: 'gaps',
  h: 'overlay',
  z: 'zoom',
  f: 'fullScreen',
  c: 'copy',
  s: 'save',
  r: 'review',
  i: 'pin',
  m: 'note',
  Delete: 'remove',
  e: 'export',
  '?': 'keys',
};

interface Pressed {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

export function actionOf(event: Pressed): Action | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return actions[key] ?? null;
}

/** 1 .. 9: which of several cameras is meant. */
export function numberOf(event: Pressed): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  return /^[1-9]$/.test(event.key) ? Number(event.key) : null;
}

/** Frames a wheel turn means: one a notch; a touchpad's small steps add up. */
export class WheelSteps {
  #rest = 0;

  add(delta: number, mode: number): number {
    const pixels = mode === 1 ? delta * 40 : mode === 2 ? delta * 400 : delta;
    if (Math.sign(pixels) !== Math.sign(this.#rest)) this.#rest = 0;
    this.#rest += pixels;
    const steps = Math.abs(pixels) >= 60 ? Math.sign(pixels) : Math.trunc(this.#rest / 40) || 0;
    if (steps !== 0) this.#rest = 0;
    return steps;
  }
}
