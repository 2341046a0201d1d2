import { collectors } from '@vedette/collect'
import { markdownTable } from './markdown-table.ts'

const introduction = `# What each sensor sees

The best sensor that a machine allows is taken; \`collect.kernel\` names another one, and \`vedette status\` says which one runs,
why no better one does, and what it cannot see. The table is made from what each one says of itself
(\`node scripts/write-tiers.ts\`), and the tests hold it to that.

**each**: told as it happens, or counted as lost. **looks**: found by looking again after a while, so what comes and goes between
two looks is missing. Where \`fanotify\` can be used it runs beside a sensor that would look at files, and that looks no more.
The names are those of the records; the lower ones are activities of system events.
`

/** The page about the collectors that watch the kernel: which of them tells which kind of record. */
export function tiersPage(): string {
  const all = collectors.flatMap(({ name, description, sees }) =>
    sees === undefined
      ? []
      : [
          {
            name,
            description,
            cell: (kind: string) =>
              sees.each.includes(kind) ? 'each' : sees.byLooking.includes(kind) ? 'looks' : '',
            kinds: [...sees.each, ...sees.byLooking],
          },
        ],
  )
  const kinds = [...new Set(all.flatMap((sensor) => sensor.kinds))]
  return [
    introduction,
    ...all.map(({ name, description }) => `- \`${name}\`: ${description}`),
    '',
    ...markdownTable([
      ['kind', ...all.map(({ name }) => name)],
      ...kinds.map((kind) => [`\`${kind}\``, ...all.map(({ cell }) => cell(kind))]),
    ]),
    '',
  ].join('\n')
}
