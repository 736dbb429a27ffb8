/** Where a value stands inside another: keys of objects, indexes of arrays, from the outside in. */

export type Path = readonly (string | number)[];

/** RFC 6901, as the key of a map: two paths are the same when their pointers are. */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** For people: `payload.items[2].name`; a key that is no plain word is quoted. */
export function pathInWords(path: Path): string {
  const words = path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(part)) return `[${JSON.stringify(part)}]`;
    return index === 0 ? part : `.${part}`;
  });
  return words.join("");
}
