import type { Link } from "../document.ts";
import { isForeign } from "../links.ts";

/** A link that the document brings; where its address may not be followed, its text. */
export function DocumentLink({ link }: { link: Link }) {
  if (link.href === undefined) return <span>{link.text}</span>;
  return (
    <a href={link.href} rel={isForeign(link.href) ? "noreferrer" : undefined}>
      {link.text}
    </a>
  );
}
