/* The timeline of a day: zoomed, panned, scrubbed and read by mouse, keys and touch. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { shot, stage, until, type Stage } from './harness.ts';
import {
  cameras,
  DAY,
  drawn,
  HOUR,
  length,
  moved,
  PATH,
  ready,
  seen,
  slider,
  text,
} from './timeline.ts';

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

/* The share of pixels of a part of the canvas that are nearer to one colour than to white. */
function reddish(page: Page, x: number, y: number, width: number, height: number) {
  return page.locator('canvas').evaluate(
    (canvas: HTMLCanvasElement, [left, top, wide, tall]) => {
      const density = canvas.width / canvas.clientWidth;
      const { data } = canvas
        .getContext('2d')!
        .getImageData(left! * density, top! * density, wide! * density, tall! * density);
      let hits = 0;
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i] ?? 0) - (data[i + 1] ?? 0) > 12 && (data[i + 3] ?? 0) > 20) hits++;
      }
      return hits / (data.length / 4);
    },
    [x, y, width, height],
  );
}

test('the wheel zooms about the pointer: the time there stays; back pans no further', async () => {
  const { page, errors } = await it.open(PATH);
  const box = await ready(page);
  let view = seen(page);
  for (const [where, turns] of [
    [0.25, -400],
    [0.7, -900],
    [0.4, 500],
    [0.9, -2500],
  ] as const) {
    const x = Math.round(box.x + box.width * where); /* a pointer is on whole pixels */
    const part = (x - box.x) / box.width;
    const time = view.from + part * (view.to - view.from);
    await page.mouse.move(x, box.y + 60);
    for (let i = 0; i < 5; i++) await page.mouse.wheel(0, turns / 5);
    const now = await moved(page, view);
    expect(Math.abs(now.from + part * (now.to - now.from) - time)).toBeLessThan(
      0.002 * (now.to - now.from) + 2,
    );
    view = now;
  }
  expect(page.url()).toContain('/day/2014-05-23?camera=courtyard&camera=gate&from=2014-05-23T');
  /* the address is no history: back leaves the page */
  await page.getByRole('button', { name: 'Whole day' }).click();
  await until(
    () => page.url(),
    (url) => !url.includes('from='),
  );
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  expect(errors).toEqual([]);
});

test('dragging pans; beyond the day the address has the day in the middle', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  await page.mouse.move(box.x + 900, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 70, { steps: 5 });
  await page.mouse.up();
  const view = await moved(page, seen(page));
  const by = (400 / box.width) * 24 * HOUR;
  expect(Math.abs(view.from - DAY - by)).toBeLessThan(HOUR / 4);
  expect(page.url()).toContain('/day/2014-05-23?'); /* still most of it */
  expect(page.url()).not.toContain('/play');
  await page.getByRole('heading', { name: 'Fri 23 May 2014 – Sat 24 May 2014' }).waitFor();
  await page.getByRole('button', { name: 'Later' }).click();
  await until(
    () => page.url(),
    (url) => url.includes('/day/2014-05-24?'),
  );
});

test('a double click comes closer, a click opens the player there', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  await page.mouse.dblclick(box.x + box.width / 4, box.y + 60);
  const view = await moved(page, seen(page));
  expect((view.to - view.from) / (24 * HOUR)).toBeCloseTo(0.4, 2);
  expect(page.url()).not.toContain('/play');
  await page.getByRole('button', { name: 'Whole day' }).click();
  await until(
    () => page.url(),
    (url) => !url.includes('from='),
  );
  await page.mouse.click(box.x + (box.width * 6) / 24, box.y + 60);
  await page.waitForURL(/\/play\?camera=courtyard&at=2014-05-23T1[01]:/);
  await page.goBack();
  await ready(page);
});

test('pointing shows the frame of that moment, and says when nothing came', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  const at = (hour: number, y: number) =>
    page.mouse.move(box.x + (box.width * hour) / 24, box.y + y);
  await at(6.001, 60);
  await page.waitForSelector('.preview img');
  expect(await page.locator('.preview').innerText()).toContain('courtyard · 06:00:0');
  await shot(page, 'timeline-preview');
  /* the second row */
  const rows = await page.locator('.rows .name').last().boundingBox();
  const y = (rows?.y ?? 0) - box.y + 40;
  await at(4, y);
  await until(
    () => page.locator('.preview').innerText(),
    (said) => said.includes('no pictures from 03:09 to 05:42 (2 h 33 min)'),
  );
  expect(await page.locator('.preview img').count()).toBe(0);
  await at(2, 60);
  await until(
    () => page.locator('.preview').innerText(),
    (said) => said.includes('no frames'),
  );
  await page.mouse.move(box.x, box.y - 200);
  expect(await page.locator('.preview').count()).toBe(0);
});

test('silence is hatched where it was, quiet is not', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  const rows = await page.locator('.rows .name').last().boundingBox();
  const top = (rows?.y ?? 0) - box.y + 25;
  const x = (hour: number) => (box.width * hour) / 24;
  await until(
    () => reddish(page, x(3.3), top, x(2), 20),
    (share) => share > 0.9,
  );
  expect(await reddish(page, x(1), top, x(1.5), 20)).toBe(0);
  expect(await reddish(page, x(2), 55, x(2), 15)).toBe(0); /* courtyard: quiet */
});

test('scrubbing shows what each camera saw, and never a blank', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  const images = page.locator('ul[aria-label="Pictures at the playhead"] img');
  await until(
    () => images.count(),
    (n) => n === 2,
  );
  await page.evaluate(() => {
    const blank = { times: 0 };
    (window as unknown as { blank: typeof blank }).blank = blank;
    const look = () => {
      for (const image of document.querySelectorAll('ul[aria-label^=Pictures] img')) {
        const shown = image as HTMLImageElement;
        if (!shown.complete || shown.naturalWidth === 0) blank.times++;
      }
      if (document.querySelectorAll('ul[aria-label^=Pictures] img').length < 2) blank.times++;
      requestAnimationFrame(look);
    };
    look();
  });
  it.server.log = [];
  await page.mouse.move(box.x + 200, box.y + 10);
  await page.mouse.down();
  for (let i = 0; i <= 60; i++) await page.mouse.move(box.x + 200 + i * 10, box.y + 12);
  await page.mouse.move(box.x + (box.width * 18.001) / 24, box.y + 12);
  await page.mouse.up();
  const frame = (n: number) => images.nth(n).getAttribute('data-frame');
  const courtyard = it.world.cameras[0]!;
  await until(
    () => frame(0),
    (id) => id?.startsWith(`1-${Math.floor((DAY + 18 * HOUR) / 100_000)}`) ?? false,
  );
  expect(courtyard.name).toBe('courtyard');
  await until(
    () => frame(1),
    (id) => Math.abs(Number(id?.split('-')[1]) - (DAY + 18 * HOUR)) <= 60_000,
  );
  expect(
    await page.evaluate(() => (window as unknown as { blank: { times: number } }).blank.times),
  ).toBe(0);
  /* one call at a time, for both at once */
  const near = it.server.requests('/frames/near');
  expect(near.length).toBeLessThan(64);
  expect(near.every((url) => url.includes('courtyard') && url.includes('gate'))).toBe(true);
  await shot(page, 'timeline-scrub');
  await images.first().click();
  await page.waitForURL(/\/play\?camera=courtyard&at=2014-05-23T23:00:0/);
});

test('with the keyboard alone: step, pan, zoom, rows, events, a range, the player', async () => {
  const { page } = await it.open(PATH);
  await ready(page);
  await slider(page).focus();
  const press = (key: string) => page.keyboard.press(key);
  await press('Home');
  expect(await text(page)).toBe('courtyard, 00:00:00, before its first picture');
  await press('n');
  await until(
    () => text(page),
    (said) => said === 'courtyard, 01:00:00, 10 frames, 6 with motion in window 1',
  );
  await press('n');
  await until(
    () => text(page),
    (said) => said.startsWith('courtyard, 06:00:00'),
  );
  await press('p');
  await until(
    () => text(page),
    (said) => said.startsWith('courtyard, 01:00:00'),
  );
  await press('ArrowDown');
  expect(await text(page)).toBe('gate, 01:00:00, 5 frames, no motion');
  await press('ArrowRight');
  expect(await text(page)).toMatch(/^gate, 01:05:00/);
  const before = await length(page);
  await press('+');
  expect(await length(page)).toBe(before / 2);
  await press('-');
  expect(await length(page)).toBe(before);
  await press('ArrowUp');
  await press('[');
  for (let i = 0; i < 6; i++) await press('ArrowRight');
  await press(']');
  await page.getByRole('group', { name: 'Chosen range' }).waitFor();
  expect(await page.getByRole('group', { name: 'Chosen range' }).innerText()).toContain(
    '01:05:00 – 01:35:00',
  );
  await press('Escape');
  expect(await page.getByRole('group', { name: 'Chosen range' }).count()).toBe(0);
  await press('Shift+ArrowRight');
  await until(
    () => page.url(),
    (url) => url.includes('from='),
  );
  await press('0');
  await until(
    () => page.url(),
    (url) => !url.includes('from='),
  );
  await press('End');
  expect(await text(page)).toContain('23:59:59');
  const outline = await slider(page).evaluate((box) => getComputedStyle(box).outlineStyle);
  expect(outline).not.toBe('none');
  await press('Enter');
  await page.waitForURL(/\/play\?camera=courtyard/);
});

test('shift and drag chooses a range that can be zoomed to and played', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + (box.width * 6) / 24, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + (box.width * 7) / 24, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  const bar = page.getByRole('group', { name: 'Chosen range' });
  await bar.waitFor();
  await shot(page, 'timeline-range');
  await bar.getByRole('button', { name: 'Zoom to it' }).click();
  const view = await moved(page, seen(page));
  expect((view.to - view.from) / HOUR).toBeCloseTo(1.2, 1);
  await until(
    () => page.locator('.summary p').first().innerText(),
    (said) => /^\d+ events?, 05:5\d:\d\d – 07:0\d:\d\d$/.test(said),
  );
  await bar.getByRole('button', { name: 'Play' }).click();
  await page.waitForURL(/\/play\?camera=courtyard&at=2014-05-23T1[01]:/);
});

test('a range is marked, exported and deleted of all cameras shown, and deleting undone', async () => {
  const { page } = await it.open(PATH);
  const box = await ready(page);
  const choose = async () => {
    await slider(page).focus();
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + (box.width * 5) / 24, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + (box.width * 7) / 24, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await page.mouse.move(box.x, box.y - 300);
  };
  const bar = page.getByRole('group', { name: 'Chosen range' });
  const total = () => page.locator('.summary p').first().innerText();
  const before = await total();
  await choose();
  await bar.getByRole('button', { name: 'Reviewed' }).click();
  await page.getByText('Marked as reviewed').waitFor();
  await page.getByText('reviewed', { exact: true }).waitFor(); /* the legend says so */
  const green = () =>
    page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let n = 0;
      for (let i = 0; i < data.length; i += 4) {
        if ((data[i + 1] ?? 0) - (data[i] ?? 0) > 60 && (data[i + 2] ?? 0) < 100) n++;
      }
      return n;
    });
  await until(green, (n) => n > 0);
  await choose();
  await bar.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await bar.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('courtyard, gate').waitFor();
  await shot(page, 'timeline-delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText(/\d+ pictures deleted/).waitFor();
  const sent = it.server.changes.filter(({ call }) => call === '/deletions');
  expect(sent[0]?.body.stretches?.map(({ camera }) => camera)).toEqual(['courtyard', 'gate']);
  await until(total, (said) => said !== before);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await until(total, (said) => said === before);
});

test('touch: one finger pans, two pinch, a tap on the ruler shows pictures', async () => {
  const { page } = await it.open(PATH, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const box = await ready(page);
  const cdp = await page.context().newCDPSession(page);
  const y = box.y + 60;
  const touch = (type: string, ...xs: number[]) =>
    cdp.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: xs.map((x, id) => ({ x, y, id })),
    });
  await touch('touchStart', 300);
  for (const x of [280, 240, 200]) await touch('touchMove', x);
  await touch('touchEnd');
  const view = await moved(page, seen(page));
  expect(view.to - view.from).toBe(24 * HOUR);
  expect(view.from).toBeGreaterThan(DAY + 3 * HOUR);
  const [left, right] = [box.x + 100, box.x + 200];
  const under = (x: number, of: typeof view) =>
    of.from + ((x - box.x) / box.width) * (of.to - of.from);
  await touch('touchStart', left);
  await touch('touchStart', left, right);
  for (const by of [20, 40, 60]) await touch('touchMove', left - by, right + by);
  await touch('touchEnd');
  const close = await moved(page, view);
  expect((close.to - close.from) / (24 * HOUR)).toBeCloseTo(100 / 220, 1);
  expect(Math.abs(under(left - 60, close) - under(left, view))).toBeLessThan(HOUR / 4);
  await page.touchscreen.tap(box.x + box.width / 2, box.y + 12);
  const playhead = await page.locator('.said strong').innerText();
  const middle = new Date((close.from + close.to) / 2 - 5 * HOUR).toISOString();
  expect(playhead.slice(0, 5)).toBe(middle.slice(11, 16));
  await shot(page, 'timeline-touch');
});

test('several zones: one is shown, said, and can be chosen', async () => {
  const { page } = await it.open(PATH);
  await ready(page);
  expect(await page.locator('h1 abbr').innerText()).toBe('CDT');
  await page.getByLabel('Times in').selectOption('Europe/Berlin');
  await until(
    () => page.url(),
    (url) => url.includes('zone=Europe/Berlin'),
  );
  expect(await page.locator('h1 abbr').innerText()).toBe('GMT+2');
  const asked = await until(
    () => it.server.requests('/events?').at(-1) ?? '',
    (url) => url.includes(`from=${DAY - 7 * HOUR}`),
  );
  expect(asked).toContain(`to=${DAY + 17 * HOUR - 1}`);
  await page.getByRole('link', { name: 'Next day' }).click();
  await page.waitForURL(/2014-05-24.*zone=Europe\/Berlin/);
});

test('days of 23 and 25 hours are as long as they are', async () => {
  for (const [date, hours] of [
    ['2014-11-02', 25],
    ['2014-03-09', 23],
  ] as const) {
    const { page } = await it.open(`/day/${date}?camera=courtyard`);
    await page.waitForSelector('canvas[data-drawn]', { state: 'attached' });
    expect(await length(page)).toBe(hours * 3600);
    await shot(page, `timeline-${hours}-hours`);
  }
});

test('what arrives is drawn at once without asking, ends a silence, and now is followed', async () => {
  const now = Date.now();
  const base = Math.floor(now / 60_000) * 60_000 - 4 * HOUR;
  it.world.cameras = [
    {
      name: 'courtyard',
      timezone: 'UTC',
      silentAfter: 600,
      bursts: Array.from({ length: 180 }, (_, i) => ({
        start: base + i * 60_000,
        frames: 1,
        windows: [],
      })),
    },
  ];
  const from = new Date(now - 40 * 60_000).toISOString();
  const to = new Date(now + 2500).toISOString();
  const today = new Date(now).toISOString().slice(0, 10);
  const { page } = await it.open(`/day/${today}?camera=courtyard&from=${from}&to=${to}`);
  await ready(page);
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  await slider(page).focus();
  await page.keyboard.press('+');
  await page.keyboard.press('-');
  await page.mouse.move(600, 400);
  const box = await slider(page).boundingBox();
  if (!box) throw new Error('no timeline');
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60);
  await until(
    () => page.locator('.preview').innerText(),
    (said) => said.includes('no pictures since'),
  );
  it.server.log = [];
  const camera = it.world.cameras[0]!;
  const burst = { start: Date.now(), frames: 1, windows: [2] };
  const before = await drawn(page);
  it.server.emit('frame', { ...it.world.frame(camera, burst, 0), windows: [2], kinds: ['motion'] });
  await until(
    () => drawn(page),
    (n) => n !== before,
  );
  await until(
    () => page.locator('.preview').innerText(),
    (said) => said.includes('no pictures from'),
  );
  expect(it.server.requests('/activity?')).toHaveLength(0);
  /* the present leaves the view: it goes along */
  await until(
    () => seen(page).to,
    (end) => end > Date.now() + 60_000,
    10_000,
  );
});
