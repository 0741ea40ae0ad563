import { Center, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef, useState } from "react";
import { createBrowserRouter, Navigate, Route, RouterProvider, Routes, useLocation, useNavigate } from "react-router";
import { api } from "../api/client";
import type { Agent } from "../api/types";
import type { Message, WireNote } from "../../../shared/events";
import type { SocketLike } from "../../../shared/link";
import { useI18n } from "../i18n";
import { InboxPage } from "../inbox/InboxPage";
import { Alerts } from "../live/alerts";
import { DeskProvider } from "../live/context";
import { Desk } from "../live/desk";
import type { Alert } from "../live/inbox";
import { calmly, onNextFrame } from "../live/schedule";
import { ConfirmProvider } from "./confirm";
import { ConnectionBanner } from "./ConnectionBanner";
import { Broken, Failure } from "./Failure";
import { Login } from "./Login";
import { NotYours } from "./NotYours";
import { isSetting, PAGES, pagesFor, SETTINGS } from "./pages";
import { Palette } from "./Palette";
import { usePreferences } from "./preferences";
import { Rail } from "./Rail";
import { Shortcuts } from "./Shortcuts";
import { SessionProvider, useMe, useSession } from "./session";
import css from "./shell.module.css";
import { useTitle } from "./title";


function fetchMessages(
  conversationId: string,
  range: { afterSeq?: number; beforeSeq?: number; limit: number },
): Promise<Message[]> {
  return api<{ items: Message[] }>(`/api/conversations/${conversationId}/messages`, {
    query: { after_seq: range.afterSeq, before_seq: range.beforeSeq, limit: range.limit },
  }).then((body) => body.items);
}

function agentSocket(): SocketLike {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/ws/agent`) as unknown as SocketLike;
}

/** One desk for as long as this agent is logged in; alerts are told in the current language. */
function useNewDesk(me: Agent): Desk {
  const { t, language } = useI18n();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { sound } = usePreferences();
  const told = useRef({ t, navigate, sound });
  told.current = { t, navigate, sound };
  const [desk] = useState(() => {
    const alerts = new Alerts((tag) => void told.current.navigate(`/inbox/${tag}`));
    const ring = ({ kind, row }: Alert) => {
      const name = row.visitor_name || told.current.t("visitor.anonymous");
      const title = told.current.t(`alert.${kind}`, { name });
      alerts.sound = told.current.sound;
      alerts.ring({ title, body: row.last_message, tag: row.id });
      if (kind !== "message") notifications.show({ id: `${kind}-${row.id}`, title, message: row.last_message, color: "iris", withCloseButton: false });
    };
    return new Desk(
      me,
      {
        connect: agentSocket,
        fetchMessages,
        fetchNotes: (id) => api<{ items: WireNote[] }>(`/api/conversations/${id}/notes`).then(({ items }) => items),
        fetchCalls: () =>
          api<{ items: { note: WireNote }[] }>("/api/mentions").then(({ items }) => items.map(({ note }) => note.conversation_id)),
        readCalls: (id) => api(`/api/conversations/${id}/mentions/read`, { method: "POST" }),
        onAlert: ring,
        onCountsStale: () => void queries.invalidateQueries({ queryKey: ["inbox"] }),
        onTold: (words) => notifications.show({ color: "red", message: words }),
        onRefused: () => queries.setQueryData(["me"], null),
        newId: () => crypto.randomUUID(),
        schedule: onNextFrame,
        scheduleCalmly: calmly,
      },
      language,
    );
  });
  useEffect(() => {
    const online = () => desk.retryNow();
    window.addEventListener("online", online);
    desk.start();
    return () => {
      window.removeEventListener("online", online);
      desk.stop();
    };
  }, [desk]);
  useEffect(() => desk.setLanguage(language), [desk, language]);
  return desk;
}

function Loading() {
  const { t } = useI18n();
  return (
    <Center h="100%" mih={200}>
      <Loader aria-label={t("state.loading")} />
    </Center>
  );
}

function Main() {
  const { t } = useI18n();
  const me = useMe();
  const mine = pagesFor(me);
  const firstSetting = mine.find(isSetting);
  const { pathname } = useLocation();
  useTitle();
  const reading = /^\/inbox\/[^/]+/.test(pathname);
  return (
    <div className={css.app} data-reading={reading}>
      <a className="lx-skip" href="#main">
        {t("nav.skip")}
      </a>
      <Rail />
      <div className={css.main}>
        <ConnectionBanner />
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/inbox/:conversationId?" element={<InboxPage />} />
            {mine.map((page) => (
              <Route key={page.path} path={`${page.path}/*`} element={<page.body />} />
            ))}
            {PAGES.filter((page) => !mine.includes(page)).map((page) => (
              <Route key={page.path} path={`${page.path}/*`} element={<NotYours title={t(page.label)} />} />
            ))}
            {firstSetting && <Route path={SETTINGS} element={<Navigate to={firstSetting.path} replace />} />}
            <Route path="*" element={<Navigate to="/inbox" replace />} />
          </Routes>
        </Suspense>
      </div>
      <Palette />
      <Shortcuts />
    </div>
  );
}

function LoggedIn({ me }: { me: Agent }) {
  const desk = useNewDesk(me);
  return (
    <DeskProvider value={desk}>
      <ConfirmProvider>
        <Main />
      </ConfirmProvider>
    </DeskProvider>
  );
}

function Session() {
  const session = useSession();
  if (session.isPending) return <Loading />;
  if (session.isError) return <Failure error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data) return <Login />;
  return (
    <SessionProvider me={session.data}>
      <LoggedIn key={session.data.id} me={session.data} />
    </SessionProvider>
  );
}

/** A data router, for pages that hold back a navigation while something is unsaved. */
const router = createBrowserRouter([{ path: "*", element: <Session />, errorElement: <Broken /> }], { basename: "/dashboard" });

export function App() {
  return <RouterProvider router={router} />;
}
