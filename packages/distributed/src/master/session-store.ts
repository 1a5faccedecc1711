import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphError, readDirectory, readJson, writeDirectoryAtomically } from '@tenon/core';
import { type SessionRecord, sessionRecord } from './session-record.js';

const kind = 'session';
const file = 'session.json';

/** The sessions of a master on disk: each is a directory of its own, which is replaced as a whole. */
export class SessionStore {
  private readonly directory: string;
  /** Of each session, its last write. */
  private readonly writes = new Map<string, Promise<void>>();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Settles when a restarted master would know of it. */
  async save(name: string, record: () => SessionRecord): Promise<void> {
    await this.after(name, async () => {
      const bytes = new TextEncoder().encode(`${JSON.stringify(record())}\n`);
      await writeDirectoryAtomically(this.path(name), new Map([[file, bytes]]), { kind });
    });
  }

  async remove(name: string): Promise<void> {
    await this.after(name, () => rm(this.path(name), { recursive: true, force: true }));
    this.writes.delete(name);
  }

  /** All sessions that can be read; of others there is a warning. */
  async load(): Promise<SessionRecord[]> {
    await mkdir(this.directory, { recursive: true });
    const records: SessionRecord[] = [];
    for (const name of await sessionsIn(this.directory)) {
      try {
        records.push(await this.read(name));
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        process.emitWarning(`the master has forgotten session ${name}: ${error.message}`, {
          code: 'SESSION_SKIPPED',
        });
      }
    }
    return records;
  }

  private async read(name: string): Promise<SessionRecord> {
    const { files } = await readDirectory(this.path(name), { kind });
    const json = readJson(files.get(file) ?? new Uint8Array(), join(this.path(name), file));
    const parsed = sessionRecord.safeParse(json);
    if (parsed.success && parsed.data.name === name) return parsed.data;
    throw new GraphError('FORMAT_INVALID', this.path(name), {
      what: parsed.success ? 'it holds another session.' : parsed.error.message,
    });
  }

  private async after(name: string, task: () => Promise<void>): Promise<void> {
    const write = (this.writes.get(name) ?? Promise.resolve()).then(task, task);
    this.writes.set(name, write);
    await write;
  }

  private path(name: string): string {
    return join(this.directory, name);
  }
}

// A session whose write was killed between two renames is only there under its previous name.
const session = /^(?:\.([0-9a-f-]{36})\.previous|([0-9a-f-]{36}))$/;

async function sessionsIn(directory: string): Promise<Set<string>> {
  const found = (await readdir(directory)).flatMap((name) => {
    const [, previous, whole] = session.exec(name) ?? [];
    return previous ?? whole ?? [];
  });
  return new Set(found);
}
