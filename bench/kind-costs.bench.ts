/**
 * What each kind of record of the eBPF collector costs those who cause it, and those who do not: with that kind alone
 * switched on, the nanoseconds that its programs in the kernel run for one act that is told, by the kernel's own clock (two
 * looks at it, some 40 ns a run, are in the figure), and how much more CPU a system call takes that no kind is about. The
 * guide has the table (docs/guide/cost.ts).
 *
 * What a bystander pays is measured in rounds with and without the sensor that take turns; of each the least counts, since
 * others on the machine only ever add to it.
 *
 *   npm run bench -- kind-costs [--save]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { ebpf } from '@vedette/collect'
import { kindCalls } from '../packages/collect/src/collectors/ebpf/kind-calls.ts'
import { type KindName, kindNames } from '../packages/collect/src/collectors/ebpf/kinds.ts'
import { ensureDebianPackage } from '../test/debian-package.ts'
import { report } from './figures.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
const watched = join(folder, 'watched')
// In a folder of its own: beside a watched file names are looked up, too.
const other = join(folder, 'elsewhere', 'other')
const load = join(folder, 'load')
const nothing = join(folder, 'nothing')
mkdirSync(join(folder, 'elsewhere'))
for (const path of [watched, other]) writeFileSync(path, '')
writeFileSync(`${nothing}.c`, 'void _start(void) { asm volatile("syscall" : : "a"(60), "D"(0)); }')
ensureDebianPackage('gcc', 'gcc')
execFileSync('gcc', ['-O2', '-o', load, fileURLToPath(new URL('sensor-load.c', import.meta.url))])
execFileSync('gcc', ['-O2', '-static', '-nostdlib', '-o', nothing, `${nothing}.c`])

interface Act {
  readonly title: string
  readonly kinds: readonly KindName[]
  /** Of sensor-load.c. */
  readonly what: string
  readonly of: string
  readonly times: number
}

/** x86-64: the numbers are those of its system calls. */
const acts: readonly Act[] = [
  { title: 'start of a program', kinds: ['exec'], what: 'exec', of: nothing, times: 200 },
  { title: 'fork of a process', kinds: ['fork'], what: 'fork', of: '-', times: 200 },
  { title: 'end of a process', kinds: ['exit'], what: 'fork', of: '-', times: 200 },
  { title: 'open and close of a watched file', kinds: ['file'], what: 'open', of: watched, times: 5000 },
  { title: 'the same of a file that nobody watches', kinds: ['file'], what: 'open', of: other, times: 5000 },
  { title: 'chmod of a file that nobody watches', kinds: ['file'], what: 'chmod', of: other, times: 4000 },
  { title: 'connection over TCP', kinds: ['connect'], what: 'connect', of: '-', times: 500 },
  { title: 'the same', kinds: ['accept'], what: 'connect', of: '-', times: 500 },
  { title: 'the same', kinds: ['close'], what: 'connect', of: '-', times: 500 },
  { title: 'socket and its port', kinds: ['bind'], what: 'bind', of: '-', times: 2000 },
  { title: 'datagram', kinds: ['send'], what: 'send', of: '9', times: 4000 },
  { title: 'question to a name server', kinds: ['dns'], what: 'send', of: '53', times: 4000 },
  { title: 'raw socket', kinds: ['raw'], what: 'descriptor', of: '41,2,3,1', times: 1000 },
  { title: 'signal', kinds: ['signal'], what: 'signal', of: '-', times: 4000 },
  { title: 'change of the user', kinds: ['set_user'], what: 'ids', of: '117', times: 4000 },
  { title: 'change of the group', kinds: ['set_group'], what: 'ids', of: '119', times: 4000 },
  { title: 'keyctl', kinds: ['keyring'], what: 'call', of: '250,0,-3,0', times: 5000 },
  { title: 'executable memory', kinds: ['make_executable'], what: 'execute', of: '-', times: 4000 },
  {
    title: 'file in memory',
    kinds: ['create_memory_file'],
    what: 'descriptor',
    of: '319,name,0',
    times: 4000,
  },
  { title: 'userfaultfd', kinds: ['userfault'], what: 'descriptor', of: '323,1', times: 4000 },
  { title: 'fsopen', kinds: ['mount'], what: 'descriptor', of: '430,tmpfs,0', times: 5000 },
  { title: 'chroot', kinds: ['change_root'], what: 'call', of: '161,/', times: 4000 },
  { title: 'unshare', kinds: ['create_namespace'], what: 'call', of: '272,67108864', times: 3000 },
  { title: 'any system call', kinds: ['count_calls'], what: 'call', of: '110', times: 100_000 },
]
const GETPPID: Act = { title: '', kinds: [], what: 'call', of: '110', times: 100_000 }
const BLOCKS = 2
const ROUNDS = 4

/** Nanoseconds of CPU for one act. */
function run({ what, of, times }: Act): number {
  const said = execFileSync(load, [what, of, '0', String(times)], { encoding: 'utf8' })
  return (Number(said.split(' ')[1]) * 1000) / times
}

const leastOf = (rounds: number, act: Act) => Math.min(...Array.from({ length: rounds }, () => run(act)))

/** How often the BPF programs of this process ran, and for how long: what the kernel says of their descriptors. */
function programs() {
  let [runs, nanoseconds] = [0, 0]
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    let info = ''
    try {
      info = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')
    } catch {
      // Closed meanwhile: the one that reads the folder.
    }
    if (!info.includes('prog_type:') || info.includes('link_type:')) continue
    runs += Number(/^run_cnt:\s*(\d+)/m.exec(info)?.[1] ?? 0)
    nanoseconds += Number(/^run_time_ns:\s*(\d+)/m.exec(info)?.[1] ?? 0)
  }
  return { runs, nanoseconds }
}

async function cost(act: Act) {
  const { kinds: on, times } = act
  let [without, bystander, sensed, itself] = [Infinity, Infinity, Infinity, Infinity]
  const perAct: number[] = []
  let told = 0
  for (let block = 0; block < BLOCKS; block += 1) {
    without = Math.min(without, leastOf(ROUNDS, GETPPID))
    itself = Math.min(itself, leastOf(2, act))
    const kinds = Object.fromEntries(
      kindNames.filter((name) => name !== 'path').map((name) => [name, on.includes(name)]),
    )
    await using collector = await ebpf.open(
      ebpf.schema.parse({ watch_paths: on.includes('file') ? [watched] : [], watch_reads: [], kinds }),
      { log: silentLogger, clock: systemClock },
    )
    const stop = new AbortController()
    const reading = (async () => {
      for await (const batch of collector.records(stop.signal)) told += batch.length
    })()
    bystander = Math.min(bystander, leastOf(ROUNDS, GETPPID))
    for (let i = 0; i < 2; i += 1) {
      const before = programs()
      sensed = Math.min(sensed, run(act))
      perAct.push((programs().nanoseconds - before.nanoseconds) / times)
    }
    stop.abort()
    await reading
    // The kernel lets go of each call that was watched by itself, one after the other.
    await delay(200 + 60 * (kindCalls[on[0] ?? 'exec']?.length ?? 0))
  }
  return {
    kind: on.join(', '),
    act: act.title,
    'the act itself, ns': Math.round(itself),
    'in the programs of the kind, ns': Math.round(Math.min(...perAct)),
    'records an act': Number((told / (BLOCKS * 2 * times)).toFixed(2)),
    'more for a call that it is not about, ns': Math.max(0, Math.round(bystander - without)),
  }
}

const statistics = '/proc/sys/kernel/bpf_stats_enabled'
const before = readFileSync(statistics, 'utf8')
writeFileSync(statistics, '1')
try {
  const costs = []
  for (const act of acts) {
    costs.push(await cost(act))
    process.stderr.write(`${JSON.stringify(costs.at(-1))}\n`)
  }
  report('kind-costs', { 'load average before it began': Number((loadavg()[0] ?? 0).toFixed(1)), costs })
} finally {
  writeFileSync(statistics, before)
  rmSync(folder, { recursive: true })
}
