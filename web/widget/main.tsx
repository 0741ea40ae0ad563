import { render } from "preact";
import { MemoryStorage, openStorage } from "../shared/outbox";
import { App } from "./App";
import { Frame, readOptions } from "./frame";
import { loadPreferences } from "./preferences";
import { chooseLanguage, loadWords, speech } from "./words";
import "./style.css";

const options = readOptions(location.hash, window.parent !== window);
if (options.theme === "light" || options.theme === "dark") {
  document.documentElement.dataset.theme = options.theme;
}
const storage = options.preview ? new MemoryStorage() : openStorage();
const root = document.getElementById("app");

async function start(): Promise<void> {
  const language = chooseLanguage(loadPreferences(storage).language, options.language, navigator.language);
  const words = await loadWords(language);
  const frame = new Frame(options.host);
  if (root) render(<App storage={storage} frame={frame} options={options} first={speech(language, words)} />, root);
}

void start();
