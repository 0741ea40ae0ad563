import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePanel } from "./context";
import { Markdown } from "./Markdown";
import "./prechat.css";
import { post, ServiceError, type Question } from "./service";

const AUTOCOMPLETE: Record<string, "name" | "email" | "tel"> = { name: "name", email: "email", phone: "tel" };

/** In place of the composer before the first message: what the owner wants to know first. */
export function Prechat({ done }: { done: () => void }): JSX.Element | null {
  const { config, speech, visitor, preview } = usePanel();
  const { t, language } = speech;
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const prechat = config?.prechat;
  if (!prechat) return null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || preview) return;
    setBusy(true);
    setProblem(null);
    try {
      await post<null>("/api/visitor/details", { answers }, await visitor.headers());
      visitor.setTold();
      done();
    } catch (error) {
      setProblem((error instanceof ServiceError && error.words) || t("error"));
      setBusy(false);
    }
  };
  const field = (question: Question): JSX.Element => {
    const common = {
      name: question.key,
      required: question.required,
      value: answers[question.key] ?? "",
      onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
        setAnswers({ ...answers, [question.key]: currentTarget.value }),
    };
    if (question.kind === "choice") {
      return (
        <select {...common}>
          <option value="">{t("choose")}</option>
          {question.choices.map((choice) => (
            <option value={choice[language]}>{choice[language]}</option>
          ))}
        </select>
      );
    }
    const shape = { ...common, dir: "auto", maxLength: 500, autocomplete: AUTOCOMPLETE[question.key] ?? "off" } as const;
    if (question.kind === "email") return <input type="email" {...shape} />;
    return question.kind === "phone" ? <input type="tel" {...shape} /> : <input type="text" {...shape} />;
  };
  return (
    <form class="prechat" onSubmit={(event) => void submit(event)}>
      {prechat.intro[language] && <Markdown text={prechat.intro[language]} />}
      {prechat.questions.filter(({ key }) => !visitor.knows(key)).map((question) => (
        <label>
          <span>
            {question.label[language] || question.key}
            {!question.required && <small> {t("optional")}</small>}
          </span>
          {field(question)}
        </label>
      ))}
      {problem && (
        <p class="limit" role="alert">
          {problem}
        </p>
      )}
      <button class="primary" type="submit" aria-busy={busy}>
        {t("begin")}
      </button>
    </form>
  );
}
