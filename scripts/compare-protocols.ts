/**
 * Writes the table of docs/guide that compares our protocol events with those that the cases of suricata-verify expect.
 *
 *     scripts/compare-protocols.ts [--list]
 *
 * With `--list` it prints what differs and has no reason yet in test/corpus/suricata/differences.yml, and writes nothing.
 * Reads the archive from ../shared/corpora.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCases } from '../test/corpus/suricata/cases.ts'
import { compareCase } from '../test/corpus/suricata/compare.ts'
import { readDifferences, reasonOf, unequal } from '../test/corpus/suricata/differences.ts'
import { pagePath, writePage } from '../test/corpus/suricata/page.ts'
import { unpackCorpus } from '../test/corpus/unpack.ts'

const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } })
using corpus = unpackCorpus('suricata-verify.txz')
const comparisons = readCases(join(corpus.path, 'suricata-verify')).map(compareCase)
const known = readDifferences()
if (values.list) {
  for (const comparison of comparisons)
    for (const { check, text } of unequal(comparison))
      if (reasonOf(known, comparison.name, check) === undefined) process.stdout.write(`${text}\n`)
} else {
  writeFileSync(fileURLToPath(new URL(`../${pagePath}`, import.meta.url)), writePage(comparisons, known))
}
