import { z } from 'zod';
import { nameLimits } from '../limits.js';
import { checkedHeader, dtypeNumbers, dtypeOfNumber, type TensorHeader } from '../tensor-header.js';
import { garbage } from './frame.js';

/** First frame of the side that opened the connection: it pulls tensors, or has packets to exchange. */
const helloSchema = z.strictObject({
  worker: z.string().max(nameLimits.worker),
  token: z.string().max(nameLimits.token).optional(),
  packets: z.boolean().optional(),
});

/** Answer of the side that sends tensors. */
const welcomeSchema = z.strictObject({
  worker: z.string().max(nameLimits.worker),
  incarnation: z.string().max(nameLimits.worker),
});

export type Hello = z.infer<typeof helloSchema>;
export type Welcome = z.infer<typeof welcomeSchema>;

export const encodeJson = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** Errors: FORMAT_INVALID. */
export function decodeJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return garbage('a message is not JSON.');
  }
}

const decoder =
  <T>(schema: z.ZodType<T>, name: string) =>
  (payload: Buffer): T => {
    const parsed = schema.safeParse(decodeJson(payload));
    return parsed.success ? parsed.data : garbage(`its ${name} is malformed.`);
  };

export const decodeHello = decoder<Hello>(helloSchema, 'hello');
export const decodeWelcome = decoder<Welcome>(welcomeSchema, 'welcome');

export interface PullMessage {
  readonly step: string;
  readonly key: string;
  /** Milliseconds that the receiver still waits; clocks of two machines differ. */
  readonly remaining: number;
}

const longestWait = 2 ** 32 - 1;

/** u32 remaining, u16 bytes of step, u16 bytes of key, step, key. */
export function encodePull({ step, key, remaining }: PullMessage): Buffer {
  const [stepBytes, keyBytes] = [Buffer.from(step), Buffer.from(key)];
  const head = Buffer.allocUnsafe(8);
  head.writeUInt32LE(Math.min(Math.max(Math.ceil(remaining), 0), longestWait), 0);
  head.writeUInt16LE(stepBytes.length, 4);
  head.writeUInt16LE(keyBytes.length, 6);
  return Buffer.concat([head, stepBytes, keyBytes]);
}

/** Errors: FORMAT_INVALID. */
export function decodePull(payload: Buffer): PullMessage {
  if (payload.length < 8) return garbage('a pull is cut short.');
  const keyAt = 8 + payload.readUInt16LE(4);
  if (payload.length !== keyAt + payload.readUInt16LE(6))
    return garbage('the names of a pull do not fill it.');
  return {
    remaining: payload.readUInt32LE(0),
    step: payload.toString('utf8', 8, keyAt),
    key: payload.toString('utf8', keyAt),
  };
}

/** u8 dtype, u8 wire dtype, u16 rank, u32 zero, u64 bytes, u64 for each size. */
export function encodeHeader({ dtype, wire, shape, bytes }: TensorHeader): Buffer {
  const payload = Buffer.alloc(16 + 8 * shape.length);
  payload.writeUInt8(dtypeNumbers[dtype], 0);
  payload.writeUInt8(dtypeNumbers[wire], 1);
  payload.writeUInt16LE(shape.length, 2);
  payload.writeBigUInt64LE(BigInt(bytes), 8);
  shape.forEach((size, axis) => payload.writeBigUInt64LE(BigInt(size), 16 + 8 * axis));
  return payload;
}

/** Errors: FORMAT_INVALID. */
export function decodeHeader(payload: Buffer, tensorBytes: number): TensorHeader {
  if (payload.length < 16 || payload.length !== 16 + 8 * payload.readUInt16LE(2))
    return garbage('the header of a tensor has not the length of its rank.');
  const rank = payload.readUInt16LE(2);
  const header = {
    dtype: dtypeOfNumber(payload.readUInt8(0)),
    wire: dtypeOfNumber(payload.readUInt8(1)),
    shape: Array.from({ length: rank }, (_, i) => Number(payload.readBigUInt64LE(16 + 8 * i))),
    bytes: Number(payload.readBigUInt64LE(8)),
  };
  return checkedHeader(header, tensorBytes);
}
