// Debian's Chromium for the benches that need a browser. Where it is not there, or what drives it,
// the bench ends with exit status 77.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

function missing(what) {
  console.error(what);
  process.exit(77);
}

/* Where the program is. */
export const program =
  ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path)) ??
  missing("chromium is not installed");

/* Starts it without a window; to be closed by the caller. */
export async function launch() {
  let playwright;
  try {
    playwright = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
  } catch {
    missing("playwright-core is not in web/node_modules");
  }
  return playwright.chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
}
