import { Button } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useI18n } from "../i18n";
import { Failure } from "../shell/Failure";
import { useNow } from "../shell/now";
import { EntriesEmpty } from "./EntriesEmpty";
import { EntryRow, EntryRowsWaiting } from "./EntryRow";
import { Filters } from "./Filters";
import { FileMenu } from "./import/FileMenu";
import { KnowledgeFrame } from "./KnowledgeFrame";
import css from "./entries.module.css";
import { isFiltered, useEntries, useFilter } from "./useEntries";

const ROW_HEIGHT_PX = 65;
const NOW_EVERY_MS = 30_000;

export function EntriesPage() {
  const { t } = useI18n();
  const [filter, setFilter] = useFilter();
  const entries = useEntries(filter);
  const now = useNow(NOW_EVERY_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const { rows, more } = entries;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && lastShown >= rows.length - 20) more();
  }, [more, lastShown, rows.length]);

  const walk = (by: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, at + by));
    if (rows.length === 0) return;
    setAt(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus());
  };
  useHotkeys([
    ["J", () => walk(1)],
    ["K", () => walk(-1)],
    ["ArrowDown", () => walk(1)],
    ["ArrowUp", () => walk(-1)],
    ["N", () => void navigate("/knowledge/entries/new")],
    ["/", () => searchBox.current?.focus()],
  ]);

  return (
    <KnowledgeFrame
      fill
      actions={
        <>
          <FileMenu />
          <Button size="sm" component={Link} to="/knowledge/entries/new" leftSection={<IconPlus size={16} />}>
            {t("knowledge.new")}
          </Button>
        </>
      }
    >
      <Filters filter={filter} onChange={setFilter} first={entries.first} searchBox={searchBox} onDown={() => walk(1)} />
      <div className={css.rows} ref={scroller} tabIndex={-1}>
        {entries.error ? (
          <Failure error={entries.error} onRetry={entries.retry} />
        ) : entries.pending ? (
          <EntryRowsWaiting />
        ) : rows.length === 0 ? (
          <EntriesEmpty filtered={isFiltered(filter)} onClear={() => setFilter({ q: "", status: null, category: null, language: null, lacking: null })} />
        ) : (
          <ul className={css.virtual} style={{ height: virtual.getTotalSize() }} aria-label={t("knowledge.entries")}>
            {items.map((item) => {
              const row = rows[item.index];
              return row ? (
                <li key={item.key} data-index={item.index} ref={virtual.measureElement} style={{ transform: `translateY(${item.start}px)` }}>
                  <EntryRow row={row} now={now} onFocus={() => setAt(item.index)} />
                </li>
              ) : null;
            })}
          </ul>
        )}
      </div>
    </KnowledgeFrame>
  );
}
