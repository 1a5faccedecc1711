import type { Executable } from '../../devices/device.js';
import type { TypedArray } from '../../graph/dtype.js';
import type { HostTensor } from '../../graph/host-tensor.js';
import type { Program } from '../../lower/program.js';
import type { Plan } from '../compile.js';

/** Who may still read the results of the last run. */
export interface Reader {
  /** Reads them now: their memory is about to be used for something else. */
  keep(): void;
}

/** One executable and the number that a fed value has there. */
interface Place {
  readonly executable: Executable;
  readonly index: number;
}

/** A run that is compiled: its parts with their memory. */
export class Compiled {
  readonly plan: Plan;
  readonly executables: readonly Executable[];
  /** What compiling took. */
  readonly seconds: number;
  /** Why runs can not end before they return; undefined where they do. */
  readonly waitsBecause: string | undefined;
  /** Whether results stay as they are until the next run: none lies where others write. */
  readonly keepsResults: boolean;
  /** Since the cache last made room. */
  used = true;
  freed = false;
  private readonly places: readonly (readonly Place[])[];
  private reader: Reader | undefined;

  constructor(plan: Plan, executables: readonly Executable[], seconds: number) {
    this.plan = plan;
    this.executables = executables;
    this.seconds = seconds;
    this.waitsBecause = reasonToWait(plan);
    this.keepsResults = plan.parts.every(({ program }) => program.outputs.every(liesIn(program)));
    this.places = plan.inputs.map((_, place) =>
      plan.parts.flatMap(({ part }, p) =>
        part.inputPlaces.flatMap((other, index) =>
          other === place ? [{ executable: executables[p] as Executable, index }] : [],
        ),
      ),
    );
  }

  /** Copies a fed value to the parts that use it. */
  write(place: number, value: HostTensor): void {
    for (const { executable, index } of this.places[place] as readonly Place[])
      executable.write(index, value);
  }

  /** Where the only part that uses a fed value reads it, if the host can write there. */
  input(place: number): TypedArray | undefined {
    const places = this.places[place] as readonly Place[];
    const [only] = places;
    return only !== undefined && places.length === 1
      ? only.executable.input?.(only.index)
      : undefined;
  }

  /** The fetched values in the order of the fetches; promises only where a device is asynchronous. */
  read(): (HostTensor | Promise<HostTensor>)[] {
    const { plan, executables } = this;
    const values: (HostTensor | Promise<HostTensor>)[] = new Array(plan.outputs.length);
    plan.parts.forEach(({ part }, p) => {
      part.outputPlaces.forEach((place, i) => {
        values[place] = (executables[p] as Executable).read(i);
      });
    });
    return values;
  }

  /** Sets the variables to their new values. */
  commit(): void {
    for (let i = 0; i < this.executables.length; i++) (this.executables[i] as Executable).commit();
  }

  /** Gives the results of the next run to another reader; the one before reads those of the last run now. */
  give(reader: Reader | undefined): void {
    if (this.reader === reader) return;
    this.reader?.keep();
    this.reader = reader;
  }

  free(): void {
    this.freed = true;
    this.reader = undefined;
    for (const executable of this.executables) executable.free();
  }
}

const liesIn =
  ({ values }: Program) =>
  (output: number): boolean => {
    const kind = values[output]?.storage.kind;
    return kind === 'arena' || kind === 'constant';
  };

function reasonToWait({ parts }: Plan): string | undefined {
  if (parts.some(({ program }) => program.instructions.some(({ kind }) => kind === 'receive')))
    return 'its parts on several devices wait for each other';
  const other = parts.find(({ device }) => !device.synchronous);
  return other && `${other.device.name} runs asynchronously`;
}
