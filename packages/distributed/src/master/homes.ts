/** Where the variables of a session live, and what they take there. */
export class Homes {
  private readonly homes = new Map<number, { readonly device: string; readonly bytes: number }>();

  get(variable: number): string | undefined {
    return this.homes.get(variable)?.device;
  }

  set(variable: number, device: string, bytes: number): void {
    this.homes.set(variable, { device, bytes });
  }

  delete(variable: number): void {
    this.homes.delete(variable);
  }

  /** Bytes by device. */
  get heldBytes(): ReadonlyMap<string, number> {
    const held = new Map<string, number>();
    for (const { device, bytes } of this.homes.values())
      held.set(device, (held.get(device) ?? 0) + bytes);
    return held;
  }
}
