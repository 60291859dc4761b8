/* Prints what the pages cost on the wire, and fails the build when they grow past their limits. */
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST_KB = 80;
const ALL_KB = 200;
const dist = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', dist), 'utf8');
const files = readdirSync(new URL('assets/', dist));
let first = 0;
let all = 0;
for (const name of files) {
  const packed = gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length;
  const isFirst = html.includes(name);
  if (isFirst && name.endsWith('.js')) first += packed;
  all += packed;
  console.log(
    `${(packed / 1024).toFixed(1).padStart(7)} KB  ${name}${isFirst ? '  (first page)' : ''}`,
  );
}
console.log(`${(first / 1024).toFixed(1).padStart(7)} KB  of JavaScript for the first page, gzip`);
console.log(`${(all / 1024).toFixed(1).padStart(7)} KB  of everything, gzip`);
if (first > FIRST_KB * 1024 || all > ALL_KB * 1024) {
  console.error(`more than ${FIRST_KB} KB for the first page or ${ALL_KB} KB for all`);
  process.exit(1);
}
