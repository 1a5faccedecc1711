import { type Device, HostTensor, Session, type Tensor } from '@tenon/core';
import {
  type BackendValues,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { TextCodes } from './text-codes.js';

/** The dtypes that both sides know. */
export const numericDTypes = ['float32', 'int32', 'bool'] as const;
type NumericDType = (typeof numericDTypes)[number];

const isNumeric = (dtype: string): dtype is NumericDType =>
  numericDTypes.includes(dtype as NumericDType);

interface Stored {
  values: BackendValues;
  readonly dtype: DataType;
  refCount: number;
}

/** A tfjs backend that only stores: values come from and go to Tenon as host tensors. */
export class TenonBackend extends KernelBackend {
  readonly session: Session;
  private readonly stored = new DataStorage<Stored>(this, engine());

  constructor(device: Device) {
    super();
    this.session = new Session({ devices: [device] });
  }

  override write(values: BackendValues, _shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.stored.set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.stored.set(dataId, { values, dtype, refCount });
  }

  override readSync(dataId: DataId): BackendValues {
    const { values, dtype } = this.stored.get(dataId);
    // Pairs of a real and an imaginary part, as tfjs reads them.
    if (dtype === 'complex64') return values;
    return util.convertBackendValuesAndArrayBuffer(values, dtype);
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.stored.has(dataId) ? this.stored.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.stored.get(dataId).refCount++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.stored.has(dataId)) return true;
    const entry = this.stored.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.stored.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.stored.numDataIds();
  }

  override memory() {
    return { unreliable: true, reasons: ['Host memory is left to the garbage collector.'] };
  }

  override async time(run: () => void) {
    const start = util.now();
    run();
    return { kernelMs: util.now() - start };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {
    this.session.close();
  }

  /** The values of a tfjs tensor as Tenon takes them: strings as codes, complex numbers as pairs on a last axis. */
  hostTensor({ dataId, shape, dtype }: TensorInfo, codes: TextCodes): HostTensor {
    const values = this.readSync(dataId);
    if (dtype === 'string') return new HostTensor(codes.encode(values as Uint8Array[]), shape);
    if (dtype === 'complex64') return new HostTensor(values as Float32Array, [...shape, 2]);
    if (!isNumeric(dtype)) throw new Error(`Tenon has no dtype ${dtype}.`);
    return new HostTensor(values as Float32Array, shape, dtype);
  }

  /** A Tenon result as a tfjs tensor. */
  tensorInfo({ data, shape, dtype }: HostTensor): TensorInfo {
    if (!isNumeric(dtype)) throw new Error(`tfjs has no dtype ${dtype}.`);
    return this.keep(data as Float32Array, shape, dtype);
  }

  /** A result of codes as a tfjs tensor of strings. */
  textInfo({ data, shape }: HostTensor, codes: TextCodes): TensorInfo {
    return this.keep(codes.decode(data as Int32Array), shape, 'string');
  }

  /** A result whose last axis holds real and imaginary parts as a tfjs tensor. */
  complexInfo({ data, shape }: HostTensor): TensorInfo {
    return this.keep(data as Float32Array, shape.slice(0, -1), 'complex64');
  }

  /** Keeps a result in the place of the input whose elements it has: tfjs counts on it that they are not copied. */
  share({ dataId }: TensorInfo, result: TensorInfo): TensorInfo {
    const entry = this.stored.get(dataId);
    entry.values = this.stored.get(result.dataId).values;
    entry.refCount++;
    this.stored.delete(result.dataId);
    return { ...result, dataId };
  }

  /** One run; each is the first of its session, so that the same seed gives the same numbers. */
  compute(
    fetches: readonly Tensor[],
    feeds: readonly (readonly [Tensor, HostTensor])[],
  ): readonly HostTensor[] {
    this.session.runs = 0;
    return this.session.runSync(fetches, { feeds });
  }

  private keep(values: BackendValues, shape: readonly number[], dtype: DataType): TensorInfo {
    return { dataId: this.write(values, [...shape], dtype), shape: [...shape], dtype };
  }
}
