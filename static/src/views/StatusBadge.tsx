import type { Status } from "../connection.ts";

/** The state of a connection in a word or two; `data-state` is for tests. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span class="status" data-testid="status" data-state={status.state} role="status">
      {statusText(status)}
    </span>
  );
}

function statusText(status: Status): string {
  switch (status.state) {
    case "idle":
      return "Not connected";
    case "connecting":
      return "Connecting…";
    case "open":
      return "Connected";
    case "closing":
      return "Closing…";
    case "closed":
      return `Closed ${status.code}`;
    case "failed":
      return "Failed";
  }
}
