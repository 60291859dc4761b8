/*
 * How many pictures are being decoded at once, of all cameras together. Who has frames to decode
 * joins; a slot that comes free is offered to each in turn, so that one camera with many frames does
 * not starve the others.
 */
const SLOTS = 3;

export class DecodeSlots {
  #busy = 0;
  #members: (() => void)[] = [];

  join(decode: () => void): void {
    this.#members.push(decode);
  }

  leave(decode: () => void): void {
    this.#members = this.#members.filter((member) => member !== decode);
  }

  /** True: one more may be decoded now; `give` when it is done. */
  take(): boolean {
    if (this.#busy >= SLOTS) return false;
    this.#busy++;
    return true;
  }

  give(): void {
    this.#busy--;
    const [first, ...rest] = this.#members;
    if (first) this.#members = [...rest, first];
    for (const member of [...this.#members]) {
      if (this.#busy >= SLOTS) return;
      member();
    }
  }
}
