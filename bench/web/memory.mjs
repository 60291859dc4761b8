// Goes through all of a long event again and again: what its tab holds, heap and buffers of all threads.
import { readFileSync } from "node:fs";
import { start } from "./devtools.mjs";
import { median, pause, say, until } from "./measure.mjs";

const BOUND = 480; /* MiB; docs/design/web.md says what it is made of */
const JUMPS = 125;

export async function memory(program, url, plan, events) {
  const browser = await start(program, []);
  try {
    return await replays(browser, await browser.page(), url, plan, events);
  } finally {
    await browser.close();
  }
}

async function replays(browser, page, url, plan, events) {
  const resident = async () => {
    const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
    const private_ = processInfo.filter((one) => one.type === "renderer").map(({ id }) => {
      const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
      return Number(/^Private_Dirty:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
    });
    return Math.max(...private_);
  };
  const drawn = () => page.evaluate("Number(document.querySelector('canvas')?.dataset.frame ?? -1)");
  const bar = () =>
    page.evaluate("document.querySelector('[role=slider][aria-label=Position]').getBoundingClientRect().toJSON()");

  await page.goto(`${url}/cameras`);
  await pause(1500);
  const empty = await resident();
  await page.goto(`${url}/play?camera=${plan.busy}&at=${events[0].start}&dwell=86400`);
  await until(drawn, (n) => n >= 0);
  await page.key("ArrowRight"); /* which also makes it stand */
  await page.key("Home");
  await until(drawn, (n) => n === 0);

  const after = [];
  let most = 0;
  for (let replay = 0; replay < plan.replays; replay++) {
    for (let n = 0; n <= JUMPS; n++) {
      const to = Math.round((n * (plan.frames - 1)) / JUMPS);
      const { x, y, width, height } = await bar();
      await page.click(x + (width * n) / JUMPS - (n === JUMPS ? 1 : 0), y + height / 2);
      await until(drawn, (at) => Math.abs(at - to) < plan.frames / 50);
      if (n % 5 === 0) most = Math.max(most, (await resident()) - empty);
    }
    await page.key("Home");
    await until(drawn, (at) => at === 0);
    await pause(1500); /* until what follows has been read */
    await page.collectGarbage();
    await pause(500);
    after.push((await resident()) - empty);
    say(`replay ${replay + 1}: ${after.at(-1).toFixed(0)} MiB, at most ${most.toFixed(0)}`);
  }
  const some = Math.ceil(plan.replays / 3);
  return {
    most,
    bound: BOUND,
    replays: plan.replays,
    first: median(after.slice(0, some)),
    last: median(after.slice(-some)),
  };
}
