/* A browser, a stand-in server and what tests ask of a page. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import {
  chromium,
  firefox,
  type Browser,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { paintPictures, SIZE } from './pictures.ts';
import { StandIn } from './server.ts';
import { World } from './world.ts';

const SHOTS = fileURLToPath(new URL('../../test-results/', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium; or, to try it, the Firefox that FIREFOX is the path of. */
export function launch(): Promise<Browser> {
  const other = process.env['FIREFOX'];
  if (other) return firefox.launch({ channel: 'moz-firefox', executablePath: other });
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

export interface Stage {
  browser: Browser;
  server: StandIn;
  world: World;
  /** Opens a page; whatever it prints as an error is collected in `errors`. */
  open: (
    path: string,
    options?: BrowserContextOptions,
  ) => Promise<{ page: Page; errors: string[] }>;
  close: () => Promise<void>;
}

export async function stage(build: (world: World) => void): Promise<Stage> {
  const browser = await launch();
  const world = new World();
  build(world);
  const server = new StandIn(world, await paintPictures(browser));
  await server.start();
  return {
    browser,
    server,
    world,
    open: (path, options) => openPage(browser, `${server.url}${path}`, options),
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Asia/Tokyo' /* nothing on a page may depend on where the browser is */,
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return { page, errors };
}

/** Serious and critical findings of axe, in words. */
export async function accessibility(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  /* What is still fading in has less contrast than it will have. */
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.all(ending.map((one) => one.finished.catch(() => undefined)));
  });
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: typeof axe }).axe;
    return (await run.run(document, { resultTypes: ['violations'] })).violations;
  });
  return found
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png` });
}

/** The number of the picture on the player's canvas, read from its squares. */
export function pictureShown(page: Page, camera?: string): Promise<number> {
  return page.evaluate(
    ({ height, selector }) => {
      const canvas = document.querySelector<HTMLCanvasElement>(selector);
      const paint = canvas?.getContext('2d');
      if (!paint || canvas?.height !== height) return -1;
      let n = 0;
      for (let bit = 0; bit < 6; bit++) {
        const light = paint.getImageData(bit * 40 + 20, height - 20, 1, 1).data[0] ?? 0;
        if (light > 128) n |= 1 << bit;
      }
      return n;
    },
    { ...SIZE, selector: camera ? `canvas[data-camera="${camera}"]` : 'canvas' },
  );
}

/** Waits until something is so; says what it was last when it never is. */
export async function until<T>(
  read: () => Promise<T> | T,
  good: (value: T) => boolean,
  timeout = 8000,
): Promise<T> {
  const limit = Date.now() + timeout;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > limit) throw new Error(`still ${JSON.stringify(value)} after ${timeout} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
