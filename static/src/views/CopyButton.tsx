import { useEffect, useState } from "preact/hooks";

interface Props {
  /** Asked for when the button is pressed: a long log is not put together for every drawing. */
  readonly text: () => string;
  readonly what: string;
  readonly testId: string;
  /** What stands on the button; `what` goes on from there for those who hear it. */
  readonly label?: string;
}

export function CopyButton({ text, what, testId, label = "Copy" }: Props) {
  const [result, setResult] = useState<"copied" | "refused" | undefined>();
  useEffect(() => {
    if (result === undefined) return undefined;
    const timer = setTimeout(() => setResult(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async (): Promise<void> => {
    try {
      // Absent on a page served over plain http from another machine: browsers want a secure context.
      await navigator.clipboard.writeText(text());
      setResult("copied");
    } catch {
      setResult("refused");
    }
  };
  const results = { copied: "Copied", refused: "Browser refused" };
  return (
    <button
      type="button"
      class="small"
      data-testid={testId}
      aria-label={result === undefined ? `${label} ${what}` : undefined}
      onClick={() => void copy()}
    >
      {result === undefined ? label : results[result]}
    </button>
  );
}
