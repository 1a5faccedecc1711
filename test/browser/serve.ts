import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page with the suite, on a port of this machine. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

interface SiteOptions {
  /** By path. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Whether the page may share memory between threads. */
  readonly isolated: boolean;
}

const page = `<!doctype html><meta charset="utf-8"><title>Tenon</title><div id="mocha"></div>
<script src="/mocha.js"></script>
<script>mocha.setup({ ui: 'bdd', reporter: 'json', timeout: 60000 })</script>
<script type="module" src="/suite.js"></script>`;

export async function serve({ scripts, isolated }: SiteOptions): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const script = scripts[url];
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
    response.statusCode = script !== undefined || url === '/' ? 200 : 404;
    response.end(script ?? page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
