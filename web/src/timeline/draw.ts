/* Paints rows of activity onto a canvas. Decides nothing: what is where comes as values. */
import { RULER, type Row } from './rows.ts';
import type { Silence } from './silence.ts';
import type { Tick } from './ticks.ts';
import { bucketMs, TILE_BUCKETS, type Piece } from './tiles.ts';
import { partOf, type View } from './view.ts';

export interface Colours {
  text: string;
  muted: string;
  line: string;
  surface: string;
  sunken: string;
  bar: string;
  accent: string;
  danger: string;
  good: string;
  font: string;
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of('--text'),
    muted: of('--muted'),
    line: of('--line'),
    surface: of('--surface'),
    sunken: of('--sunken'),
    bar: of('--bar'),
    accent: of('--accent'),
    danger: of('--danger'),
    good: of('--good'),
    font: style.fontFamily,
  };
}

/** A stretch somebody has marked. */
export interface Mark {
  camera: string;
  kind: 'reviewed' | 'pinned' | 'note';
  from: number;
  to: number;
  /** Of a note. */
  text?: string;
}

export interface Scene {
  view: View;
  width: number;
  height: number;
  scrolled: number;
  rows: Row[];
  active: number;
  ticks: Tick[];
  now: number;
  pieces: (camera: string) => Piece[];
  silences: (camera: string) => Silence[];
  first: (camera: string) => number | null;
  marks: (camera: string) => Mark[];
}

type Brush = CanvasRenderingContext2D;

function hatching(brush: Brush, colour: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const pen = tile.getContext('2d');
  if (!pen) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return brush.createPattern(tile, 'repeat') ?? colour;
}

/* The most frames a second of what is shown, and at least such that one frame is no full bar. */
function peakOf(pieces: Piece[]): number {
  let peak = 0;
  for (const { tile, from, to } of pieces) {
    const step = bucketMs(tile.level);
    const start = Math.floor(from / step) - tile.index * TILE_BUCKETS;
    const end = Math.ceil(to / step) - tile.index * TILE_BUCKETS;
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, tile.frames[i] ?? 0);
    peak = Math.max(peak, (Math.max(most, 4) * 1000) / step);
  }
  return peak || 1;
}

class Painter {
  readonly brush: Brush;
  readonly scene: Scene;
  readonly colours: Colours;
  constructor(brush: Brush, scene: Scene, colours: Colours) {
    this.brush = brush;
    this.scene = scene;
    this.colours = colours;
  }

  x(time: number): number {
    return partOf(this.scene.view, time) * this.scene.width;
  }

  /* Left edge and width of a stretch as far as it is seen; null when it is not. */
  span(from: number, to: number): [number, number] | null {
    const { view, width } = this.scene;
    if (to <= view.from || from >= view.to) return null;
    const left = Math.max(0, this.x(from));
    return [left, Math.min(width, this.x(to)) - left];
  }

  bars(row: Row, pieces: Piece[], values: 'frames' | 'motion', colour: string, peak: number) {
    const { brush } = this;
    const ground = this.y(row.ground);
    brush.fillStyle = colour;
    for (const { tile, from, to } of pieces) {
      const step = bucketMs(tile.level);
      const base = tile.index * TILE_BUCKETS;
      const end = Math.min(TILE_BUCKETS, Math.ceil(to / step) - base);
      for (let i = Math.max(0, Math.floor(from / step) - base); i < end; i++) {
        const n = tile[values][i] ?? 0;
        if (n === 0) continue;
        const left = this.x(Math.max(from, (base + i) * step));
        const wide = this.x(Math.min(to, (base + i + 1) * step)) - left;
        const tall = Math.max(2, Math.sqrt((n * 1000) / step / peak) * row.bars);
        brush.fillRect(left, ground - tall, Math.max(1, wide > 4 ? wide - 1 : wide), tall);
      }
    }
  }

  lanes(row: Row, pieces: Piece[]) {
    const { brush, colours } = this;
    brush.fillStyle = colours.accent;
    brush.globalAlpha = 0.8;
    for (const lane of row.lanes) {
      let low = 0;
      let high = 0;
      for (const window of lane.windows) {
        if (window > 32) high |= 1 << (window - 33);
        else low |= 1 << (window - 1);
      }
      for (const { tile, from, to } of pieces) {
        const step = bucketMs(tile.level);
        const base = tile.index * TILE_BUCKETS;
        const end = Math.min(TILE_BUCKETS, Math.ceil(to / step) - base);
        for (let i = Math.max(0, Math.floor(from / step) - base); i < end; i++) {
          if (!((tile.low[i] ?? 0) & low) && !((tile.high[i] ?? 0) & high)) continue;
          const left = this.x(Math.max(from, (base + i) * step));
          const right = this.x(Math.min(to, (base + i + 1) * step));
          brush.fillRect(left, this.y(lane.top), Math.max(1.5, right - left), 3.5);
        }
      }
    }
    brush.globalAlpha = 1;
  }

  y(fromTop: number): number {
    return RULER + fromTop - this.scene.scrolled;
  }

  silent(row: Row, hatch: CanvasPattern | string) {
    const { brush, scene, colours } = this;
    const top = this.y(row.ground - row.bars);
    for (const one of scene.silences(row.camera)) {
      const at = this.span(one.from, Math.min(one.to, scene.now));
      if (!at) continue;
      brush.globalAlpha = 0.1;
      brush.fillStyle = colours.danger;
      brush.fillRect(at[0], top, at[1], row.bars);
      brush.globalAlpha = 0.45;
      brush.fillStyle = hatch;
      brush.fillRect(at[0], top, at[1], row.bars);
      brush.globalAlpha = 1;
    }
    const first = scene.first(row.camera);
    const before = this.span(scene.view.from, Math.min(first ?? scene.now, scene.now));
    if (!before) return;
    brush.fillStyle = colours.sunken;
    brush.globalAlpha = 0.7;
    brush.fillRect(before[0], top, before[1], row.bars);
    brush.globalAlpha = 1;
  }

  marks(row: Row) {
    const { brush, scene, colours } = this;
    for (const mark of scene.marks(row.camera)) {
      const at = this.span(mark.from, Math.max(mark.to, mark.from + 1));
      if (!at) continue;
      const top = this.y(row.ground - row.bars);
      if (mark.kind === 'reviewed') {
        brush.fillStyle = colours.good;
        brush.fillRect(at[0], this.y(row.ground), Math.max(2, at[1]), 2.5);
        continue;
      }
      brush.fillStyle = mark.kind === 'pinned' ? colours.text : colours.accent;
      brush.fillRect(at[0], top - 3, Math.max(2, at[1]), 1.5);
      brush.beginPath();
      if (mark.kind === 'pinned') brush.arc(at[0] + 1, top - 3, 3.5, 0, 7);
      else brush.rect(at[0] - 2, top - 6, 6, 6);
      brush.fill();
    }
  }

  row(row: Row, hatch: CanvasPattern | string, active: boolean) {
    const { brush, scene, colours } = this;
    const pieces = scene.pieces(row.camera);
    this.silent(row, hatch);
    const peak = peakOf(pieces);
    this.bars(row, pieces, 'frames', colours.bar, peak);
    this.bars(row, pieces, 'motion', colours.accent, peak);
    brush.fillStyle = colours.line;
    brush.fillRect(0, this.y(row.ground), scene.width, 1);
    this.lanes(row, pieces);
    this.marks(row);
    if (active) {
      brush.fillStyle = colours.accent;
      brush.fillRect(0, this.y(row.top) + 1, 3, row.height - 6);
    }
  }

  ticks() {
    const { brush, scene, colours } = this;
    for (const { at, label, strong } of scene.ticks) {
      if (!label) continue;
      const x = Math.round(this.x(at));
      brush.fillStyle = strong ? colours.muted : colours.line;
      brush.globalAlpha = strong ? 0.8 : 0.6;
      brush.fillRect(x, RULER, 1, scene.height);
    }
    brush.globalAlpha = 1;
  }

  ruler() {
    const { brush, scene, colours } = this;
    brush.fillStyle = colours.surface;
    brush.fillRect(0, 0, scene.width, RULER);
    brush.fillStyle = colours.line;
    brush.fillRect(0, RULER - 1, scene.width, 1);
    brush.textBaseline = 'middle';
    brush.textAlign = 'left';
    brush.fillStyle = colours.muted;
    for (const { at, label } of scene.ticks) {
      const tall = label ? 8 : 4;
      brush.fillRect(Math.round(this.x(at)), RULER - tall, 1, tall);
    }
    /* A label gives way to one of a day. */
    const taken: [number, number][] = [];
    for (const strong of [true, false]) {
      brush.font = `${strong ? '600 ' : ''}12px ${colours.font}`;
      brush.fillStyle = strong ? colours.text : colours.muted;
      for (const tick of scene.ticks) {
        if (!tick.label || tick.strong !== strong) continue;
        const wide = brush.measureText(tick.label).width;
        const left = Math.max(4, Math.min(this.x(tick.at) - wide / 2, scene.width - wide - 4));
        if (taken.some(([from, to]) => left < to + 6 && left + wide > from - 6)) continue;
        taken.push([left, left + wide]);
        brush.fillText(tick.label, left, 10);
      }
    }
  }

  future() {
    const { brush, scene, colours } = this;
    const at = this.span(scene.now, Infinity);
    if (!at) return;
    brush.fillStyle = colours.sunken;
    brush.globalAlpha = 0.85;
    brush.fillRect(at[0], RULER, scene.width - at[0], scene.height);
    brush.globalAlpha = 1;
    if (scene.now < scene.view.from) return;
    brush.fillStyle = colours.good;
    brush.fillRect(Math.round(at[0]), RULER - 6, 2, scene.height);
  }
}

export function paint(brush: Brush, scene: Scene, colours: Colours, density: number): void {
  const painter = new Painter(brush, scene, colours);
  brush.setTransform(density, 0, 0, density, 0, 0);
  brush.clearRect(0, 0, scene.width, scene.height);
  painter.ticks();
  const hatch = hatching(brush, colours.danger);
  scene.rows.forEach((row, i) => {
    const top = painter.y(row.top);
    if (top > scene.height || top + row.height < RULER) return;
    painter.row(row, hatch, scene.rows.length > 1 && i === scene.active);
  });
  painter.future();
  painter.ruler();
}
