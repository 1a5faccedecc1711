import { type DType, dtypes } from '../../graph/dtype.js';
import type { HostTensor } from '../../graph/host-tensor.js';
import { type KnownShape, sizeOf } from '../../graph/shape.js';
import type { Instruction } from '../program.js';
import type { Template } from '../template.js';
import { type Form, rawResult } from './form/form.js';
import { readKernel } from './form/read-kernel.js';
import { instructionOf } from './instruction-of.js';
import { type Merging, merge } from './join/merge.js';
import { siblings } from './join/siblings.js';
import { lateUnits } from './late.js';
import { type Unit, Units } from './units.js';

/** Why two neighbours stayed two kernels. */
export interface Refused {
  readonly producer: string;
  readonly reader: string;
  readonly why: string;
}

export interface FusibleValue {
  readonly dtype: DType;
  readonly shape: KnownShape;
  /** Of the values in the same memory, the number of the first. */
  readonly home: number;
  readonly constant?: HostTensor;
}

export interface Fusible {
  readonly instructions: readonly Instruction[];
  readonly values: readonly FusibleValue[];
  /** Values that are needed at the end. */
  readonly outputs: readonly number[];
  readonly commits: readonly number[];
  /** Whether the device does more to the elements of a template before it stores them. */
  finishes(template: Template): boolean;
}

export interface Fused {
  readonly instructions: readonly Instruction[];
  readonly refused: readonly Refused[];
}

/**
 * Makes one kernel of instructions that pass the same elements or rows, as long as that saves memory traffic: what is made and
 * used inside of one kernel is never stored. Results are the same to the last bit.
 */
export function fuse(given: Fusible): Fused {
  const fusing = new Fusing(given);
  fusing.vertically();
  fusing.besides();
  return fusing.result();
}

class Fusing {
  private readonly given: Fusible;
  private readonly units: Units;
  private readonly merging: Merging;
  private readonly refused = new Map<string, Refused & { of: readonly [Unit, Unit] }>();

  constructor(given: Fusible) {
    this.given = given;
    const home = (value: number): number => this.value(value).home;
    const commits = new Set(given.commits.map(home));
    this.units = new Units({
      count: given.instructions.length,
      kept: new Set([...given.outputs.map(home), ...commits]),
      sizes: (value) => sizeOf(this.value(value).shape),
    });
    given.instructions.forEach((instruction, number) => {
      this.units.add(this.unit(instruction, number));
    });
    this.keepEffects();
    this.units.order();
    for (const unit of lateUnits(this.units, {
      outputs: new Set(given.outputs.map(home)),
      commits,
    }))
      unit.late = true;
    this.merging = {
      units: this.units,
      commits,
      bytesOf: (value) => {
        const { dtype, shape } = this.value(value);
        return sizeOf(shape) * dtypes[dtype].bytes;
      },
    };
  }

  private value(value: number): FusibleValue {
    return this.given.values[value] as FusibleValue;
  }

  private unit(instruction: Instruction, number: number): Unit {
    const homes = (values: readonly number[]) => values.map((value) => this.value(value).home);
    const finishes =
      instruction.kind === 'template' &&
      instruction.finish === undefined &&
      this.finishes(instruction);
    const form = this.form(instruction, finishes);
    const shape = finishes ? this.value(instruction.outputs[0] as number).shape : [];
    return {
      number,
      instruction,
      form,
      original: form,
      template: finishes ? instruction : null,
      templateReads: finishes ? homes(instruction.inputs) : [],
      result: { columns: shape.at(-1) ?? 1, size: sizeOf(shape) },
      late: false,
      parts: [instruction.where],
      reads: new Set(homes(instruction.inputs)),
      makes: homes(instruction.outputs),
    };
  }

  private finishes({ template, outputs }: Extract<Instruction, { kind: 'template' }>): boolean {
    const [output] = outputs as [number];
    return (
      template.dtype === 'float32' &&
      outputs.length === 1 &&
      sizeOf(this.value(output).shape) > 0 &&
      this.given.finishes(template)
    );
  }

  private form(instruction: Instruction, finishes: boolean): Form | null {
    if (instruction.kind === 'template' && finishes) return this.resultOf(instruction);
    if (instruction.kind !== 'loop') return null;
    return readKernel(instruction.kernel, {
      values: [...instruction.inputs, ...instruction.outputs].map(
        (value) => this.value(value).home,
      ),
      constant: (value) => {
        const { constant, dtype } = this.value(value);
        if (constant?.size !== 1 || constant.dtype !== dtype) return undefined;
        return constant.data[0];
      },
    });
  }

  /** A template's result, stored as it is. */
  private resultOf({ outputs }: Extract<Instruction, { kind: 'template' }>): Form {
    const [output] = outputs as [number];
    const { shape, home } = this.value(output);
    const size = sizeOf(shape);
    const extents = size === 1 ? [] : [size];
    const index = { offset: 0, strides: extents.map(() => 1) };
    const dtype = 'float32';
    const expression = {
      kind: 'load',
      dtype,
      buffer: rawResult,
      index,
      bounds: [],
      otherwise: 0,
    } as const;
    const stores = [{ value: home, dtype, index, expression } as const];
    const rows = extents.map((_, axis) => axis);
    return { extents, rows, registers: [], steps: [{ axes: [], sums: [], stores }] };
  }

  private keepEffects(): void {
    let last: Unit | undefined;
    for (const unit of this.units.all) {
      if (!hasEffect(unit.instruction)) continue;
      if (last) this.units.keepAfter(last, unit);
      last = unit;
    }
  }

  /** Every instruction with those that make what it reads. */
  vertically(): void {
    for (const reader of this.units.all) {
      if (!reader.form || reader.template) continue;
      while (!this.units.isGone(reader) && this.mergeOne(reader));
    }
  }

  /** Instructions that read the same. */
  besides(): void {
    siblings(this.merging, (part, unit, form) => {
      this.units.absorb(unit, part, true);
      this.units.become(unit, form);
    });
  }

  private mergeOne(reader: Unit): boolean {
    const makers = new Set<Unit>();
    for (const value of reader.reads) {
      const maker = this.units.makerOf.get(value);
      if (maker && maker !== reader) makers.add(maker);
    }
    const bytes = (unit: Unit) =>
      unit.makes.reduce((sum, value) => sum + this.merging.bytesOf(value), 0);
    for (const producer of [...makers].sort((a, b) => bytes(b) - bytes(a))) {
      const result = merge(this.merging, producer, reader);
      if (result.kind === 'apart') {
        this.refuse(producer, reader, result.why);
        continue;
      }
      if (result.kind === 'one') {
        const { makes } = producer;
        const kept = makes.some((value) => this.units.neededBeside(value, reader));
        this.units.absorb(reader, producer, kept);
      } else {
        reader.parts.unshift(...producer.parts.filter((part) => !reader.parts.includes(part)));
      }
      this.units.become(reader, result.form);
      this.units.dropUnneeded(producer);
      return true;
    }
    return false;
  }

  private refuse(producer: Unit, reader: Unit, why: string): void {
    this.refused.set(`${producer.number} ${reader.number}`, {
      producer: producer.instruction.where,
      reader: reader.instruction.where,
      why,
      of: [producer, reader],
    });
  }

  result(): Fused {
    const { units } = this;
    const numbers = this.numbers();
    const instructions = units
      .inOrder()
      .map((unit) =>
        instructionOf(
          unit,
          (operand) => numbers.get(`${operand.value} ${operand.dtype}`) as number,
        ),
      );
    const refused = [...this.refused.values()]
      .filter(({ of }) => of.every((unit) => !units.isGone(unit)))
      .map(({ producer, reader, why }) => ({ producer, reader, why }));
    return { instructions, refused };
  }

  /** By memory and dtype: a value that is it. */
  private numbers(): Map<string, number> {
    const numbers = new Map<string, number>();
    this.given.values.forEach(({ home, dtype }, value) => {
      const key = `${home} ${dtype}`;
      if (!numbers.has(key)) numbers.set(key, value);
    });
    return numbers;
  }
}

const hasEffect = (instruction: Instruction): boolean => {
  switch (instruction.kind) {
    case 'host':
    case 'send':
    case 'receive':
      return true;
    case 'region':
      return instruction.programs.some(({ instructions }) => instructions.some(hasEffect));
    case 'loop':
    case 'template':
    case 'sweep':
      return false;
  }
};
