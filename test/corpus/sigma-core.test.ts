import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { createEngine, formatProblem, loadRules } from '@vedette/detect'
import type { Event } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

const content = fileURLToPath(new URL('../../content', import.meta.url))

let corpus: ReturnType<typeof unpackCorpus>
let folder: string
beforeAll(() => {
  corpus = unpackCorpus('sigma.tgz')
  folder = corpus.path
})
afterAll(() => corpus[Symbol.dispose]())

describe("SigmaHQ's rules", () => {
  test('for Linux: all load, and five say where and why they see none of our own Events', async () => {
    const rules = join(folder, 'sigma/rules/linux')
    const files = globSync('**/*.yml', { cwd: rules })
    const loaded = await loadRules([rules])
    expect(files).toHaveLength(210)
    expect(
      loaded.warnings
        .map((problem) => formatProblem({ ...problem, file: relative(rules, problem.file) }))
        .sort(),
    ).toEqual([
      'network_connection/net_connection_lnx_crypto_mining_indicators.yml:17:9: events of this log source have no field "DestinationHostname", did you mean "DestinationPort"',
      'network_connection/net_connection_lnx_domain_localtonet_tunnel.yml:23:9: events of this log source have no field "DestinationHostname", did you mean "DestinationPort"',
      'network_connection/net_connection_lnx_ngrok_tunnel.yml:24:9: events of this log source have no field "DestinationHostname", did you mean "DestinationPort"',
      'process_creation/proc_creation_lnx_omigod_scx_runasprovider_executescript.yml:29:9: events of this log source have no field "LogonId"',
      'process_creation/proc_creation_lnx_omigod_scx_runasprovider_executeshellcommand.yml:27:9: events of this log source have no field "LogonId"',
    ])
    expect(loaded.problems).toEqual([])
    expect(loaded.rules).toHaveLength(210)
    expect(loaded.rules.filter(({ routes }) => routes.size > 0)).toHaveLength(205)
  })

  test('for Linux: the index finds what asking every rule finds, on ordinary days and on attacks', async () => {
    const { rules } = await loadRules([join(folder, 'sigma/rules/linux'), join(content, 'rules')])
    const events = globSync('{ordinary,rules/**/cases}/*.json', { cwd: content }).flatMap(
      (file) => JSON.parse(readFileSync(join(content, file), 'utf8')) as Event[],
    )
    expect(events.length).toBeGreaterThan(500)
    const run = (strategy: 'index' | 'scan') =>
      createEngine(rules, { clock: systemClock, log: silentLogger, strategy })
        .evaluate(events)
        .map(({ id }) => id)
    const found = run('index')
    expect(found.length).toBeGreaterThan(100)
    expect(found).toEqual(run('scan'))
  })
})
