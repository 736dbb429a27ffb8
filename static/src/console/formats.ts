/**
 * The values of `format` that are held against a text. Only what every implementation refuses is refused here: a frame
 * that the service accepts must not be called wrong.
 */

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?(z|[+-]\d{2}:?\d{2})?$/i;
const UUID = /^(urn:uuid:)?\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const DURATION = /^[+-]?P(?!$)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$/i;
const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

interface Format {
  readonly test: (text: string) => boolean;
  /** What the text must be, in words. */
  readonly words: string;
}

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["date", { test: isDate, words: "a date such as 2030-01-31" }],
  ["date-time", { test: isDateTime, words: "a date and time such as 2030-01-31T12:00:00Z" }],
  ["time", { test: (text) => TIME.test(text), words: "a time such as 12:00:00Z" }],
  ["duration", { test: (text) => DURATION.test(text), words: "a duration such as PT1H" }],
  ["uuid", { test: (text) => UUID.test(text), words: "a UUID such as 123e4567-e89b-42d3-a456-426614174000" }],
  ["email", { test: (text) => /^[^@]*[^@\s]@[^@\s]+$/.test(text), words: "an e-mail address" }],
  ["uri", { test: (text) => /^[a-z][a-z0-9+.-]*:/i.test(text), words: "a URI with a scheme" }],
  ["ipv4", { test: (text) => IPV4.test(text), words: "an IPv4 address" }],
  ["ipv6", { test: (text) => /^[0-9a-f:]*:[0-9a-f:.]*(%.+)?$/i.test(text), words: "an IPv6 address" }],
]);

/** What the text should be, in words, when it is not; `undefined` when it is, or when nobody knows the format. */
export function formatProblem(text: string, format: string): string | undefined {
  const known = FORMATS.get(format);
  return known === undefined || known.test(text) ? undefined : known.words;
}

function isDate(text: string): boolean {
  return DATE.test(text) && Number(text.slice(8)) <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function isDateTime(text: string): boolean {
  return /^.{10}[t _ ]/i.test(text) && isDate(text.slice(0, 10)) && TIME.test(text.slice(11));
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
