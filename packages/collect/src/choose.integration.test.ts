import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { launchCommand } from '@vedette/linux'
import { describe, expect, test } from 'vitest'
import { chooseKernelCollector, kernelCollectors } from './choose.ts'
import { collectSchema } from './config.ts'

const context = { log: silentLogger, clock: systemClock }

describe('chooseKernelCollector()', () => {
  test('takes the best that works', async () => {
    needsRoot()
    const { collector, passedOver } = await chooseKernelCollector(collectSchema.parse({}), context)
    await using opened = collector
    expect(opened.name).toBe(kernelCollectors[0]?.name)
    expect(passedOver).toEqual([])
  })

  test.each(kernelCollectors.map(({ name }) => name))('takes %s where it is named', async (name) => {
    if (name !== 'proc-poll') needsRoot()
    const { collector } = await chooseKernelCollector(collectSchema.parse({ kernel: name }), context)
    await using opened = collector
    expect(opened.name).toBe(name)
  })

  /** Chooses in a process that has none but these rights. */
  function chooseWith(capabilities: readonly ('CAP_NET_ADMIN' | 'CAP_SYS_PTRACE')[], kernel: string) {
    // Who that is must be able to run Node from this checkout, also where it lies in the home folder of root.
    const reachable = [realpathSync(join(import.meta.dirname, '../../..'))]
    const user = capabilities.length === 0 ? { user: { uid: 65_534, gid: 65_534 }, reachable } : {}
    return chooseUnder(launchCommand({ capabilities, ...user }, chooser(kernel)))
  }

  /** A command that prints what is chosen in its process. */
  function chooser(kernel: string): [string, ...string[]] {
    const script = `
      import { chooseKernelCollector } from ${JSON.stringify(join(import.meta.dirname, 'choose.ts'))}
      import { collectSchema } from ${JSON.stringify(join(import.meta.dirname, 'config.ts'))}
      import { silentLogger, systemClock } from '@vedette/base'
      const context = { log: silentLogger, clock: systemClock }
      try {
        const chosen = await chooseKernelCollector(collectSchema.parse({ kernel: '${kernel}' }), context)
        await using collector = chosen.collector
        console.log(JSON.stringify({
          name: collector.name,
          passedOver: chosen.passedOver.map(({ code }) => code),
          blind: collector.blindSpots().map(({ code }) => code),
        }))
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, message: error.message }))
      }`
    return [process.execPath, '--input-type=module', '-e', script]
  }

  function chooseUnder({ file, args }: { readonly file: string; readonly args: readonly string[] }) {
    const run = spawnSync(file, args, { cwd: import.meta.dirname })
    expect(run.stderr.toString()).toBe('')
    return JSON.parse(run.stdout.toString()) as Record<string, unknown>
  }

  test('in a pid namespace of its own compares processes itself, since the numbers of the kernel lead nowhere', () => {
    needsRoot()
    const apart = ['--pid', '--fork', '--mount-proc']
    const chosen = chooseUnder({ file: '/usr/bin/unshare', args: [...apart, ...chooser('auto')] })
    expect(chosen).toMatchObject({ name: 'proc-poll', passedOver: ['pid-namespace'] })
  })

  test('with the rights of the process connector alone takes that, and says why no better one', () => {
    needsRoot()
    const chosen = chooseWith(['CAP_NET_ADMIN', 'CAP_SYS_PTRACE'], 'auto')
    expect(chosen).toMatchObject({ name: 'proc-events' })
    expect(chosen['passedOver']).toEqual([expect.any(String), 'no-audit', 'no-fanotify'])
    expect(chosen['blind']).toEqual(['short-processes', 'short-connections', 'file-actor-unknown'])
  })

  test('an ordinary user gets the poll, and is told what is not seen', () => {
    needsRoot()
    const chosen = chooseWith([], 'auto')
    expect(chosen).toMatchObject({ name: 'proc-poll' })
    expect(chosen['passedOver']).toEqual(expect.arrayContaining(['no-process-connector']))
    expect(chosen['blind']).toEqual([
      'short-processes',
      'short-connections',
      'file-actor-unknown',
      'other-users-processes',
    ])
  })

  test('the one that is named and cannot be used is an error with its reason', () => {
    needsRoot()
    const failed = chooseWith([], 'proc-events')
    expect(failed['code']).toBe('collector-unusable')
    expect(failed['message']).toContain(
      'Collector proc-events cannot be used: The process connector cannot be used',
    )
  })
})
