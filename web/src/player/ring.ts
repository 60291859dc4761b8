/* Decoded pictures around the playhead, bounded in number and bytes. */

const MOST_BITMAPS = 60;

export class BitmapRing {
  #bitmaps = new Map<number, ImageBitmap>();
  #capacity = 12; /* until the first picture tells its size */
  #budget: number;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get size(): number {
    return this.#bitmaps.size;
  }

  get(frame: number): ImageBitmap | undefined {
    return this.#bitmaps.get(frame);
  }

  /** Takes the bitmap over. True when its size changed how many the ring may hold. */
  put(frame: number, bitmap: ImageBitmap): boolean {
    this.#bitmaps.get(frame)?.close();
    this.#bitmaps.set(frame, bitmap);
    const bytes = Math.max(1, bitmap.width * bitmap.height * 4);
    const before = this.#capacity;
    this.#capacity = Math.max(6, Math.min(MOST_BITMAPS, Math.floor(this.#budget / bytes)));
    return this.#capacity !== before;
  }

  /** Lets go of all that are not wanted; returns which. */
  keepOnly(wanted: Set<number>): number[] {
    const dropped: number[] = [];
    for (const [frame, bitmap] of this.#bitmaps) {
      if (wanted.has(frame)) continue;
      bitmap.close();
      this.#bitmaps.delete(frame);
      dropped.push(frame);
    }
    return dropped;
  }

  /** The frame that is here and best stands in for `target` coming from `from`. */
  nearest(target: number, from: number): number | null {
    const low = Math.min(target, from);
    const high = Math.max(target, from);
    let best: number | null = null;
    for (const frame of this.#bitmaps.keys()) {
      if (frame < low || frame > high) continue;
      if (best === null || Math.abs(frame - target) < Math.abs(best - target)) best = frame;
    }
    return best;
  }

  clear(): void {
    for (const bitmap of this.#bitmaps.values()) bitmap.close();
    this.#bitmaps.clear();
  }
}
