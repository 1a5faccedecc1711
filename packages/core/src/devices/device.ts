import type { TypedArray } from '../graph/dtype.js';
import type { HostTensor } from '../graph/host-tensor.js';
import type { Node } from '../graph/tensor.js';
import type { Part } from '../lower/lower.js';
import type { KnownSpec } from '../lower/lowering.js';
import type { Program } from '../lower/program.js';
import type { Template } from '../lower/template.js';
import type { Rates } from '../placement/cost/rates.js';

/** Memory of one variable on a device. */
export interface DeviceBuffer {
  readonly spec: KnownSpec;
}

/** Where a part of a run hands values to other parts, and takes theirs. */
export interface Transfers {
  /** Hands a value over, which stays as it is until the run has ended. */
  send(key: string, value: HostTensor): void;
  /**
   * Resolves when the value is there. It may have been written to `into`, memory of the dtype's host kind and as long as the value;
   * then that is its data. Nothing is written there any more once the call has ended.
   */
  receive(key: string, into?: TypedArray): Promise<HostTensor>;
}

/** What a run is a function of besides state and feeds. */
export interface RunContext {
  /** Two words of 32 bits. */
  readonly seed: readonly [number, number];
  /** Runs of the session so far. */
  readonly step: number;
  /**
   * Where in its loops a body runs; absent outside of loops. At index t of a loop (scan: the row, while: the turn) it is
   * threefry(key: that around the loop or 0, counter: (t, 0)), and random numbers take it into their key.
   */
  readonly iteration?: readonly [number, number];
  readonly rendezvous: Transfers;
}

/** A compiled program with its memory. One run at a time. */
export interface Executable {
  /** Copies a value into input `index`. */
  write(index: number, value: HostTensor): void;
  /**
   * The memory of input `index`, to be written instead of calling `write`; undefined where device memory holds values otherwise
   * than host memory does, or where the host can not reach it. Good until something is allocated or compiled.
   */
  input?(index: number): TypedArray | undefined;
  /** Computes; nothing outside the program changes. A promise is returned only where the program must wait. */
  run(context: RunContext): void | Promise<void>;
  /**
   * The memory of output `index`, to be read instead of calling `read`; undefined where `input` would be. It holds the output from a
   * run to the commit after it; only what the program computes itself stays as it is until the next run.
   */
  output?(index: number): TypedArray | undefined;
  /** A copy of output `index`. */
  read(index: number): HostTensor | Promise<HostTensor>;
  /** Sets the variables to their new values. */
  commit(): void;
  free(): void;
}

/** The contract that every device fulfils. */
export interface Device {
  /** Kind and number: `js:0`. */
  readonly name: string;
  readonly kind: string;
  /** Whether `run` and `read` of its programs end before they return, so that `runSync` can use it. */
  readonly synchronous: boolean;
  readonly limits: { readonly bytes: number };
  /** How fast it is, for automatic placement; measured where left out, which a device that is not synchronous can not be. */
  readonly rates?: Rates;
  /** Whether it can run a node; every node where left out. */
  supports?(node: Node): boolean;
  /** Whether it is given kernels of several ops in one. */
  readonly fuses?: boolean;
  /** Whether it runs instructions of the kind `sweep`. */
  readonly sweeps?: boolean;
  /** Whether it applies the `finish` of an instruction to the elements of such a template. */
  finishes?(template: Template): boolean;
  /**
   * Whether it distributes what it is given over devices of its own, whose names hints give. It is then the only device of its
   * session.
   */
  readonly places?: boolean;
  /** Of interest to a device that places: the device that the variable asks for, and the variable beside which it is to lie. */
  allocate(spec: KnownSpec, hint?: string, beside?: DeviceBuffer): DeviceBuffer;
  /** The same for several variables that lie one after the other, where the device has addresses. */
  allocateRow?(specs: readonly KnownSpec[]): DeviceBuffer[];
  write(buffer: DeviceBuffer, value: HostTensor): void;
  read(buffer: DeviceBuffer): HostTensor | Promise<HostTensor>;
  free(buffer: DeviceBuffer): void;
  /** `variables` are the buffers of `program.variables`, in order. */
  compile(program: Program, variables: readonly DeviceBuffer[]): Executable;
  /**
   * Takes a part as a graph instead of a program; `variables` are the buffers of `variablesOf(part)`. Such an executable sets the
   * variables at the end of its `run`, and its `commit` has nothing left to do.
   */
  compilePart?(part: Part, variables: readonly DeviceBuffer[]): Executable;
  /** Lets go of all that it holds and begins anew, where others may have lost it. */
  renew?(): Promise<void>;
  /**
   * Of a device that places: the devices that the variables of a part would get, as hints for `allocate`; `buffers` are those of
   * `variablesOf(part)`, undefined where there is none yet.
   */
  placeVariables?(
    part: Part,
    buffers: readonly (DeviceBuffer | undefined)[],
  ): Promise<readonly string[]>;
  close(): void;
}
