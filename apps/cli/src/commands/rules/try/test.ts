import { type RuleCase, testRules } from '@vedette/manager/workshop'
import type { Invocation } from '../../../command.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { mustExist } from '../../../must-exist.ts'
import { printJson, printLine, printTable, safe } from '../../../print.ts'
import { plural } from '../pack/print-backtest.ts'

interface TestOptions {
  readonly set?: Readonly<Record<string, string | readonly string[]>>
  readonly all?: boolean
}

const MOST_UNTESTED = 10

export async function test(
  invocation: Invocation,
  { set, all = false }: TestOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  mustExist(paths)
  const { clock, signal, style } = invocation
  const report = await testRules(paths, clock, { signal, ...(set && { parameters: set }) })
  const { cases, untested, problems, rules } = report
  const failed = cases.filter(({ passed }) => !passed)
  const isFine = failed.length === 0 && problems.length === 0 && cases.length > 0
  if (invocation.json) {
    printJson(invocation, {
      rules,
      cases: cases.map(asJson),
      passed: cases.length - failed.length,
      failed: failed.length,
      untested: untested.map(({ id, title, file }) => ({ id, title, file })),
      problems: problems.map(({ file, line, column, code, message }) => ({
        file,
        line,
        column,
        code,
        message,
      })),
    })
    return isFine ? exitCodes.ok : exitCodes.failure
  }
  const line = (text = '') => printLine(invocation, text)
  const shown = all ? cases : failed
  if (shown.length > 0) {
    printTable(
      invocation,
      [
        { title: 'RESULT' },
        { title: 'EXPECTED' },
        { title: 'HITS', align: 'right' },
        { title: 'RULE' },
        { title: 'CASE', flexible: true },
      ],
      shown.map(({ passed, expects, expectedHits, hits, rule, file }) => [
        passed ? style.good('passed') : style.bad('failed'),
        expectedHits === undefined
          ? expects
          : `${count(expectedHits)} ${expectedHits === 1 ? 'hit' : 'hits'}`,
        count(hits),
        safe(rule.title, 60),
        safe(file, 200),
      ]),
    )
    line()
  }
  for (const { rule, file, reason } of failed)
    line(`${style.bad(safe(rule.title, 80))}: ${safe(reason)} (${safe(file)})`)
  for (const { file, line: at, message } of problems)
    line(`${style.bad('not loaded')}: ${safe(file)}:${at}: ${safe(message)}`)
  if (cases.length === 0) {
    line(
      style.warn(
        'There are no cases: they lie beside a rule, as cases/hit-NAME.json and cases/miss-NAME.json.',
      ),
    )
    return exitCodes.failure
  }
  const result = `${plural(cases.length - failed.length, 'case')} passed, ${count(failed.length)} failed`
  line(`${isFine ? style.good(result) : style.bad(result)}, of ${plural(rules, 'rule')}`)
  if (untested.length > 0) {
    const titles = untested.slice(0, MOST_UNTESTED).map(({ title }) => safe(title, 60))
    line(
      style.dim(
        `Without a case: ${titles.join(', ')}${untested.length > MOST_UNTESTED ? ` and ${count(untested.length - MOST_UNTESTED)} more` : ''}`,
      ),
    )
  }
  return isFine ? exitCodes.ok : exitCodes.failure
}

function asJson({ rule, file, expects, expectedHits, hits, records, passed, reason }: RuleCase): object {
  return {
    rule: rule.id,
    title: rule.title,
    file,
    expects,
    expected_hits: expectedHits ?? null,
    hits,
    records,
    passed,
    reason: reason ?? null,
  }
}
