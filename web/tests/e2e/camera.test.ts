/* The page of one camera: its facts, where to go from it, and what was received but not taken. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { stage, until, type Stage } from './harness.ts';
import { reception } from './reception.ts';

const NOON = Date.parse('2014-05-23T17:00:00Z');
let it: Stage;

beforeAll(async () => {
  it = await stage(() => undefined);
});
afterAll(() => it.close());
beforeEach(() => {
  it.server.log = [];
  it.world.cameras = [
    {
      name: 'courtyard',
      timezone: 'America/Chicago',
      bursts: [{ start: NOON, frames: 20, windows: [2] }],
      reception,
    },
    { name: 'front door', timezone: 'UTC', bursts: [{ start: NOON, frames: 5, windows: [] }] },
    { name: 'new-one', timezone: 'UTC', bursts: [] },
  ];
});
afterEach(async () => {
  for (const context of it.browser.contexts()) await context.close();
});

test('from the list to a camera, and from it to its places', async () => {
  const { page, errors } = await it.open('/cameras');
  await page.getByRole('link', { name: 'front door', exact: true }).click();
  await page.getByRole('heading', { name: 'front door' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/cameras/front%20door');
  const text = await page.locator('main').innerText();
  expect(text).toContain('Fri 23 May 2014, 17:00:00 UTC');
  expect(text).toContain('2 (40 %)');
  expect(await page.getByLabel('New event after').inputValue()).toBe('3');
  expect(await page.getByLabel('Time zone').inputValue()).toBe('UTC');
  expect(text).toContain('Silent');
  for (const [name, url, ready] of [
    ['Newest day', '/day/2014-05-23?camera=front+door', 'li a img'],
    ['Calendar', '/calendar/2014-05?camera=front+door', 'td a'],
    ['Events', '/events?camera=front+door', 'li a img'],
  ] as const) {
    await page.locator('main').getByRole('link', { name }).click();
    await page.waitForSelector(ready);
    expect(page.url()).toContain(url);
    await page.goBack();
    await page.getByRole('heading', { name: 'Health' }).waitFor();
  }
  expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
});

test('uploads that nobody could be found for are shown with the cameras', async () => {
  it.world.shared = { 'all cameras': { ...reception, log: reception.log.slice(0, 7) } };
  const { page, errors } = await it.open('/cameras');
  const section = page.getByRole('region', { name: 'Uploads nobody could be found for' });
  await section.getByText('all cameras: 131 files').click();
  await section.getByRole('link', { name: '2014/05/23/cut-0.jpg' }).waitFor();
  await section.getByRole('button', { name: 'Show more' }).click();
  await section.getByRole('link', { name: '2014/05/23/cut-129.jpg' }).waitFor();
  await section.getByRole('link', { name: 'clip.mp4' }).waitFor();
  await section.getByText('STOR 2014/05/23/cut.jpg').waitFor();
  expect(errors).toEqual([]);
  it.world.shared = {};
  await page.reload();
  await page.getByRole('link', { name: 'front door', exact: true }).waitFor();
  expect(await section.count()).toBe(0);
});

test('a server that does not receive shows nothing of receiving', async () => {
  const { page } = await it.open('/cameras/front%20door');
  await until(
    () => it.server.requests('/log').length,
    (n) => n === 1,
  );
  await page.waitForTimeout(300);
  expect(await page.getByText('Rejected uploads').count()).toBe(0);
  expect(await page.getByText('What the camera said').count()).toBe(0);
});

test('what was rejected is listed with the reason, the other files, and what was said', async () => {
  const { page, errors } = await it.open('/cameras/courtyard');
  const rejected = page.getByRole('region', { name: 'Rejected uploads' });
  await rejected.getByText('130 files').waitFor();
  const first = rejected.locator('li').first();
  expect(await first.innerText()).toContain('The picture ends in the middle');
  expect(await first.innerText()).toContain('Fri 23 May 2014, 14:08:00');
  expect(await first.getByRole('link').getAttribute('href')).toBe(reception.quarantine[0]?.url);
  expect(await rejected.locator('li').count()).toBe(100);
  await rejected.getByRole('button', { name: 'Show more' }).click();
  await until(
    () => rejected.locator('li').count(),
    (n) => n === 130,
  );
  expect(await rejected.getByRole('button').count()).toBe(0);
  const files = page.getByRole('region', { name: 'Other files' });
  expect(await files.innerText()).toContain('5.4 MB');
  const lines = page.locator('.lines');
  expect(await lines.locator('li').count()).toBe(200);
  expect(await lines.locator('li').last().isVisible()).toBe(true);
  expect(await lines.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)).toBe(
    0,
  );
  expect(await page.locator('.head').first().innerText()).toContain('New');
  expect(await page.locator('main').innerText()).toMatch(/User\s+courtyard/);
  expect(errors).toEqual([]);
});

test('when the server tells that the camera has changed, the lists are read anew', async () => {
  const { page } = await it.open('/cameras/courtyard');
  const [camera] = it.world.cameras;
  if (!camera) throw new Error('no camera');
  await page.getByText('130 files').waitFor();
  await until(
    () => it.server.watchers,
    (n) => n === 1,
  );
  camera.reception = { ...reception, quarantine: reception.quarantine.slice(0, 3) };
  it.server.emit('camera', it.world.camera(camera));
  it.server.emit('camera', it.world.camera(camera));
  await page.getByText('3 files').waitFor();
  expect(it.server.requests('/quarantine')).toHaveLength(2);
});

test('a camera without pictures, and one that is not there', async () => {
  const { page } = await it.open('/cameras/new-one');
  await page.getByText('No picture yet').waitFor();
  expect(await page.locator('main').innerText()).toContain('never');
  expect(await page.locator('main nav a').count()).toBe(0);
  await page.goto(`${it.server.url}/cameras/nobody`);
  await page.getByText('There is no camera called “nobody”').waitFor();
});
