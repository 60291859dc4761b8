// What the measurements in the browser share.
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const say = (text) => console.error(`web: ${text}`);

/* Reads until it is good. */
export async function until(read, good, ms = 30000) {
  const limit = Date.now() + ms;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > limit) throw new Error(`still ${JSON.stringify(value)}`);
    await pause(20);
  }
}
