// Fails when what a customer's browser loads grows past its budget. Prints the figures.
//
// Initial is what every customer loads to chat: loader, page, script with all it imports at once,
// style, one language's words. On demand is what a browser fetches only when the customer (or the
// owner's settings) first needs it; each such part has a limit of its own.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const LOADER_BYTES = 3 * 1024; // gzip: it is on every page of the host site
const INITIAL_BYTES = 30 * 1024;
const PART_BYTES = 5 * 1024;

if (!existsSync(join(dist, "widget.js"))) {
  console.error("expected web/dist/widget.js, found none: run `npm run build` first");
  process.exit(1);
}
const sizeOf = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length;
const manifest = JSON.parse(readFileSync(join(dist, "widget/.vite/manifest.json"), "utf-8"));
const filesOf = ({ file, css = [] }) => [file, ...css].map((name) => `widget/${name}`);

function withImports(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const imported of manifest[key].imports ?? []) withImports(imported, found);
  return found;
}

const atFirst = withImports("index.html");
const isWords = (key) => /words\/(zh|en)\.json$/.test(key);
const words = Object.keys(manifest).filter(isWords);
const initial = ["widget.js", "widget/index.html", ...new Set([...atFirst].flatMap((key) => filesOf(manifest[key])))];
const onDemand = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry && !isWords(key) && !atFirst.has(key));

const show = (path, size) => console.log(`${path.padEnd(44)} ${String(size).padStart(7)} bytes gzip`);
let total = 0;
for (const path of initial) {
  total += sizeOf(path);
  show(path, sizeOf(path));
}
const spoken = words.flatMap((key) => filesOf(manifest[key]));
if (spoken.length !== 2) throw new Error(`expected the words of 2 languages, found ${spoken.length}`);
spoken.forEach((path) => show(path, sizeOf(path)));
total += Math.max(...spoken.map(sizeOf));

let largest = 0;
for (const key of onDemand) {
  const parts = [...withImports(key)].filter((one) => !atFirst.has(one)).flatMap((one) => filesOf(manifest[one]));
  const size = parts.map(sizeOf).reduce((sum, one) => sum + one, 0);
  largest = Math.max(largest, size);
  show(`on demand: ${key}`, size);
}
const loader = sizeOf("widget.js");
console.log(`loader ${loader} bytes gzip of ${LOADER_BYTES}; initial ${total} of ${INITIAL_BYTES}; largest part on demand ${largest} of ${PART_BYTES}`);
if (loader > LOADER_BYTES || total > INITIAL_BYTES || largest > PART_BYTES) {
  console.error("the widget is over its budget");
  process.exit(1);
}
