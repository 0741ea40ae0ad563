import { afterEach, describe, expect, it, vi } from "vitest";
import { Visitor } from "./service";

describe("a customer who is quicker than the first session", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("waits for it instead of being nobody", async () => {
    localStorage.clear();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"token": "fresh"}')));
    const visitor = new Visitor(localStorage, () => undefined);
    const headers = visitor.headers();
    await visitor.session(false, "en", null);
    expect(await headers).toEqual({ Authorization: "Bearer fresh" });
    expect(await visitor.headers()).toEqual({ Authorization: "Bearer fresh" });
  });
});
