import { Button, SegmentedControl } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { useFieldName } from "../editor/Differences";
import editor from "../editor/editor.module.css";
import { Note } from "../Note";
import css from "./import.module.css";
import type { ImportStatus, RowPlan } from "./types";

interface Props {
  status: ImportStatus;
  publish: boolean;
  onPublish: (publish: boolean) => void;
  onBegin: (mode: "all" | "good") => void;
  starting: boolean;
  onAgain: () => void;
}

function Tiles({ status }: { status: ImportStatus }) {
  const { t } = useI18n();
  const tiles = [
    { name: "create", value: status.create, tone: "good" },
    { name: "update", value: status.update, tone: "accent" },
    { name: "unchanged", value: status.unchanged, tone: "plain" },
    { name: "problems", value: status.problem_count, tone: status.problem_count ? "bad" : "plain" },
  ] as const;
  return (
    <dl className={css.tiles}>
      {tiles.map(({ name, value, tone }) => (
        <div key={name} data-tone={tone}>
          <dt>{t(`import.${name}`)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Problems({ status }: { status: ImportStatus }) {
  const { t } = useI18n();
  const inRoom = status.problems.length < status.problem_count;
  return (
    <section className={css.block}>
      <h2>{t("import.problems")}</h2>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t("import.problems")}>
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t("import.place")}</th>
              <th>{t("import.column")}</th>
              <th>{t("import.expected")}</th>
              <th>{t("import.got")}</th>
            </tr>
          </thead>
          <tbody>
            {status.problems.map((problem, index) => (
              <tr key={index}>
                <td>
                  {problem.file !== status.file && <span className={css.file}>{problem.file}</span>}
                  {problem.row === null ? t("import.whole_file") : t("import.row", { row: problem.row })}
                </td>
                <td>{problem.column ?? "–"}</td>
                <td>{problem.expected}</td>
                <td className={css.got}>{problem.got}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {inRoom && <p className={css.more}>{t("import.first_problems", { shown: status.problems.length, total: status.problem_count })}</p>}
    </section>
  );
}

function Row({ plan }: { plan: RowPlan }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const nameOf = useFieldName();
  return (
    <li>
      <button type="button" aria-expanded={open} onClick={() => setOpen((shown) => !shown)}>
        <span className={css.action} data-action={plan.action}>
          {t(`import.action_${plan.action}`)}
        </span>
        <span className={css.rowTitle}>{plan.title}</span>
        <span className={css.fields}>{plan.changes.map(({ field }) => nameOf(field)).join(" · ")}</span>
      </button>
      {open && (
        <dl className={editor.differences}>
          {plan.changes.map(({ field, before, after }) => (
            <div key={field}>
              <dt>{nameOf(field)}</dt>
              {before && (
                <dd data-sign="removed">
                  <del>{before}</del>
                </dd>
              )}
              {after && (
                <dd data-sign="added">
                  <ins>{after}</ins>
                </dd>
              )}
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** What importing would do: counts, every mistake with its place, and each entry that changes. */
export function Planned({ status, publish, onPublish, onBegin, starting, onAgain }: Props) {
  const { t } = useI18n();
  const good = status.create + status.update + status.synonyms.length;
  const entries = status.create + status.update;
  const bad = status.problem_count > 0;
  return (
    <div className={css.planned}>
      <p className={css.fileName}>{status.file}</p>
      <Tiles status={status} />
      {bad ? (
        <Note tone="warn" icon={<IconAlertTriangle size={20} />} title={t("import.bad_title")}>
          {t(good > 0 ? "import.bad_hint" : "import.bad_all_hint")}
        </Note>
      ) : (
        good === 0 && (
          <Note tone="good" icon={<IconCircleCheck size={20} />}>
            {t("import.nothing_new")}
          </Note>
        )
      )}
      <div className={css.choices}>
        <SegmentedControl
          value={publish ? "publish" : "draft"}
          onChange={(value) => onPublish(value === "publish")}
          data={[
            { value: "publish", label: t("import.publish") },
            { value: "draft", label: t("import.as_drafts") },
          ]}
          aria-label={t("import.how")}
        />
        <span className={css.spring} />
        <Button variant="default" onClick={onAgain}>
          {t("import.other_file")}
        </Button>
        {good > 0 && (
          <Button onClick={() => onBegin(bad ? "good" : "all")} loading={starting}>
            {t(bad ? "import.begin_good" : "import.begin", { count: good })}
          </Button>
        )}
      </div>
      {bad && <Problems status={status} />}
      {status.synonyms.length > 0 && (
        <section className={css.block} aria-label={t("knowledge.synonyms")}>
          <h2>{t("knowledge.synonyms")}</h2>
          <ul className={css.groups}>
            {status.synonyms.map((words) => (
              <li key={words[0]}>{words.join(" = ")}</li>
            ))}
          </ul>
        </section>
      )}
      {status.plan.length > 0 && (
        <section className={css.block} aria-label={t("import.changes")}>
          <h2>{t("import.changes")}</h2>
          <ul className={css.plan}>
            {status.plan.map((plan) => (
              <Row key={plan.entry_id} plan={plan} />
            ))}
          </ul>
          {status.plan.length < entries && <p className={css.more}>{t("import.first_changes", { shown: status.plan.length, total: entries })}</p>}
        </section>
      )}
    </div>
  );
}
