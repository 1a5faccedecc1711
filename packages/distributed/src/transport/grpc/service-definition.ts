import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** The same memory without the ways of a Buffer, whose `slice` copies nothing. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What grpc-js needs to know of a service, from its generated description. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, definition(method)]),
  );
}

function definition(method: DescMethod): MethodDefinition<object, object> {
  const { input, output, methodKind } = method;
  const writer = (schema: typeof input) => (message: object) => {
    const { buffer, byteOffset, byteLength } = toBinary(
      schema,
      create(schema, message as MessageInitShape<typeof schema>),
    );
    return Buffer.from(buffer, byteOffset, byteLength);
  };
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: writer(input),
    requestDeserialize: (bytes) => fromBinary(input, plainBytes(bytes)),
    responseSerialize: writer(output),
    responseDeserialize: (bytes) => fromBinary(output, plainBytes(bytes)),
  };
}
