import type { Device, DeviceBuffer } from '../devices/device.js';
import { GraphError } from '../errors.js';
import { HostTensor } from '../graph/host-tensor.js';
import type { Tensor } from '../graph/tensor.js';
import { asVariable, Variable } from '../graph/variable.js';
import type { KnownSpec } from '../lower/lowering.js';
import { devicesFor, softDevicesFor } from '../placement/hint.js';
import type { PlacementOptions } from '../placement/placement-options.js';
import type { AxisRange } from '../sharding/cut.js';
import { cutHost, joinHost } from '../sharding/host-pieces.js';
import { type PiecesOf, piecesOf, sameLayout, type VariableLayout } from '../sharding/layout.js';
import { Layouts } from '../sharding/layouts.js';

interface Home {
  readonly device: Device;
  readonly buffer: DeviceBuffer;
}

/** The variables in a list. Errors: VALUE_INVALID for what is none. */
export function checkedVariables(variables: Iterable<Variable>, where: string): Variable[] {
  const list = typeof variables?.[Symbol.iterator] === 'function' ? [...variables] : [undefined];
  if (list.every((variable) => variable instanceof Variable)) return list;
  throw new GraphError('VALUE_INVALID', where, { what: 'what is given is not a variable.' });
}

/**
 * The values of a session's variables, each on one device. A variable that nothing else knows any more, neither the user nor a
 * program that is kept, gives its memory back.
 */
export class State {
  private readonly layouts = new Layouts();
  private readonly devices: readonly Device[];
  private readonly soft: boolean;
  /** Whether a graph chooses where new variables live. */
  private readonly graphsChoose: boolean;
  /** Values of variables whose device no graph has chosen yet. */
  private waiting = new WeakMap<Tensor, HostTensor>();
  /** Devices that were chosen for variables before they have memory. */
  private settled = new WeakMap<Tensor, string>();
  private variables = new WeakMap<Tensor, Home>();
  private readonly homes = new Set<Home>();
  private readonly forgotten = new FinalizationRegistry<Home>((home) => this.release(home));

  constructor(
    devices: readonly Device[],
    { soft = false, automatic = false }: Pick<PlacementOptions, 'soft' | 'automatic'> = {},
  ) {
    this.devices = devices;
    this.soft = soft;
    this.graphsChoose =
      automatic && (devices.length > 1 || devices[0]?.placeVariables !== undefined);
  }

  /** Whether a variable has a value, or memory for one. */
  has(variable: Tensor): boolean {
    return this.variables.has(variable) || this.waiting.has(variable);
  }

  /** Whether a graph may still choose the device of a variable. */
  isOpen(variable: Tensor): boolean {
    return this.graphsChoose && !this.variables.has(variable);
  }

  /** Says where a variable will lie. Errors: STATE_INVALID where it has a value, PLACEMENT_CONFLICT, ATTRIBUTE_INVALID. */
  place(variable: Variable, layout: VariableLayout): void {
    const before = this.layouts.of(variable);
    const same = before && sameLayout(before.layout, layout);
    if (same) return;
    if ([variable, ...(before?.pieces ?? [])].some((one) => this.has(one)))
      throw hasValue(variable);
    const pieces = piecesOf(variable, layout);
    for (const piece of pieces.pieces) this.deviceFor(piece);
    this.layouts.set(variable, pieces);
  }

  /** Whether any variable was told where it lies. */
  get hasLayouts(): boolean {
    return this.layouts.any;
  }

  /** The pieces of a variable that lies in pieces; one that got its value before it was told stays as it is. */
  pieces(variable: Tensor): PiecesOf | undefined {
    return this.has(variable) ? undefined : this.layouts.of(variable);
  }

  /** The variables that hold the values of these. */
  stored(variables: readonly Variable[]): Variable[] {
    return variables.flatMap((variable) => this.pieces(variable)?.pieces ?? [variable]);
  }

  /** Gives a variable its value, and memory if it has none yet and its device is known. */
  write(variable: Tensor, value: HostTensor): void {
    const laid = this.pieces(variable);
    if (laid) {
      laid.pieces.forEach((piece, i) => {
        const whole = laid.pieces.length === 1;
        const range = laid.ranges[i] as AxisRange;
        this.write(piece, whole ? value : cutHost(value, laid.axis, range));
      });
      return;
    }
    const undecided = !this.settled.has(variable) && variable.node.device === undefined;
    if (this.isOpen(variable) && undecided) {
      this.waiting.set(variable, new HostTensor(value.data.slice(), value.shape, value.dtype));
      return;
    }
    if (!this.variables.has(variable)) this.allocate([variable]);
    const { device, buffer } = this.home(variable);
    device.write(buffer, value);
  }

  /** Chooses the device of a variable that has no memory yet; a value that waited goes there. */
  settle(variable: Tensor, device: string): void {
    this.settled.set(variable, device);
    const value = this.waiting.get(variable);
    this.waiting.delete(variable);
    if (value) this.write(variable, value);
  }

  /** Gives variables memory, on each device one after the other; they hold anything. Errors: DEVICE_LIMIT, PLACEMENT_CONFLICT. */
  allocate(variables: readonly Tensor[]): void {
    const placed = new Map<Device, Tensor[]>();
    for (const variable of variables) {
      const device = this.deviceFor(variable);
      placed.set(device, [...(placed.get(device) ?? []), variable]);
    }
    for (const [device, own] of placed) {
      const specs = own.map(({ dtype, shape }) => ({ dtype, shape }) as KnownSpec);
      const buffers = device.allocateRow?.(specs);
      own.forEach((variable, i) => {
        const buffer = buffers?.[i] ?? this.allocated(variable, specs[i] as KnownSpec, device);
        this.keep(variable, { device, buffer });
      });
    }
  }

  private allocated(variable: Tensor, spec: KnownSpec, device: Device): DeviceBuffer {
    const hint = this.settled.get(variable) ?? variable.node.device;
    const other = asVariable(variable)?.beside;
    const beside = other && this.variables.get(other);
    return device.allocate(spec, hint, beside?.device === device ? beside.buffer : undefined);
  }

  private keep(variable: Tensor, home: Home): void {
    this.variables.set(variable, home);
    this.homes.add(home);
    this.forgotten.register(variable, home, home);
  }

  /** Takes the memory of variables back: they have no value then. */
  forget(variables: readonly Tensor[]): void {
    for (const variable of variables) {
      this.waiting.delete(variable);
      const home = this.variables.get(variable);
      if (!home) continue;
      this.variables.delete(variable);
      this.forgotten.unregister(home);
      this.release(home);
    }
  }

  async read(variable: Tensor): Promise<HostTensor> {
    const laid = this.pieces(variable);
    if (laid)
      return joinHost(await Promise.all(laid.pieces.map((piece) => this.read(piece))), laid.axis);
    const value = this.waiting.get(variable);
    if (value) return new HostTensor(value.data.slice(), value.shape, value.dtype);
    const { device, buffer } = this.home(variable);
    return device.read(buffer);
  }

  buffer(variable: Tensor): DeviceBuffer {
    return this.home(variable).buffer;
  }

  /** The name of the device of a variable that has a value, else of the one beside which it is to lie. */
  deviceOf(variable: Tensor): string | undefined {
    const other = asVariable(variable)?.beside;
    const home = this.variables.get(variable) ?? (other && this.variables.get(other));
    return home?.device.name;
  }

  /** How many variables have memory. */
  get size(): number {
    return this.homes.size;
  }

  free(): void {
    for (const home of this.homes) this.release(home);
    this.variables = new WeakMap();
    this.waiting = new WeakMap();
    this.settled = new WeakMap();
  }

  // A home may have been released with the session before its variable is forgotten.
  private release(home: Home): void {
    if (this.homes.delete(home)) home.device.free(home.buffer);
  }

  private home(variable: Tensor): Home {
    const home = this.variables.get(variable);
    if (home) return home;
    throw new GraphError('STATE_INVALID', variable.node.where, {
      what: 'the variable has no value in this session yet.',
    });
  }

  private deviceFor(variable: Tensor): Device {
    const { node } = variable;
    const [first] = this.devices as [Device];
    const settled = this.settled.get(variable) ?? this.deviceOf(variable);
    if (first.places || (settled === undefined && node.device === undefined)) return first;
    const names = this.devices.map(({ name }) => name);
    const fitting = this.soft ? softDevicesFor : devicesFor;
    const name = settled ?? fitting(node.device as string, names)[0];
    const found = this.devices.find((device) => device.name === name);
    if (found) return found;
    throw new GraphError('PLACEMENT_CONFLICT', node.attrs.name as string, {
      what: `no device of the session fits ${node.device}.`,
      fix: `devices: ${names.join(', ')}.`,
    });
  }
}

const hasValue = ({ name }: Variable): GraphError =>
  new GraphError('STATE_INVALID', name, {
    what: 'the variable has a value in this session already, and lies elsewhere.',
    fix: 'say where it lies before its first use, or restore it in a new session.',
  });
