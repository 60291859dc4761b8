import { describe, expect, test } from 'vitest';
import { Selection } from '../../src/ui/selection.svelte.ts';

interface Thing {
  id: number;
  n?: number;
}
const list: Thing[] = Array.from({ length: 10 }, (_, id) => ({ id }));
const at = (i: number) => list[i] as Thing;
const make = () => new Selection<Thing>((thing) => String(thing.id));
const ids = (selection: Selection<Thing>) =>
  [...selection.chosen.values()].map((thing) => thing.id).sort((a, b) => a - b);

describe('a selection', () => {
  test('goes one by one and by ranges', () => {
    const some = make();
    some.toggle(at(2));
    some.toggle(at(7));
    expect(ids(some)).toEqual([2, 7]);
    some.rangeTo(at(4), list);
    expect(ids(some)).toEqual([2, 4, 5, 6, 7]);
    some.toggle(at(5));
    expect(ids(some)).toEqual([2, 4, 6, 7]);
    some.rangeTo(at(3), list);
    expect(ids(some)).toEqual([2, 3, 4, 5, 6, 7]);
    some.clear();
    expect(some.active).toBe(false);
    some.rangeTo(at(3), list);
    expect(ids(some)).toEqual([3]);
  });

  test('of everything has what is not there', () => {
    const some = make();
    some.everything = true;
    expect(some.has({ id: 99 })).toBe(true);
    some.toggle(at(0), list);
    expect(some.everything).toBe(false);
    expect(ids(some)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(some.has({ id: 99 })).toBe(false);
  });

  test('follows its list', () => {
    const some = make();
    some.all(list);
    const next = list.slice(0, 5).map((thing) => ({ ...thing, n: 1 }));
    some.refresh(next, false);
    expect(some.size).toBe(10);
    expect(some.chosen.get('3')?.n).toBe(1);
    some.refresh(next, true);
    expect(ids(some)).toEqual([0, 1, 2, 3, 4]);
  });
});
