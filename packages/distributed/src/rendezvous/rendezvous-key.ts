import { GraphError } from '@tenon/core';

/** What a tensor between two devices is called: who sent it in which life, to whom, over which edge, in which turn of which loop. */
export interface RendezvousKey {
  /** `/job:worker/replica:0/task:1/device:wasm:0` */
  readonly sourceDevice: string;
  /** Drawn anew whenever the process of the source starts. */
  readonly sourceIncarnation: string;
  readonly destinationDevice: string;
  readonly edge: string;
  /** The loop and its turn; 0 and 0 outside of loops. */
  readonly frame: number;
  readonly iteration: number;
}

const maxLength = 2048;

/** `sourceDevice;sourceIncarnation;destinationDevice;edge;frame:iteration`. Errors: ATTRIBUTE_INVALID (an empty part, or one with `;`). */
export function formatKey(key: RendezvousKey): string {
  const { sourceDevice, sourceIncarnation, destinationDevice, edge, frame, iteration } = key;
  const parts = [sourceDevice, sourceIncarnation, destinationDevice, edge];
  const bad = parts.find((part) => part === '' || part.includes(';'));
  const text = [...parts, `${frame}:${iteration}`].join(';');
  if (bad === undefined && text.length <= maxLength) return text;
  throw new GraphError('ATTRIBUTE_INVALID', 'rendezvous key', {
    what:
      bad === undefined
        ? `it has ${text.length} characters; at most ${maxLength} are possible.`
        : `the part '${bad}' is empty or holds a semicolon.`,
  });
}

/** The parts of a key. Errors: FORMAT_INVALID. */
export function parseKey(text: string): RendezvousKey {
  const parts = text.length <= maxLength ? text.split(';') : [];
  const turn = /^(\d{1,15}):(\d{1,15})$/.exec(parts[4] ?? '');
  if (parts.length !== 5 || !turn || parts.includes('')) {
    throw new GraphError('FORMAT_INVALID', 'rendezvous key', {
      what: `'${text.slice(0, 200)}' is not sourceDevice;sourceIncarnation;destinationDevice;edge;frame:iteration.`,
    });
  }
  const [sourceDevice, sourceIncarnation, destinationDevice, edge] = parts as [
    string,
    string,
    string,
    string,
  ];
  return {
    sourceDevice,
    sourceIncarnation,
    destinationDevice,
    edge,
    frame: Number(turn[1]),
    iteration: Number(turn[2]),
  };
}
