/** What the server refused, with its own words for a person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: string,
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(words || code);
    this.name = "ApiError";
  }
}

/** The server was not reached at all. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
    this.name = "Unreachable";
  }
}

interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  form?: FormData;
  /** Sent as it is. */
  file?: Blob;
  query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  signal?: AbortSignal;
}

function address(path: string, query: Options["query"]): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") parts.set(name, String(value));
  }
  const text = parts.toString();
  return text ? `${path}?${text}` : path;
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: Record<string, unknown> };
    if (error) {
      const { code, words, ...fields } = error;
      return new ApiError(response.status, String(code ?? "error"), String(words ?? ""), fields);
    }
  } catch {
    // Not JSON: a proxy in between answered. The status says enough.
  }
  return new ApiError(response.status, `http_${response.status}`, "");
}

/** The language of the words that the server sends back; follows the interface. */
let acceptLanguage = "zh";
export function setAcceptLanguage(language: string): void {
  acceptLanguage = language;
}

export async function api<Result>(path: string, options: Options = {}): Promise<Result> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": acceptLanguage };
  let body: BodyInit | null = options.form ?? options.file ?? null;
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method: options.method ?? (body === null ? "GET" : "POST"),
      headers,
      body,
      credentials: "same-origin",
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as Result;
  const type = response.headers.get("Content-Type") ?? "";
  return (type.includes("json") ? await response.json() : await response.text()) as Result;
}
