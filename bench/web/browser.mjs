// node browser.mjs URL < plan: drives the web app at URL in headless Chromium as run.py says, and
// prints what it measured as JSON. Exit status 77: there is no browser.
import { readFileSync } from "node:fs";
import { launch, program } from "../chromium.mjs";
import { median, pause, say, until } from "./measure.mjs";
import { memory as throughAll } from "./memory.mjs";

const [url] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(0, "utf8"));

const api = async (path) => (await fetch(`${url}/api/v1${path}`)).json();

/* Bytes as they come over the wire, compressed as a browser asks for them. */
async function bytes() {
  const size = async (path) => {
    const answer = await fetch(url + path, { headers: { "accept-encoding": "gzip, br" } });
    const length = Number(answer.headers.get("content-length"));
    const text = await answer.text();
    return { length: length || text.length, text };
  };
  const page = await size("/");
  const scripts = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  const known = new Map();
  const wait = [...scripts];
  while (wait.length > 0) {
    const path = wait.pop();
    if (known.has(path)) continue;
    const { length, text } = await size(path);
    known.set(path, length);
    if (!path.endsWith(".js")) continue;
    for (const match of text.matchAll(/["'`/]((?:assets\/)?[\w.-]+-[\w-]{8}\.(?:js|css))["'`]/g)) {
      wait.push(`/assets/${match[1].replace("assets/", "")}`);
    }
  }
  const first = scripts.filter((path) => path.endsWith(".js"));
  return {
    first: first.reduce((sum, path) => sum + known.get(path), 0),
    all: [...known.values()].reduce((sum, length) => sum + length, 0),
  };
}

const PRESS_MS = 60;

/* From the click to the first frame of the event on the screen, against an <img> of its first JPEG:
 * each until the browser has made the frame with the picture in it. The click comes from nowhere, so
 * that nothing could be fetched before it; `mouse` is one with a mouse that comes and presses for as
 * long as people do, from the letting go on. */
async function click(browser) {
  const page = await open(browser);
  await page.addInitScript(watchPicture);
  const session = await page.context().newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const { events } = await api(`/events?camera=${plan.busy}&limit=12`);
  const times = { player: [], image: [], ratio: [], mouse: [] };
  const anew = async () => {
    await page.goto(`${url}/day/${plan.date}?camera=${plan.busy}`);
    await page.waitForSelector("li[data-cell] a img");
    await settled(page);
  };
  for (let round = -2; round < plan.rounds; round++) {
    const n = (round + 2) % Math.min(8, events.length);
    const { frames } = await api(`/frames?camera=${plan.busy}&from=${events[n].start}&limit=1`);
    await anew();
    const image = await page.evaluate(async (source) => {
      const began = performance.now();
      const image = new Image();
      image.style.cssText = "position:fixed;inset:100px 0 0;width:1000px;z-index:99";
      image.src = source;
      await image.decode();
      document.body.append(image);
      const shown = await globalThis.presented();
      image.remove();
      return shown - began;
    }, frames[0].url);
    /* the page anew, or it would have the picture in memory */
    await anew();
    const player = await page.evaluate(
      async ({ n, source }) => {
        const shown = globalThis.pictureShown(source);
        const began = performance.now();
        document.querySelectorAll("li[data-cell] a")[n].click();
        return (await shown) - began;
      },
      { n, source: frames[0].url },
    );
    await anew();
    await page.evaluate((source) => {
      globalThis.shown = globalThis.pictureShown(source);
      addEventListener("pointerup", (event) => (globalThis.letGo = event.timeStamp), { capture: true });
    }, frames[0].url);
    await page.locator("li[data-cell] a").nth(n).hover();
    await page.mouse.down();
    await pause(PRESS_MS);
    await page.mouse.up();
    const mouse = await page.evaluate(async () => (await globalThis.shown) - globalThis.letGo);
    if (round < 0) continue;
    times.player.push(player);
    times.image.push(image);
    times.ratio.push(image / player);
    times.mouse.push(mouse);
  }
  await page.context().close();
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/* In the page: when a picture is in the player's place. That is its canvas, once something was drawn
 * on it, or an element of that very picture; whichever it is must be what one sees there. */
function watchPicture() {
  globalThis.presented = () =>
    new Promise((done) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(0);
      }),
    );
  let found = null;
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (picture, ...rest) {
    draw.call(this, picture, ...rest);
    if (this.canvas.dataset?.camera) found?.(this.canvas);
  };
  globalThis.pictureShown = async (source) => {
    const watch = new MutationObserver(() => {
      for (const image of document.querySelectorAll("body img")) {
        if (image.getAttribute("src") === source && image.complete) found?.(image);
      }
    });
    watch.observe(document, { childList: true, subtree: true });
    const element = await new Promise((done) => (found = done));
    watch.disconnect();
    const at = await globalThis.presented();
    const seen = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    if (seen !== element) throw new Error(`${seen?.outerHTML} is in front of the picture`);
    return at;
  };
}

/* All covers that are on the page are there; the live connection never ends. */
async function settled(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("li[data-cell] a img")].every((one) => one.complete));
  await pause(600);
}

async function open(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  return page;
}

const drawn = async (page) => Number(await page.locator("canvas").getAttribute("data-frame"));

async function openEvent(page, at, dwell = "") {
  await page.goto(`${url}/play?camera=${plan.busy}&at=${at}${dwell}`);
  await until(() => drawn(page), (n) => n >= 0);
  await page.keyboard.press("ArrowRight"); /* which also makes it stand */
  await page.keyboard.press("Home");
  await until(() => drawn(page), (n) => n === 0);
}

/* Steps through an event, each frame drawn before the next step; and decoding alone, one by one. */
async function step(browser) {
  const page = await open(browser);
  const { events } = await api(`/events?camera=${plan.busy}&limit=3`);
  const { frames } = await api(`/frames?camera=${plan.busy}&from=${events[1].start}&limit=200`);
  await openEvent(page, new Date(Date.parse(events[1].start) + 500).toISOString());
  await settled(page);
  const rates = [];
  const bares = [];
  for (let round = 0; round < 5; round++) {
    bares.push(
      await page.evaluate(async (urls) => {
        const blobs = await Promise.all(urls.map(async (one) => (await fetch(one)).blob()));
        const began = performance.now();
        for (const blob of blobs) (await createImageBitmap(blob)).close();
        return (blobs.length * 1000) / (performance.now() - began);
      }, frames.slice(0, 100).map((frame) => frame.url)),
    );
    await page.keyboard.press("Home");
    await until(() => drawn(page), (n) => n === 0);
    await pause(300);
    rates.push(
      await page.evaluate(async (count) => {
        const canvas = document.querySelector("canvas");
        const { port1, port2 } = new MessageChannel();
        const turn = () =>
          new Promise((done) => {
            port1.onmessage = done;
            port2.postMessage(0);
          });
        const began = performance.now();
        for (let n = 1; n <= count; n++) {
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
          while (Number(canvas.dataset.frame) !== n) await turn();
        }
        return (count * 1000) / (performance.now() - began);
      }, 300),
    );
  }
  await page.context().close();
  return { rate: median(rates), bare: median(bares) };
}

/* Drags over the whole of a long event while something looks at the canvas at each frame. */
async function scrub(browser) {
  const page = await open(browser);
  const { events } = await api(`/events?camera=${plan.busy}&limit=1`);
  await openEvent(page, events[0].start, "&dwell=86400");
  await page.evaluate(() => {
    const small = document.createElement("canvas");
    small.width = small.height = 8;
    const paint = small.getContext("2d", { willReadFrequently: true });
    globalThis.seen = { looks: 0, blank: 0 };
    const look = () => {
      const canvas = document.querySelector("canvas");
      const covered = canvas === null || canvas.getClientRects().length === 0;
      if (!covered) paint.drawImage(canvas, 0, 0, 8, 8);
      const bright = covered ? 0 : paint.getImageData(0, 0, 8, 8).data.reduce((a, b, i) => a + (i % 4 < 3 ? b : 0), 0);
      globalThis.seen.looks++;
      if (bright < 8 * 8 * 3 * 8) globalThis.seen.blank++;
      requestAnimationFrame(look);
    };
    look();
  });
  const bar = await page.getByRole("slider", { name: "Position" }).boundingBox();
  const y = bar.y + bar.height / 2;
  await page.mouse.move(bar.x + 1, y);
  await page.mouse.down();
  for (const to of [1, 0.1, 0.9, 0]) await page.mouse.move(bar.x + to * bar.width, y, { steps: 120 });
  await page.mouse.up();
  const seen = await page.evaluate(() => globalThis.seen);
  await page.context().close();
  return seen;
}

/* In a browser of its own, which nothing else looks into. */
async function memory() {
  const { events } = await api(`/events?camera=${plan.busy}&limit=1`);
  return throughAll(program, url, plan, events);
}

/* A day of 3,000 events: what is there first, and what scrolling costs. */
async function day(browser) {
  const page = await open(browser);
  const lists = [];
  const covers = new Set();
  page.on("request", (request) => {
    if (request.url().includes("/api/v1/events?")) lists.push(request.url());
    if (request.url().includes(".jpg?width=")) covers.add(request.url());
  });
  await page.goto(`${url}/day/${plan.day}?camera=${plan.still}`);
  await page.waitForFunction(() => [...document.querySelectorAll("li[data-cell] a img")].some((one) => one.complete && one.naturalWidth > 0));
  const shown = await page.evaluate(() => [...document.querySelectorAll("li[data-cell] a img")].filter((one) => one.complete).length);
  const read = lists.length === 1 ? Number(new URL(lists[0]).searchParams.get("limit")) : 3000;
  await settled(page);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForFunction(() => [...document.querySelectorAll("li[data-cell] a img")].some((one) => one.complete && one.naturalWidth > 0));
  await settled(page);
  const asked = covers.size;
  await page.evaluate(() => scrollTo(0, 0));
  await settled(page);
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
  });
  await page.mouse.move(640, 500);
  for (let n = 0; n < 60; n++) {
    await page.mouse.wheel(0, 400);
    await pause(30);
  }
  const longest = await page.evaluate(() => Math.max(0, ...globalThis.tasks));
  await page.context().close();
  return { covers: read < 3000 ? shown : 0, read, longest, asked };
}

const browser = await launch();
try {
  const found = {};
  for (const part of [bytes, click, step, scrub, day, memory]) {
    if (plan.only && !plan.only.includes(part.name)) continue;
    say(part.name);
    found[part.name] = await part(browser);
    say(JSON.stringify(found[part.name]));
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
