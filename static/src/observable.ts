/** Something that changes and says so. What has changed is for the listener to look at. */
export class Observable {
  readonly #listeners = new Set<() => void>();
  #version = 0;

  /** Counts the changes: a reader that remembers it knows whether it has missed one. */
  get version(): number {
    return this.#version;
  }

  /** Call `listener` after every change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
