import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { highUsage } from './high-usage.ts'
import { readThreatLog } from './threat-log.ts'
import { ThreatDetector, type ThreatDetectorOptions } from './threat-detector.ts'

const WEB_SHELL = '<?php system($_GET["c"]); ?>\n'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-threats-'))
  mkdirSync(join(folder, 'files'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Looks at the test's own folder and logs, and at whatever runs on this machine. */
function detectorOf(
  config: Readonly<Record<string, unknown>>,
  options: ThreatDetectorOptions = {},
): ThreatDetector {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  return new ThreatDetector({
    configPath: join(folder, 'config.json'),
    logDir: join(folder, 'log'),
    keyPath: join(folder, 'key'),
    logFiles: [join(folder, 'auth.log')],
    scanPaths: [join(folder, 'files')],
    ...options,
  })
}

/** A process of the test's own that listens on a port of its own choice. */
async function listener(): Promise<AsyncDisposable & { readonly pid: number; readonly port: number }> {
  const script = `
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () =>
      process.stdout.write(String(server.address().port) + '\\n'))
    process.stdin.resume().on('end', () => process.exit())`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    pid: child.pid as number,
    port: Number(chunk.toString()),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

function failedLogins(number: number): string {
  const lines = Array.from({ length: number }, (_, at) => {
    const time = new Date(Date.now() - 20_000 + at * 1000).toISOString()
    return `${time} host sshd[${1000 + at}]: Failed password for root from 203.0.113.7 port ${40_000 + at} ssh2\n`
  })
  return lines.join('')
}

describe('threat detector', () => {
  test('a suspicious port: the program that listens on it is named, by the list of the configuration', async () => {
    await using server = await listener()
    const detector = detectorOf({ suspicious_ports: [server.port] })
    const threats = await detector.runComprehensiveThreatScan()
    expect(threats.filter(({ process }) => process?.pid === server.pid)).toMatchObject([
      {
        area: 'network',
        process: { path: process.execPath },
        evidence: [{ dst_endpoint: { port: server.port } }],
      },
    ])
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ suspicious_ports: [1] }))
    const others = await detector.runComprehensiveThreatScan()
    expect(others.filter(({ process }) => process?.pid === server.pid)).toEqual([])
  })

  test('failed logins: at max_failed_logins, not one below', async () => {
    writeFileSync(join(folder, 'auth.log'), failedLogins(6))
    const about = async (max_failed_logins: number) =>
      (await detectorOf({ max_failed_logins }).runComprehensiveThreatScan()).filter(
        ({ area }) => area === 'login',
      )
    const found = await about(6)
    expect(found.length).toBeGreaterThan(0)
    expect(found.every(({ techniques }) => techniques.some((id) => id.startsWith('T1110')))).toBe(true)
    expect(await about(7)).toEqual([])
  })

  test('a web shell with its hash, and what was looked at', async () => {
    writeFileSync(join(folder, 'files', 'a.php'), WEB_SHELL)
    const detector = detectorOf({ threat_sensitivity: 'high' })
    const steps = new Set<string>()
    const threats = await detector.runComprehensiveThreatScan({ progress: ({ step }) => steps.add(step) })
    expect(threats.filter(({ file }) => file?.path === join(folder, 'files', 'a.php'))).toMatchObject([
      {
        area: 'file',
        severity: 'critical',
        file: { sha256: createHash('sha256').update(WEB_SHELL).digest('hex') },
      },
    ])
    expect([...steps]).toEqual(['rules', 'processes', 'logins', 'resources', 'files'])
    expect(detector.lastScan).toMatchObject({ threats: threats.length, logLines: 0 })
    expect(detector.lastScan?.unseen.join()).toContain('No log of logins is there')
    const kept = readThreatLog(join(folder, 'log'), join(folder, 'key'))
    expect(kept.map(({ type }) => type)).toEqual(['scan', ...threats.map(() => 'threat')])
  })

  test('a program that takes more than a share of a processor, not one that sleeps', async () => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
    const idle = spawn('/bin/sleep', ['60'], { stdio: 'ignore' })
    try {
      // Others work here too: a share that even then it gets.
      const threats = await highUsage({ processor: 0.02, memory: 2 }, process.pid, Date.now())
      expect(threats.filter((one) => one.process?.pid === busy.pid)).toMatchObject([
        { area: 'resource', rule: 'high-resource-usage', severity: 'low' },
      ])
      expect(threats.filter((one) => one.process?.pid === idle.pid)).toEqual([])
    } finally {
      for (const child of [busy, idle]) child.kill('SIGKILL')
    }
  })

  test('monitoring tells what is new once, takes up a changed list within a second, and outlives a faulty one', async () => {
    await using server = await listener()
    const detector = detectorOf({ suspicious_ports: [1] })
    await using monitoring = detector.startContinuousMonitoring({ intervalS: 3600 })
    while (monitoring.scans === 0) await new Promise((resolve) => setTimeout(resolve, 50))
    const config = join(folder, 'config.json')
    writeFileSync(config, '{ "suspicious_ports": "all" }')
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(monitoring.scans).toBe(1)
    writeFileSync(config, JSON.stringify({ suspicious_ports: [server.port] }))
    for await (const threat of monitoring) if (threat.process?.pid === server.pid) break
    await monitoring.stop()
    const kept = readThreatLog(join(folder, 'log'), join(folder, 'key'))
    expect(kept.filter((entry) => entry.type === 'threat' && entry.process?.pid === server.pid)).toHaveLength(
      1,
    )
  })

  test('a file of YARA that stays is not searched again, and not told again', async () => {
    writeFileSync(join(folder, 'files', 'a.php'), WEB_SHELL)
    const detector = detectorOf({})
    await using monitoring = detector.startContinuousMonitoring({ intervalS: 1 })
    while (monitoring.scans === 0) await new Promise((resolve) => setTimeout(resolve, 50))
    const first = detector.lastScan?.files ?? 0
    while (monitoring.scans < 2) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(detector.lastScan?.files).toBeLessThan(first)
    await monitoring.stop()
    const told = readThreatLog(join(folder, 'log'), join(folder, 'key')).filter(
      (entry) => entry.type === 'threat' && entry.file?.path === join(folder, 'files', 'a.php'),
    )
    expect(told).toHaveLength(1)
  })

  test.each([
    [{ max_failed_logins: 0 }, /max_failed_logins/],
    [{ suspicious_port: [22] }, /suspicious_port: is not a known key/],
    [{ threat_sensitivity: 'extreme' }, /threat_sensitivity: "extreme"/],
  ])('a configuration of %j is refused by name', async (config, message) => {
    await expect(detectorOf(config).runComprehensiveThreatScan()).rejects.toThrow(message)
    expect(() => detectorOf(config).startContinuousMonitoring()).toThrow(message)
  })
})
