/*
 * What is chosen in a list, by key: one by one, a range from the last one on, all that is there, or
 * all that match without being there. The items are kept, as a list may let go of them.
 */
import { SvelteMap } from 'svelte/reactivity';

export class Selection<Item> {
  readonly chosen = new SvelteMap<string, Item>();
  /** All that match, also what was not read yet. */
  everything = $state(false);
  #key: (item: Item) => string;
  #anchor: string | null = null;

  constructor(key: (item: Item) => string) {
    this.#key = key;
  }

  get size(): number {
    return this.chosen.size;
  }

  get active(): boolean {
    return this.everything || this.chosen.size > 0;
  }

  has(item: Item): boolean {
    return this.everything || this.chosen.has(this.#key(item));
  }

  /** Of all that match, none can be left out: then what is there stays chosen but for this one. */
  toggle(item: Item, list: readonly Item[] = []): void {
    const key = this.#key(item);
    if (this.everything) this.all(list);
    if (!this.chosen.delete(key)) this.chosen.set(key, item);
    this.#anchor = key;
  }

  /** From the one chosen last to this one, as they stand in the list. */
  rangeTo(item: Item, list: readonly Item[]): void {
    const to = list.findIndex((one) => this.#key(one) === this.#key(item));
    const from = list.findIndex((one) => this.#key(one) === this.#anchor);
    if (from < 0 || to < 0) {
      this.toggle(item, list);
      return;
    }
    for (const one of list.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      this.chosen.set(this.#key(one), one);
    }
  }

  all(list: readonly Item[]): void {
    this.everything = false;
    this.chosen.clear();
    for (const one of list) this.chosen.set(this.#key(one), one);
  }

  clear(): void {
    this.everything = false;
    this.chosen.clear();
    this.#anchor = null;
  }

  /** Lets go of what is no longer of the list, whether it was read or not. */
  within(is: (item: Item) => boolean): void {
    for (const [key, item] of this.chosen) if (!is(item)) this.chosen.delete(key);
  }

  /** What is still there as it stands now; what is no longer there is chosen no more. */
  refresh(list: readonly Item[], complete: boolean): void {
    if (this.chosen.size === 0) return;
    const now = new Map(list.map((one) => [this.#key(one), one]));
    for (const [key, old] of this.chosen) {
      const item = now.get(key);
      if (item === undefined && complete) this.chosen.delete(key);
      else if (item !== undefined && item !== old) this.chosen.set(key, item);
    }
  }
}
