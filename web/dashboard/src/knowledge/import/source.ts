import { api } from "../../api/client";
import type { ImportStatus } from "./types";

/** Pages of one site, or its sitemap. */
export interface SitePages {
  urls: string[];
  sitemap: string | null;
}

export type Source = File | SitePages;

export interface Manner {
  dryRun?: boolean;
  mode?: "all" | "good";
  publish: boolean;
}

export const nameOf = (source: Source) => (source instanceof File ? source.name : (source.sitemap ?? source.urls[0] ?? ""));

/** The addresses in what somebody typed or pasted: one that ends in `.xml` is a sitemap. */
export function sitePages(text: string): SitePages {
  const found = text.split(/[\s,，、;；]+/).filter(Boolean);
  const named = found.map((word) => (/^[a-z]+:\/\//i.test(word) ? word : `https://${word}`));
  const isMap = (url: string) => /\.xml($|\?)/i.test(url);
  return { urls: [...new Set(named.filter((url) => !isMap(url)))], sitemap: named.find(isMap) ?? null };
}

/** A file answers when it is read; a site is read in the background, and asked for. */
export function send(source: Source, { dryRun = false, mode, publish }: Manner): Promise<ImportStatus> {
  if (!(source instanceof File)) {
    return api<ImportStatus>("/api/faq/import/site", { body: { ...source, dry_run: dryRun, mode: mode ?? "good", publish } });
  }
  const form = new FormData();
  form.append("file", source);
  return api<ImportStatus>("/api/faq/import", { form, query: { dry_run: dryRun, publish, ...(mode ? { mode } : {}) } });
}
