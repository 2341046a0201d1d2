import { graphql } from '@vedette/client'
import { diffRules, readPack } from '@vedette/manager/workshop'
import { existsSync } from 'node:fs'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { connect } from '../../../connection.ts'
import { exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { mustExist } from '../../../must-exist.ts'
import { printJson, printLine } from '../../../print.ts'
import { printChanges, printDifferences } from './print-difference.ts'

const installedRules = graphql(`
  query InstalledRules($name: String!) {
    installed_rules(name: $name) {
      file
      text
    }
  }
`)

/** Compares two sets of rules, the first of which may be the name of an installed one. */
export async function diff(
  invocation: Invocation,
  _options: object,
  before: string,
  after: string,
): Promise<void> {
  mustExist([after])
  const old = existsSync(before) ? (await readPack(before)).files : await installed(invocation, before)
  const { added, removed, changed, unchanged } = diffRules(old, (await readPack(after)).files)
  if (invocation.json) {
    printJson(invocation, { added, removed, changed, unchanged })
    return
  }
  const shown = (list: typeof added) => list.map((one) => ({ ...one, changes: [...one.changes] }))
  printDifferences(invocation, '+', shown(added))
  printDifferences(invocation, '-', shown(removed))
  printChanges(invocation, shown(changed))
  printLine(
    invocation,
    `${count(added.length)} added, ${count(removed.length)} removed, ${count(changed.length)} changed, ${count(unchanged)} alike`,
  )
}

async function installed(invocation: Invocation, name: string): Promise<{ file: string; text: string }[]> {
  using client = connect(invocation.paths)
  const { installed_rules: files } = await client.query(installedRules, { name })
  if (files !== null) return files
  throw new CliError(
    'not-found',
    exitCodes.notFound,
    `${name} is neither a folder, file or archive nor the name of installed rules`,
    "See 'vedette rules list'",
  )
}
