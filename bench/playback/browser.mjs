// node browser.mjs URL ROUNDS < {"frames": [url...], "stream": url}: in headless Chromium, how long
// all frames take one by one (the browser opens six connections) and as one stream. Prints JSON:
// [{"frames": ms, "stream": ms, "bytes": [n, n]}, ...]. Exit status 77: there is no browser.
import { createRequire } from "node:module";
import { readFileSync, existsSync } from "node:fs";

const [url, rounds] = process.argv.slice(2);
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
let chromium;
try {
  const require = createRequire(new URL("../../web/package.json", import.meta.url));
  ({ chromium } = require("playwright-core"));
} catch {
  console.error("playwright-core is not in web/node_modules");
  process.exit(77);
}
if (!program) {
  console.error("chromium is not installed");
  process.exit(77);
}
const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
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
