// node browser.mjs URL ROUNDS < {"frames": [url...], "stream": url}: in headless Chromium, how long
// all frames take one by one (the browser opens six connections) and as one stream. Prints JSON:
// [{"frames": ms, "stream": ms, "bytes": [n, n]}, ...]. Exit status 77: there is no browser.
import { readFileSync } from "node:fs";
import { launch } from "../chromium.mjs";

const [url, rounds] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(url + "/healthz");
  const results = [];
  for (let round = -1; round < Number(rounds); round++) {
    const result = await page.evaluate(async ({ frames, stream }) => {
      const body = async (path) => {
        const answer = await fetch(path, { cache: "no-store" });
        if (!answer.ok) throw new Error(path + ": " + answer.status);
        return (await answer.arrayBuffer()).byteLength;
      };
      const clock = async (work) => {
        const began = performance.now();
        const bytes = await work();
        return [performance.now() - began, bytes];
      };
      const [one, oneBytes] = await clock(async () => (await Promise.all(frames.map(body))).reduce((a, b) => a + b, 0));
      const [all, allBytes] = await clock(() => body(stream));
      return { frames: one, stream: all, bytes: [oneBytes, allBytes] };
    }, asked);
    if (round >= 0) results.push(result);
  }
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
}
