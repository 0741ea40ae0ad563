// Fails when what a customer's browser loads grows past its budget. Prints the figures.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const LOADER_BYTES = 3 * 1024; // gzip: it is on every page of the host site
const WIDGET_GZIP_BYTES = 30 * 1024; // all that one customer's browser loads: one language's words

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

if (!existsSync(join(dist, "widget.js"))) {
  console.error("expected web/dist/widget.js, found none: run `npm run build` first");
  process.exit(1);
}
const sizeOf = (path) => gzipSync(readFileSync(path), { level: 9 }).length;
const parts = [join(dist, "widget.js"), ...files(join(dist, "widget"))];
const words = [];
const loader = sizeOf(parts[0]);
let total = 0;
for (const path of parts) {
  const size = sizeOf(path);
  if (/\/words-\w+-/.test(path)) words.push(size);
  else total += size;
  console.log(`${path.slice(dist.length).padEnd(40)} ${String(size).padStart(7)} bytes gzip`);
}
if (words.length !== 2) throw new Error(`expected the words of 2 languages, found ${words.length}`);
total += Math.max(...words);
console.log(`loader ${loader} bytes gzip of ${LOADER_BYTES}; widget ${total} bytes gzip of ${WIDGET_GZIP_BYTES}`);
if (loader > LOADER_BYTES || total > WIDGET_GZIP_BYTES) {
  console.error("the widget is over its budget");
  process.exit(1);
}
