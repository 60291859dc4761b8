/* The timeline when it is used hard: from seconds to months, a slow server, a day of 100,000 frames. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { shot, stage, until, type Stage } from './harness.ts';
import { cameras, DAY, HOUR, length, PATH, ready, text } from './timeline.ts';

let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.world.cameras = cameras();
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

test('from seconds to months: buckets fit, never more than needed is asked for', async () => {
  const { page, errors } = await it.open(PATH);
  const box = await ready(page);
  const bucket = async () => Number(await page.locator('canvas').getAttribute('data-bucket'));
  expect(await bucket()).toBe(300);
  await page.mouse.move(box.x + (box.width * 6) / 24, box.y + 60);
  for (let i = 0; i < 40; i++) await page.mouse.wheel(0, -400);
  await until(bucket, (seconds) => seconds === 1);
  expect(await length(page)).toBe(20);
  await until(
    () => text(page),
    (said) => !said.includes('not read'),
  );
  await shot(page, 'timeline-seconds');
  for (let i = 0; i < 60; i++) await page.mouse.wheel(0, 400);
  await until(bucket, (seconds) => seconds >= 14_400);
  expect(await length(page)).toBe(100 * 86_400);
  await page.getByRole('heading', { name: '2014 –' }).waitFor();
  await until(
    () => page.evaluate(() => performance.getEntriesByType('resource').length),
    (n) => n > 0,
  );
  await page.waitForTimeout(600);
  await shot(page, 'timeline-months');
  const asked = it.server.requests('/api/v1/activity?').map((url) => {
    const query = new URL(url, it.server.url).searchParams;
    const span = Number(query.get('to')) - Number(query.get('from')) + 1;
    const cameras = query.getAll('camera').length;
    return { bucket: Number(query.get('bucket')), span, cameras };
  });
  for (const one of asked) {
    expect(one.span / 1000 / one.bucket).toBeLessThanOrEqual(5 * 256);
    if (one.bucket < 60) expect(one.span).toBeLessThanOrEqual(6 * HOUR);
    expect(one.cameras).toBe(2);
  }
  expect(asked.length).toBeLessThan(60);
  expect(errors).toEqual([]);
});

test('what is stale is given up, and what is there is shown meanwhile', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  await page.route('**/api/v1/activity*', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue().catch(() => undefined);
  });
  const aborted: string[] = [];
  page.on('requestfailed', (request) => {
    if (request.url().includes('/activity')) aborted.push(request.url());
  });
  await page.mouse.move(box.x + (box.width * 6) / 24, box.y + 60);
  for (let i = 0; i < 6; i++) {
    await page.mouse.wheel(0, -500);
    await page.waitForTimeout(120);
    /* bars of the coarser tiles are there at each step */
    const painted = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 40, canvas.width, 60);
      let n = 0;
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i + 2] ?? 0) - (data[i] ?? 0) > 60 && (data[i + 3] ?? 0) > 200) n++;
      }
      return n;
    });
    expect(painted).toBeGreaterThan(0);
  }
  expect(aborted.length).toBeGreaterThan(0);
});

test('100,000 frames in 3,000 events: no long task while zooming, panning, scrubbing, scrolling', async () => {
  it.world.cameras = ['busy', 'second', 'third', 'fourth'].map((name, n) => ({
    name,
    timezone: 'America/Chicago',
    silentAfter: 900,
    bursts: Array.from({ length: 3000 }, (_, i) => ({
      start: DAY + i * 28_800 + n * 1000,
      frames: 34,
      windows: [(i % 8) + 1],
    })),
  }));
  const all = it.world.cameras.map(({ name }) => `camera=${name}`).join('&');
  const { page } = await it.open(`/day/2014-05-23?${all}`);
  const box = await ready(page);
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const tasks: number[] = [];
    (window as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  /* What the page's own thread computes in each step: others on this machine do not count. */
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const computed = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  async function each(what: string, steps: number, act: (i: number) => Promise<unknown>) {
    let most = 0;
    let last = await computed();
    for (let i = 0; i < steps; i++) {
      await act(i);
      await page.waitForTimeout(20);
      const now = await computed();
      most = Math.max(most, now - last);
      last = now;
    }
    const tasks = await page.evaluate(() =>
      (window as unknown as { tasks: number[] }).tasks.splice(0),
    );
    const longest = Math.round(Math.max(0, ...tasks));
    console.log(
      `${what}: at most ${most.toFixed(0)} ms of computing a step; ${tasks.length} tasks over 50 ms by the clock, the longest ${longest} ms`,
    );
    /* several tasks make a step */
    expect(most).toBeLessThan(100);
  }
  const x = box.x + 500;
  await page.mouse.move(x, box.y + 60);
  await each('zoom', 30, (i) => page.mouse.wheel(0, i < 15 ? -300 : 300));
  await page.mouse.down();
  await each('pan', 30, (i) => page.mouse.move(x - i * 5, box.y + 60));
  await page.mouse.up();
  await page.mouse.move(box.x + 100, box.y + 10);
  await page.mouse.down();
  await each('scrub', 40, (i) => page.mouse.move(box.x + 100 + i * 20, box.y + 10));
  await page.mouse.up();
  await page.getByRole('button', { name: 'Whole day' }).click();
  await page.waitForTimeout(800);
  await computed();
  await each('scroll', 40, (i) => page.evaluate((y) => scrollTo(0, y), i * 400));
  expect(await page.locator('li[data-cell]').count()).toBeLessThan(60);
}, 120_000);
