/* Closer into the picture: wheel with ctrl, two fingers, keys; dragging then moves the picture. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { accessibility, shot, stage, until, type Stage } from './harness.ts';

const T = Date.parse('2014-05-23T14:00:00Z');
let it: Stage;

beforeAll(async () => {
  it = await stage((world) => {
    world.cameras = [
      {
        name: 'courtyard',
        timezone: 'America/Chicago',
        bursts: [{ start: T, frames: 60, windows: [2, 5] }],
      },
    ];
  });
});
afterAll(() => it.close());
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

const view = (page: Page) =>
  page.locator('.lens').evaluate((canvas) => {
    const matrix = new DOMMatrix(getComputedStyle(canvas).transform);
    return { scale: matrix.a, x: matrix.e, y: matrix.f };
  });
const drawn = (page: Page) => page.locator('canvas').getAttribute('data-frame');

async function standing(options = {}) {
  const opened = await it.open(
    `/play?camera=courtyard&at=${new Date(T + 6000).toISOString()}`,
    options,
  );
  await until(
    () => drawn(opened.page),
    (n) => n === '30',
  );
  const box = await opened.page.locator('.stage').boundingBox();
  if (!box) throw new Error('no stage');
  return { ...opened, box };
}

test('ctrl and wheel go closer about the pointer and back, and step no frame', async () => {
  const { page, box, errors } = await standing();
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
  await page.keyboard.down('Control');
  for (let i = 0; i < 3; i++) await page.mouse.wheel(0, -100);
  await until(
    () => view(page),
    (now) => now.scale > 2.5,
  );
  const { scale, x, y } = await view(page);
  /* a wheel's place is in whole pixels */
  expect(Math.abs(x - (box.width / 4) * (1 - scale))).toBeLessThan(scale);
  expect(Math.abs(y)).toBeLessThan(scale);
  expect(await drawn(page)).toBe('30');
  await shot(page, 'play-closer');
  expect(await accessibility(page)).toEqual([]);
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, 100);
  await page.keyboard.up('Control');
  await until(
    () => view(page),
    (now) => now.scale === 1 && now.x === 0,
  );
  expect(errors).toEqual([]);
});

test('dragging moves a closer picture, to its edge and not beyond; a whole one it scrubs', async () => {
  const { page, box } = await standing();
  await page.keyboard.press('z');
  expect(await view(page)).toEqual({ scale: 2, x: 0, y: 0 });
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + 100, middle.y - 40, { steps: 4 });
  await until(
    () => view(page),
    (now) => now.x === 100 && now.y === -40,
  );
  await page.mouse.move(middle.x + 5000, middle.y);
  await page.mouse.up();
  await until(
    () => view(page),
    (now) => Math.abs(now.x - box.width / 2) < 1,
  );
  expect(await drawn(page)).toBe('30');
  await page.keyboard.press('z');
  expect((await view(page)).scale).toBe(4);
  await page.keyboard.press('z');
  expect((await view(page)).scale).toBe(1);
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + box.width / 6, middle.y, { steps: 4 });
  await page.mouse.up();
  await until(
    () => drawn(page),
    (n) => Number(n) >= 38 && Number(n) <= 42,
  );
});

test('by keyboard: z goes closer, shift and arrows move, arrows alone still step', async () => {
  const { page } = await standing();
  await page.keyboard.press('Shift+ArrowRight');
  await until(
    () => drawn(page),
    (n) => n === '31',
  );
  await page.keyboard.press('z');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowUp');
  expect(await view(page)).toEqual({ scale: 2, x: -80, y: 80 });
  await page.keyboard.press('ArrowRight');
  await until(
    () => drawn(page),
    (n) => n === '32',
  );
  expect(await view(page)).toEqual({ scale: 2, x: -80, y: 80 });
});

test('two fingers go closer and do not play', async () => {
  const { page, box } = await standing({ hasTouch: true });
  const touch = await page.context().newCDPSession(page);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        type === 'touchEnd'
          ? []
          : [
              { x: middle.x - apart, y: middle.y, id: 1 },
              { x: middle.x + apart, y: middle.y, id: 2 },
            ],
    });
  await send('touchStart', 50);
  for (const apart of [70, 100, 130, 150]) await send('touchMove', apart);
  await send('touchEnd', 0);
  const now = await until(
    () => view(page),
    ({ scale }) => scale > 2.5,
  );
  expect(now.scale).toBeCloseTo(3, 0);
  await page.waitForTimeout(400);
  expect(await drawn(page)).toBe('30');
});
