import { Anchor } from "@mantine/core";
import { isOurs, resolve } from "../../../shared/address";
import css from "./thread.module.css";

/** A picture of our own server; one from elsewhere is a link, so that nobody learns who looks. */
export function Shown({ url }: { url: string }) {
  const address = resolve(url);
  if (!address || !isOurs(address)) return <Outside url={url} />;
  return <img className={css.image} src={address} alt="" loading="lazy" referrerPolicy="no-referrer" />;
}

/** An address that may be followed, else its letters. */
export function Outside({ url }: { url: string }) {
  const address = resolve(url);
  const words = url.split("/").at(-1) || url;
  if (!address) return <span>{words}</span>;
  return (
    <Anchor href={address} target="_blank" rel="noopener noreferrer nofollow" size="sm" title={address}>
      {words}
    </Anchor>
  );
}
