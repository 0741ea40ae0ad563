/*
 * The one script tag. It adds a launcher inside a shadow root and, when first opened, a
 * frame from its own origin; it touches nothing else of the page, and needs no inline style.
 *
 *   <script src="https://chat.example.com/widget.js" async data-color="#1f6f54"
 *           data-position="left" data-language="zh" data-theme="dark" data-identity="..."></script>
 *
 * The page may open and close it: document.dispatchEvent(new Event("lingxi:open")); and say who its
 * customer is, or with null that it is nobody any more:
 * document.dispatchEvent(new CustomEvent("lingxi:identify", { detail: { jwt: "..." } })).
 */
import words from "./words/loader.json";

const STYLE = `:host{all:initial;position:fixed;z-index:2147483000;inset:auto 0 0 auto;color-scheme:normal}
:host([data-left]){inset:auto auto 0 0}
button{all:unset;box-sizing:border-box;cursor:pointer}
svg,b{pointer-events:none}
.l{position:absolute;bottom:20px;right:20px;width:56px;height:56px;border-radius:50%;
background:var(--c,#1f6f54);color:#fff;display:grid;place-items:center;box-shadow:0 4px 14px #0003,0 10px 30px #0002;transition:transform .18s}
.l:hover{transform:scale(1.06)}.l:active{transform:scale(.96)}
button:focus-visible{outline:3px solid var(--c,#1f6f54);outline-offset:3px}
svg{width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-3px;right:-3px;min-width:20px;height:20px;padding:0 5px;box-sizing:border-box;border-radius:10px;
background:#d92d20;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}b:empty{display:none}
iframe{position:absolute;bottom:88px;right:20px;width:min(392px,calc(100vw - 40px));height:min(660px,calc(100vh - 112px));border:0;
border-radius:18px;background:Canvas;box-shadow:0 12px 48px #0003,0 2px 8px #0002;visibility:hidden;opacity:0;transform:translateY(12px);transition:opacity .18s,transform .18s,visibility .18s}
div{position:absolute;bottom:92px;right:20px;width:max-content;max-width:min(280px,calc(100vw - 40px));display:flex;align-items:start;gap:4px;
padding:13px 8px 13px 16px;border-radius:16px;background:Canvas;color:CanvasText;font:15px/1.5 system-ui,sans-serif;box-shadow:0 8px 32px #0003,0 1px 4px #0002;animation:t .25s}
div button:last-child{padding:0 8px;font-size:18px;line-height:22px;opacity:.6}
@keyframes t{from{opacity:0;transform:translateY(8px)}}
:host([data-left]) .l,:host([data-left]) iframe,:host([data-left]) div{right:auto;left:20px}
:host([data-open]) iframe{visibility:visible;opacity:1;transform:none}
@media(max-width:480px),(max-height:420px){iframe{position:fixed;inset:0;width:100%;height:100%;border-radius:0}:host([data-left]) iframe{left:0}:host([data-open]) .l{display:none}}
@media(prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media print{:host{display:none}}`;
interface Proposal {
  id: string;
  page: string;
  after_s: number;
  words: Record<string, string>;
}

/** What the owner set; the server writes it here, so that the host page asks nobody anything. */
const OWNER = JSON.parse("%LINGXI_OWNER%") as { color: string; position: string; proposals: Proposal[] };
const BUBBLE = "M5 6.5h14v10H11l-4 3.5v-3.5H5z";
const DOWN = "M6 9.5l6 6 6-6";
const SEEN = "lingxi.opened";
const TOLD = "lingxi.told.";

function start(script: HTMLScriptElement): void {
  const { color = OWNER.color, position = OWNER.position, language, theme, identity, userId, userHash, userName, userEmail } = script.dataset;
  const origin = new URL(script.src).origin;
  const spoken = /^zh/i.test(language ?? navigator.language) ? words.zh : words.en;
  const host = document.createElement("lingxi-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  if (color && supports(color)) host.style.setProperty("--c", color);
  host.toggleAttribute("data-left", position === "left");

  const svg = "http://www.w3.org/2000/svg";
  const button = document.createElement("button");
  const drawing = document.createElementNS(svg, "svg");
  const path = document.createElementNS(svg, "path");
  const badge = document.createElement("b");
  button.type = "button";
  button.className = "l";
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(path);
  button.append(drawing, badge);
  root.append(button);

  const teaser = document.createElement("div");
  const offer = document.createElement("button");
  const dismiss = document.createElement("button");
  offer.type = dismiss.type = "button";
  dismiss.textContent = "×";
  dismiss.setAttribute("aria-label", spoken.tease);
  teaser.setAttribute("role", "status");
  teaser.append(offer, dismiss);
  dismiss.addEventListener("click", () => teaser.remove());
  offer.addEventListener("click", () => show(true));

  let frame: HTMLIFrameElement | null = null;
  let ready = false;
  let open = false;
  let unread = 0;
  let greeting = "";
  let who: unknown = identity ? { jwt: identity } : userId ? { user_id: userId, user_hash: userHash, name: userName, email: userEmail } : null;
  const pageTitle = { words: "", timer: 0 };

  const draw = (): void => {
    host.toggleAttribute("data-open", open);
    path.setAttribute("d", open ? DOWN : BUBBLE);
    badge.textContent = unread > 0 ? (unread > 99 ? "99+" : String(unread)) : "";
    button.setAttribute("aria-expanded", String(open));
    const label = open ? spoken.close : spoken.open;
    button.setAttribute("aria-label", unread > 0 ? `${label} (${unread} ${spoken.unread})` : label);
  };
  const tell = (type: string, more = {}): void => {
    if (ready) frame?.contentWindow?.postMessage({ lingxi: 1, type, ...more }, origin);
  };
  const tellOpen = (): void => tell(open ? "opened" : "closed", { greeting });
  const load = (): void => {
    if (frame) return;
    frame = document.createElement("iframe");
    const options = new URLSearchParams({ host: location.origin, page: location.origin + location.pathname });
    for (const [key, value] of Object.entries({ color: script.dataset.color, language, theme })) if (value) options.set(key, value);
    frame.title = spoken.frame;
    frame.allow = "autoplay; microphone";
    frame.src = `${origin}/widget/#${options}`;
    root.append(frame);
  };
  const show = (wanted: boolean): void => {
    if (wanted === open) return;
    open = wanted;
    if (open) {
      load();
      remember(SEEN);
      teaser.remove();
    }
    draw();
    tellOpen();
    if (open) frame?.focus();
    else button.focus();
  };
  /** A blinking title while the tab is in the background; the page's own comes back. */
  const alertTitle = (title: string): void => {
    clearInterval(pageTitle.timer);
    if (pageTitle.words && document.title.startsWith("(")) document.title = pageTitle.words;
    pageTitle.words = "";
    if (!unread || !document.hidden) return;
    pageTitle.words = document.title;
    pageTitle.timer = window.setInterval(() => {
      document.title = document.title === pageTitle.words ? `(${unread}) ${title}` : pageTitle.words;
    }, 1200);
  };

  window.addEventListener("message", ({ origin: from, source, data }: MessageEvent) => {
    if (from !== origin || source !== frame?.contentWindow || data?.lingxi !== 1) return;
    if (data.type === "ready") {
      ready = true;
      tell("identity", { who });
      tellOpen();
    } else if (data.type === "identity_refused") {
      document.dispatchEvent(new CustomEvent("lingxi:identity-refused", { detail: data.code }));
    } else if (data.type === "close") show(false);
    else if (data.type === "unread") {
      unread = Number(data.count) || 0;
      draw();
      alertTitle(String(data.title));
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden || alertTitle(""));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  document.addEventListener("lingxi:open", () => show(true));
  document.addEventListener("lingxi:close", () => show(false));
  document.addEventListener("lingxi:identify", (event) => {
    who = (event as CustomEvent<unknown>).detail ?? null;
    tell("identity", { who });
  });
  button.addEventListener("click", () => show(!open));
  draw();
  document.body.append(host);

  let proposing = 0;
  /** Once for each customer, if they are still on such a page by then and have not opened the chat. */
  const propose = (): void => {
    clearTimeout(proposing);
    const rule = OWNER.proposals.find(({ id, page }) => fits(page, location.pathname) && !remembered(TOLD + id));
    if (!rule || open) return;
    proposing = window.setTimeout(() => {
      const text = rule.words[spoken === words.zh ? "zh" : "en"];
      if (open || !text || !fits(rule.page, location.pathname)) return;
      remember(TOLD + rule.id);
      offer.textContent = greeting = text;
      root.append(teaser);
    }, rule.after_s * 1000);
  };
  propose();
  // A page that changes without being loaded anew tells so in newer browsers.
  (window as { navigation?: EventTarget }).navigation?.addEventListener("navigatesuccess", propose);
  // Whoever has chatted before hears of an answer without opening: fetched when all else is done.
  if (remembered(SEEN)) setTimeout(load, 1500);
}

function supports(color: string): boolean {
  return window.CSS.supports("color", color);
}

/** `*` stands for any characters, as in `/product/*`. */
function fits(pattern: string, path: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[^\w/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(path);
}

function remember(key: string): void {
  try {
    localStorage.setItem(key, "1");
  } catch {
    // the page forbids storage: then the frame loads when opened
  }
}

function remembered(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) {
  if (document.body) start(script);
  else document.addEventListener("DOMContentLoaded", () => start(script));
}
