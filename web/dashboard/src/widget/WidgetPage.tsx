import { Button, ColorInput, SegmentedControl, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError } from "../api/client";
import { useI18n } from "../i18n";
import { Failure, wordsOf } from "../shell/Failure";
import { BothInput, Section } from "./fields";
import { Proposals, Questions } from "./Lists";
import { Preview } from "./Preview";
import type { SettingsAnswer, WidgetSettings } from "./types";
import css from "./widget.module.css";

const COLORS = ["#1f6f54", "#1d5fa8", "#7b2d8e", "#a33b20", "#2b2f36", "#0d7d8c"];

export default function WidgetPage() {
  const query = useQuery({ queryKey: ["widget"], queryFn: () => api<SettingsAnswer>("/api/widget/settings") });
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  // What is being written is not overwritten by what a later fetch brings.
  return query.data ? <Editor key={query.data.revision} found={query.data} /> : null;
}

/** The first place at which the server expected something else, in its words. */
function problemOf(error: unknown): string | null {
  const problems = error instanceof ApiError ? (error.fields["problems"] as { at: string; expected: string }[] | undefined) : undefined;
  const first = problems?.[0];
  return first ? `${first.at.replace(/^body\.settings\.?/, "")}: ${first.expected}` : null;
}

/** Lines that are still empty, or never were filled, are not meant. */
function withoutBlanks(settings: WidgetSettings): WidgetSettings {
  const filled = (lines: string[]) => lines.filter((line) => line.trim() !== "");
  const { suggestions, prechat } = settings;
  const questions = prechat.questions.map((question) => ({
    ...question,
    choices: question.choices.filter(({ zh, en }) => zh.trim() !== "" || en.trim() !== ""),
  }));
  return { ...settings, suggestions: { zh: filled(suggestions.zh), en: filled(suggestions.en) }, prechat: { ...prechat, questions } };
}

function Editor({ found }: { found: SettingsAnswer }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [settings, setSettings] = useState(found.settings);
  const change = (part: Partial<WidgetSettings>) => setSettings({ ...settings, ...part });
  const save = useMutation({
    mutationFn: (wanted: WidgetSettings | null) =>
      wanted
        ? api<SettingsAnswer>("/api/widget/settings", { method: "PUT", body: { settings: wanted, revision: found.revision } })
        : api<SettingsAnswer>("/api/widget/settings", { method: "DELETE" }),
    onSuccess: (answer) => {
      queries.setQueryData(["widget"], answer);
      notifications.show({ color: "green", message: t("widget.saved") });
    },
    onError: (error) => notifications.show({ color: "red", title: wordsOf(error, t), message: problemOf(error), autoClose: 8000 }),
  });
  const changed = JSON.stringify(settings) !== JSON.stringify(found.settings);
  const kept = withoutBlanks(settings);
  return (
    <main id="main" className={css.page}>
      <header className={css.head}>
        <h1>{t("widget.title")}</h1>
        <Button variant="subtle" size="xs" disabled={found.revision === 0} onClick={() => save.mutate(null)}>
          {t("widget.reset")}
        </Button>
        <Button size="xs" disabled={!changed} loading={save.isPending} onClick={() => save.mutate(kept)}>
          {t("widget.save")}
        </Button>
      </header>
      <div className={css.body}>
        <div className={css.form}>
          <Section title={t("widget.looks")}>
            <div className={css.line}>
              <ColorInput withEyeDropper={false} label={t("widget.color")} format="hex" swatches={COLORS} value={settings.color} onChange={(color) => change({ color })} />
              <div>
                <span className={css.label}>{t("widget.position")}</span>
                <SegmentedControl
                  aria-label={t("widget.position")}
                  data={(["left", "right"] as const).map((value) => ({ value, label: t(`widget.${value}`) }))}
                  value={settings.position}
                  onChange={(position) => change({ position: position as WidgetSettings["position"] })}
                />
              </div>
              <Switch label={t("widget.files")} checked={settings.files} onChange={(event) => change({ files: event.currentTarget.checked })} />
            </div>
          </Section>
          <Section title={t("widget.texts")}>
            <BothInput label={t("widget.name")} value={settings.title} onChange={(title) => change({ title })} />
            <BothInput label={t("widget.welcome")} rows={3} value={settings.welcome} onChange={(welcome) => change({ welcome })} />
            <BothInput
              label={t("widget.suggestions")}
              rows={4}
              value={{ zh: settings.suggestions.zh.join("\n"), en: settings.suggestions.en.join("\n") }}
              onChange={({ zh, en }) => change({ suggestions: { zh: zh.split("\n"), en: en.split("\n") } })}
            />
          </Section>
          <Section title={t("widget.prechat")} hint={t("widget.prechat_hint")}>
            <Switch label={t("widget.enabled")} checked={settings.prechat.enabled} onChange={(event) => change({ prechat: { ...settings.prechat, enabled: event.currentTarget.checked } })} />
            {settings.prechat.enabled && (
              <>
                <BothInput label={t("widget.intro")} rows={2} value={settings.prechat.intro} onChange={(intro) => change({ prechat: { ...settings.prechat, intro } })} />
                <Questions items={settings.prechat.questions} onChange={(questions) => change({ prechat: { ...settings.prechat, questions } })} />
              </>
            )}
          </Section>
          <Section title={t("widget.proposals")} hint={t("widget.proposals_hint")}>
            <Proposals items={settings.proposals} onChange={(proposals) => change({ proposals })} />
          </Section>
        </div>
        <Preview settings={kept} />
      </div>
    </main>
  );
}
