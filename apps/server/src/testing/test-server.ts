import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, silentLogger, systemClock } from '@vedette/base'
import { contentDirectory } from '@vedette/detect'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import type { RoleName } from '@vedette/store'
import { newToken, tokenHash } from '../access/token.ts'
import { type ServerSettingsLine, serverSettingsSchema } from '../settings.ts'
import { type RunningServer, startServer } from '../start.ts'

export const AGENT = 'agent-1'
export const PASSWORD = 'a quiet morning by the sea'

/** A rule of the tests' own: fires on the word `attack` in a command line. */
const RULE = `title: An attack of the tests
id: 8c7e1b5e-0000-4000-8000-000000000001
status: test
description: Fires on a word that only the tests use.
author: Vedette
tags: [attack.execution, attack.t1059.004]
logsource: { category: process_creation, product: linux }
detection:
  selection: { CommandLine|contains: attack-of-the-tests }
  condition: selection
level: high
`

/** One that is as bad as can be: its word calls for a response. */
const WORST_RULE = RULE.replace('of the tests', 'of the worst kind')
  .replace('000000000001', '000000000002')
  .replace('attack-of-the-tests', 'worst-of-the-tests')
  .replace('level: high', 'level: critical\nvedette: { risk_points: 90 }')

/** A real server with real stores in a folder of its own, and what its callers need to know. */
export interface TestServer extends AsyncDisposable {
  readonly running: RunningServer
  readonly url: string
  readonly home: string
  readonly cliToken: string
  readonly setupToken: string
  readonly agentCredential: string
  /** A token of a role, in the house's tenant or another. */
  token(role: RoleName, tenant?: TenantId): Promise<string>
}

/** Whom PostgreSQL runs as where the test is root, which PostgreSQL refuses to be. */
export function nobody(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/** A folder that the stores' user may enter. The caller removes it. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-server-'))
  chmodSync(folder, 0o711)
  return folder
}

export interface Secrets {
  readonly cliToken: string
  readonly setupToken: string
  readonly agentCredential: string
}

export function newSecrets(): Secrets {
  return { cliToken: newToken(), setupToken: newToken(), agentCredential: newToken() }
}

/** The settings line of a test's server, in a folder that it fills. */
export function settingsLine(
  folder: string,
  secrets: Secrets,
  api: ServerSettingsLine['config']['api'] = {},
): ServerSettingsLine {
  const consoleFolder = join(folder, 'console')
  mkdirSync(join(consoleFolder, 'assets'), { recursive: true })
  mkdirSync(join(folder, 'rules'), { recursive: true })
  mkdirSync(join(folder, 'home'), { recursive: true })
  chmodSync(join(folder, 'home'), 0o711)
  writeFileSync(join(consoleFolder, 'index.html'), '<!doctype html><title>The console</title>')
  writeFileSync(join(consoleFolder, 'assets', 'app-1234.js'), 'export {}')
  writeFileSync(join(folder, 'rules', 'attack.yml'), RULE)
  writeFileSync(join(folder, 'rules', 'worst.yml'), WORST_RULE)
  return {
    version: '0.0.0-test',
    home: join(folder, 'home'),
    secrets: {
      cliTokenHash: tokenHash(secrets.cliToken),
      agents: [{ id: AGENT, credentialHash: tokenHash(secrets.agentCredential), hostname: 'web-1' }],
      setupTokenHash: tokenHash(secrets.setupToken),
    },
    content: contentDirectory,
    console: consoleFolder,
    config: {
      api: { listen: '127.0.0.1:0', ...api },
      detection: { built_in_rules: false, rules: [join(folder, 'rules')] },
    },
    logLevel: 'silent',
  }
}

export async function openTestServer(
  options: {
    readonly api?: ServerSettingsLine['config']['api']
    readonly clock?: Clock
    /** Rules of the house, by their folders below `linux`, besides those of the tests. */
    readonly rules?: readonly string[]
    /** Folder of a built console; else a page that says nothing. */
    readonly console?: string
  } = {},
): Promise<TestServer> {
  const folder = newFolder()
  const secrets = newSecrets()
  const line = settingsLine(folder, secrets, options.api)
  const settings = serverSettingsSchema.parse({ ...line, console: options.console ?? line.console })
  for (const [index, rule] of (options.rules ?? []).entries()) {
    const file = join(contentDirectory, 'rules/linux', rule, 'rule.yml')
    copyFileSync(file, join(folder, 'rules', `house-${index}.yml`))
  }
  const stateUser = nobody()
  const running = await startServer(settings, {
    clock: options.clock ?? systemClock,
    log: silentLogger,
    ...(stateUser && { stateUser }),
  })
  const { state } = running.services
  return {
    running,
    url: running.url,
    home: settings.home,
    ...secrets,
    async token(role, tenant = DEFAULT_TENANT) {
      const token = newToken()
      const name = `${role}-${token.slice(0, 6)}`
      await state.of(tenant).apiTokens.put(tokenHash(token), { id: name, name, role }, Date.now())
      return token
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
