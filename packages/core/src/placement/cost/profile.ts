import { z } from 'zod';
import { parseOptions } from '../../options.js';

const times = z.record(z.string(), z.number().nonnegative());

const profileSchema = z.strictObject({
  format: z.literal('tenon-profile'),
  version: z.literal(1),
  /** By kind of device and by what is computed: seconds, the median of several runs. */
  seconds: z.record(z.string(), times),
});

/** A profile as JSON. */
export type ProfileJson = z.output<typeof profileSchema>;

/** How long groups of nodes took on kinds of devices: medians that placement takes instead of estimates. */
export class Profile {
  private readonly seconds = new Map<string, Map<string, number>>();

  /** Errors: ATTRIBUTE_INVALID. */
  static fromJson(json: unknown): Profile {
    const { seconds } = parseOptions('profile', profileSchema, json);
    const profile = new Profile();
    for (const [kind, own] of Object.entries(seconds))
      for (const [key, value] of Object.entries(own)) profile.set(kind, key, value);
    return profile;
  }

  get(kind: string, key: string): number | undefined {
    return this.seconds.get(kind)?.get(key);
  }

  set(kind: string, key: string, seconds: number): void {
    const own = this.seconds.get(kind) ?? new Map<string, number>();
    this.seconds.set(kind, own.set(key, seconds));
  }

  /** How many times it holds. */
  get size(): number {
    return [...this.seconds.values()].reduce((sum, { size }) => sum + size, 0);
  }

  toJSON(): ProfileJson {
    const seconds = [...this.seconds].map(
      ([kind, own]) => [kind, Object.fromEntries([...own].sort())] as const,
    );
    return { format: 'tenon-profile', version: 1, seconds: Object.fromEntries(seconds) };
  }
}
