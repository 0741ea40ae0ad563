import { Tooltip } from "@mantine/core";
import type { EntitySpan } from "../api/types";
import { useI18n } from "../i18n";
import css from "./why.module.css";

export interface Piece {
  text: string;
  entity: EntitySpan | null;
}

/**
 * The text cut at the entities' borders. Offsets count code points, so that an emoji before an
 * order number moves nothing. Of overlapping spans the surer one is drawn.
 */
export function cut(text: string, entities: readonly EntitySpan[]): Piece[] {
  const points = [...text];
  const drawn: EntitySpan[] = [];
  for (const entity of [...entities].sort((a, b) => b.confidence - a.confidence)) {
    const inside = entity.start >= 0 && entity.end <= points.length && entity.start < entity.end;
    if (inside && drawn.every((one) => entity.end <= one.start || entity.start >= one.end)) drawn.push(entity);
  }
  const pieces: Piece[] = [];
  let at = 0;
  for (const entity of drawn.sort((a, b) => a.start - b.start)) {
    if (entity.start > at) pieces.push({ text: points.slice(at, entity.start).join(""), entity: null });
    pieces.push({ text: points.slice(entity.start, entity.end).join(""), entity });
    at = entity.end;
  }
  if (at < points.length) pieces.push({ text: points.slice(at).join(""), entity: null });
  return pieces;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function EntityText({ text, entities }: { text: string; entities: readonly EntitySpan[] }) {
  const { t } = useI18n();
  return (
    <p className={css.said}>
      {cut(text, entities).map(({ text: words, entity }, index) =>
        entity ? (
          <Tooltip
            key={index}
            multiline
            label={t("why.entity_hint", {
              value: shown(entity.value),
              percent: Math.round(entity.confidence * 100),
              extractor: entity.extractor,
            })}
          >
            <mark className={css.entity} tabIndex={0}>
              {words}
              <span className={css.entityName}>{entity.entity}</span>
            </mark>
          </Tooltip>
        ) : (
          <span key={index}>{words}</span>
        ),
      )}
    </p>
  );
}
