/* The events of a day: a long list, filters in the address, days of other lengths, live. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { stage, until, type Stage } from './harness.ts';

const CHICAGO = 'America/Chicago';
const DAY = Date.parse('2014-05-23T05:00:00Z');
const PATH = '/day/2014-05-23?camera=courtyard';
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      {
        name: 'busy',
        timezone: CHICAGO,
        /* 3,000 events of 33 frames: a day of 99,000 frames */
        bursts: Array.from({ length: 3000 }, (_, i) => ({
          start: DAY + i * 28_800,
          frames: 33,
          windows: [(i % 8) + 1],
        })),
      },
      { name: 'courtyard', timezone: CHICAGO, bursts: [] },
      { name: 'gate', timezone: 'Europe/Berlin', bursts: [] },
    ];
  });
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  const courtyard = it.world.cameras[1];
  if (courtyard) {
    courtyard.bursts = [
      { start: DAY - 3_600_000, frames: 5, windows: [] },
      { start: DAY + 3_600_000, frames: 10, windows: [1] },
      { start: DAY + 3_600_000 + 8000, frames: 10, windows: [2] },
      { start: DAY + 12 * 3_600_000, frames: 50, windows: [2, 5] },
    ];
  }
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const shown = (page: Page) => page.locator('li a .caption strong').allInnerTexts();
const total = (page: Page) => page.locator('.summary p').first().innerText();
const busy = '/day/2014-05-23?camera=busy';

test('3,000 events: covers at once, few cells, pages as needed, pictures only near the screen', async () => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((done) => (open = done));
  const { page, errors } = await it.open('/cameras');
  await page.route('**/api/v1/events*limit=1000*', async (route) => {
    await gate;
    await route.continue();
  });
  await page.evaluate((path) => {
    const link = document.createElement('a');
    link.href = path;
    document.querySelector('main')?.append(link);
    link.click();
  }, busy);
  await page.waitForSelector('li a img');
  expect(await total(page)).toBe('3,000 events');
  expect((await shown(page))[0]).toBe('00:00:00');
  expect(await page.locator('li[data-cell]').count()).toBeLessThan(60);
  expect(it.server.requests('/events?').filter((url) => url.includes('limit=1000'))).toHaveLength(
    0,
  );
  expect(it.server.requests('/frames/').length).toBeLessThan(80);

  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForSelector('li .ghost', { state: 'attached' });
  expect(it.server.requests('/events?').filter((url) => url.includes('limit=1000'))).toHaveLength(
    0,
  );
  open();
  await until(
    () => shown(page),
    (times) => times.includes('23:59:31'),
  );
  expect(
    it.server.requests('/events?').filter((url) => url.includes('limit=1000')).length,
  ).toBeLessThanOrEqual(3);
  expect(await page.locator('li[data-cell]').count()).toBeLessThan(60);
  expect(it.server.requests('/frames/').length).toBeLessThan(160);
  expect(errors).toEqual([]);
});

test('scrolls through all of them without slowing', async () => {
  const { page } = await it.open(busy);
  await page.waitForSelector('li a img');
  const times = await page.evaluate(async () => {
    const frames: number[] = [];
    const height = document.documentElement.scrollHeight - innerHeight;
    let last = performance.now();
    for (let i = 1; i <= 40; i++) {
      scrollTo(0, (height * i) / 40);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    return frames.sort((a, b) => a - b);
  });
  const middle = times[20] ?? 0;
  console.log(`scroll frame: median ${middle.toFixed(0)} ms, 95 % ${times[38]?.toFixed(0)} ms`);
  expect(middle).toBeLessThan(100);
  await until(
    () => shown(page),
    (list) => list.includes('23:59:31'),
  );
});

test('filters are kept in the address, and what they mean is asked of the server', async () => {
  const { page } = await it.open(PATH);
  await until(
    () => shown(page),
    (times) => times.join() === '01:00:00,01:00:08,12:00:00',
  );
  await page.getByLabel('Gap').selectOption('10');
  await until(
    () => shown(page),
    (times) => times.join() === '01:00:00,12:00:00',
  );
  await page.getByRole('button', { name: 'Window 5' }).click();
  await until(
    () => shown(page),
    (times) => times.join() === '12:00:00',
  );
  await page.getByLabel('Order').selectOption('-time');
  expect(page.url()).toContain(`${PATH}&dwell=10&window=5&sort=-time`);
  await page.reload();
  await until(
    () => shown(page),
    (times) => times.join() === '12:00:00',
  );
  await page.getByRole('button', { name: 'All' }).click();
  await until(
    () => shown(page),
    (times) => times.join() === '12:00:00,01:00:00',
  );
  await page.getByRole('link', { name: 'Previous day' }).click();
  await until(
    () => shown(page),
    (times) => times.join() === '23:00:00',
  );
  expect(page.url()).toContain('/day/2014-05-22?camera=courtyard&dwell=10');
  await page.goBack();
  await until(
    () => shown(page),
    (times) => times.join() === '12:00:00,01:00:00',
  );
  await page.locator('summary', { hasText: 'courtyard' }).click();
  await page.getByRole('checkbox', { name: 'gate', exact: true }).check();
  await page.getByRole('checkbox', { name: 'courtyard', exact: true }).uncheck();
  await page.keyboard.press('Escape');
  await page.getByText('No events on this day').waitFor();
  expect(page.url()).toContain('camera=gate');
});

test('a day without events leads to the last one with pictures', async () => {
  const { page } = await it.open('/day/2013-01-01?camera=courtyard');
  await page
    .getByRole('link', { name: 'Go to the last day with pictures, Fri 23 May 2014' })
    .click();
  await until(
    () => shown(page),
    (times) => times.length === 3,
  );
  await page.goto(`${it.server.url}/day/2013-01-01?camera=nobody`);
  await page.getByText('There is no camera called “nobody”').waitFor();
});

test.each([
  ['2014-11-02', '2014-11-02T05:00:00.000Z', 25, 'A day of 25 hours'],
  ['2014-03-09', '2014-03-09T06:00:00.000Z', 23, 'A day of 23 hours'],
])('%s is asked for whole', async (date, start, hours, words) => {
  const { page } = await it.open(`/day/${date}?camera=courtyard`);
  await page.getByText(words).waitFor();
  const asked = await until(
    () => it.server.requests('/events?'),
    (urls) => urls.length > 0,
  );
  const query = new URL(asked[0] ?? '', it.server.url).searchParams;
  expect(Number(query.get('from'))).toBe(Date.parse(start));
  expect(Number(query.get('to'))).toBe(Date.parse(start) + hours * 3_600_000 - 1);
});

test('an event that happens now appears and grows, and so does the strip', async () => {
  const courtyard = it.world.cameras[1];
  if (!courtyard) throw new Error('no camera');
  const { page } = await it.open(PATH);
  await until(
    () => shown(page),
    (times) => times.length === 3,
  );
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  const burst = { start: DAY + 20 * 3_600_000, frames: 3, windows: [7] };
  it.server.emit('event', it.world.event(courtyard, [burst]));
  it.server.emit('frame', { ...it.world.frame(courtyard, burst, 1), windows: [7] });
  await until(
    () => shown(page),
    (times) => times.join() === '01:00:00,01:00:08,12:00:00,20:00:00',
  );
  expect(await total(page)).toBe('4 events');
  await page.getByRole('button', { name: 'Window 7' }).waitFor();
  it.server.emit('event', it.world.event(courtyard, [{ ...burst, frames: 41 }]));
  await until(
    () => page.locator('li').last().innerText(),
    (text) => text.includes('41 frames') && text.includes('8 s'),
  );
  expect(await total(page)).toBe('4 events');
  /* another camera's, and another day's, are not shown here */
  const busyCamera = it.world.cameras[0];
  if (busyCamera) it.server.emit('event', it.world.event(busyCamera, [burst]));
  it.server.emit('event', it.world.event(courtyard, [{ ...burst, start: DAY + 90_000_000 }]));
  await page.waitForTimeout(300);
  expect(await total(page)).toBe('4 events');
});

test('coming back from the player finds the list as it was left', async () => {
  const { page } = await it.open(busy);
  await page.waitForSelector('li a img');
  await page.evaluate(() => scrollTo(0, 30_000));
  await until(
    () => shown(page),
    (times) => times.length > 0 && times[0] !== '00:00:00',
  );
  const before = await page.evaluate(() => scrollY);
  await page.waitForTimeout(200);
  await page.mouse.click(300, 500); /* whichever cover is there */
  await page.waitForSelector('canvas[data-frame]');
  await page.waitForTimeout(300);
  await page.goBack();
  await page.waitForSelector('li a img');
  await until(
    () => page.evaluate(() => scrollY),
    (y) => Math.abs(y - before) < 3,
  );
});

test('a cover without a picture is shown as such', async () => {
  const courtyard = it.world.cameras[1];
  const burst = courtyard?.bursts[3];
  if (!courtyard || !burst) throw new Error('no burst');
  it.server.gone.add(it.world.event(courtyard, [burst]).cover.id);
  const { page } = await it.open(PATH);
  await page.getByText('No picture').waitFor();
  it.server.gone.clear();
  expect(await shown(page)).toHaveLength(3);
});

test('a date that is typed is gone to once, when it is whole', async () => {
  const { page } = await it.open('/day/2014-05-23?camera=courtyard');
  const field = page.getByLabel('Date', { exact: true });
  await field.waitFor();
  const before = await page.evaluate(() => history.length);
  await field.focus();
  /* month and day in whichever order the browser has them */
  await page.keyboard.type('05052014', { delay: 40 });
  await page.waitForURL('**/day/2014-05-05?camera=courtyard');
  expect(await page.evaluate(() => history.length)).toBe(before + 1);
  /* half a date is none, and is put right when one goes on */
  await field.focus();
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(1000);
  await field.blur();
  expect(await field.inputValue()).toBe('2014-05-05');
  expect(page.url()).toContain('/day/2014-05-05');
});
