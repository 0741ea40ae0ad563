import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatClient, type ChatOptions } from "./chat";
import { plainContent } from "./content";
import type { ClientEvent, Message, SendContent, ServerEvent } from "./events";
import type { SocketLike } from "./link";
import { MemoryStorage, Outbox, OUTBOX_LIMIT, type KeyValue } from "./outbox";

class Socket implements SocketLike {
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: ClientEvent[] = [];
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data) as ClientEvent);
  }
  close(): void {
    this.readyState = 3;
  }
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  hear(event: ServerEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
  sends(): string[] {
    return this.sent.flatMap((event) => (event.type === "send" ? [event.client_msg_id] : []));
  }
}

/** The server's promises in forty lines: idempotent by id, gapless `seq`, resume by `last_seq`. */
class Server {
  messages: Message[] = [];
  byId = new Map<string, Message>();

  say(text: string, type: "bot" | "visitor" = "bot", clientMsgId: string | null = null): Message {
    const seq = this.messages.length + 1;
    const content = plainContent(text);
    const message: Message = {
      id: `m${seq}`, conversation_id: "c", seq, author: { type, id: type, name: "" }, content,
      created_at: "2026-11-24T00:00:00Z", client_msg_id: clientMsgId, voice_url: null, feedback: null,
    };
    this.messages.push(message);
    return message;
  }

  save(id: string, content: SendContent): Message {
    const known = this.byId.get(id) ?? this.say(content.text, "visitor", id);
    this.byId.set(id, known);
    return known;
  }

  greet(socket: Socket): void {
    const hello = socket.sent.find((event) => event.type === "hello");
    if (hello?.type !== "hello") throw new Error("expected hello");
    socket.hear({
      type: "welcome", conversation_id: "c", epoch: "e", owner: "bot", agent_name: null,
      queue_position: null, expected_wait_s: null, last_seq: this.messages.length, peer_read_seq: 0,
    });
    for (const message of this.messages.slice(hello.last_seq ?? 0)) {
      socket.hear({ type: "message", message });
    }
  }

  ack(socket: Socket, id: string, content: SendContent): void {
    const { seq, id: message_id, created_at } = this.save(id, content);
    socket.hear({ type: "ack", client_msg_id: id, seq, message_id, created_at });
  }
}

function setUp(storage: KeyValue = new MemoryStorage(), more: Partial<ChatOptions> = {}) {
  const sockets: Socket[] = [];
  const renewals: boolean[] = [];
  let ids = 0;
  const chat = new ChatClient({
    connect: () => {
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    },
    session: async (renew) => {
      renewals.push(renew);
      return renew ? "token-2" : "token-1";
    },
    outbox: new Outbox(storage),
    language: "zh",
    voice: false,
    pageUrl: null,
    random: () => 0.5,
    newId: () => `client-id-${++ids}`,
    ...more,
  });
  const last = (): Socket => sockets.at(-1) as Socket;
  const connect = async (server: Server): Promise<Socket> => {
    last().open();
    await vi.advanceTimersByTimeAsync(0);
    server.greet(last());
    return last();
  };
  const texts = (): string[] => chat.state.messages.map(({ content }) => content.text);
  return { chat, sockets, renewals, last, connect, texts };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("resume", () => {
  it("asks for what it missed and shows each message once, in order", async () => {
    const server = new Server();
    server.say("one");
    server.say("two");
    const { chat, last, connect, texts } = setUp();
    chat.start();
    const first = await connect(server);
    expect(first.sent[0]).toMatchObject({ type: "hello", token: "token-1", last_seq: 0 });
    first.drop();
    expect(chat.state.link).toBe("offline");
    server.say("three");
    await vi.advanceTimersByTimeAsync(2_000);
    const second = await connect(server);
    expect(second.sent[0]).toMatchObject({ last_seq: 2, epoch: "e" });
    second.hear({ type: "message", message: server.messages[1] as Message });
    expect(last()).toBe(second);
    expect(texts()).toEqual(["one", "two", "three"]);
    expect(chat.state.link).toBe("online");
  });

  it("tells once that a whole history is read", async () => {
    const server = new Server();
    for (let n = 1; n <= 40; n++) server.say(`line ${n}`);
    const { chat, connect } = setUp();
    chat.subscribe(() => chat.read(chat.state.lastSeq)); // as the panel does when it draws
    chat.start();
    const socket = await connect(server);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.sent.filter(({ type }) => type === "read")).toEqual([{ type: "read", seq: 40 }]);
  });

  it("forgets everything on reset", async () => {
    const server = new Server();
    server.say("old");
    const { chat, connect, texts } = setUp();
    chat.start();
    const socket = await connect(server);
    const fresh = new Server().say("new");
    socket.hear({ type: "reset", epoch: "e2" });
    socket.hear({ type: "message", message: fresh });
    expect(texts()).toEqual(["new"]);
    expect(chat.state).toMatchObject({ epoch: "e2", lastSeq: 1 });
  });

  it("asks again when a message is missing in between, and goes on if it cannot be had", async () => {
    const server = new Server();
    const [one, , three] = [server.say("one"), server.say("two"), server.say("three")];
    const { chat, sockets, connect, texts } = setUp();
    chat.start();
    const socket = await connect(new Server());
    socket.hear({ type: "message", message: one as Message });
    socket.hear({ type: "message", message: three as Message });
    expect(chat.state.lastSeq).toBe(1);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(sockets).toHaveLength(2);
    const again = sockets[1] as Socket;
    again.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(again.sent[0]).toMatchObject({ type: "hello", last_seq: 1 });
    again.hear({
      type: "welcome", conversation_id: "c", epoch: "e", owner: "bot", agent_name: null,
      queue_position: null, expected_wait_s: null, last_seq: 3, peer_read_seq: 0,
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sockets).toHaveLength(2);
    expect(chat.state.lastSeq).toBe(3);
    expect(texts()).toEqual(["one", "three"]);
  });

  it("takes a new token when the server no longer knows the old one", async () => {
    const { chat, renewals, last, sockets } = setUp();
    chat.start();
    last().open();
    await vi.advanceTimersByTimeAsync(0);
    last().hear({ type: "error", code: "unauthenticated", words: "…", retry_after_s: null });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sockets).toHaveLength(2);
    last().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(renewals).toEqual([false, true]);
    expect(last().sent[0]).toMatchObject({ token: "token-2" });
  });

  it("waits longer after each failure, and never longer than half a minute", async () => {
    const { chat, sockets, last } = setUp();
    chat.start();
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      last().drop();
      waits.push((chat.state.retryAt as number) - Date.now());
      await vi.advanceTimersByTimeAsync(waits.at(-1) as number);
      expect(sockets).toHaveLength(i + 2);
    }
    expect(waits.slice(0, 4).every((wait, i) => i === 0 || wait > (waits[i - 1] as number))).toBe(true);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });
});

describe("exactly once", () => {
  it("keeps what is written offline and sends it, in order, when connected", async () => {
    const server = new Server();
    const { chat, connect } = setUp();
    chat.start();
    chat.send({ text: "a" });
    chat.send({ text: "b" });
    expect(chat.state.outgoing.map(({ content }) => content.text)).toEqual(["a", "b"]);
    const socket = await connect(server);
    expect(socket.sends()).toEqual(["client-id-1", "client-id-2"]);
    server.ack(socket, "client-id-1", { text: "a" });
    server.ack(socket, "client-id-2", { text: "b" });
    expect(chat.state.outgoing).toEqual([]);
    expect(chat.state.messages.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("sends again with the same id when the ack was lost, and shows one message", async () => {
    const server = new Server();
    const { chat, connect, texts } = setUp();
    chat.start();
    const first = await connect(server);
    chat.send({ text: "hello" });
    server.save("client-id-1", { text: "hello" }); // committed, then the line goes dead
    first.drop();
    await vi.advanceTimersByTimeAsync(2_000);
    const second = await connect(server);
    // The history brought it back before it was sent again, or it was: one message either way.
    for (const id of second.sends()) server.ack(second, id, { text: "hello" });
    expect(texts()).toEqual(["hello"]);
    expect(chat.state.outgoing).toEqual([]);
    expect(server.messages).toHaveLength(1);
  });

  it("takes a silent socket for dead", async () => {
    const { chat, sockets, connect } = setUp();
    chat.start();
    await connect(new Server());
    chat.send({ text: "anyone?" });
    await vi.advanceTimersByTimeAsync(14_000);
    expect(sockets).toHaveLength(2);
  });

  it("survives a reload: another client of the same storage sends it", async () => {
    const storage = new MemoryStorage();
    setUp(storage).chat.send({ text: "kept" });
    const server = new Server();
    const { chat, connect } = setUp(storage);
    chat.start();
    const socket = await connect(server);
    expect(socket.sends()).toEqual(["client-id-1"]);
    server.ack(socket, "client-id-1", { text: "kept" });
    expect(storage.length).toBe(0);
  });

  it("drops its copy when another tab's send comes back as a message", async () => {
    const storage = new MemoryStorage();
    const server = new Server();
    const { chat, connect, texts } = setUp(storage);
    chat.start();
    const socket = await connect(server);
    chat.send({ text: "from two tabs" });
    const message = server.save("client-id-1", { text: "from two tabs" });
    socket.hear({ type: "message", message });
    expect(chat.state.outgoing).toEqual([]);
    expect(texts()).toEqual(["from two tabs"]);
  });

  it("refuses more than it can keep, and says so", () => {
    const { chat } = setUp();
    for (let i = 0; i < OUTBOX_LIMIT; i++) expect(chat.send({ text: String(i) })).toBe(true);
    expect(chat.send({ text: "one too many" })).toBe(false);
  });
});

describe("refusals", () => {
  it("tells why there is no session, until there is one", async () => {
    let full = true;
    const session = async (): Promise<string> => {
      if (full) throw Object.assign(new Error("429"), { words: "Too many people at once." });
      return "token";
    };
    const { chat, last, connect } = setUp(new MemoryStorage(), { session });
    chat.start();
    last().open();
    await vi.advanceTimersByTimeAsync(0);
    expect(chat.state).toMatchObject({ link: "offline", refusal: "Too many people at once." });
    full = false;
    await vi.advanceTimersByTimeAsync(30_000);
    await connect(new Server());
    expect(chat.state).toMatchObject({ link: "online", refusal: null });
  });
  it("tries again by itself after the time the server named", async () => {
    const server = new Server();
    const { chat, connect } = setUp();
    chat.start();
    const socket = await connect(server);
    chat.send({ text: "fast" });
    socket.hear({ type: "nack", client_msg_id: "client-id-1", code: "rate_limited", words: "慢一点", retry_after_s: 3 });
    expect(chat.state.outgoing[0]?.refused).toMatchObject({ words: "慢一点" });
    await vi.advanceTimersByTimeAsync(2_900);
    expect(socket.sends()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket.sends()).toEqual(["client-id-1", "client-id-1"]);
  });

  it("leaves a final refusal to the customer: again, or away", async () => {
    const { chat, connect } = setUp();
    chat.start();
    const socket = await connect(new Server());
    chat.send({ text: "x" });
    socket.hear({ type: "nack", client_msg_id: "client-id-1", code: "bad_text", words: "…", retry_after_s: null });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.sends()).toHaveLength(1);
    chat.retry("client-id-1");
    expect(socket.sends()).toHaveLength(2);
    chat.discard("client-id-1");
    expect(chat.state.outgoing).toEqual([]);
  });
});

describe("live", () => {
  it("replaces a streamed reply by its message", async () => {
    const server = new Server();
    const { chat, connect, texts } = setUp();
    chat.start();
    const socket = await connect(server);
    socket.hear({ type: "partial", turn_id: "t", text: "We sh" });
    socket.hear({ type: "partial", turn_id: "t", text: "We ship to" });
    expect(chat.state.partial?.text).toBe("We ship to");
    socket.hear({ type: "message", message: server.say("We ship to Xinjiang.") });
    expect(chat.state.partial).toBeNull();
    expect(texts()).toEqual(["We ship to Xinjiang."]);
  });

  it("tells the draft at most about once a second, and that it ended", async () => {
    const { chat, connect } = setUp();
    chat.start();
    const socket = await connect(new Server());
    const drafts = (): unknown[] => socket.sent.flatMap((event) => (event.type === "typing" ? [event.text] : []));
    for (const text of ["我", "我要", "我要退", "我要退货"]) {
      chat.typing(text);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(drafts()).toEqual(["我"]);
    await vi.advanceTimersByTimeAsync(900);
    expect(drafts()).toEqual(["我", "我要退货"]);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(drafts()).toEqual(["我", "我要退货", null]);
  });

  it("survives what is not JSON", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { chat, connect } = setUp();
    chat.start();
    const socket = await connect(new Server());
    socket.onmessage?.({ data: "<html>" });
    expect(chat.state.link).toBe("online");
    expect(warn).toHaveBeenCalledOnce();
  });
});
