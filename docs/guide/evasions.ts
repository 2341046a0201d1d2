import type { Event, Process } from '@vedette/model'
import type { ActName } from './evasion-acts.ts'
import { markdownTable } from './markdown-table.ts'

/** The sensors, best first, as `collect.kernel` names them. */
export const tiers = ['ebpf', 'audit', 'proc-events', 'proc-poll'] as const

export type Tier = (typeof tiers)[number]

/**
 * What a sensor makes of an evasion: a rule that ships with it raises an alert; an Event shows it and no rule tells it; it
 * depends on when the sensor looks; nothing shows it.
 */
export type Cell = 'alert' | 'event' | 'perhaps' | 'no'

/** One evasion: how it is done stands in `acts`. */
export interface Evasion {
  readonly act: ActName
  readonly title: string
  /** Where an Event shows it. */
  readonly event: string
  /** Whether Events show it. */
  readonly sees: (events: readonly Event[]) => boolean
  /** Rules that tell it, one of which is enough: tactic and folder. */
  readonly rules: readonly string[]
  /** In the order of `tiers`. */
  readonly tiers: readonly [Cell, Cell, Cell, Cell]
  readonly note?: string
}

function launchIn(event: Event): Process | undefined {
  return event.kind === 'process' && event.activity === 'launch' ? event.process : undefined
}

/** Whether there is a launch of which it holds. */
function launchOf(holds: (process: Process) => boolean): Evasion['sees'] {
  return (events) =>
    events.some((event) => {
      const process = launchIn(event)
      return process !== undefined && holds(process)
    })
}

function both(events: readonly Event[], ...each: readonly ((process: Process) => boolean)[]): boolean {
  return each.every((holds) => launchOf(holds)(events))
}

/** Whether there is one of these activities. */
function systemOf(...activities: readonly string[]): Evasion['sees'] {
  return (events) => events.some((event) => event.kind === 'system' && activities.includes(event.activity))
}

export const evasions: readonly Evasion[] = [
  {
    act: 'memfd',
    title: 'A program that lies only in memory (memfd)',
    event: 'launch, `process.path` is `memfd:NAME`',
    sees: launchOf(({ path }) => path?.startsWith('memfd:') === true),
    rules: ['execution/program-only-in-memory'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'memfd-library',
    title: 'A library from memory (memfd)',
    event: 'system `create_memory_file`, `make_executable` of `/memfd:NAME`',
    sees: systemOf('create_memory_file', 'make_executable'),
    rules: ['defense-evasion/library-run-from-memory'],
    tiers: ['alert', 'event', 'no', 'no'],
  },
  {
    act: 'fexecve',
    title: 'Started by descriptor, under another name (fexecve)',
    event: 'launch, `process.path` is the file, whatever `argv` says',
    sees: launchOf(({ path }) => path?.endsWith('/plain') === true),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
  },
  {
    act: 'deleted',
    title: 'A file that was deleted before it was started',
    event: 'launch, `process.file.is_deleted`',
    sees: launchOf(({ file }) => file?.is_deleted === true),
    rules: ['execution/deleted-program'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'self-delete',
    title: 'A program that deletes itself while it runs',
    event: 'system `self_delete`',
    sees: systemOf('self_delete'),
    rules: ['defense-evasion/program-removes-itself'],
    tiers: ['alert', 'no', 'no', 'no'],
    note: 'where /proc is read late, the launch may show `is_deleted`',
  },
  {
    act: 'own-link',
    title: 'Started as /proc/self/exe',
    event: 'launch, `process.path` is the program itself',
    sees: launchOf(
      ({ path, cmd_line: line }) => path === '/usr/bin/perl' && line?.startsWith('another ') === true,
    ),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
  },
  {
    act: 'kernel-name',
    title: 'Called like a thread of the kernel',
    event: 'launch, `process.cmd_line` in square brackets, with a path',
    sees: launchOf(({ cmd_line: line }) => line?.startsWith('[kworker') === true),
    rules: ['defense-evasion/false-kernel-thread'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'system-name',
    title: 'Called like a program of the system',
    event: 'launch, `process.name` and `process.path`',
    sees: launchOf(({ name }) => name === 'sshd'),
    rules: ['defense-evasion/system-program-in-an-odd-place'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'deceiving-name',
    title: 'Called like a document',
    event: 'launch, `process.path`',
    sees: launchOf(({ name }) => name === 'invoice.pdf'),
    rules: ['defense-evasion/name-made-to-deceive'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'rewritten-arguments',
    title: 'Arguments written over after the start',
    event: 'launch, `process.cmd_line` as it was given to execve',
    sees: launchOf(({ cmd_line: line }) => line?.includes('secret-argument') === true),
    rules: [],
    tiers: ['event', 'event', 'perhaps', 'perhaps'],
    note: 'what reads /proc after the start may find what was written over',
  },
  {
    act: 'rewritten-name',
    title: 'Task name changed after the start (prctl)',
    event: 'launch, `process.name` is that of the file; the change is not told',
    sees: launchOf(({ path, name }) => path?.endsWith('/named') === true && name === 'named'),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
  },
  {
    act: 'preload',
    title: 'A library put into a program (LD_PRELOAD)',
    event: 'launch, `process.environment_variables`',
    sees: launchOf(
      (process) => process.environment_variables?.some(({ name }) => name === 'LD_PRELOAD') === true,
    ),
    rules: ['privilege-escalation/library-preloaded'],
    tiers: ['alert', 'no', 'no', 'no'],
    note: 'the others tell no environment',
  },
  {
    act: 'preload-behind-padding',
    title: 'LD_PRELOAD behind 4 KiB of other variables',
    event: 'launch, `process.environment_truncated`',
    sees: launchOf((process) => process.environment_truncated === true),
    rules: [],
    tiers: ['event', 'no', 'no', 'no'],
    note: 'that something was left out is told, and not what: many honest programs have as much',
  },
  {
    act: 'loader',
    title: 'Started through the loader (ld.so FILE)',
    event: 'launch, `process.path` is the loader, the file in `process.cmd_line`',
    sees: launchOf(({ path }) => path?.includes('/ld-') === true),
    rules: ['defense-evasion/program-started-through-the-loader'],
    tiers: ['alert', 'alert', 'alert', 'alert'],
  },
  {
    act: 'static',
    title: 'A static program, past libraries that watch',
    event: 'launch: the kernel tells it, no library',
    sees: launchOf(({ path }) => path?.endsWith('/static') === true),
    rules: [],
    tiers: ['event', 'event', 'perhaps', 'perhaps'],
    note: 'it is over in milliseconds',
  },
  {
    act: 'script-on-stdin',
    title: 'A script on standard input of a shell',
    event: 'launch of the shell with its `process.streams`, and of what it starts; not the script',
    sees: (events) =>
      both(
        events,
        ({ name }) => name === 'dash' || name === 'sh' || name === 'bash',
        ({ name }) => name === 'sleep',
      ),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
  },
  {
    act: 'own-interpreter',
    title: 'A script with an interpreter of its own (#!)',
    event:
      'launch, `process.path` is the interpreter; the script in `process.script` (eBPF) or `process.cmd_line`',
    sees: launchOf(
      ({ path, cmd_line: line }) => path?.endsWith('/runtime') === true && line?.endsWith('/job') === true,
    ),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
  },
  {
    act: 'double-fork',
    title: 'Two forks and setsid, to lose the parent',
    event: 'launch, `process.ancestry` has both',
    sees: launchOf(
      ({ path, ancestry = [] }) =>
        path?.endsWith('/orphan') === true &&
        ancestry.slice(0, 2).every(({ cmd_line: line }) => line?.includes('/act') === true),
    ),
    rules: [],
    tiers: ['event', 'event', 'event', 'perhaps'],
    note: 'a parent that is gone before the next look is not known',
  },
  {
    act: 'false-parent',
    title: 'Another parent than the maker (CLONE_PARENT)',
    event: 'launch, `process.parent_process` is the maker, `process.clone_flags`',
    sees: launchOf(
      ({ path, parent_process: parent }) =>
        path?.endsWith('/sibling') === true && parent?.cmd_line?.includes('/act') === true,
    ),
    rules: ['defense-evasion/parent-disguised'],
    tiers: ['alert', 'no', 'no', 'no'],
    note: 'the others tell the parent that /proc shows',
  },
  {
    act: 'number-again',
    title: 'A process number used again',
    event: 'launch, `process.uid` differs where `process.pid` does not',
    sees: (events) => {
      const launches = events.flatMap((event) => launchIn(event) ?? [])
      return launches.some(({ pid, uid }) => launches.some((other) => other.pid === pid && other.uid !== uid))
    },
    rules: [],
    tiers: ['event', 'perhaps', 'perhaps', 'perhaps'],
    note: 'both programs are over in milliseconds. Within the same hundredth of a second they have one `process.uid`',
  },
  {
    act: 'ptrace',
    title: 'Code put into another process by ptrace',
    event: 'system `trace`, `write_memory`',
    sees: systemOf('trace', 'write_memory'),
    rules: ['defense-evasion/code-written-into-another-process'],
    tiers: ['alert', 'event', 'no', 'no'],
    note: '`audit` tells the attaching and not each write',
  },
  {
    act: 'vm-write',
    title: 'Code put into another process by process_vm_writev',
    event: 'system `write_memory`',
    sees: systemOf('write_memory'),
    rules: ['defense-evasion/code-written-into-another-process'],
    tiers: ['alert', 'alert', 'no', 'no'],
  },
  {
    act: 'mem-file',
    title: 'Code put into another process by /proc/PID/mem',
    event: 'system `write_memory`',
    sees: systemOf('write_memory'),
    rules: ['defense-evasion/code-written-into-another-process'],
    tiers: ['alert', 'no', 'no', 'no'],
  },
  {
    act: 'own-code',
    title: 'Memory of its own written, then run (mprotect)',
    event: 'system `make_executable`, `arguments.memory` is `anonymous`',
    sees: systemOf('make_executable'),
    rules: [],
    tiers: ['event', 'no', 'no', 'no'],
    note: 'runtimes that compile do the same all day, so no rule tells it',
  },
  {
    act: 'raw-socket',
    title: 'A socket for whole packets',
    event: 'network `raw`, `socket.family`',
    sees: (events) => events.some((event) => event.kind === 'network' && event.activity === 'raw'),
    rules: ['credential-access/packets-seen-by-a-stranger'],
    tiers: ['alert', 'no', 'no', 'no'],
  },
  {
    act: 'bpf-program',
    title: 'A BPF program of a stranger',
    event: 'system `bpf`',
    sees: systemOf('bpf'),
    rules: ['defense-evasion/bpf-program-loaded-by-a-stranger'],
    tiers: ['alert', 'event', 'no', 'no'],
    note: '`audit` does not know its type',
  },
  {
    act: 'new-namespaces',
    title: 'Namespaces of its own (user, mount, process)',
    event: 'system `create_namespace`; launch, `process.clone_flags`',
    sees: systemOf('create_namespace'),
    rules: [],
    tiers: ['event', 'no', 'no', 'no'],
    note: 'browsers and containers do the same; rules tell what is done with it. `audit` tells unshare(2), not clone(2)',
  },
  {
    act: 'other-namespace',
    title: 'The namespace of another process entered',
    event: 'system `enter_namespace`',
    sees: systemOf('enter_namespace'),
    rules: ['privilege-escalation/namespace-of-another-entered'],
    tiers: ['alert', 'alert', 'no', 'no'],
  },
  {
    act: 'covered-process',
    title: 'A process hidden by a mount over /proc/PID',
    event: 'system `mount`, `arguments.target`',
    sees: systemOf('mount'),
    rules: ['defense-evasion/process-covered-by-a-mount'],
    tiers: ['alert', 'alert', 'no', 'no'],
  },
  {
    act: 'uring',
    title: 'Files opened and connections made by io_uring',
    event: 'system `io_uring`, `arguments.operation`, with path or address',
    sees: (events) =>
      events.some(
        (event) =>
          event.kind === 'system' &&
          event.activity === 'io_uring' &&
          (event.arguments?.['operation'] !== undefined || event.arguments?.['entries'] === 8),
      ),
    rules: ['defense-evasion/work-hidden-in-io-uring'],
    tiers: ['alert', 'event', 'no', 'no'],
    note: '`audit` tells that a ring was made; what is read and written through one is counted only',
  },
  {
    act: 'linked-file',
    title: 'A watched file changed through a symbolic link',
    event: 'file `update`, `file.path` is the watched one',
    sees: (events) =>
      events.some(
        (event) =>
          event.kind === 'file' && event.activity === 'update' && event.file.path.endsWith('/target'),
      ),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
    note: 'rules on the watched file tell it; beside the lower three, fanotify sees files',
  },
  {
    act: 'times-by-tool',
    title: 'Times of a file set back (touch)',
    event: 'launch, `process.cmd_line`',
    sees: launchOf(({ name }) => name === 'touch'),
    rules: ['defense-evasion/file-times-set'],
    tiers: ['alert', 'alert', 'perhaps', 'perhaps'],
  },
  {
    act: 'times-by-call',
    title: 'Times of a watched file set back (utimensat)',
    event: 'file `set_attributes`',
    sees: (events) =>
      events.some(
        (event) =>
          event.kind === 'file' && event.activity === 'set_attributes' && event.file.path.endsWith('/file'),
      ),
    rules: [],
    tiers: ['event', 'event', 'event', 'event'],
    note: 'honest programs set times, too; the baseline of files tells what changed besides',
  },
]

/** What is done to the watch itself, and the test that does it. */
export interface Attack {
  readonly title: string
  readonly seen: string
  readonly rules: readonly string[]
  /** Path in the repository, and the name of the test. */
  readonly proof: readonly [file: string, test: string]
}

const degraded = 'test/long/degraded.test.ts'
const ebpf = 'packages/collect/src/collectors/ebpf'

export const attacks: readonly Attack[] = [
  {
    title: 'The agent is killed (SIGKILL)',
    seen: 'it watches again within seconds and tells the signal; with eBPF also who sent it, its user and what had started that',
    rules: ['defense-evasion/agent-killed'],
    proof: [degraded, 'an agent that is killed watches again, and tells who did it'],
  },
  {
    title: 'The agent is halted (SIGSTOP)',
    seen: 'it is ended and started again within 10 s, and tells who halted it',
    rules: ['defense-evasion/agent-killed'],
    proof: [degraded, 'an agent that is stopped is ended, watches again, and what happened is an alert'],
  },
  {
    title: 'The agent is frozen (cgroup)',
    seen: 'it is ended and started again within 10 s; who froze its group is not known',
    rules: ['defense-evasion/watch-degraded'],
    proof: [degraded, 'an agent whose group is frozen is ended and watches again'],
  },
  {
    title: 'The agent and who starts it are killed, or the host is cut off',
    seen: 'the server raises an alert after 25 to 35 s of silence, and tells when it hears of the host again',
    rules: ['defense-evasion/host-silent'],
    proof: [
      'apps/server/src/watch/host-silence.integration.test.ts',
      'a host that tells nothing any more is an alert within a minute, one for its silence, and so is its return',
    ],
  },
  {
    title: 'A signal to the agent that does not end it',
    seen: 'system `signal` with sender and target',
    rules: ['defense-evasion/watcher-signalled'],
    proof: [
      `${ebpf}/signals.integration.test.ts`,
      'a signal to the process that collects is told with its sender',
    ],
  },
  {
    title: 'The sensor’s BPF programs are taken from the kernel',
    seen: 'noticed within seconds by what they do not see, loaded anew',
    rules: ['defense-evasion/watch-degraded'],
    proof: [
      `${ebpf}/stopped-programs.integration.test.ts`,
      'programs that were taken from the kernel are missed',
    ],
  },
  {
    title: 'What they tell is switched off in their memory',
    seen: 'noticed within seconds, loaded anew',
    rules: ['defense-evasion/watch-degraded'],
    proof: [
      `${ebpf}/stopped-programs.integration.test.ts`,
      'a kind that another process switched off in the memory of the programs is noticed',
    ],
  },
  {
    title: 'A process is put on the list of those that are not told',
    seen: 'the kernel refuses it: the list is frozen',
    rules: [],
    proof: [
      `${ebpf}/stopped-programs.integration.test.ts`,
      'nobody can put a process on the list of those that are not told',
    ],
  },
  {
    title: 'More events than the sensor can tell',
    seen: 'each loss is counted by kind, and told; starts of programs are given up last',
    rules: ['defense-evasion/watch-degraded'],
    proof: [degraded, 'a loss is an alert, one for the whole episode, with how much was lost of what'],
  },
]

const introduction = `# What attackers do to be overlooked, and what becomes of it

Each row is done for real by a test, on each sensor, by processes made for it, and the test holds the row to what came of it.
The acts stand in \`docs/guide/evasion-acts.ts\`; the page is made by \`node scripts/write-evasions.ts\`. Which sensor runs on a
host \`vedette status\` says; [what each sensor sees](tiers.md) has the kinds of events.

- **alert**: a rule that ships with Vedette raises an alert
- **event**: an event shows it, and a hunt finds it; by itself it is no sign of an attack, so no rule tells it
- **perhaps**: it depends on when the sensor looks
- **no**: nothing of this sensor shows it
`

const watchIntroduction = `
## What is done to the watch itself
`

const limits = `
## What nobody here sees

- What runs in the kernel with rights of its own, such as a module that was loaded: loading it is told, what it hides afterwards
  is not.
- What is read and written through a descriptor that was opened before the watch began, or was handed over by another process.
- The text of a script on standard input. What it starts and does is told as everything else.
- The server and the agent on one machine, killed together with who starts them: nobody is left to tell it. A server on another
  machine raises the alert.
- An agent in a frozen group of control groups version 1 cannot be ended before it is thawed: the server tells its silence.
- Formats of programs that are registered while the machine runs (binfmt_misc): the interpreter is told as the program.
`

/** The page about evasions: what each sensor makes of them. */
export function evasionsPage(): string {
  const names = (rules: readonly string[]) => rules.map((rule) => `\`${rule}\``).join(', ')
  return [
    introduction,
    ...markdownTable([
      ['evasion', ...tiers, 'where it shows', 'rule', 'why'],
      ...evasions.map(({ title, event, rules, tiers: cells, note = '' }) => [
        title,
        ...cells.map((cell) => (cell === 'alert' ? '**alert**' : cell)),
        event,
        names(rules),
        note,
      ]),
    ]),
    watchIntroduction,
    ...markdownTable([
      ['attack', 'what becomes of it', 'rule'],
      ...attacks.map(({ title, seen, rules }) => [title, seen, names(rules)]),
    ]),
    limits,
  ].join('\n')
}
