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

const MOST_TEXT = 300

/** The tree, one line a node, the subject marked with an arrow and what the rule matched in bold. */
export function processTree(nodes: readonly TreeLine[], style: Style): string {
  return nodes.map((node, i) => line(node, isLast(nodes, i), style)).join('\n')
}

/** Whether no later node stands at the same depth below the same parent. */
function isLast(nodes: readonly TreeLine[], i: number): boolean {
  const depth = nodes[i]?.depth ?? 0
  for (const later of nodes.slice(i + 1)) {
    if (later.depth < depth) return true
    if (later.depth === depth) return false
  }
  return true
}

function line(node: TreeLine, last: boolean, style: Style): string {
  const branch = node.depth === 0 ? '' : `${'   '.repeat(node.depth - 1)}${last ? '└─ ' : '├─ '}`
  const pointer = node.is_subject ? style.bad('▶ ') : '  '
  if (node.kind !== 'process') {
    return `${pointer}${style.dim(branch)}${style.dim(visible(node.kind))} ${marked(node.text ?? '', node.marks, style)}`
  }
  const { pid, name, cmd_line, user } = node.process
  const command = cmd_line === null || cmd_line === '' ? visible(name) : marked(cmd_line, node.marks, style)
  const about = [String(pid), user === null ? '' : visible(user), node.ended ? 'ended' : '']
  return `${pointer}${style.dim(branch)}${command} ${style.dim(`(${about.filter((text) => text !== '').join(', ')})`)}`
}

/** Text with its marked parts in bold. The marks count in the text as it came; each piece is made safe by itself. */
export function marked(
  text: string,
  marks: readonly { readonly start: number; readonly length: number }[],
  style: Style,
): string {
  const shown = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text
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
