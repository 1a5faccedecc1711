/** A variable by its number, the device that it lives on, and its bytes. */
export type HomeEntry = readonly [variable: number, device: string, bytes: number];

/** Where the variables of a session live, and what they take there. */
export class Homes {
  private readonly homes: Map<number, { readonly device: string; readonly bytes: number }>;

  constructor(entries: Iterable<HomeEntry> = []) {
    this.homes = new Map(
      [...entries].map(([variable, device, bytes]) => [variable, { device, bytes }]),
    );
  }

  get size(): number {
    return this.homes.size;
  }

  get(variable: number): string | undefined {
    return this.homes.get(variable)?.device;
  }

  set(variable: number, device: string, bytes: number): void {
    this.homes.set(variable, { device, bytes });
  }

  delete(variable: number): void {
    this.homes.delete(variable);
  }

  /** All of them. */
  entries(): HomeEntry[] {
    return [...this.homes].map(([variable, { device, bytes }]) => [variable, device, bytes]);
  }

  /** Bytes by device. */
  get heldBytes(): ReadonlyMap<string, number> {
    const held = new Map<string, number>();
    for (const { device, bytes } of this.homes.values())
      held.set(device, (held.get(device) ?? 0) + bytes);
    return held;
  }
}
