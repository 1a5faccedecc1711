import { util } from '@tensorflow/tfjs-core';

/** Numbers that stand for strings within one call, so that ops which only move elements can move them. */
export class TextCodes {
  private readonly codes = new Map<string, number>();
  private readonly texts: string[] = [];

  /** Whether strings took part at all. */
  get used(): boolean {
    return this.texts.length > 0;
  }

  codeOf(text: string): number {
    const known = this.codes.get(text);
    if (known !== undefined) return known;
    this.codes.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  encode(texts: readonly Uint8Array[]): Int32Array {
    return Int32Array.from(texts, (text) => this.codeOf(util.decodeString(text)));
  }

  decode(codes: Iterable<number>): Uint8Array[] {
    return Array.from(codes, (code) => util.encodeString(this.texts[code] as string));
  }
}
