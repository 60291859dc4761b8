/*
 * Cuts a playback stream into frames where the index says they are. Fed with chunks of any size; a
 * frame is given out when its last byte has come, as a copy of its own.
 */

export interface Slice {
  frame: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class StreamSlicer {
  #offsets: ArrayLike<number>;
  #lengths: ArrayLike<number>;
  #frame: number;
  #position: number;
  #partial: Uint8Array<ArrayBuffer> | null = null;
  #filled = 0;

  /** The stream begins at the first byte of frame `first`. */
  constructor(offsets: ArrayLike<number>, lengths: ArrayLike<number>, first = 0) {
    this.#offsets = offsets;
    this.#lengths = lengths;
    this.#frame = first;
    this.#position = offsets[first] ?? 0;
  }

  /** The frame that is given out next. */
  get next(): number {
    return this.#frame;
  }

  push(chunk: Uint8Array): Slice[] {
    const slices: Slice[] = [];
    let used = 0;
    while (this.#frame < this.#offsets.length) {
      const start = this.#offsets[this.#frame] ?? 0;
      const length = this.#lengths[this.#frame] ?? 0;
      if (this.#partial === null) {
        const skip = Math.min(start - this.#position, chunk.length - used);
        if (skip > 0) {
          used += skip;
          this.#position += skip;
        }
        if (this.#position < start || (used === chunk.length && length > 0)) break;
        this.#partial = new Uint8Array(length);
        this.#filled = 0;
      }
      const take = Math.min(length - this.#filled, chunk.length - used);
      this.#partial.set(chunk.subarray(used, used + take), this.#filled);
      used += take;
      this.#filled += take;
      this.#position += take;
      if (this.#filled < length) break;
      slices.push({ frame: this.#frame, bytes: this.#partial });
      this.#partial = null;
      this.#frame++;
    }
    return slices;
  }
}
