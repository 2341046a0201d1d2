import type { Comparison } from './compare.ts'
import { type Differences, reasonOf, unequal } from './differences.ts'

/** Where the table stands in the checkout. */
export const pagePath = 'docs/guide/compared-with-suricata.md'

interface Row {
  readonly name: string
  readonly verdict: 'equal' | 'differs' | 'nothing to compare'
  readonly recognised: string
  readonly checks: string
  readonly why: string
}

/** The page that tells of every case whether our protocol events are those that it expects, and why not. */
export function writePage(comparisons: readonly Comparison[], known: Differences): string {
  const rows = comparisons.map((comparison) => rowOf(comparison, known))
  const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length
  const checks = comparisons.flatMap(({ compared }) => compared)
  const equalChecks = checks.filter(({ found, filter }) => found === filter.count).length
  return `# Protocol events, compared with Suricata's cases

Suricata's project keeps captures with the records that it expects of them (suricata-verify). Each capture is read as
\`vedette flows\` reads it, and what is told is compared with those records by kind, count and fields. This page is written
by \`scripts/compare-protocols.ts\` and held by a test.

| cases | |
| --- | ---: |
| all | ${rows.length} |
| equal | ${count('equal')} |
| differ | ${count('differs')} |
| nothing to compare | ${count('nothing to compare')} |
| checks compared | ${checks.length} |
| of them equal | ${equalChecks} |

A case differs where one of its checks does. Some checks are not about what was said on the network:

| kind of check | why it is left aside |
| --- | --- |
${Object.entries(known.apart)
  .map(([kind, why]) => `| ${kind} | ${cell(why)} |`)
  .join('\n')}

| case | protocols | verdict | checks equal | why |
| --- | --- | --- | --- | --- |
${rows
  .map(
    ({ name, recognised, verdict, checks: sum, why }) =>
      `| ${cell(name)} | ${recognised} | ${verdict} | ${sum} | ${cell(why)} |`,
  )
  .join('\n')}
`
}

function rowOf(comparison: Comparison, known: Differences): Row {
  const { name, compared, recognised, apart } = comparison
  const differing = unequal(comparison)
  const reasons = new Set(differing.map(({ check }) => reasonOf(known, name, check) ?? 'not explained'))
  return {
    name,
    recognised: recognised.join(', '),
    verdict: compared.length === 0 ? 'nothing to compare' : differing.length === 0 ? 'equal' : 'differs',
    checks: compared.length === 0 ? '' : `${compared.length - differing.length} of ${compared.length}`,
    why:
      compared.length === 0 ? (apart.length === 0 ? 'no checks' : apart.join(', ')) : [...reasons].join('; '),
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim()
}
