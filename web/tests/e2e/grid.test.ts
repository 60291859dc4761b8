/* A grid of 3,000 events: covers before the list is whole, scrolling that never hangs, and no picture
 * that is not near the screen. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { stage, until, type Stage } from './harness.ts';

const EVENTS = 3000;
const LONG_MS = 50;
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      {
        name: 'street',
        timezone: 'UTC',
        bursts: Array.from({ length: EVENTS }, (_, i) => ({
          start: Date.parse('2014-05-23T00:00:00Z') + i * 25_000,
          frames: 3 + (i % 5),
          windows: [(i % 8) + 1],
        })),
      },
    ];
  });
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const pictures = () => it.server.requests('/frames/').length;

/* Scrolls from the top so far, or to the end, as a wheel does. */
function scrollThrough(page: Page, most: number, step: number): Promise<void> {
  return page.evaluate(
    async ([most, step]) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      scrollTo(0, 0);
      await frame();
      while (scrollY + innerHeight < Math.min(most, document.documentElement.scrollHeight - 5)) {
        scrollBy(0, step);
        await frame();
      }
      await new Promise((done) => setTimeout(done, 300));
    },
    [most, step] as const,
  );
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: string };
}

/*
 * How long the page's tasks were, longest first, in milliseconds of its own thread's time: how long
 * they take on the clock depends on what else the machine does.
 */
async function tasksOf(page: Page, work: () => Promise<void>): Promise<number[]> {
  await it.browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await work();
  const trace = JSON.parse(String(await it.browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const main = new Set(
    trace.traceEvents
      .filter((one) => one.name === 'thread_name' && one.args?.name === 'CrRendererMain')
      .map((one) => `${one.pid} ${one.tid}`),
  );
  return trace.traceEvents
    .filter((one) => one.name.endsWith('RunTask') && main.has(`${one.pid} ${one.tid}`))
    .map((one) => (one.tdur ?? 0) / 1000)
    .sort((a, b) => b - a);
}

test('the first covers are there before the list is', async () => {
  const { page, errors } = await it.open('/events');
  await until(
    () =>
      page.locator('li img').evaluateAll((all) => {
        const images = all as HTMLImageElement[];
        return images.filter((one) => one.complete && one.naturalWidth > 0).length;
      }),
    (n) => n >= 10,
  );
  const read = it.server.requests('/api/v1/events?').map((url) => new URL(url, it.server.url));
  expect(read[0]?.searchParams.get('limit')).toBe('60');
  const first = it.server.log.findIndex(({ url }) => url.includes('/frames/'));
  const second = it.server.log.findIndex(({ url }) => url.includes('cursor='));
  expect(first).toBeGreaterThan(0);
  if (second >= 0) expect(first).toBeLessThan(second);
  await page.locator('.summary').getByText('3,000 events').waitFor();
  expect(pictures()).toBeLessThan(80);
  expect(errors).toEqual([]);
});

test('scrolling through all of it never hangs, and fetches what one comes by', async () => {
  const { page, errors } = await it.open('/events');
  await page.locator('.summary').getByText('3,000 events').waitFor();
  await page.locator('li a').first().waitFor();
  /* So far that all three pages of the list arrive on the way. */
  const tasks = await tasksOf(page, () => scrollThrough(page, 60_000, 900));
  expect(tasks.length).toBeGreaterThan(100);
  expect(tasks[0]).toBeGreaterThan(0); /* it was measured at all */
  console.log(
    `longest tasks: ${tasks
      .slice(0, 5)
      .map((ms) => ms.toFixed(1))
      .join(', ')} ms`,
  );
  expect(await page.locator('li').count()).toBeLessThan(80);
  expect(tasks[0]).toBeLessThan(LONG_MS);
  expect(errors).toEqual([]);
}, 90_000);

test('a jump to the end fetches what is there, not what lies between', async () => {
  const { page } = await it.open('/events');
  await page.locator('.summary').getByText('3,000 events').waitFor();
  await page.locator('li img').first().waitFor();
  const before = pictures();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.locator(`li[data-cell="${EVENTS - 1}"] img`).waitFor();
  await page.waitForTimeout(500);
  expect(pictures() - before).toBeLessThan(80);
});

test('choosing all 3,000 and marking them keeps the page at hand', async () => {
  const { page } = await it.open('/events');
  await page.locator('li a').first().waitFor();
  await scrollThrough(page, Infinity, 12_000);
  const took: number[] = [];
  for (let round = 0; round < 3 && Math.min(...took, Infinity) >= 200; round++) {
    await page.keyboard.press('Escape');
    took.push(
      await page.evaluate(async () => {
        const start = performance.now();
        const key = new KeyboardEvent('keydown', { key: 'a', ctrlKey: true, bubbles: true });
        document.body.dispatchEvent(key);
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - start;
      }),
    );
  }
  await page.getByText('3,000 chosen').waitFor();
  console.log(`choosing ${EVENTS} events took ${took.map(Math.round).join(', ')} ms`);
  expect(Math.min(...took)).toBeLessThan(200);
});
