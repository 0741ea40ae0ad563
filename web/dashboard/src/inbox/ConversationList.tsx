import { Button, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconInbox, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { useDeskInfo } from "../desk/useDeskInfo";
import { type Key, useI18n } from "../i18n";
import { useDeskState } from "../live/context";
import { type View, VIEWS } from "../live/inbox";
import { Failure } from "../shell/Failure";
import { useNow } from "../shell/now";
import { ConversationRow } from "./ConversationRow";
import { FilterMenu } from "./FilterMenu";
import { HitRow } from "./HitRow";
import css from "./inbox.module.css";
import { isNarrowed } from "./query";
import { SavedViews } from "./SavedViews";
import { useInbox, useInboxQuery } from "./useInbox";
import { type Hit, useMessageSearch } from "./useMessageSearch";

const ROW_HEIGHT_PX = 92;

/** Views that are mostly empty; shown while they hold something. */
const SOMETIMES: ReadonlySet<View> = new Set(["snoozed", "mentioned"]);

function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const { t } = useI18n();
  const counts = useDeskState((state) => state.inbox.counts);
  return (
    <div className={css.views} role="group" aria-label={t("inbox.views")}>
      {VIEWS.filter((one) => !SOMETIMES.has(one) || one === view || (counts[one] ?? 0) > 0).map((one) => (
        <button key={one} type="button" className={css.view} aria-pressed={one === view} onClick={() => onChange(one)}>
          {t(`view.${one}`)}
          {(counts[one] ?? 0) > 0 && (
            <span className={css.count} data-hot={(one === "queued" || one === "mentioned") && (counts[one] ?? 0) > 0}>
              {counts[one]}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

function Empty({ view, search, narrowed, onView }: { view: View; search: string; narrowed: boolean; onView: (view: View) => void }) {
  const { t } = useI18n();
  const queued = useDeskState((state) => state.inbox.counts.queued ?? 0);
  return (
    <div className={css.empty}>
      <IconInbox size={36} stroke={1.4} aria-hidden />
      <p>{search ? t("inbox.nothing_found", { search }) : t(narrowed ? "filter.nothing" : `empty.${view}`)}</p>
      {view === "mine" && !search && !narrowed && queued > 0 && (
        <Button size="xs" variant="light" onClick={() => onView("queued")}>
          {t("empty.to_queue", { count: queued })}
        </Button>
      )}
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
function useWalk(ids: readonly string[], search: string): void {
  const navigate = useNavigate();
  const { conversationId } = useParams();
  const step = (by: number) => {
    const at = conversationId ? ids.indexOf(conversationId) : -1;
    const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
    if (next) void navigate(`/inbox/${next}${search}`);
  };
  useHotkeys([
    ["J", () => step(1)],
    ["K", () => step(-1)],
  ]);
}

/** The arrow keys move the focus from row to row; Enter then opens. */
function walkByArrows(event: KeyboardEvent<HTMLDivElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...event.currentTarget.querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  if (by === undefined || at < 0) return;
  event.preventDefault();
  links[at + by]?.focus();
}

type Item = { key: string; row: ConversationSummary } | { key: string; hit: Hit } | { key: string; title: Key };

/** Conversations; while something is searched for, the messages that hold it below them. */
function itemsOf(rows: readonly ConversationSummary[], hits: readonly Hit[], q: string): Item[] {
  const items: Item[] = rows.map((row) => ({ key: row.id, row }));
  if (!q) return items;
  if (items.length > 0) items.unshift({ key: "people", title: "search.people" });
  if (hits.length > 0) items.push({ key: "messages", title: "search.messages" });
  return [...items, ...hits.map((hit) => ({ key: hit.message.id, hit }))];
}

export function ConversationList() {
  const { t } = useI18n();
  const { conversationId } = useParams();
  const { query, search, setQuery } = useInboxQuery();
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 250);
  const now = useNow(query.view === "queued" || query.view === "mine" ? 1_000 : 30_000);
  const inbox = useInbox(query, q, now);
  const messages = useMessageSearch(q);
  const rules = useDeskInfo().data?.rules;
  const scroller = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  useWalk(inbox.rows.map((row) => row.id), search);
  useHotkeys([["/", () => searchBox.current?.focus()]]);
  const items = itemsOf(inbox.rows, messages.hits, q);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 6,
  });
  const shown = virtual.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  const more = q ? messages.more : inbox.more;
  useEffect(() => {
    if (more && lastShown >= items.length - 3) more();
  }, [more, lastShown, items.length]);
  return (
    <section className={css.list} aria-label={t("inbox.list")}>
      <header className={css.listHead}>
        <h1 className={css.listTitle}>{t("nav.inbox")}</h1>
        <div className={css.searchLine}>
          <TextInput
            ref={searchBox}
            flex={1}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Escape" && setTyped("")}
            leftSection={<IconSearch size={16} aria-hidden />}
            placeholder={t("inbox.search")}
            aria-label={t("inbox.search")}
            type="search"
            maxLength={100}
          />
          <FilterMenu query={query} onChange={setQuery} />
        </div>
        <Views view={query.view} onChange={(view) => setQuery({ ...query, view })} />
        <SavedViews query={query} onChange={setQuery} />
      </header>
      <div className={css.rows} ref={scroller} tabIndex={-1} onKeyDown={walkByArrows}>
        {inbox.error ? (
          <Failure error={inbox.error} onRetry={inbox.retry} />
        ) : inbox.pending && items.length === 0 ? (
          <Waiting />
        ) : items.length === 0 ? (
          <Empty view={query.view} search={q} narrowed={isNarrowed(query)} onView={(view) => setQuery({ ...query, view })} />
        ) : (
          <ul className={css.virtual} style={{ height: virtual.getTotalSize() }}>
            {shown.map((place) => {
              const item = items[place.index];
              return item ? (
                <li key={place.key} style={{ transform: `translateY(${place.start}px)` }} ref={virtual.measureElement} data-index={place.index}>
                  {"row" in item ? (
                    <ConversationRow row={item.row} search={search} selected={item.row.id === conversationId} now={now} rules={rules} />
                  ) : "hit" in item ? (
                    <HitRow hit={item.hit} q={q} search={search} selected={item.hit.conversation.id === conversationId} now={now} />
                  ) : (
                    <h2 className={css.group}>{t(item.title)}</h2>
                  )}
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
