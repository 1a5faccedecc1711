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

/** One executable and the number that a fed or fetched value has there. */
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
  private readonly inputs: readonly (readonly Place[])[];
  private readonly outputs: readonly Place[];
  private reader: Reader | undefined;

  constructor(plan: Plan, executables: readonly Executable[], seconds: number) {
    this.plan = plan;
    this.executables = executables;
    this.seconds = seconds;
    this.waitsBecause = reasonToWait(plan);
    this.keepsResults = plan.parts.every(
      ({ program }) => program?.outputs.every(liesIn(program)) ?? false,
    );
    const inputs = placesIn(
      executables,
      plan.parts.map(({ part }) => part.inputPlaces),
    );
    const outputs = placesIn(
      executables,
      plan.parts.map(({ part }) => part.outputPlaces),
    );
    this.inputs = plan.inputs.map((_, place) => inputs(place));
    this.outputs = plan.outputs.map((_, place) => outputs(place).at(-1) as Place);
  }

  /** Copies a fed value to the parts that use it. */
  write(place: number, value: HostTensor): void {
    const places = this.inputs[place] as readonly Place[];
    for (let i = 0; i < places.length; i++) {
      const { executable, index } = places[i] as Place;
      executable.write(index, value);
    }
  }

  /** Where the only part that uses a fed value reads it, if the host can write there. */
  input(place: number): TypedArray | undefined {
    const places = this.inputs[place] as readonly Place[];
    if (places.length !== 1) return undefined;
    const { executable, index } = places[0] as Place;
    return executable.input?.(index);
  }

  /** Where a fetched value lies, if the host can read there. */
  output(place: number): TypedArray | undefined {
    const { executable, index } = this.outputs[place] as Place;
    return executable.output?.(index);
  }

  /** The fetched values in the order of the fetches; promises only where a device is asynchronous. */
  read(): (HostTensor | Promise<HostTensor>)[] {
    return this.outputs.map(({ executable, index }) => executable.read(index));
  }

  /** The same of a run that has nothing to wait for. */
  readNow(): HostTensor[] {
    return this.read() as HostTensor[];
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

/** Where the parts have value `place` of a run; `numbers` are the places of each part's values. */
const placesIn =
  (executables: readonly Executable[], numbers: readonly (readonly number[])[]) =>
  (place: number): Place[] =>
    executables.flatMap((executable, part) =>
      (numbers[part] as readonly number[]).flatMap((other, index) =>
        other === place ? [{ executable, index }] : [],
      ),
    );

const liesIn =
  ({ values }: Program) =>
  (output: number): boolean => {
    const kind = values[output]?.storage.kind;
    return kind === 'arena' || kind === 'constant';
  };

function reasonToWait({ parts }: Plan): string | undefined {
  if (parts.some(({ program }) => program?.instructions.some(({ kind }) => kind === 'receive')))
    return 'its parts on several devices wait for each other';
  const other = parts.find(({ device }) => !device.synchronous);
  return other && `${other.device.name} runs asynchronously`;
}
