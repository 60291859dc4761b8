/* What the pages look like and whether everyone can use them: axe in both themes, and pictures. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibility, shot, stage, type Stage } from './harness.ts';
import { reception } from './reception.ts';

const DAY = Date.parse('2014-05-23T05:00:00Z'); /* midnight in Chicago */
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    const bursts = Array.from({ length: 180 }, (_, i) => ({
      start: DAY + (i * 7 * 60 + (i % 13) * 20) * 1000,
      frames: 10 + ((i * 37) % 70),
      windows: i % 9 === 0 ? [] : [(i % 4) + 1, ...(i % 3 ? [] : [7])].sort(),
    }));
    world.cameras = [
      { name: 'courtyard', timezone: 'America/Chicago', bursts, reception },
      { name: 'gate', timezone: 'Europe/Berlin', bursts: bursts.slice(0, 4) },
      { name: 'new-one', timezone: 'UTC', bursts: [] },
    ];
  });
});
afterAll(() => it.close());

const places: [string, string, string][] = [
  ['wall', '/', 'li a img'],
  ['cameras', '/cameras', 'article img'],
  ['day', '/day/2014-05-23?camera=courtyard', 'li a img'],
  ['camera', '/cameras/courtyard', 'dl'],
  ['calendar', '/calendar/2014-05?camera=courtyard', 'td a path[d^="M"]'],
  ['events', '/events', 'li a img'],
  ['play', '/play?camera=courtyard&at=2014-05-23T05:29:22.400Z', 'canvas[data-frame="12"]'],
];
const looks = [
  ['light', 'desktop', { width: 1280, height: 800 }],
  ['dark', 'desktop', { width: 1280, height: 800 }],
  ['dark', 'phone', { width: 390, height: 844 }],
] as const;

for (const [name, path, ready] of places) {
  for (const [colorScheme, size, viewport] of looks) {
    test(`${name}, ${colorScheme}, ${size}`, async () => {
      const { page, errors } = await it.open(path, { colorScheme, viewport });
      await page.waitForSelector(ready, { state: 'attached' });
      await page.waitForTimeout(400);
      await shot(page, `${name}-${colorScheme}-${size}`);
      expect(await accessibility(page)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(errors).toEqual([]);
      await page.context().close();
    });
  }
}

test('nothing is wider than a phone of 360 pixels', async () => {
  for (const [name, path, ready] of places) {
    const viewport = { width: 360, height: 740 };
    const { page } = await it.open(path, { viewport });
    await page.waitForSelector(ready, { state: 'attached' });
    await shot(page, `${name}-360`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      360,
    );
    await page.context().close();
  }
});
