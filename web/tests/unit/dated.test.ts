import { expect, test } from 'vitest';
import { isMeant } from '../../src/ui/dated.ts';

test('whole dates and months that somebody can mean', () => {
  for (const value of ['2014-05-23', '2014-05', '1999-12-31']) expect(isMeant(value)).toBe(true);
  /* the year 2014 as far as it is typed, days that do not exist, what a line of text may have */
  for (const value of ['0002-05-23', '0201-05', '2014-02-30', '2014-13', 'March', ''])
    expect(isMeant(value)).toBe(false);
});
