import { type Content, LANGUAGES } from "../types";

/** One field that differs; `lines` of a list are compared one by one, other texts as a whole. */
export interface Difference {
  field: string;
  removed: readonly string[];
  added: readonly string[];
}

function fieldsOf(content: Content): Map<string, readonly string[]> {
  const fields = new Map<string, readonly string[]>();
  for (const language of LANGUAGES) fields.set(`questions.${language}`, content.questions[language] ?? []);
  for (const { language, channel, text } of content.answers) fields.set(`answer.${language}${channel ? `@${channel}` : ""}`, [text]);
  const single = (text: string | null) => (text ? [text] : []);
  fields.set("category", single(content.category));
  fields.set("keywords", content.keywords);
  fields.set("valid_from", single(content.valid_from));
  fields.set("valid_until", single(content.valid_until));
  fields.set("audience", single(content.audience === "everyone" ? null : content.audience));
  fields.set("attachments", content.attachments.map(({ name }) => name));
  return fields;
}

/** What `after` says otherwise than `before`, field by field. */
export function differences(before: Content, after: Content): Difference[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(after)];
  const names = new Set([...old.keys(), ...fresh.keys()]);
  const found: Difference[] = [];
  for (const field of names) {
    const [was, is] = [old.get(field) ?? [], fresh.get(field) ?? []];
    const removed = was.filter((line) => !is.includes(line));
    const added = is.filter((line) => !was.includes(line));
    if (removed.length + added.length > 0) found.push({ field, removed, added });
  }
  return found;
}
