/** Stable error codes and what each one means; `docs/reference/errors.md` is generated from this table. */
export const errorCodes = {
  SHAPE_MISMATCH: 'The shapes of the inputs do not fit together.',
  SHAPE_INVALID: 'A shape is malformed: negative, fractional, of too high a rank or too large.',
  SHAPE_UNKNOWN: 'An operation needs a size that is not known yet.',
  DTYPE_MISMATCH: 'An input has a dtype that the operation does not take.',
  ATTRIBUTE_INVALID: 'An attribute or option is missing, unknown or out of its range.',
  VALUE_INVALID: 'A value given as data cannot be read as a tensor of the wanted dtype and shape.',
  INDEX_OUT_OF_RANGE: 'An index lies outside the axis that it indexes.',
  NAME_UNKNOWN: 'A name (op, layer, device, optimizer, ...) is not registered.',
  NAME_TAKEN: 'A name that must be unique is used twice.',
  FEED_MISSING: 'A placeholder that the fetches need was not fed.',
  FEED_INVALID: 'A fed value does not fit the tensor that it is fed for.',
  FETCH_INVALID: 'A fetch is not a tensor, or belongs to the body of a loop or branch.',
  NOT_DIFFERENTIABLE: 'A gradient was asked for through an operation that has none.',
  UPDATE_CONFLICT: 'Two updates of one variable in the same run have no order.',
  PLACEMENT_CONFLICT: 'Device constraints contradict each other, or name no device of the session.',
  DEVICE_LIMIT: 'A device cannot hold or run what was asked of it.',
  SESSION_CLOSED: 'The session was closed.',
  RUN_FAILED: 'A host operation or a kernel failed during a run.',
  RUN_ABORTED: 'A run was stopped before its end.',
  GRAPH_INVALID: 'A graph breaks a rule of the intermediate representation.',
  FORMAT_INVALID: 'Bytes of a file or message are malformed, truncated or too large.',
  FILE_NOT_FOUND: 'A file or directory does not exist.',
  WRITE_FAILED:
    'A file or directory could not be written: the disk is full, or writing there is not allowed.',
  CHECKSUM_MISMATCH: 'The contents of a file differ from what its manifest says.',
  CLUSTER_INVALID:
    'A cluster specification, or the environment that should give one, is malformed or contradicts itself.',
  STATE_INVALID: 'A call came at a time when the object cannot answer it.',
  UNAVAILABLE:
    'A process of the cluster cannot be reached, or the connection to it broke; nothing was changed, so the same may be tried again.',
  DEADLINE_EXCEEDED: 'A wait reached its deadline.',
  ABORTED:
    'State of the cluster is lost or in doubt, most likely by a restart: make a new session and restore the last checkpoint.',
  UNAUTHENTICATED: 'A peer showed no valid token or certificate.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Anything that has a dtype and a shape can be shown in an error. */
export interface Described {
  readonly dtype: string;
  readonly shape: readonly (number | null)[];
}

export interface ErrorDetails {
  /** What is wrong, as one sentence. */
  readonly what: string;
  /** The inputs by name; printed with dtype and shape. */
  readonly given?: Readonly<Record<string, Described | readonly Described[]>>;
  /** How to put it right. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** `float32[2, ?, 3]` */
export function describeTensor({ dtype, shape }: Described): string {
  return `${dtype}[${shape.map((size) => size ?? '?').join(', ')}]`;
}

function describeGiven(given: NonNullable<ErrorDetails['given']>): string {
  return Object.entries(given)
    .map(([name, value]) => {
      const list = Array.isArray(value) ? (value as readonly Described[]) : [value as Described];
      return `  ${name}: ${list.map(describeTensor).join(', ')}`;
    })
    .join('\n');
}

/** Every error that Tenon throws on purpose: where, what, with which inputs, how to fix it, and a stable code. */
export class GraphError extends Error {
  readonly code: ErrorCode;
  readonly where: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, where: string, details: ErrorDetails) {
    const { what, given, fix, cause } = details;
    const lines = [`${where}: ${what}`];
    if (given) lines.push(describeGiven(given));
    if (fix) lines.push(`Fix: ${fix}`);
    lines.push(`(${code})`);
    super(lines.join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'GraphError';
    this.code = code;
    this.where = where;
    this.details = details;
  }
}

/** Edit distance of Levenshtein, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate nearest to `name`, or undefined when none is near enough to be a slip of the hand. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}
