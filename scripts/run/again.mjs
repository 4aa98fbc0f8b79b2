// Runs again alone what has failed. A machine that is busy makes a test of timing fail now and then;
// what is broken fails each time.

/** Failed files of a suite above which it is no accident. */
const MOST = 10;

/**
 * Runs the files of failed tests again, one after another, each in a process of its own.
 *
 * A test whose file passes then, as a whole, gets the outcome "flaky", and keeps its `detail`.
 * Nothing is run again if a failure is of no file, since a runner that died may have lost others.
 *
 * @param tests Those that failed have `files`: where they may be.
 * @param runAlone Runs one file; resolves with its tests.
 */
export async function again(tests, runAlone) {
  const failed = tests.filter(({ outcome }) => outcome === "failed");
  if (failed.some(({ files }) => files === undefined)) return tests;
  const files = [...new Set(failed.flatMap(({ files }) => files))];
  if (files.length > MOST) return tests;
  const second = new Map();
  for (const file of files) second.set(file, await runAlone(file));
  return tests.map((test) => {
    const isFlaky = test.outcome === "failed" &&
      test.files.every((file) => passes(test.name, second.get(file)));
    return isFlaky ? { ...test, outcome: "flaky" } : test;
  });
}

/** Whether a file passes as a whole, and does not just skip the test. */
function passes(name, tests) {
  return tests.some(({ outcome }) => outcome === "passed") &&
    tests.every((test) =>
      test.outcome === "passed" || test.outcome === "skipped" && test.name !== name
    );
}
