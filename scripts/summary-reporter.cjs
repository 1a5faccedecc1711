const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/**
 * The dot reporter, which then names every skipped test, and which writes
 * `{ passed, failed, skipped }` to the file `$TEST_SUMMARY` where that is set.
 */
module.exports = class SummaryReporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
    runner.once('end', () => {
      for (const title of skipped) console.log(`skipped: ${title}`);
      if (!process.env.TEST_SUMMARY) return;
      const { passes, failures } = runner.stats;
      const summary = { passed: passes, failed: failures, skipped: skipped.length };
      writeFileSync(process.env.TEST_SUMMARY, `${JSON.stringify(summary)}\n`);
    });
  }
};
