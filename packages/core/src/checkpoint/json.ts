import { GraphError } from '../errors.js';

const maxDepth = 100;
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Bytes of UTF-8 as text. Errors: FORMAT_INVALID. */
export function readText(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', where, { what: 'the text is not UTF-8.', cause });
  }
}

/**
 * Text of JSON from a file as plain data. Keys that could reach a prototype and nesting deeper than 100 are refused.
 * Errors: FORMAT_INVALID.
 */
export function readJson(bytes: Uint8Array, where: string): unknown {
  const text = readText(bytes, where);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GraphError('FORMAT_INVALID', where, {
      what: `it is not JSON: ${(cause as Error).message}.`,
      cause,
    });
  }
  checkJson(value, where);
  return value;
}

// Level by level: recursion would let a deeply nested file overflow the stack.
function checkJson(value: unknown, where: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth)
      throw new GraphError('FORMAT_INVALID', where, {
        what: `it is nested deeper than ${maxDepth}.`,
      });
    const next: unknown[] = [];
    for (const item of level) {
      if (item === null || typeof item !== 'object') continue;
      for (const [key, inner] of Object.entries(item)) {
        checkKey(key, where);
        if (inner !== null && typeof inner === 'object') next.push(inner);
      }
    }
    level = next;
  }
}

/** Refuses names that could reach a prototype. Errors: FORMAT_INVALID. */
export function checkKey(key: string, where: string): string {
  if (!refusedKeys.has(key)) return key;
  throw new GraphError('FORMAT_INVALID', where, {
    what: `the name ${key} is not allowed.`,
    fix: 'rename it.',
  });
}

/** Whether the outermost object of valid JSON text has a key twice; JSON.parse keeps only the last. */
export function hasRepeatedKeys(text: string, parsed: object): boolean {
  let depth = 0;
  let keys = 0;
  // Strings are taken whole, so that brackets and colons inside them do not count.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gs)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token === ':' && depth === 1) keys++;
  }
  return keys !== Object.keys(parsed).length;
}
