import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import type { SignedAssignment } from '@vedette/model'
import { Assignee } from '../../../apps/agent/src/assigned/assignee.ts'
import { AGENT, NOW, TENANT } from './authority.ts'

/**
 * An agent in so far as it takes what is assigned and reads its rules; those that say `crash` end it at once. Arguments: its
 * home, the authority, and what comes from the server: a document and the bytes of its content, or nothing. It says which
 * assignment it runs with, and ends when it is told to.
 */
const [home = '', authority = '', document = '', content = ''] = process.argv.slice(2)
const assignee = await Assignee.open({
  home,
  identity: { tenant: TENANT, agent: AGENT, authority },
  own: { config: {}, origins: {} },
  keep: [],
  enabled: true,
  clock: { ...systemClock, now: () => NOW },
  log: silentLogger,
})

function readRules(folders: readonly string[]): void {
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      if (readFileSync(join(folder, name), 'utf8').includes('crash')) process.kill(process.pid, 'SIGKILL')
    }
  }
}

const bytes = Buffer.from(content, 'base64')
assignee.begin({
  replaceRules: (paths) => {
    readRules(paths)
    return Promise.resolve({ rules: 1 })
  },
  ask: (sha256, offset) =>
    setImmediate(() =>
      assignee.piece({ sha256, offset, data: bytes.subarray(offset, offset + 4096).toString('base64') }),
    ),
  tell: () => undefined,
  restart: () => process.exit(0),
})
// As a start does, before the line to the server is there.
readRules(assignee.ruleFolders)
assignee.connection(true)
if (document !== '') await assignee.take(JSON.parse(document) as SignedAssignment)
process.stdout.write(`${assignee.standing().serial ?? 0}\n`)
