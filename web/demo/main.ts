import "./style.css";
import en from "./words/en.json";
import zh from "./words/zh.json";

const WORDS: Record<"zh" | "en", Record<string, string>> = { zh, en };
const KEY = "spruce.language";

function speak(language: "zh" | "en"): void {
  const words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll<HTMLElement>("[data-t]")) {
    element.textContent = words[element.dataset.t ?? ""] ?? "";
  }
}

let language: "zh" | "en" = (localStorage.getItem(KEY) ?? navigator.language).startsWith("zh") ? "zh" : "en";
speak(language);
document.getElementById("switch")?.addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, language);
  speak(language);
});
for (const button of document.querySelectorAll("[data-chat]")) {
  button.addEventListener("click", () => document.dispatchEvent(new Event("lingxi:open")));
}
