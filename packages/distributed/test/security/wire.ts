import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** What stands in a field: text, bytes, a whole number, a double, or a message. */
export type Content = string | Uint8Array | number | { readonly double: number } | Message;

/** A message of protocol buffers as its fields: number and content. It can say what our own writers never would. */
export type Message = readonly (readonly [field: number, content: Content])[];

const [varint, fixed64, delimited] = [0, 1, 2] as const;

export function wire(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const [field, content] of message) {
    if (typeof content === 'number') writer.tag(field, varint).uint32(content);
    else if (typeof content === 'string') writer.tag(field, delimited).string(content);
    else if (content instanceof Uint8Array) writer.tag(field, delimited).bytes(content);
    else if ('double' in content) writer.tag(field, fixed64).double(content.double);
    else writer.tag(field, delimited).bytes(wire(content));
  }
  return writer.finish();
}
