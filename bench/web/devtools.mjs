// Chromium by its own protocol over a pipe, and nothing switched on that would be measured with it:
// whoever drives a browser for tests has it keep what every request answered, up to 200 MB.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function start(program, flags) {
  const home = mkdtempSync(join(tmpdir(), "cctvweb-browser-"));
  const child = spawn(
    program,
    ["--headless=new", "--no-sandbox", "--remote-debugging-pipe", `--user-data-dir=${home}`, ...flags, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const listeners = [];
  let text = "";
  let last = 0;
  output.setEncoding("utf8");
  output.on("data", (part) => {
    text += part;
    const messages = text.split("\0");
    text = messages.pop();
    for (const message of messages.map((one) => JSON.parse(one))) {
      if (message.id === undefined) {
        for (const listener of listeners) listener(message);
        continue;
      }
      const { done, failed } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(message.error.message));
      else done(message.result);
    }
  });
  child.on("exit", () => {
    for (const { failed } of waiting.values()) failed(new Error("the browser ended"));
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((done, failed) => {
      waiting.set(++last, { done, failed });
      input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  return {
    send,
    page: () => pageOf(send, listeners),
    close: async () => {
      const ended = new Promise((done) => child.on("exit", done));
      await send("Browser.close").catch(() => child.kill());
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/* Its page: what one does there as a person, what one may ask it, and its threads. */
async function pageOf(send, listeners) {
  const { targetInfos } = await send("Target.getTargets");
  const { targetId } = targetInfos.find((one) => one.type === "page");
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const threads = new Set([sessionId]);
  listeners.push(({ method, params }) => {
    if (method === "Target.attachedToTarget" && params.targetInfo.type === "worker") threads.add(params.sessionId);
    if (method === "Target.detachedFromTarget") threads.delete(params.sessionId);
  });
  const tell = (method, params) => send(method, params, sessionId);
  await tell("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
  const screen = { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false };
  await tell("Emulation.setDeviceMetricsOverride", screen);
  return {
    goto: (url) => tell("Page.navigate", { url }),
    /* What an expression is, once the page has it. */
    evaluate: async (expression) => {
      const { result, exceptionDetails } = await tell("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    key: async (key) => {
      for (const type of ["rawKeyDown", "keyUp"]) await tell("Input.dispatchKeyEvent", { type, key, code: key });
    },
    click: async (x, y) => {
      for (const type of ["mousePressed", "mouseReleased"]) {
        await tell("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
      }
    },
    collectGarbage: async () => {
      for (const thread of threads) await send("HeapProfiler.collectGarbage", {}, thread);
    },
  };
}
