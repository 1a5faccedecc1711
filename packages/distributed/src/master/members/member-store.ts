import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphError, readDirectory, readJson, writeDirectoryAtomically } from '@tenon/core';
import { z } from 'zod';
import { parseAddress } from '../../cluster/address.js';
import { isJobName } from '../../cluster/cluster-spec.js';
import { mostJoined, mostTask } from './join-request.js';

const kind = 'members';
const file = 'members.json';

const schema = z
  .array(
    z.strictObject({
      job: z.string().refine(isJobName),
      task: z.int().min(0).max(mostTask),
      address: z.string().refine((text) => parseAddress(text) !== undefined),
    }),
  )
  .max(mostJoined);

/** A worker that has joined. */
export interface JoinedTask {
  readonly job: string;
  readonly task: number;
  readonly address: string;
}

/** The workers that have joined a cluster, on disk: one directory that is replaced as a whole. */
export class MemberStore {
  private readonly directory: string;
  private write: Promise<void> = Promise.resolve();

  /** `directory` is that of the master's state. */
  constructor(directory: string) {
    this.directory = directory;
  }

  /** Settles when a restarted master would know of them. */
  async save(tasks: () => readonly JoinedTask[]): Promise<void> {
    const save = async () => {
      const bytes = new TextEncoder().encode(`${JSON.stringify(tasks())}\n`);
      await writeDirectoryAtomically(this.path, new Map([[file, bytes]]), { kind });
    };
    this.write = this.write.then(save, save);
    await this.write;
  }

  /** None where they can not be read, with a warning: they join again by themselves. */
  async load(): Promise<readonly JoinedTask[]> {
    await mkdir(this.directory, { recursive: true });
    try {
      const { files } = await readDirectory(this.path, { kind });
      const json = readJson(files.get(file) ?? new Uint8Array(), join(this.path, file));
      const { success, data, error } = schema.safeParse(json);
      if (success) return data;
      throw new GraphError('FORMAT_INVALID', this.path, { what: z.prettifyError(error) });
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      if (error.code === 'FILE_NOT_FOUND') return [];
      const what = `the master has forgotten which workers had joined: ${error.message}`;
      process.emitWarning(what, { code: 'MEMBERS_SKIPPED' });
      return [];
    }
  }

  private get path(): string {
    return join(this.directory, kind);
  }
}
