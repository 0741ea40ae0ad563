import { useI18n } from "../../i18n";
import type { Content } from "../types";
import { differences } from "./differences";
import css from "./editor.module.css";

/** The words for a field's name as files and imports call it: `questions.zh`, `answer.en@rest`. */
export function useFieldName(): (field: string) => string {
  const { t, code } = useI18n();
  return (field) => {
    const [, family = field, language = "", channel = ""] = /^(\w+)(?:\.(\w+))?(?:@(.+))?$/.exec(field) ?? [];
    const name = code("field", family);
    if (!language) return name;
    const spoken = t("field.in", { field: name, language: code("language", language) });
    return channel ? `${spoken} · ${channel}` : spoken;
  };
}

/** What changes from one content to another: gone in red, new in green. */
export function Differences({ before, after }: { before: Content; after: Content }) {
  const { t } = useI18n();
  const nameOf = useFieldName();
  const found = differences(before, after);
  if (found.length === 0) return <p className={css.quiet}>{t("diff.none")}</p>;
  return (
    <dl className={css.differences}>
      {found.map(({ field, removed, added }) => (
        <div key={field}>
          <dt>{nameOf(field)}</dt>
          {removed.map((text) => (
            <dd key={`-${text}`} data-sign="removed">
              <span className="lx-sr">{t("diff.removed")} </span>
              <del>{text}</del>
            </dd>
          ))}
          {added.map((text) => (
            <dd key={`+${text}`} data-sign="added">
              <span className="lx-sr">{t("diff.added")} </span>
              <ins>{text}</ins>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
