/* What tests of the timeline share: two cameras on a day, and what a page shows of it. */
import type { Page } from 'playwright-core';
import { until } from './harness.ts';
import type { WorldCamera } from './world.ts';

export const HOUR = 3_600_000;
export const DAY = Date.parse('2014-05-23T05:00:00Z'); /* midnight in Chicago */
export const PATH = '/day/2014-05-23?camera=courtyard&camera=gate';

export function cameras(): WorldCamera[] {
  return [
    {
      name: 'courtyard',
      timezone: 'America/Chicago',
      bursts: [
        { start: DAY + HOUR, frames: 10, windows: [1] },
        { start: DAY + 6 * HOUR, frames: 60, windows: [2, 5] },
        { start: DAY + 12 * HOUR, frames: 50, windows: [] },
        { start: DAY + 18 * HOUR, frames: 50, windows: [2] },
      ],
    },
    {
      name: 'gate',
      timezone: 'Europe/Berlin',
      silentAfter: 300,
      /* a picture a minute, but for 03:09 to 05:42 */
      bursts: Array.from({ length: 24 * 60 }, (_, i) => i)
        .filter((i) => i < 190 || i >= 342)
        .map((i) => ({ start: DAY + i * 60_000, frames: 1, windows: [] })),
    },
  ];
}

export const slider = (page: Page) => page.getByRole('slider', { name: 'Timeline' });
export const text = async (page: Page) => (await slider(page).getAttribute('aria-valuetext')) ?? '';
export const length = async (page: Page) =>
  Number(await slider(page).getAttribute('aria-valuemax'));
export const drawn = (page: Page) => page.locator('canvas').getAttribute('data-drawn');

/* What the address says is seen; the whole day when it says nothing. */
export function seen(page: Page): { from: number; to: number } {
  const query = new URL(page.url()).searchParams;
  if (!query.has('from')) return { from: DAY, to: DAY + 24 * HOUR };
  return { from: Date.parse(query.get('from') ?? ''), to: Date.parse(query.get('to') ?? '') };
}

export async function ready(page: Page) {
  await page.waitForSelector('canvas[data-drawn]', { state: 'attached' });
  await until(
    () => text(page),
    (said) => !said.includes('not read yet'),
  );
  const box = await slider(page).boundingBox();
  if (!box) throw new Error('no timeline');
  return box;
}

export async function moved(page: Page, from: { from: number; to: number }) {
  return until(
    () => seen(page),
    (now) => now.from !== from.from || now.to !== from.to,
  );
}
