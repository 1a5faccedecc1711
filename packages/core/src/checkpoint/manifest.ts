import { z } from 'zod';
import { GraphError } from '../errors.js';
import { readJson } from './json.js';

export const manifestName = 'manifest.json';

/** The version of the directory layout that is written, and the only one that is read. */
export const manifestVersion = 1;

/** A name of a file inside a saved directory: no path, nothing hidden. */
export const fileName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][\w.-]*$/)
  .refine((name) => name !== manifestName);

const schema = z.strictObject({
  format: z.literal('tenon'),
  version: z.int().min(1),
  /** What the directory holds: `checkpoint`, `model`. */
  kind: z.string().min(1),
  step: z.int().min(0).optional(),
  files: z
    .array(
      z.strictObject({
        name: fileName,
        bytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(100_000),
  metadata: z.record(z.string(), z.json()),
});

/** What a saved directory holds, with the size and SHA-256 of each file. */
export type Manifest = z.output<typeof schema>;
export type ManifestFile = Manifest['files'][number];

/** Free JSON that travels with a saved directory. */
export type Metadata = Manifest['metadata'];

export const encodeManifest = (manifest: Manifest): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);

/** Reads and checks a manifest. Errors: FORMAT_INVALID. */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  const parsed = schema.safeParse(readJson(bytes, where));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new GraphError('FORMAT_INVALID', where, {
      what: `${issue?.path.join('.') || 'the manifest'}: ${issue?.message}.`,
      fix: 'the directory is damaged or was not saved by Tenon.',
    });
  }
  const { version, files } = parsed.data;
  if (version > manifestVersion) {
    throw new GraphError('FORMAT_INVALID', where, {
      what: `it has the layout version ${version}; this release reads up to ${manifestVersion}.`,
      fix: 'update Tenon.',
    });
  }
  if (new Set(files.map(({ name }) => name)).size !== files.length) {
    throw new GraphError('FORMAT_INVALID', where, { what: 'it lists a file twice.' });
  }
  return parsed.data;
}
