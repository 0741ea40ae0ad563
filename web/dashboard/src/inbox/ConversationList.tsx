import { Button, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconInbox, IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { useI18n } from "../i18n";
import { useDeskState } from "../live/context";
import { type View, VIEWS } from "../live/inbox";
import { Failure } from "../shell/Failure";
import { useNow } from "../shell/now";
import { ConversationRow } from "./ConversationRow";
import css from "./inbox.module.css";
import { useInbox, useView } from "./useInbox";

const ROW_HEIGHT_PX = 92;

function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const { t } = useI18n();
  const counts = useDeskState((state) => state.inbox.counts);
  return (
    <div className={css.views} role="group" aria-label={t("inbox.views")}>
      {VIEWS.map((one) => (
        <button key={one} type="button" className={css.view} aria-pressed={one === view} onClick={() => onChange(one)}>
          {t(`view.${one}`)}
          {counts[one] !== undefined && (
            <span className={css.count} data-hot={one === "queued" && (counts[one] ?? 0) > 0}>
              {counts[one]}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

function Empty({ view, search }: { view: View; search: string }) {
  const { t } = useI18n();
  return (
    <div className={css.empty}>
      <IconInbox size={36} stroke={1.4} aria-hidden />
      <p>{search ? t("inbox.nothing_found", { search }) : t(`empty.${view}`)}</p>
    </div>
  );
}

function Waiting() {
  return (
    <div aria-hidden="true">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className={css.row}>
          <Skeleton circle height={40} />
          <div style={{ flex: 1 }}>
            <Skeleton height={12} width="50%" mb={10} />
            <Skeleton height={10} width="90%" />
          </div>
        </div>
      ))}
    </div>
  );
}

/** J and K walk through the list, as in most desks. */
function useWalk(ids: readonly string[], view: View): void {
  const navigate = useNavigate();
  const { conversationId } = useParams();
  const step = (by: number) => {
    const at = conversationId ? ids.indexOf(conversationId) : -1;
    const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
    if (next) void navigate(`/inbox/${next}?view=${view}`);
  };
  useHotkeys([
    ["J", () => step(1)],
    ["K", () => step(-1)],
  ]);
}

export function ConversationList() {
  const { t } = useI18n();
  const { conversationId } = useParams();
  const [view, setView] = useView();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 250);
  const inbox = useInbox(view, search);
  const now = useNow(view === "queued" ? 1_000 : 30_000);
  const scroller = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  useWalk(inbox.rows.map((row) => row.id), view);
  useHotkeys([["/", () => searchBox.current?.focus()]]);
  const virtual = useVirtualizer({
    count: inbox.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => inbox.rows[index]?.id ?? index,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { more } = inbox;
  useEffect(() => {
    if (more && lastShown >= inbox.rows.length - 3) more();
  }, [more, lastShown, inbox.rows.length]);
  return (
    <section className={css.list} aria-label={t("inbox.list")}>
      <header className={css.listHead}>
        <h1 className={css.listTitle}>{t("nav.inbox")}</h1>
        <TextInput
          ref={searchBox}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setTyped("")}
          leftSection={<IconSearch size={16} aria-hidden />}
          placeholder={t("inbox.search")}
          aria-label={t("inbox.search")}
          type="search"
        />
        <Views view={view} onChange={setView} />
      </header>
      <div className={css.rows} ref={scroller} tabIndex={-1}>
        {inbox.error ? (
          <Failure error={inbox.error} onRetry={inbox.retry} />
        ) : inbox.pending && inbox.rows.length === 0 ? (
          <Waiting />
        ) : inbox.rows.length === 0 ? (
          <Empty view={view} search={search} />
        ) : (
          <ul className={css.virtual} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = inbox.rows[item.index];
              return row ? (
                <li key={item.key} style={{ transform: `translateY(${item.start}px)` }} ref={virtual.measureElement} data-index={item.index}>
                  <ConversationRow row={row} view={view} selected={row.id === conversationId} now={now} />
                </li>
              ) : null;
            })}
          </ul>
        )}
        {more && (
          <Button variant="subtle" fullWidth onClick={more}>
            {t("action.more")}
          </Button>
        )}
      </div>
    </section>
  );
}
