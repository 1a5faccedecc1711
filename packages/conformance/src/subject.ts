import { type Device, type HostTensor, Session, type Tensor } from '@tenon/core';
import type { OpCase } from './op-case.js';
import { baseSeed, type Random, seededRandom } from './random.js';

/** One row on one device: its session, made when first needed, and its random numbers. */
export class Subject {
  readonly row: OpCase;
  private readonly device: () => Device;
  private open: { optimised: Session; plain: Session } | undefined;

  constructor(row: OpCase, device: () => Device) {
    this.row = row;
    this.device = device;
  }

  random(purpose: string): Random {
    return seededRandom(`${this.row.name} ${purpose}`);
  }

  /** Runs the fetches on the device under test. */
  async run(
    fetches: readonly Tensor[],
    feeds: readonly (readonly [Tensor, HostTensor])[],
  ): Promise<readonly HostTensor[]> {
    return this.sessions.optimised.run(fetches, { feeds });
  }

  /** The same without any pass. */
  async runPlain(
    fetches: readonly Tensor[],
    feeds: readonly (readonly [Tensor, HostTensor])[],
  ): Promise<readonly HostTensor[]> {
    return this.sessions.plain.run(fetches, { feeds });
  }

  /** Whether the device under test is the one that says what ops mean. */
  get definesMeaning(): boolean {
    return this.sessions.plain.devices[0]?.kind === 'js';
  }

  close(): void {
    this.open?.optimised.close();
    this.open?.plain.close();
    this.open = undefined;
  }

  private get sessions() {
    this.open ??= {
      optimised: new Session({ devices: [this.device()] }),
      plain: new Session({ devices: [this.device()], optimise: false }),
    };
    return this.open;
  }
}

/** Runs a check and adds to its failure what is needed to see it again. */
export async function about(situation: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    const { message, stack = '' } = error as Error;
    const told = new Error(`${situation} (TENON_SEED=${baseSeed}): ${message}`);
    told.stack = `${told.message}\n${stack.slice(stack.indexOf('\n    at '))}`;
    throw told;
  }
}

export const pairs = (
  tensors: readonly Tensor[],
  values: readonly HostTensor[],
): (readonly [Tensor, HostTensor])[] =>
  tensors.map((tensor, i) => [tensor, values[i] as HostTensor]);

export const shapesText = (shapes: readonly (readonly number[])[]): string =>
  shapes.map((shape) => `[${shape}]`).join(' ');
