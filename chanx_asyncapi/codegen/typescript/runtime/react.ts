/**
 * Hooks for React. A client is connected while a component that uses it is
 * mounted, under StrictMode as well: one socket, however often React mounts.
 */

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
// chanx:imports
import type { Client, Options, Protocol, State } from "./runtime.ts";

/** Clients that nobody is mounted for, until the next macrotask. */
const leaving = new WeakMap<object, ReturnType<typeof setTimeout>>();

/** A client for a channel; it is another one when the address changes. */
export function useClient<P extends Protocol>(
  connect: (options: Options<P>) => Client<P>,
  options: Options<P>,
): Client<P> {
  const latest = useRef(options);
  const address = JSON.stringify([
    options.host,
    options.params,
    options.query,
    !options.auth,
  ]);
  const client = useMemo(
    () =>
      // A client does nothing before it is connected: React may make some more.
      connect(
        options.auth
          ? { ...options, auth: (attempt) => latest.current.auth?.(attempt) }
          : options,
      ),
    [address],
  );
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    clearTimeout(leaving.get(client));
    void client.connect().catch(() => {});
    return () => {
      // StrictMode, and a change of places, mount again at once.
      leaving.set(client, setTimeout(client.close));
    };
  }, [client]);
  return client;
}

/** Calls `listener`, in its latest form, for each such frame. */
export function useMessage<
  P extends Protocol,
  A extends keyof P["receives"] & string,
>(
  client: Client<P>,
  action: A,
  listener: (frame: P["receives"][A]) => void,
): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () => client.on(action, (frame) => latest.current(frame)),
    [client, action],
  );
}

/** The state of the connection. */
export function useSocketState<P extends Protocol>(client: Client<P>): State {
  return useSyncExternalStore(
    client.watch,
    () => client.state,
    () => "idle",
  );
}
// chanx:hooks
