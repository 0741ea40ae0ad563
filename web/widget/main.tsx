import { render } from "preact";
import { openStorage } from "../shared/outbox";
import { App } from "./App";
import { Frame, readOptions } from "./frame";
import "./style.css";

const options = readOptions(location.hash, window.parent !== window);
if (options.theme === "light" || options.theme === "dark") {
  document.documentElement.dataset.theme = options.theme;
}
const root = document.getElementById("app");
if (root) render(<App storage={openStorage()} frame={new Frame(options.host)} options={options} />, root);
