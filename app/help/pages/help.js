// Shows results as one types; without it the form asks for a page of them.
const form = document.querySelector("form[role=search]");
const field = form.elements.q;
const main = document.getElementById("main");
const language = form.dataset.language;
const before = [...main.childNodes];
let waiting = 0;
let asked = null;

function text(parts) {
  return parts.map((part) => {
    const node = document.createElement(part.match ? "mark" : "span");
    node.textContent = part.text;
    return part.match ? node : document.createTextNode(part.text);
  });
}

function shown(hit) {
  const link = document.createElement("a");
  link.className = "hit";
  link.href = `/help/${encodeURIComponent(hit.entry_id)}?language=${language}`;
  const title = document.createElement("b");
  title.append(...text(hit.title));
  const excerpt = document.createElement("span");
  excerpt.append(...text(hit.excerpt));
  link.append(title, excerpt);
  return link;
}

async function search() {
  const query = field.value.trim();
  asked?.abort();
  if (!query) return main.replaceChildren(...before);
  asked = new AbortController();
  try {
    const address = `/api/help/search?${new URLSearchParams({ q: query, language })}`;
    const response = await fetch(address, { signal: asked.signal });
    if (!response.ok) return;
    const found = await response.json();
    const heading = document.createElement("h2");
    heading.textContent = main.dataset.results;
    const nothing = document.createElement("p");
    nothing.className = "quiet";
    nothing.textContent = main.dataset.nothing;
    main.replaceChildren(heading, ...(found.items.length ? found.items.map(shown) : [nothing]));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

field.addEventListener("input", (event) => {
  if (event.isComposing) return; // an input method is still choosing characters
  clearTimeout(waiting);
  waiting = setTimeout(search, 150);
});
field.addEventListener("compositionend", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 150);
});
