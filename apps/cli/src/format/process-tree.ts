import { visible } from '@vedette/base/visible'
import type { Style } from './style.ts'

/** A line of an alert's process tree, as the API gives it. */
export interface TreeLine {
  readonly kind: string
  readonly depth: number
  readonly text: string | null
  readonly is_subject: boolean
  readonly ended: boolean
  readonly process: {
    readonly pid: number
    readonly name: string
    readonly cmd_line: string | null
    readonly user: string | null
  }
  readonly marks: readonly { readonly start: number; readonly length: number }[]
}

/** Longest command line that is shown whole: of the subject and what it did, and of the others. */
const MOST_TEXT = 300
const MOST_TEXT_ASIDE = 100

/**
 * The tree, one line a node, the subject marked with an arrow and what the rule matched in bold. Shown are the subject,
 * what led to it and what came of it; what else its ancestors started is only counted.
 */
export function processTree(nodes: readonly TreeLine[], style: Style): string {
  const near = nearSubject(nodes)
  const shown = nodes.filter((_, i) => near[i] !== undefined)
  const shortened = near.filter((where) => where !== undefined).map((where) => where === 'before')
  const lines = shown.map((node, i) => line(node, prefix(shown, i), shortened[i] ?? false, style))
  const aside = nodes.length - shown.length
  if (aside > 0) lines.push(`  ${style.dim(`and ${aside} more of the processes that led to it`)}`)
  return lines.join('\n')
}

/** For each node whether it led to the subject, is the subject or comes of it; undefined where it is neither. */
function nearSubject(nodes: readonly TreeLine[]): ('before' | 'from' | undefined)[] {
  const near = nodes.map((): 'before' | 'from' | undefined => undefined)
  const at = nodes.findIndex((node) => node.is_subject)
  const subject = nodes[at]
  // Without one there is nothing to be aside of.
  if (subject === undefined) return nodes.map(() => 'from')
  let depth = subject.depth
  for (let i = at - 1; i >= 0; i -= 1) {
    const node = nodes[i] as TreeLine
    if (node.kind !== 'process' || node.depth >= depth) continue
    near[i] = 'before'
    depth = node.depth
  }
  near[at] = 'from'
  for (let i = at + 1; i < nodes.length && (nodes[i]?.depth ?? 0) > subject.depth; i += 1) near[i] = 'from'
  return near
}

/** The lines that lead to a node: at each depth whether another one follows there below the same parent. */
function prefix(nodes: readonly TreeLine[], i: number): string {
  const depth = nodes[i]?.depth ?? 0
  if (depth === 0) return ''
  const ahead = Array.from({ length: depth - 1 }, (_, above) =>
    follows(nodes, i, above + 1) ? '│  ' : '   ',
  )
  return ahead.join('') + (follows(nodes, i, depth) ? '├─ ' : '└─ ')
}

function follows(nodes: readonly TreeLine[], i: number, depth: number): boolean {
  for (const later of nodes.slice(i + 1)) {
    if (later.depth < depth) return false
    if (later.depth === depth) return true
  }
  return false
}

function line(node: TreeLine, branch: string, short: boolean, style: Style): string {
  const pointer = node.is_subject ? style.bad('▶ ') : '  '
  const most = short ? MOST_TEXT_ASIDE : MOST_TEXT
  if (node.kind !== 'process') {
    return `${pointer}${style.dim(branch)}${marked(node.text ?? '', node.marks, style, most)}`
  }
  const { pid, name, cmd_line, user } = node.process
  // No process has this number: the sensor does not know which one it was.
  if (pid === 0) return `${pointer}${style.dim(`${branch}a process that the sensor does not know`)}`
  const command =
    cmd_line === null || cmd_line === '' ? visible(name) : marked(cmd_line, node.marks, style, most)
  const about = [String(pid), user === null ? '' : visible(user), node.ended ? 'ended' : '']
  return `${pointer}${style.dim(branch)}${command} ${style.dim(`(${about.filter((text) => text !== '').join(', ')})`)}`
}

/** Text with its marked parts in bold. The marks count in the text as it came; each piece is made safe by itself. */
export function marked(
  text: string,
  marks: readonly { readonly start: number; readonly length: number }[],
  style: Style,
  most = MOST_TEXT,
): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text
  let result = ''
  let at = 0
  for (const { start, length } of [...marks].sort((a, b) => a.start - b.start)) {
    const from = Math.max(at, Math.min(start, shown.length))
    const to = Math.max(from, Math.min(start + length, shown.length))
    result += visible(shown.slice(at, from)) + (to > from ? style.bold(visible(shown.slice(from, to))) : '')
    at = to
  }
  return result + visible(shown.slice(at))
}
