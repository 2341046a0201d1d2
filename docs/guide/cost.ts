import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { kindCalls } from '../../packages/collect/src/collectors/ebpf/kind-calls.ts'
import { markdownTable } from './markdown-table.ts'

const machine = z.object({ cpu: z.string(), cores: z.number(), kernel: z.string(), date: z.string() })
const baseline = z.object({
  machine,
  figures: z.object({
    'load average before it began': z.number(),
    costs: z.array(
      z.object({
        kind: z.string(),
        act: z.string(),
        'the act itself, ns': z.number(),
        'in the programs of the kind, ns': z.number(),
        'records an act': z.number(),
        'more for a call that it is not about, ns': z.number(),
      }),
    ),
  }),
})

const introduction = `# What the eBPF sensor costs

Linux charges the work of a program in the kernel to the process that caused it. So each kind of record has a price for
whoever does what it tells, and some have one for everybody else. This page is made from the figures that are kept beside the
benchmark (\`npm run bench -- kind-costs\`, then \`node scripts/write-cost.ts\`), and a test holds it to them.

- **in its programs**: how long the programs of this kind run for one such act, by the kernel's clock; two looks at that clock
  are in it, some 40 ns.
- **records**: how many an act makes. Where it is 0, the act is looked at and not told, or told once in a while.
- **others**: what a system call takes longer that the kind is not about: the median of all kinds that are told in the same way. As
  soon as one is told by system calls, all processes go the longer way into and out of the kernel that tracing has, which is paid
  once for all kinds together. \`count_calls\` runs for each call and is off unless it is asked for, and so is \`watch_every_call\`.
- A kind that is switched off, in the configuration or while the agent runs, costs nothing: its calls are watched no more.

What is not in the table is told at the end of rare system calls (\`ptrace\`, \`bpf\`, \`init_module\`, \`setns\`, ...) in the same way as its
neighbours. What the floor is, and why it is there, is in [decision 10](../decisions/0010-what-a-system-call-costs.md).
`

/** The page with what each kind costs, from the baseline of `bench/kind-costs.bench.ts`. */
export function costPage(): string {
  const file = new URL('../../bench/baselines/kind-costs.json', import.meta.url)
  const { machine: on, figures } = baseline.parse(JSON.parse(readFileSync(file, 'utf8')))
  const others = (kind: string) =>
    median(
      figures.costs
        .filter((cost) => wayOf(cost.kind) === wayOf(kind))
        .map((cost) => cost['more for a call that it is not about, ns']),
    )
  return [
    introduction,
    `Measured on ${on.cores} cores of ${on.cpu}, Linux ${on.kernel.replace(/-.*/, '')}, ${on.date}; the load average before was ${figures['load average before it began']}. Times in nanoseconds.`,
    '',
    ...markdownTable([
      ['kind', 'act', 'the act itself', 'in its programs', 'records', 'others'],
      ...figures.costs.map((cost) => [
        `\`${cost.kind}\``,
        cost.act,
        String(cost['the act itself, ns']),
        String(cost['in the programs of the kind, ns']),
        String(cost['records an act']),
        String(others(cost.kind)),
      ]),
    ]),
    '',
  ].join('\n')
}

/** By what the kernel tells a kind: the end of a system call, its start, or a place of its own. */
function wayOf(kind: string): string {
  return kind === 'count_calls' ? kind : kind in kindCalls ? 'calls' : 'places'
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
