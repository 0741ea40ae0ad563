// Fails when what a customer's browser loads grows past its budget. Prints the figures.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const LOADER_BYTES = 3 * 1024; // raw: it is parsed on every page of the host site
const WIDGET_GZIP_BYTES = 30 * 1024; // loader, page, script and style together

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

if (!existsSync(join(dist, "widget.js"))) {
  console.error("expected web/dist/widget.js, found none: run `npm run build` first");
  process.exit(1);
}
const loader = readFileSync(join(dist, "widget.js"));
const parts = [join(dist, "widget.js"), ...files(join(dist, "widget"))];
let total = 0;
for (const path of parts) {
  const size = gzipSync(readFileSync(path), { level: 9 }).length;
  total += size;
  console.log(`${path.slice(dist.length).padEnd(40)} ${String(size).padStart(7)} bytes gzip`);
}
console.log(`loader ${loader.length} bytes of ${LOADER_BYTES}; widget ${total} bytes gzip of ${WIDGET_GZIP_BYTES}`);
if (loader.length > LOADER_BYTES || total > WIDGET_GZIP_BYTES) {
  console.error("the widget is over its budget");
  process.exit(1);
}
