import t from 'tap'
import { reporter } from '../../../scripts/test/reporter.ts'

/** What the reporter prints and counts for a stream of tap's. */
const report = async (stream: string, run = { aborted: false, exitCode: 0 }) => {
  const lines: string[] = []
  const { parser, finish } = reporter((line) => lines.push(line))
  await new Promise<void>((done) => {
    parser.once('complete', () => done())
    parser.end(stream)
  })
  return { ...finish(run), text: lines.join('\n') }
}

const PASSING = `TAP version 14
# Subtest: tests/a.test.ts
    # Subtest: it holds
        ok 1 - one
        ok 2 - two
        1..2
    ok 1 - it holds # time=1ms
    1..1
ok 1 - tests/a.test.ts # time=12.4ms
1..1
`

const FAILING = `TAP version 14
# Subtest: tests/a.test.ts
    # Subtest: it holds
        not ok 1 - one is two
          ---
          at:
            fileName: tests/a.test.ts
            lineNumber: 7
          diff: |
            -2
            +1
          source: noise
          ...
        ok 2 - two
        1..2
    not ok 1 - it holds # time=1ms
    ok 2 - not today # SKIP no redis
    1..2
not ok 1 - tests/a.test.ts # time=12.4ms
1..1
`

t.test('only leaves are counted', async (t) => {
  const { passed, failed, text } = await report(PASSING)
  t.same({ passed, failed }, { passed: 2, failed: 0 })
  t.equal(text, 'ok   tests/a.test.ts 12 ms')
})

t.test('a failure is told once, with its place and its difference, and a skip by its reason', async (t) => {
  const { passed, failed, text } = await report(FAILING, { aborted: false, exitCode: 1 })
  t.same({ passed, failed }, { passed: 1, failed: 1 })
  t.match(
    text,
    /FAILED tests\/a\.test\.ts > it holds > one is two\n {2}at: tests\/a\.test\.ts:7\n {2}diff:\n {4}-2\n {4}\+1/,
  )
  t.match(text, /skipped: .*not today \(no redis\)/)
  t.match(text, /FAIL tests\/a\.test\.ts/)
  t.notMatch(text, /noise/)
})

t.test('a file that ends without a word is a failure', async (t) => {
  const stream = `TAP version 14
not ok 1 - tests/a.test.ts # time=5ms
  ---
  exitCode: 7
  ...
1..1
`
  const { passed, failed, text } = await report(stream, { aborted: false, exitCode: 1 })
  t.same({ passed, failed }, { passed: 0, failed: 1 })
  t.match(text, /exitCode: 7/)
})

t.test('a run in which nothing ran, that was stopped, or that tap itself calls bad is a failure', async (t) => {
  t.match(await report('TAP version 14\n1..0\n'), { failed: 1, text: /nothing ran/ })
  t.match(await report(PASSING, { aborted: true, exitCode: 1 }), { passed: 2, failed: 1, text: /was stopped/ })
  t.match(await report(PASSING, { aborted: false, exitCode: 1 }), { passed: 2, failed: 1, text: /code 1/ })
})
