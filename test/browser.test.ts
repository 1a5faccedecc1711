import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser, chromium } from 'playwright-core';
import { bundleSuite, mochaScript } from './browser/bundle.js';
import { serve } from './browser/serve.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const present = existsSync(executablePath);

interface Finished {
  readonly passed: number;
  readonly failures: readonly string[];
}

(present ? describe : describe.skip)(
  `in headless Chromium${present ? '' : ' (skipped: no chromium; see scripts/install-test-peers)'}`,
  function () {
    this.timeout(240_000);
    let browser: Browser;
    let scripts: Record<string, string>;

    before(async () => {
      scripts = { '/mocha.js': await mochaScript(), '/suite.js': await bundleSuite() };
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    after(() => browser?.close());

    for (const isolated of [true, false]) {
      it(`ops and training pass ${isolated ? 'with' : 'without'} cross-origin isolation`, async () => {
        const site = await serve({ scripts, isolated });
        const page = await browser.newPage();
        try {
          const broken = new Promise<never>((_, reject) => page.on('pageerror', reject));
          await page.goto(site.url);
          const finished = page.waitForFunction(
            () => (globalThis as unknown as { finished?: Finished }).finished,
            undefined,
            { timeout: 200_000 },
          );
          const handle = await Promise.race([finished, broken]);
          const { passed, failures } = (await handle.jsonValue()) as Finished;
          expect(failures).to.deep.equal([]);
          expect(passed).to.be.greaterThan(100);
        } finally {
          await page.close();
          await site.close();
        }
      });
    }
  },
);
